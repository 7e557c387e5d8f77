//! What a token has to say to be accepted: type, issuer, audience, times, in this order
//! (RFC 7519 4.1, RFC 8725 3.8 to 3.11).

use std::time::Duration;

use super::claims::Claims;
use super::error::JwtError;
use super::unverified::Signed;
use crate::time::Timestamp;

/// How far clocks may differ unless set otherwise.
pub const DEFAULT_LEEWAY: Duration = Duration::from_secs(5);
/// The most that clocks may be said to differ. A larger setting counts as this.
pub const MAX_LEEWAY: Duration = Duration::from_mins(5);

/// What a token has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// `iss`, to the letter; not looked at where the key alone says who it is.
    pub issuer: Option<String>,
    /// Who we are: `aud` has to name one of these.
    pub audience: Vec<String>,
    /// Whether a token without `aud` is for anybody, us included.
    pub audience_may_be_missing: bool,
    /// Types in `typ`, without `application/`; a token that says none counts as `JWT`
    /// (RFC 7519 5.1).
    pub types: Vec<String>,
    /// How far clocks may differ.
    pub leeway: Duration,
    /// The longest that a token may live, if there is a bound.
    pub max_lifetime: Option<Duration>,
}

impl Expected {
    /// The claims of a token that says what it has to, and until when it counts: `exp` and the
    /// leeway.
    pub fn check(&self, token: Signed, now: Timestamp) -> Result<(Claims, Timestamp), JwtError> {
        let Signed { typ, claims } = token;
        if !self.accepts_type(typ.as_deref()) {
            return Err(JwtError::WrongType);
        }
        if self.issuer.as_deref().is_some_and(|issuer| claims.text("iss") != Some(issuer)) {
            return Err(JwtError::UnknownIssuer);
        }
        self.check_audience(&claims)?;
        let until = self.check_times(&claims, now)?;
        Ok((claims, until))
    }

    /// RFC 7515 4.1.9: a media type, compared without case, `application/` optional.
    fn accepts_type(&self, typ: Option<&str>) -> bool {
        let typ = typ.unwrap_or("JWT");
        let bare = match typ.split_at_checked("application/".len()) {
            Some((start, rest)) if start.eq_ignore_ascii_case("application/") => rest,
            _ => typ,
        };
        self.types.iter().any(|accepted| accepted.eq_ignore_ascii_case(bare))
    }

    /// RFC 7519 4.1.3: a text, or a list of which one has to be us. Not one of a wrong type.
    fn check_audience(&self, claims: &Claims) -> Result<(), JwtError> {
        use serde_json::Value;

        let is_us = |value: &Value| {
            value.as_str().is_some_and(|text| self.audience.iter().any(|us| us == text))
        };
        let is_for_us = match claims.get("aud") {
            None => self.audience_may_be_missing,
            Some(Value::Array(names)) if names.iter().all(Value::is_string) => {
                names.iter().any(is_us)
            }
            Some(name @ Value::String(_)) => is_us(name),
            Some(_) => return Err(JwtError::Claims),
        };
        is_for_us.then_some(()).ok_or(JwtError::WrongAudience)
    }

    fn check_times(&self, claims: &Claims, now: Timestamp) -> Result<Timestamp, JwtError> {
        let leeway = self.leeway.min(MAX_LEEWAY);
        let expiry = claims.time("exp")?.ok_or(JwtError::Claims)?;
        let (not_before, issued) = (claims.time("nbf")?, claims.time("iat")?);
        // RFC 7519 4.1.4: not accepted on or after the expiry.
        let until = expiry.plus(leeway);
        if now >= until {
            return Err(JwtError::Expired);
        }
        let latest_start = now.plus(leeway);
        if [not_before, issued].into_iter().flatten().any(|start| start > latest_start) {
            return Err(JwtError::NotYetValid);
        }
        if let Some(longest) = self.max_lifetime {
            // Whoever does not say when it was issued has issued it now at the earliest.
            let begin = issued.unwrap_or(latest_start);
            if expiry > begin.plus(longest) || expiry > latest_start.plus(longest) {
                return Err(JwtError::Lifetime);
            }
        }
        if issued.is_some_and(|issued| expiry <= issued) {
            return Err(JwtError::Lifetime);
        }
        Ok(until)
    }
}
