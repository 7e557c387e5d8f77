//! Why a signature is not good enough.
//!
//! What needs no key is told as it is: it helps whoever writes a client and nobody else. What
//! needs the key is one answer, so that nobody learns which keys there are: an unknown key, another
//! algorithm than the key's and a wrong signature are all [`Failure::Mismatch`].

/// Why a signed request is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The credential cannot be read.
    #[error("malformed signature: {0}")]
    Malformed(&'static str),
    /// There are several where one decides.
    #[error("several signatures of different forms")]
    SeveralForms,
    /// The algorithm is none of the form's, or none that is accepted here.
    #[error("algorithm is not accepted")]
    Algorithm,
    /// A component is signed that does not exist in a request.
    #[error("unknown component `{0}`")]
    UnknownComponent(String),
    /// A component is signed that the request does not have.
    #[error("signed component `{0}` is not in the request")]
    Absent(String),
    /// A component is signed of which there are several.
    #[error("signed component `{0}` is there several times")]
    Ambiguous(String),
    /// A component is signed whose value is not ASCII text.
    #[error("signed component `{0}` is not plain text")]
    NotText(String),
    /// A component has to be signed and is not.
    #[error("component `{0}` is not signed")]
    NotCovered(String),
    /// It was made for something else.
    #[error("signature has another tag")]
    Tag,
    /// There is no date that is signed and can be read.
    #[error("no signed date")]
    NoDate,
    /// The date is too far from now.
    #[error("signed date is too far from now")]
    Skewed,
    /// It has said itself until when it is good.
    #[error("signature has expired")]
    Expired,
    /// There is a body and no signed digest of it.
    #[error("no signed digest of the body")]
    NoDigest,
    /// The digest cannot be read, or is of no algorithm that is known.
    #[error("digest of the body cannot be read")]
    MalformedDigest,
    /// The body is another.
    #[error("body does not have the signed digest")]
    DigestMismatch,
    /// The key did not make it.
    #[error("signature does not match")]
    Mismatch,
    /// It was used before.
    #[error("signature was used before")]
    Replayed,
}

impl Failure {
    /// The stable code, as it stands in answers and logs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed_signature",
            Self::SeveralForms => "several_signatures",
            Self::Algorithm => "algorithm_not_accepted",
            Self::UnknownComponent(_) => "unknown_component",
            Self::Absent(_) => "component_missing",
            Self::Ambiguous(_) => "component_ambiguous",
            Self::NotText(_) => "component_not_text",
            Self::NotCovered(_) => "component_not_signed",
            Self::Tag => "tag_not_accepted",
            Self::NoDate => "date_missing",
            Self::Skewed => "date_out_of_range",
            Self::Expired => "signature_expired",
            Self::NoDigest => "digest_missing",
            Self::MalformedDigest => "digest_malformed",
            Self::DigestMismatch => "digest_mismatch",
            Self::Mismatch => "signature_mismatch",
            Self::Replayed => "signature_replayed",
        }
    }
}
