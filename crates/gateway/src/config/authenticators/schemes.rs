//! Which credentials in `Authorization` are for whom.

use symbolon_core::http_signature::Form;

use super::AuthenticatorKind;

impl AuthenticatorKind {
    /// Whether it looks at `Authorization: Bearer` for something of its own.
    pub fn takes_bearer(&self) -> bool {
        match self {
            Self::Bearer | Self::Introspection(_) => true,
            Self::Jwt(settings) => settings.authorization,
            _ => false,
        }
    }

    /// The schemes of `Authorization` that it judges and shows to nobody. A service outside that is
    /// asked judges what nobody else of the route takes.
    pub(crate) fn hidden_schemes(&self) -> Vec<&'static str> {
        match self {
            Self::Bearer => vec!["Bearer"],
            Self::Jwt(settings) if settings.authorization && settings.hide_credentials => {
                vec!["Bearer"]
            }
            Self::Introspection(settings)
                if settings.header.is_none() && settings.hide_credentials =>
            {
                vec!["Bearer"]
            }
            Self::Basic(_) => vec!["Basic"],
            Self::Ldap(settings) => settings.schemes.iter().map(|scheme| scheme.name()).collect(),
            Self::Hmac(settings) => {
                let forms = [(Form::Kong, "hmac"), (Form::Apisix, "Signature")];
                let read = forms.into_iter().filter(|(form, _)| settings.reads(*form));
                read.map(|(_, scheme)| scheme).collect()
            }
            _ => Vec::new(),
        }
    }
}
