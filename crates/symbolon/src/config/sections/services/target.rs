//! A target: one address of a service.

use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;

use symbolon_gateway::config::{Target, TargetKind};
use symbolon_gateway::pattern::HostPattern;
use symbolon_gateway::tls::TargetTls;

use crate::config::fields::{self, Fields};
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::sections::public_url::split_port;
use crate::config::shape::{Key, Section, Shape};
use crate::config::yaml::{Node, Place, Value};

pub(super) static SECTION: Section = Section {
    is: "a target",
    doc: "One address of a service",
    keys: &[
        Key::required(
            "url",
            "`http://HOST:PORT`, `https://HOST:PORT`, or `srv://NAME`",
            Shape::Text,
        ),
        Key::default(
            "weight",
            "Share of the requests relative to the other targets",
            Shape::Integer { min: 1, max: 1_000 },
            "1",
        ),
    ],
};

/// A target as it is written.
pub(super) struct Written {
    authority: Arc<str>,
    kind: TargetKind,
    weight: u32,
    pub(super) is_https: bool,
    place: Place,
}

/// `http://HOST[:PORT]` or the same with https, as `HOST:PORT`, or `srv://NAME`, as `NAME`.
struct TargetUrl {
    authority: Arc<str>,
    kind: TargetKind,
    is_https: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum TargetError {
    #[error("it must be `http://HOST:PORT` or `https://HOST:PORT`, without a path")]
    Form,
    #[error("it must be `srv://_SERVICE._tcp.NAME`, without a port")]
    Srv,
}

impl FromStr for TargetUrl {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let (is_https, authority) = match text.split_once("://") {
            Some(("https", authority)) => (true, authority),
            Some(("http", authority)) => (false, authority),
            Some(("srv", name)) if is_service_name(name) => {
                let (authority, kind) = (name.into(), TargetKind::Service);
                return Ok(Self { authority, kind, is_https: false });
            }
            Some(("srv", _)) => return Err(TargetError::Srv),
            _ => return Err(TargetError::Form),
        };
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let (host, port) = split_port(authority).ok_or(TargetError::Form)?;
        let port = port.unwrap_or(if is_https { 443 } else { 80 });
        match HostPattern::parse(host) {
            Ok(HostPattern::Exact(host)) => {
                let authority = format!("{host}:{port}");
                let is_address = authority.parse::<SocketAddr>().is_ok();
                let kind = if is_address { TargetKind::Address } else { TargetKind::Host };
                Ok(Self { authority: authority.into(), kind, is_https })
            }
            _ => Err(TargetError::Form),
        }
    }
}

/// Labels of letters, digits, `-` and `_` (RFC 2782).
fn is_service_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let is_label = |label: &str| (1..64).contains(&label.len()) && label.bytes().all(is_plain);
    name.starts_with('_') && name.len() < 254 && name.contains('.') && name.split('.').all(is_label)
}

/// Reads the short or the long form. An SRV record can only be asked of a name server.
pub(super) fn read(node: &Node, has_resolver: bool, mistakes: &mut Mistakes) -> Option<Written> {
    let target = read_any(node, mistakes)?;
    if target.kind == TargetKind::Service && !has_resolver {
        let hint = Some("`resolver: { servers: […] }` says whom to ask".to_owned());
        let message = "`targets`: a `srv://` target needs a `resolver`";
        mistakes.push(Mistake::new(node.place, message).hint(hint));
    }
    Some(target)
}

fn read_any(node: &Node, mistakes: &mut Mistakes) -> Option<Written> {
    let (url, weight) = match &node.value {
        Value::Mapping(_) => {
            let fields = Fields::new(node, &SECTION);
            let weight = fields.integer("weight").unwrap_or(1);
            (fields.parse::<TargetUrl>("url", mistakes)?, weight)
        }
        _ => (fields::parse::<TargetUrl>(node, "targets", mistakes)?, 1),
    };
    let TargetUrl { authority, kind, is_https } = url;
    let weight = u32::try_from(weight).unwrap_or(1);
    Some(Written { authority, kind, weight, is_https, place: node.place })
}

impl Written {
    /// The target, with what it is verified by.
    pub(super) fn resolved(self, tls: Option<&TargetTls>, mistakes: &mut Mistakes) -> Target {
        let tls = tls.filter(|_| self.is_https).and_then(|tls| {
            let secure = tls.target(&self.authority);
            if secure.is_none() {
                let message = format!("no certificate can be for `{}`", self.authority);
                mistakes.add(self.place, message);
            }
            secure
        });
        Target { authority: self.authority, kind: self.kind, weight: self.weight, tls }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_http_to_a_host_is_a_target() {
        let authority = |text: &str| text.parse::<TargetUrl>().map(|url| url.authority.to_string());
        assert_eq!(authority("http://a.internal"), Ok("a.internal:80".to_owned()));
        assert_eq!(authority("http://[::1]:9001/"), Ok("[::1]:9001".to_owned()));
        assert_eq!(authority("https://a"), Ok("a:443".to_owned()));
        assert!("https://a".parse::<TargetUrl>().is_ok_and(|url| url.is_https));
        assert_eq!(
            authority("srv://_http._tcp.a.internal"),
            Ok("_http._tcp.a.internal".to_owned())
        );
        for bad in ["srv://", "srv://a", "srv://_http._tcp.a:80", "srv://_http..a", "srv://_a/b"] {
            assert_eq!(authority(bad), Err(TargetError::Srv), "{bad}");
        }
        let kind = |text: &str| text.parse::<TargetUrl>().map(|url| url.kind);
        assert_eq!(kind("http://[::1]"), Ok(TargetKind::Address));
        assert_eq!(kind("http://10.0.0.1:80"), Ok(TargetKind::Address));
        assert_eq!(kind("http://localhost:80"), Ok(TargetKind::Host));
        for bad in [
            "a:80",
            "http://",
            "http://a/b",
            "http://u@a",
            "http://a:0",
            "http://*.a",
            "http://a?b",
        ] {
            assert_eq!(authority(bad), Err(TargetError::Form), "{bad}");
        }
    }
}
