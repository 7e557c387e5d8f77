//! `mtls`: a certificate of a client, verified in the handshake, or by a trusted proxy that hands
//! it on in `Client-Cert` (RFC 9440).
//!
//! A certificate that no client is registered for proves nothing: the authority vouches for a name
//! and not for a right. It is recognised by its fingerprint first, then by its subject, then by its
//! alternative names in their order.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use symbolon_core::client::subject::{Value, Writer, is_known};
use symbolon_core::client::{CertificateMatch, NameKind};
use symbolon_store::Registered;
use x509_parser::asn1_rs::{Tag, ToDer as _};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};
use x509_parser::x509::AttributeTypeAndValue;

use super::{Asked, Failure, Found};
use crate::config::authenticators::Mtls;

/// The longest certificate that a proxy may hand on, in bytes.
const MAX_CERTIFICATE: usize = 16 * 1024;
/// The most alternative names that are looked at.
const MAX_NAMES: usize = 64;

pub(super) fn ask(settings: Mtls, asked: &Asked<'_>) -> Found {
    let certificate = match shown(settings, asked) {
        Ok(Some(certificate)) => certificate,
        Ok(None) => return Found::NotOffered,
        Err(failure) => return failure.into(),
    };
    let registered = match registered(&certificate, asked) {
        Ok(Some(registered)) => registered,
        Ok(None) => return Failure::new("unknown", "no client has this certificate").into(),
        Err(failure) => return failure.into(),
    };
    match registered.prove(asked.now) {
        Ok(known) => {
            if !asked.is_dry {
                registered.used(asked.now);
            }
            Found::Known(Arc::clone(known))
        }
        Err(why) => Failure::new("unknown", why.to_string()).into(),
    }
}

/// The certificate in DER.
fn shown<'a>(settings: Mtls, asked: &Asked<'a>) -> Result<Option<Cow<'a, [u8]>>, Failure> {
    if !settings.from_proxies {
        let certificates = asked.downstream.certificates.as_deref();
        let own = certificates.and_then(<[_]>::first);
        return Ok(own.map(|certificate| Cow::Borrowed(certificate.as_ref())));
    }
    // Whoever is connected has to be a proxy; its own certificate is not the client's.
    if !asked.trusted_proxies.contains(asked.downstream.peer.ip()) {
        return Ok(None);
    }
    let name = Mtls::CLIENT_CERT;
    let mut values = asked.clean.values_of(&name);
    let (value, another) = (values.next(), values.next());
    match (value, another) {
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(malformed("several `Client-Cert` headers")),
        // An RFC 8941 byte sequence.
        (Some(value), None) => {
            let value = value.strip_prefix(b":").and_then(|rest| rest.strip_suffix(b":"));
            let value = value.filter(|value| value.len() <= MAX_CERTIFICATE * 4 / 3);
            let der = value.and_then(|value| STANDARD.decode(value).ok());
            der.map(|der| Some(Cow::Owned(der)))
                .ok_or_else(|| malformed("malformed `Client-Cert` header"))
        }
    }
}

fn registered(der: &[u8], asked: &Asked<'_>) -> Result<Option<Arc<Registered>>, Failure> {
    let mut fingerprint = [0; 32];
    fingerprint.copy_from_slice(digest(&SHA256, der).as_ref());
    let find = |by: CertificateMatch| asked.clients.certificate(&by);
    if let Some(found) = find(CertificateMatch::Fingerprint(fingerprint)) {
        return Ok(Some(found));
    }
    let (_, certificate) = X509Certificate::from_der(der)
        .map_err(|_| malformed("a certificate that cannot be read"))?;
    if let Some(found) = find(CertificateMatch::Subject(subject(&certificate).into())) {
        return Ok(Some(found));
    }
    Ok(names(&certificate).into_iter().find_map(find))
}

/// The subject as [`symbolon_core::client::subject`] writes it.
fn subject(certificate: &X509Certificate<'_>) -> String {
    let mut writer = Writer::default();
    let parts: Vec<_> = certificate.subject().iter_rdn().collect();
    for part in parts.into_iter().rev() {
        let attributes: Vec<_> = part.iter().collect();
        for (index, attribute) in attributes.into_iter().rev().enumerate() {
            let number = attribute.attr_type().to_id_string();
            let value = attribute.attr_value();
            let begins = index == 0;
            if let Some(text) = text_of(attribute).filter(|_| is_known(&number)) {
                writer.add(begins, &number, Value::Text(&text));
            } else {
                // INVARIANT: it was read from DER, so it can be written.
                let der = value.to_der_vec().unwrap_or_default();
                writer.add(begins, &number, Value::Der(&der));
            }
        }
    }
    writer.finish()
}

/// The text of an attribute, where it is one; two old kinds of strings are read as well.
fn text_of<'a>(attribute: &'a AttributeTypeAndValue<'_>) -> Option<Cow<'a, str>> {
    let bytes = attribute.as_slice();
    match attribute.attr_value().tag() {
        Tag::BmpString => {
            let pairs = bytes.chunks_exact(2).map(|pair| match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0,
            });
            String::from_utf16(&pairs.collect::<Vec<_>>()).ok().map(Cow::Owned)
        }
        // Latin-1, as OpenSSL and most others take it.
        Tag::TeletexString => Some(Cow::Owned(bytes.iter().copied().map(char::from).collect())),
        _ => attribute.as_str().ok().map(Cow::Borrowed),
    }
}

fn names(certificate: &X509Certificate<'_>) -> Vec<CertificateMatch> {
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return Vec::new() };
    let text = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => CertificateMatch::san_of(NameKind::Dns, name),
        GeneralName::RFC822Name(name) => CertificateMatch::san_of(NameKind::Mail, name),
        GeneralName::URI(name) => CertificateMatch::san_of(NameKind::Uri, name),
        GeneralName::IPAddress(octets) => {
            let address = address(octets)?.to_string();
            CertificateMatch::san_of(NameKind::Address, &address)
        }
        _ => None,
    };
    names.value.general_names.iter().take(MAX_NAMES).filter_map(text).collect()
}

/// Four octets or sixteen (RFC 5280 section 4.2.1.6).
fn address(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok()
}

fn malformed(why: &'static str) -> Failure {
    Failure::new("malformed", why)
}
