//! A target: one address of a service.

use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;

use symbolon_gateway::config::{Target, TargetKind};
use symbolon_gateway::pattern::HostPattern;

use crate::config::fields::{self, Fields};
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::sections::public_url::split_port;
use crate::config::shape::{Key, Section, Shape};
use crate::config::yaml::{Node, Value};

pub(super) static SECTION: Section = Section {
    is: "a target",
    doc: "One address of a service",
    keys: &[
        Key::required("url", "`http://HOST:PORT`, or `srv://NAME` for an SRV record", Shape::Text),
        Key::default(
            "weight",
            "Share of the requests relative to the other targets",
            Shape::Integer { min: 1, max: 1_000 },
            "1",
        ),
    ],
};

/// `http://HOST[:PORT]`, as `HOST:PORT`, or `srv://NAME`, as `NAME`.
struct TargetUrl(Arc<str>, TargetKind);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum TargetError {
    #[error("it must be `http://HOST:PORT`, without a path")]
    Form,
    #[error("it must be `srv://_SERVICE._tcp.NAME`, without a port")]
    Srv,
    #[error("TLS to a service is not supported by this version yet")]
    Tls,
}

impl FromStr for TargetUrl {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        if text.starts_with("https://") {
            return Err(TargetError::Tls);
        }
        if let Some(name) = text.strip_prefix("srv://") {
            let is_fine = is_service_name(name);
            return is_fine.then(|| Self(name.into(), TargetKind::Service)).ok_or(TargetError::Srv);
        }
        let authority = text.strip_prefix("http://").ok_or(TargetError::Form)?;
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let (host, port) = split_port(authority).ok_or(TargetError::Form)?;
        match HostPattern::parse(host) {
            Ok(HostPattern::Exact(host)) => {
                let authority = format!("{host}:{}", port.unwrap_or(80));
                let is_address = authority.parse::<SocketAddr>().is_ok();
                let kind = if is_address { TargetKind::Address } else { TargetKind::Host };
                Ok(Self(authority.into(), kind))
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
pub(super) fn read(node: &Node, has_resolver: bool, mistakes: &mut Mistakes) -> Option<Target> {
    let target = read_any(node, mistakes)?;
    if target.kind == TargetKind::Service && !has_resolver {
        let hint = Some("`resolver: { servers: […] }` says whom to ask".to_owned());
        let message = "`targets`: a `srv://` target needs a `resolver`";
        mistakes.push(Mistake::new(node.place, message).hint(hint));
    }
    Some(target)
}

fn read_any(node: &Node, mistakes: &mut Mistakes) -> Option<Target> {
    let (url, weight) = match &node.value {
        Value::Mapping(_) => {
            let fields = Fields::new(node, &SECTION);
            let weight = fields.integer("weight").unwrap_or(1);
            (fields.parse::<TargetUrl>("url", mistakes)?, weight)
        }
        _ => (fields::parse::<TargetUrl>(node, "targets", mistakes)?, 1),
    };
    Some(Target { authority: url.0, kind: url.1, weight: u32::try_from(weight).unwrap_or(1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_to_a_host_is_a_target() {
        let authority = |text: &str| text.parse::<TargetUrl>().map(|url| url.0.to_string());
        assert_eq!(authority("http://a.internal"), Ok("a.internal:80".to_owned()));
        assert_eq!(authority("http://[::1]:9001/"), Ok("[::1]:9001".to_owned()));
        assert_eq!(
            authority("srv://_http._tcp.a.internal"),
            Ok("_http._tcp.a.internal".to_owned())
        );
        for bad in ["srv://", "srv://a", "srv://_http._tcp.a:80", "srv://_http..a", "srv://_a/b"] {
            assert_eq!(authority(bad), Err(TargetError::Srv), "{bad}");
        }
        let kind = |text: &str| text.parse::<TargetUrl>().map(|url| url.1);
        assert_eq!(kind("http://[::1]"), Ok(TargetKind::Address));
        assert_eq!(kind("http://10.0.0.1:80"), Ok(TargetKind::Address));
        assert_eq!(kind("http://localhost:80"), Ok(TargetKind::Host));
        assert_eq!(authority("https://a"), Err(TargetError::Tls));
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
