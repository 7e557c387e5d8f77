//! Which credentials in `Authorization` are for whom.

use symbolon_core::http_signature::Form;

use super::AuthenticatorKind;

impl AuthenticatorKind {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::authenticators::{Basic, ClaimPaths, Jwt};

    #[test]
    fn a_token_is_shared_where_it_is_not_hidden_and_a_password_never() {
        let jwt = |authorization, hide_credentials| {
            let claims =
                ClaimPaths { subject: "sub".into(), roles: None, groups: None, scopes: None };
            AuthenticatorKind::Jwt(Box::new(Jwt {
                authorization,
                header: None,
                query: None,
                cookie: None,
                hide_credentials,
                issuers: Vec::new(),
                client_keys: None,
                client_tokens: false,
                claims,
            }))
        };
        assert_eq!(jwt(true, true).hidden_schemes(), ["Bearer"]);
        assert!(jwt(true, false).hidden_schemes().is_empty());
        assert!(jwt(false, true).hidden_schemes().is_empty());
        assert_eq!(AuthenticatorKind::Basic(Basic::default()).hidden_schemes(), ["Basic"]);
        let hmac = AuthenticatorKind::Hmac(Box::default());
        assert_eq!(hmac.hidden_schemes(), ["hmac", "Signature"]);
        assert!(AuthenticatorKind::Session.hidden_schemes().is_empty());
    }
}
