//! A target: one address of a service.

use std::str::FromStr;
use std::sync::Arc;

use symbolon_gateway::config::Target;
use symbolon_gateway::pattern::HostPattern;

use crate::config::fields::{self, Fields};
use crate::config::mistake::Mistakes;
use crate::config::sections::public_url::split_port;
use crate::config::shape::{Key, Section, Shape};
use crate::config::yaml::{Node, Value};

pub(super) static SECTION: Section = Section {
    is: "a target",
    doc: "One address of a service",
    keys: &[
        Key::required("url", "`http://HOST:PORT`", Shape::Text),
        Key::default(
            "weight",
            "Share of the requests relative to the other targets",
            Shape::Integer { min: 1, max: 1_000 },
            "1",
        ),
    ],
};

/// `http://HOST[:PORT]`, as `HOST:PORT`.
struct TargetUrl(Arc<str>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum TargetError {
    #[error("it must be `http://HOST:PORT`, without a path")]
    Form,
    #[error("TLS to a service is not supported by this version yet")]
    Tls,
}

impl FromStr for TargetUrl {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        if text.starts_with("https://") {
            return Err(TargetError::Tls);
        }
        let authority = text.strip_prefix("http://").ok_or(TargetError::Form)?;
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let (host, port) = split_port(authority).ok_or(TargetError::Form)?;
        match HostPattern::parse(host) {
            Ok(HostPattern::Exact(host)) => {
                Ok(Self(format!("{host}:{}", port.unwrap_or(80)).into()))
            }
            _ => Err(TargetError::Form),
        }
    }
}

/// Reads the short or the long form.
pub(super) fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Target> {
    let (url, weight) = match &node.value {
        Value::Mapping(_) => {
            let fields = Fields::new(node, &SECTION);
            let weight = fields.integer("weight").unwrap_or(1);
            (fields.parse::<TargetUrl>("url", mistakes)?, weight)
        }
        _ => (fields::parse::<TargetUrl>(node, "targets", mistakes)?, 1),
    };
    Some(Target { authority: url.0, weight: u32::try_from(weight).unwrap_or(1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_to_a_host_is_a_target() {
        let authority = |text: &str| text.parse::<TargetUrl>().map(|url| url.0.to_string());
        assert_eq!(authority("http://a.internal"), Ok("a.internal:80".to_owned()));
        assert_eq!(authority("http://[::1]:9001/"), Ok("[::1]:9001".to_owned()));
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
