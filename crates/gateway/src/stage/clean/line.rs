//! What a request is about, in canonical form.

use http::Version;

use super::malformed;
use crate::canonical;
use crate::config::Limits;
use crate::fields::{Place, Span};
use crate::head::Head;
use crate::rejection::{Reason, Rejection};

/// Authority, host, path and query, one behind the other in one text.
#[derive(Debug)]
pub(super) struct Line {
    text: String,
    authority: Span,
    host: Span,
    path: Span,
    target: Span,
}

impl Line {
    pub(super) fn of(head: &Head, hosts: &[Place], limits: &Limits) -> Result<Self, Rejection> {
        let target = head.path_and_query();
        if target.len() > limits.target_bytes {
            return Err(Rejection::new(Reason::TargetTooLong, ""));
        }
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let authority = authority(head, hosts)?;
        let host = canonical::host_of(authority).map_err(malformed)?;
        let path = canonical::path(path).map_err(malformed)?;
        if !query.is_none_or(canonical::query_is_clean) {
            return Err(malformed("forbidden character in the query"));
        }
        let mut line = Self {
            text: String::with_capacity(authority.len() + host.len() + target.len()),
            authority: Span::default(),
            host: Span::default(),
            path: Span::default(),
            target: Span::default(),
        };
        line.authority = line.push(authority);
        // As a rule it is how the authority begins.
        line.host =
            if authority.starts_with(&*host) { Span::new(0, host.len()) } else { line.push(&host) };
        line.path = line.push(&path);
        if let Some(query) = query {
            line.push("?");
            line.push(query);
        }
        line.target = Span::new(line.path.range().start, line.text.len());
        Ok(line)
    }

    fn push(&mut self, piece: &str) -> Span {
        let start = self.text.len();
        self.text.push_str(piece);
        Span::new(start, self.text.len())
    }

    fn piece(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    pub(super) fn authority(&self) -> &str {
        self.piece(self.authority)
    }

    pub(super) fn host(&self) -> &str {
        self.piece(self.host)
    }

    pub(super) fn path(&self) -> &str {
        self.piece(self.path)
    }

    /// Path and query.
    pub(super) fn target(&self) -> &str {
        self.piece(self.target)
    }

    pub(super) fn query(&self) -> Option<&str> {
        // Behind the question mark.
        let start = self.path.range().end + 1;
        (self.path != self.target).then(|| self.text.get(start..).unwrap_or_default())
    }
}

fn authority<'a>(head: &'a Head, hosts: &[Place]) -> Result<&'a str, Rejection> {
    if hosts.len() > 1 {
        return Err(malformed(canonical::AuthorityError::Several));
    }
    let host = hosts.first().map(|place| head.fields.value(*place));
    let host = match host.map(std::str::from_utf8) {
        Some(Ok(host)) => Some(host),
        Some(Err(_)) => return Err(malformed(canonical::AuthorityError::Malformed)),
        None => None,
    };
    match (host, head.authority()) {
        (Some(host), None) => Ok(host),
        // RFC 9112 section 3.2.2: an absolute target names the host; here it must agree. So must
        // `:authority` (RFC 9113 section 8.3.1).
        (Some(host), Some(target)) if host.eq_ignore_ascii_case(target) => Ok(host),
        (Some(_), Some(_)) => Err(malformed(canonical::AuthorityError::Several)),
        // RFC 9113 section 8.3.1: `:authority` stands in for it.
        (None, Some(target)) if head.version == Version::HTTP_2 => Ok(target),
        (None, _) => Err(malformed(canonical::AuthorityError::Missing)),
    }
}
