//! `hmac`: what a signature over the request has to be like.

use symbolon_core::http_signature::{Algorithm, Component, Form, Policy};
use symbolon_gateway::config::authenticators::Hmac;

use crate::config::fields::Fields;
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::shape::{Key, MIB, SECOND, Section, Shape};

pub(super) static SECTION: Section = Section {
    is: "`hmac`",
    doc: "A signature over the request, with a shared secret or a private key",
    keys: &[
        Key::default(
            "forms",
            "How signatures are written: `Authorization: hmac …` (`kong`), \
             `Authorization: Signature …` (`apisix`), `Signature-Input` (`message_signature`, \
             RFC 9421)",
            Shape::List {
                of: &Shape::Choice { of: &["kong", "apisix", "message_signature"], later: &[] },
                min: 1,
            },
            "[kong, apisix, message_signature]",
        ),
        Key::default(
            "required_components",
            "What has to be signed besides a date, as RFC 9421 names it: `\"@method\"`, \
             `\"@authority\"`, `content-type`, `\"@query-param;name=\\\"id\\\"\"`. A request line \
             is method, path and query",
            Shape::List { of: &Shape::Text, min: 0 },
            "[\"@method\", \"@path\", \"@query\"]",
        ),
        Key::default(
            "clock_skew",
            "How far the signed date may be from now, in either direction",
            Shape::Duration { min: SECOND, max: 15 * 60 * SECOND },
            "60s",
        ),
        Key::rule(
            "algorithms",
            "Which algorithms are taken. Default: those that each credential is for",
            Shape::List { of: &ALGORITHM, min: 1 },
        ),
        Key::rule("tag", "The `tag` that a signature must have (RFC 9421)", Shape::Text),
        Key::default(
            "validate_body",
            "Whether a body needs a signed digest (`Content-Digest` or `Digest`). One that is \
             signed is checked in any case",
            Shape::Truth,
            "true",
        ),
        Key::default(
            "buffer_body",
            "How much of a body with a signed digest is read before the service is asked; of a \
             longer one the service never gets the end unless it is the signed one",
            Shape::Size { min: 0, max: MIB },
            "64KiB",
        ),
        Key::default(
            "refuse_replays",
            "Whether a signature, or its nonce, is good only once",
            Shape::Truth,
            "true",
        ),
        Key::default(
            "hide_credentials",
            "Whether the service does not see `Signature` and `Signature-Input`; \
             `Authorization` it never sees",
            Shape::Truth,
            "true",
        ),
    ],
};

/// Every algorithm that there is.
pub(in crate::config::sections) static ALGORITHM: Shape = Shape::Choice {
    of: &[
        "hmac-sha1",
        "hmac-sha256",
        "hmac-sha384",
        "hmac-sha512",
        "ecdsa-p256-sha256",
        "ecdsa-p384-sha384",
        "ed25519",
        "rsa-pss-sha512",
        "rsa-v1_5-sha256",
    ],
    later: &[],
};

pub(super) fn read(fields: Fields<'_>, mistakes: &mut Mistakes) -> Hmac {
    Hmac {
        policy: Policy {
            forms: forms(fields, mistakes),
            required: required(fields, mistakes),
            clock_skew: fields.duration("clock_skew"),
            algorithms: match fields.get("algorithms") {
                Some(_) => algorithms(fields),
                None => Algorithm::ALL.to_vec(),
            },
            tag: fields.optional_text("tag").map(str::to_owned),
        },
        validate_body: fields.is_true("validate_body"),
        buffer_body: fields.size("buffer_body"),
        refuse_replays: fields.is_true("refuse_replays"),
        hide_credentials: fields.is_true("hide_credentials"),
    }
}

/// The algorithms that a section names under `algorithms`.
pub(in crate::config::sections) fn algorithms(fields: Fields<'_>) -> Vec<Algorithm> {
    let names = fields.texts("algorithms");
    names.iter().filter_map(|name| Algorithm::of_name(name)).collect()
}

/// The two older forms have no tag: asking for one would refuse all that is written in them.
fn forms(fields: Fields<'_>, mistakes: &mut Mistakes) -> Vec<Form> {
    let names = fields.texts("forms");
    let forms: Vec<Form> = names.iter().filter_map(|name| Form::of_name(name)).collect();
    let has_tags = forms.iter().all(|form| *form == Form::MessageSignature);
    if let Some(tag) = fields.get("tag")
        && !has_tags
    {
        let message = "`tag` is only for `forms: [message_signature]`";
        mistakes.add(tag.place, message);
    }
    forms
}

fn required(fields: Fields<'_>, mistakes: &mut Mistakes) -> Vec<Component> {
    let mut required = Vec::new();
    for node in fields.list("required_components") {
        let Some(text) = node.scalar() else { continue };
        match Component::parse(text) {
            Ok(component) => required.push(component),
            Err(error) => {
                let hint = "names of headers in lower case, `@method`, `@target-uri`, \
                            `@authority`, `@scheme`, `@request-target`, `@path`, `@query`";
                let message = format!("`required_components`: `{text}` is {error}");
                mistakes.push(Mistake::new(node.place, message).hint(Some(hint.to_owned())));
            }
        }
    }
    required
}
