//! Which headers besides the internal token tell a service who calls.

use std::sync::Arc;

use http::header::{self, HeaderName};

/// What a service that was written for another gateway is told.
///
/// These headers are words without a signature: whoever can reach the service past the gateway can
/// send them too. A service that can should verify the internal token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum IdentityHeaders {
    /// Nothing.
    #[default]
    None,
    /// As Kong says it: `X-Consumer-*`, `X-Credential-Identifier`, `X-Anonymous-Consumer`,
    /// `X-Authenticated-*`.
    Kong,
    /// As APISIX says it: `X-Consumer-Username`, `X-Consumer-Custom-ID`,
    /// `X-Credential-Identifier`.
    Apisix,
    /// These headers, of these facts.
    Custom(Arc<[(HeaderName, Fact)]>),
}

impl IdentityHeaders {
    /// Whether a header of this name, in lower case, is written by these, or left out on purpose.
    pub(crate) fn govern(&self, name: &str) -> bool {
        let usual = ["x-consumer-", "x-credential-", "x-anonymous-", "x-authenticated-"];
        match self {
            Self::None => false,
            Self::Kong | Self::Apisix => usual.iter().any(|start| name.starts_with(start)),
            Self::Custom(names) => names.iter().any(|(own, _)| own.as_str() == name),
        }
    }
}

/// Something that is known of whoever calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The name of the end user, or else of the client; no file asks for it.
    Principal,
    /// The subject, as in the internal token.
    Subject,
    /// The client.
    Client,
    /// What another system calls the client.
    CustomId,
    /// The public name of the credential.
    Credential,
    /// Who vouches, where that is somebody outside.
    Issuer,
    /// The session.
    Session,
    /// The authentication context class.
    Acr,
    /// The authentication methods.
    Amr,
    /// Roles.
    Roles,
    /// Groups.
    Groups,
    /// Scopes.
    Scope,
    /// A label of the client.
    Label(Arc<str>),
    /// A claim of an outside token.
    Claim(Arc<str>),
}

impl Fact {
    /// By its name in the configuration: that of the claim, `label.NAME` or `claim.NAME`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(name) = text.strip_prefix("label.").filter(|name| !name.is_empty()) {
            return Some(Self::Label(name.into()));
        }
        if let Some(name) = text.strip_prefix("claim.").filter(|name| !name.is_empty()) {
            return Some(Self::Claim(name.into()));
        }
        Some(match text {
            "sub" => Self::Subject,
            "client_id" => Self::Client,
            "custom_id" => Self::CustomId,
            "credential" => Self::Credential,
            "issuer" => Self::Issuer,
            "sid" => Self::Session,
            "acr" => Self::Acr,
            "amr" => Self::Amr,
            "roles" => Self::Roles,
            "groups" => Self::Groups,
            "scope" => Self::Scope,
            _ => return None,
        })
    }

    /// All names, for hints.
    pub const NAMES: &'static str = "`sub`, `client_id`, `custom_id`, `credential`, `issuer`, \
        `sid`, `acr`, `amr`, `roles`, `groups`, `scope`, `label.NAME`, `claim.NAME`";
}

impl IdentityHeaders {
    /// Names that a client's request never has, on no route: those that are not stripped anyway.
    pub fn names(&self) -> impl Iterator<Item = &HeaderName> {
        let custom = match self {
            Self::Custom(headers) => &**headers,
            _ => &[],
        };
        custom.iter().map(|(name, _)| name)
    }

    /// Whether a header may say something of the caller: none that means something else.
    pub fn may_be(name: &HeaderName) -> bool {
        let taken = [
            header::AUTHORIZATION,
            header::COOKIE,
            header::HOST,
            header::CONTENT_LENGTH,
            header::CONTENT_TYPE,
            header::CONTENT_ENCODING,
            header::EXPECT,
            header::FORWARDED,
            header::VIA,
        ];
        let is_ours = ["x-forwarded-", "x-request-id", "traceparent", "tracestate", "sec-"];
        !taken.contains(name)
            && !is_ours.iter().any(|start| name.as_str().starts_with(start))
            && !crate::hop_by_hop::is_hop_by_hop(name.as_str().as_bytes())
    }
}
