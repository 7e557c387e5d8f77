//! What comes of an answer, in whichever form it was given.

use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http::header::{HeaderMap, HeaderName, HeaderValue, LOCATION};

use crate::authenticator::Refusal;
use crate::config::authenticators::forward::{Forward, PrincipalHeaders};

/// The longest name of a principal, in bytes.
const MAX_NAME: usize = 256;
/// The most roles or groups.
const MAX_LIST: usize = 256;

/// The request may pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allowed {
    /// Who it is, where the answer says so.
    pub(crate) subject: Option<String>,
    pub(crate) roles: Vec<String>,
    pub(crate) groups: Vec<String>,
    /// What the service gets.
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

/// Yes or no; what is neither is `None` of both, with a reason for the log.
pub(crate) type Judged = Result<Result<Arc<Allowed>, Arc<Refusal>>, String>;

/// A yes, with these headers.
pub(super) fn allowed(headers: &HeaderMap, wanted: &Forward) -> Judged {
    let mut allowed =
        Allowed { headers: chosen(headers, &wanted.upstream_headers)?, ..Allowed::default() };
    if let Some(PrincipalHeaders { subject, roles, groups }) = &wanted.principal {
        let name = only(headers, subject)?.ok_or("the answer does not say who it is")?;
        if name.len() > MAX_NAME {
            return Err("the name of the principal is too long".to_owned());
        }
        allowed.subject = Some(name);
        allowed.roles = list(headers, roles.as_ref())?;
        allowed.groups = list(headers, groups.as_ref())?;
    }
    Ok(Ok(Arc::new(allowed)))
}

/// A no, with these headers and this body.
pub(super) fn refused(
    status: StatusCode,
    headers: &HeaderMap,
    body: Bytes,
    wanted: &Forward,
) -> Judged {
    let headers = chosen(headers, &wanted.client_headers)?;
    let leads_somewhere = headers.iter().any(|(name, _)| *name == LOCATION);
    if status.is_redirection() && !leads_somewhere {
        return Err(format!("the answer {} leads nowhere", status.as_u16()));
    }
    let body = (wanted.client_body && !body.is_empty()).then_some(body);
    Ok(Err(Arc::new(Refusal { status, headers, body })))
}

/// The headers of a list, in its order.
fn chosen(
    headers: &HeaderMap,
    names: &[HeaderName],
) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let mut chosen = Vec::new();
    for name in names {
        for value in headers.get_all(name) {
            if !is_clean(value) {
                return Err(format!("`{name}` of the answer has control characters"));
            }
            chosen.push((name.clone(), value.clone()));
        }
    }
    Ok(chosen)
}

/// Whether no server could read more than one line out of it.
fn is_clean(value: &HeaderValue) -> bool {
    !value.as_bytes().iter().any(u8::is_ascii_control)
}

/// A header that stands there at most once; empty is none.
fn only(headers: &HeaderMap, name: &HeaderName) -> Result<Option<String>, String> {
    let mut values = headers.get_all(name).iter();
    let (value, another) = (values.next(), values.next());
    if another.is_some() {
        return Err(format!("`{name}` stands in the answer several times"));
    }
    let text = value.map(|value| text(value, name)).transpose()?;
    Ok(text.filter(|text| !text.is_empty()))
}

fn list(headers: &HeaderMap, name: Option<&HeaderName>) -> Result<Vec<String>, String> {
    let Some(name) = name else { return Ok(Vec::new()) };
    let mut list = Vec::new();
    for value in headers.get_all(name) {
        let text = text(value, name)?;
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        list.extend(words.map(str::to_owned));
    }
    if list.len() > MAX_LIST {
        return Err(format!("`{name}` of the answer has too many parts"));
    }
    Ok(list)
}

fn text(value: &HeaderValue, name: &HeaderName) -> Result<String, String> {
    let text = std::str::from_utf8(value.as_bytes()).ok().filter(|_| is_clean(value));
    let text = text.map(|text| text.trim().to_owned());
    text.ok_or_else(|| format!("`{name}` of the answer is no text"))
}
