//! `mtls`: by what a certificate of the client is recognised.

use symbolon_core::client::{CertificateMatch, Proof};

use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::shape::{Key, Section, Shape};

pub(super) static SECTION: Section = Section {
    is: "`mtls`",
    doc: "A certificate that was verified when the connection was made",
    keys: &[
        Key::optional(
            "san",
            "A subject alternative name of the kind that its form has: URI (`spiffe://…`), e-mail \
             address, IP address, or else DNS name",
            Shape::Text,
        ),
        Key::optional(
            "subject",
            "The whole subject, as RFC 4514 writes it and `openssl x509 -subject -nameopt RFC2253` \
             prints it: `CN=a,O=b`",
            Shape::Text,
        ),
        Key::optional("fingerprint", "The SHA-256 of the certificate, in hexadecimal", Shape::Text),
    ],
};

pub(super) fn read(fields: Fields<'_>, mistakes: &mut Mistakes) -> Option<Proof> {
    let (san, subject) = (fields.optional_text("san"), fields.optional_text("subject"));
    let certificate = match (san, subject, fields.optional_text("fingerprint")) {
        (Some(san), None, None) => CertificateMatch::san(san),
        (None, Some(subject), None) => CertificateMatch::subject(subject),
        (None, None, Some(digits)) => CertificateMatch::fingerprint(digits),
        _ => {
            let message = "`mtls` must say exactly one of `san`, `subject` and `fingerprint`";
            mistakes.add(fields.place(), message);
            return None;
        }
    };
    if certificate.is_none() {
        let message = "a fingerprint is 64 hexadecimal digits, with or without colons; a name is \
                       not empty, and a subject reads like `CN=a,O=b`";
        mistakes.add(fields.place(), message);
    }
    certificate.map(|certificate| Proof::Mtls { certificate })
}
