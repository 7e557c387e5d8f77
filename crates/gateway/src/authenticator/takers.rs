//! Whose a token in `Authorization: Bearer` is, where several authenticators of a route look there.
//!
//! 1. Each takes what has its own form, in whatever order they stand: `bearer` the tokens of this
//!    system, `jwt` what is signed, `introspection` all that this system has not made.
//! 2. What one leaves another takes. A token that nobody took would count as none, and where
//!    anonymous is welcome it would be let in; so whoever is alone takes everything, and says what
//!    is wrong with it.

use symbolon_core::jwt::has_shape;

use super::own::is_own;
use crate::config::authenticators::AuthenticatorKind;

/// Which kinds of a route's authenticators look at `Authorization: Bearer`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Takers {
    bearer: bool,
    jwt: bool,
    introspection: bool,
}

impl Takers {
    /// Of all authenticators of a route.
    pub(crate) fn of<'a>(all: impl IntoIterator<Item = &'a AuthenticatorKind>) -> Self {
        let mut takers = Self::default();
        for kind in all {
            match kind {
                AuthenticatorKind::Bearer => takers.bearer = true,
                AuthenticatorKind::Jwt(settings) => takers.jwt |= settings.authorization,
                AuthenticatorKind::Introspection(settings) => {
                    takers.introspection |= settings.header.is_none();
                }
                _ => {}
            }
        }
        takers
    }

    /// Whether `bearer` takes it. Half a token of ours is shown to nobody else, so it is ours too.
    pub(super) fn is_for_bearer(self, token: &[u8], site: &str) -> bool {
        let is_for_jwt = self.jwt && has_shape(token);
        let is_for_others = self.introspection && !is_own(token, site);
        !is_for_jwt && !is_for_others
    }

    /// Whether `jwt` takes it.
    pub(super) fn is_for_jwt(self, token: &[u8]) -> bool {
        has_shape(token) || !self.bearer && !self.introspection
    }

    /// Whether somebody else takes a token of ours that `introspection` shows to nobody.
    pub(super) fn has_other_for_own(self, token: &[u8]) -> bool {
        self.bearer || self.jwt && has_shape(token)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    const SITE: &str = "shop.example";

    fn signed(issuer: &str) -> String {
        let claims = URL_SAFE_NO_PAD.encode(format!("{{\"iss\":\"{issuer}\"}}"));
        format!("e30.{claims}.c2ln")
    }

    fn takers(number: u8) -> Takers {
        let has = |bit: u8| number & bit != 0;
        Takers { bearer: has(1), jwt: has(2), introspection: has(4) }
    }

    #[test]
    fn whatever_comes_somebody_takes_it() {
        let (ours, theirs) = (signed("https://shop.example"), signed("https://login.example"));
        for token in ["syms_x", "symk_x", &ours, &theirs, "opaque", "a.b", ".", "x"] {
            let bytes = token.as_bytes();
            for number in 1..8 {
                let some = takers(number);
                let is_taken = some.bearer && some.is_for_bearer(bytes, SITE)
                    || some.jwt && some.is_for_jwt(bytes)
                    || some.introspection
                        && (!is_own(bytes, SITE) || !some.has_other_for_own(bytes));
                assert!(is_taken, "{token}: {some:?}");
            }
        }
    }

    #[test]
    fn each_leaves_to_the_others_what_is_theirs() {
        let all = takers(7);
        assert!(all.is_for_bearer(b"syms_x", SITE) && !all.is_for_jwt(b"syms_x"));
        assert!(!all.is_for_bearer(b"opaque", SITE) && !all.is_for_jwt(b"opaque"));
        assert!(!all.is_for_bearer(b"a.b.c", SITE) && all.is_for_jwt(b"a.b.c"));
        let beside_jwt = takers(3);
        assert!(beside_jwt.is_for_bearer(b"opaque", SITE));
        let alone = takers(1);
        assert!(alone.is_for_bearer(b"opaque", SITE) && alone.is_for_bearer(b"a.b.c", SITE));
        let ours = signed("https://shop.example");
        // What is ours and signed goes to nobody outside, and is no session.
        let beside_introspection = takers(5);
        assert!(beside_introspection.is_for_bearer(ours.as_bytes(), SITE));
        assert!(beside_introspection.has_other_for_own(ours.as_bytes()));
    }
}
