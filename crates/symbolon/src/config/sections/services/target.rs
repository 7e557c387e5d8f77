//! A target: one address of a service.

use std::str::FromStr;
use std::sync::Arc;

use symbolon_gateway::config::Target;
use symbolon_gateway::pattern::HostPattern;
use symbolon_gateway::tls::TargetTls;

use crate::config::fields::{self, Fields};
use crate::config::mistake::Mistakes;
use crate::config::sections::public_url::split_port;
use crate::config::shape::{Key, Section, Shape};
use crate::config::yaml::{Node, Place, Value};

pub(super) static SECTION: Section = Section {
    is: "a target",
    doc: "One address of a service",
    keys: &[
        Key::required("url", "`http://HOST:PORT` or `https://HOST:PORT`", Shape::Text),
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
    weight: u32,
    pub(super) is_https: bool,
    place: Place,
}

/// `http://HOST[:PORT]` or the same with https, as `HOST:PORT`.
struct TargetUrl {
    authority: Arc<str>,
    is_https: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it must be `http://HOST:PORT` or `https://HOST:PORT`, without a path")]
struct TargetError;

impl FromStr for TargetUrl {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let (is_https, authority) = match text.split_once("://") {
            Some(("https", authority)) => (true, authority),
            Some(("http", authority)) => (false, authority),
            _ => return Err(TargetError),
        };
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let (host, port) = split_port(authority).ok_or(TargetError)?;
        let port = port.unwrap_or(if is_https { 443 } else { 80 });
        match HostPattern::parse(host) {
            Ok(HostPattern::Exact(host)) => {
                Ok(Self { authority: format!("{host}:{port}").into(), is_https })
            }
            _ => Err(TargetError),
        }
    }
}

/// Reads the short or the long form.
pub(super) fn read(node: &Node, mistakes: &mut Mistakes) -> Option<Written> {
    let (url, weight) = match &node.value {
        Value::Mapping(_) => {
            let fields = Fields::new(node, &SECTION);
            let weight = fields.integer("weight").unwrap_or(1);
            (fields.parse::<TargetUrl>("url", mistakes)?, weight)
        }
        _ => (fields::parse::<TargetUrl>(node, "targets", mistakes)?, 1),
    };
    let TargetUrl { authority, is_https } = url;
    let weight = u32::try_from(weight).unwrap_or(1);
    Some(Written { authority, weight, is_https, place: node.place })
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
        Target { authority: self.authority, weight: self.weight, tls }
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
        for bad in [
            "a:80",
            "http://",
            "http://a/b",
            "http://u@a",
            "http://a:0",
            "http://*.a",
            "http://a?b",
        ] {
            assert_eq!(authority(bad), Err(TargetError), "{bad}");
        }
    }
}
