//! Tokens that this system made: they are shown to nobody outside.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use memchr::memmem;
use serde_json::Value;
use symbolon_core::TokenKind;

/// Whether this may be a token of ours, whole or not: an opaque one by its prefix, a signed one by
/// its issuer, which is this site (`site`, without a scheme) or something below it.
pub(super) fn is_own(token: &[u8], site: &str) -> bool {
    let kinds = [TokenKind::Session, TokenKind::ApiKey];
    let has_prefix = kinds.iter().any(|kind| token.starts_with(kind.prefix().as_bytes()));
    has_prefix || issuer(token).is_some_and(|issuer| is_below(&issuer, site))
}

/// Whether one stands somewhere in a header's value, whatever is around it: behind a scheme, quoted,
/// among others, in JSON that was percent-encoded.
pub(super) fn has_own(value: &[u8], site: &str) -> bool {
    let kinds = [TokenKind::Session, TokenKind::ApiKey];
    let is_in_it = |kind: &TokenKind| memmem::find(value, kind.prefix().as_bytes()).is_some();
    let is_of_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    let mut parts = value.split(|byte| !is_of_token(byte));
    kinds.iter().any(is_in_it)
        || parts.any(|part| issuer_of(part).is_some_and(|issuer| is_below(&issuer, site)))
}

/// The issuer that a signed token names, verified or not.
fn issuer(token: &[u8]) -> Option<String> {
    issuer_of(token.split(|byte| *byte == b'.').nth(1)?)
}

/// The same of its middle part.
fn issuer_of(payload: &[u8]) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    claims.get("iss")?.as_str().map(str::to_owned)
}

fn is_below(issuer: &str, site: &str) -> bool {
    let rest = issuer.split_once("://").and_then(|(_, rest)| rest.strip_prefix(site));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_system_made_is_told_from_what_others_made() {
        let signed = |issuer: &str| {
            let claims = format!("{{\"iss\":\"{issuer}\",\"sub\":\"x\"}}");
            format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
        };
        let is_own = |token: &str| is_own(token.as_bytes(), "shop.example");
        assert!(is_own("syms_x") && is_own("symk_"));
        assert!(is_own(&signed("https://shop.example")));
        assert!(is_own(&signed("https://shop.example/auth/internal")));
        assert!(!is_own(&signed("https://shop.example.org")));
        assert!(!is_own(&signed("https://login.example")));
        assert!(!is_own("a.b.c") && !is_own("opaque") && !is_own(""));
        let token = signed("https://shop.example");
        for value in [
            "symk_x",
            "Bearer symk_x",
            "a=\"symk_x\"; b=c",
            "v1.2, Token\tsyms_x",
            "%22symk_x%22",
            "v1:symk_x",
            "'symk_x'",
            "[symk_x",
            "Token token:symk_x",
        ] {
            assert!(has_own(value.as_bytes(), "shop.example"), "{value}");
            let value = value.replace("symk_x", &token).replace("syms_x", &token);
            assert!(has_own(value.as_bytes(), "shop.example"), "{value}");
        }
        assert!(!has_own(b"Bearer a.b.c, symx_x", "shop.example"));
    }
}
