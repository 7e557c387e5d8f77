//! HTTP Message Signatures (RFC 9421): `Signature-Input` says what was signed, `Signature` holds
//! the signatures.
//!
//! A request may carry several, each with a label of its own (section 4): one of them has to be
//! good enough by itself. One that cannot be read counts as none beside another that can.

mod derived;
mod field;

use sfv::{BareItem, Dictionary, FieldType as _, InnerList, Item, ListEntry, Parser};

use super::component::Covered;
use super::failure::Failure;
use super::form::Form;
use super::parameters::{MAX_COMPONENTS, MAX_SIGNATURE};
use super::request::Request;
use super::unverified::{Unverified, algorithm};
use crate::time::Timestamp;

/// The most signatures of a request that are looked at.
const MAX_SIGNATURES: usize = 4;

/// Whether there is one. A `Signature` alone is that of an older draft and none of ours.
pub(super) fn is_offered(request: &Request<'_>) -> bool {
    request.values("signature-input").next().is_some()
}

pub(super) fn read(request: &Request<'_>) -> Result<Vec<Unverified>, Failure> {
    let inputs = dictionary(request, "signature-input")?;
    let signatures = dictionary(request, "signature")?;
    if inputs.len() > MAX_SIGNATURES {
        return Err(Failure::Malformed("more than four signatures"));
    }
    let mut failure = Failure::Malformed("no signature");
    let mut read = Vec::new();
    for (label, input) in inputs.iter().rev() {
        match one(request, input, signatures.get(label)) {
            Ok(signature) => read.push(signature),
            Err(error) => failure = error,
        }
    }
    // What is told is the failure of the first.
    read.reverse();
    if read.is_empty() { Err(failure) } else { Ok(read) }
}

fn dictionary(request: &Request<'_>, name: &str) -> Result<Dictionary, Failure> {
    let text = request.joined(name)?.unwrap_or_default();
    Parser::new(&text).parse().map_err(|_| Failure::Malformed("not a structured dictionary"))
}

fn one(
    request: &Request<'_>,
    input: &ListEntry,
    signature: Option<&ListEntry>,
) -> Result<Unverified, Failure> {
    let ListEntry::InnerList(input) = input else {
        return Err(Failure::Malformed("signature input is not a list"));
    };
    let Some(ListEntry::Item(Item { bare_item: BareItem::ByteSequence(signature), .. })) =
        signature
    else {
        return Err(Failure::Malformed("no signature of that label"));
    };
    if signature.is_empty() || signature.len() > MAX_SIGNATURE {
        return Err(Failure::Malformed("length of the signature"));
    }
    let parameters = Parameters::read(input)?;
    let mut covered = Covered::default();
    let base = base(request, input, &mut covered)?;
    let form = Form::MessageSignature;
    Ok(Unverified {
        form,
        key_id: parameters.key_id.ok_or(Failure::Malformed("no `keyid`"))?,
        algorithm: parameters.algorithm.map(|name| algorithm(&name, form)).transpose()?,
        dated: parameters.created.or_else(|| covered.date(request, &["date"])),
        expires: parameters.expires,
        nonce: parameters.nonce,
        tag: parameters.tag,
        covered,
        base: base.into_bytes(),
        signature: signature.clone(),
    })
}

/// The signature base (section 2.5): a line for each component, and the parameters as the last.
fn base(
    request: &Request<'_>,
    input: &InnerList,
    covered: &mut Covered,
) -> Result<String, Failure> {
    if input.items.len() > MAX_COMPONENTS {
        return Err(Failure::Malformed("too many components"));
    }
    let mut base = String::new();
    for item in &input.items {
        let BareItem::String(name) = &item.bare_item else {
            return Err(Failure::Malformed("component is not a string"));
        };
        let name = name.as_str();
        let value = if name.starts_with('@') {
            derived::value(request, name, item)?
        } else {
            field::value(request, name, item)?
        };
        covered.add(name, item).ok_or(Failure::Malformed("component twice"))?;
        base.push_str(&item.serialize());
        base.push_str(": ");
        base.push_str(&value);
        base.push('\n');
    }
    let parameters = vec![ListEntry::InnerList(input.clone())].serialize();
    base.push_str("\"@signature-params\": ");
    base.push_str(&parameters.unwrap_or_default());
    Ok(base)
}

/// The parameters of a signature (section 2.3). Others may be there and mean nothing to us; they
/// are signed all the same.
#[derive(Default)]
struct Parameters {
    created: Option<Timestamp>,
    expires: Option<Timestamp>,
    nonce: Option<String>,
    algorithm: Option<String>,
    key_id: Option<String>,
    tag: Option<String>,
}

impl Parameters {
    fn read(input: &InnerList) -> Result<Self, Failure> {
        let mut parameters = Self::default();
        for (name, value) in &input.params {
            match (name.as_str(), value) {
                ("created", BareItem::Integer(at)) => parameters.created = Some(moment(*at)),
                ("expires", BareItem::Integer(at)) => parameters.expires = Some(moment(*at)),
                ("nonce", BareItem::String(text)) => parameters.nonce = Some(text.to_string()),
                ("alg", BareItem::String(text)) => parameters.algorithm = Some(text.to_string()),
                ("keyid", BareItem::String(text)) => parameters.key_id = Some(text.to_string()),
                ("tag", BareItem::String(text)) => parameters.tag = Some(text.to_string()),
                ("created" | "expires" | "nonce" | "alg" | "keyid" | "tag", _) => {
                    return Err(Failure::Malformed("type of a parameter"));
                }
                _ => {}
            }
        }
        Ok(parameters)
    }
}

fn moment(seconds: sfv::Integer) -> Timestamp {
    Timestamp::from_secs(i64::from(seconds))
}
