//! `telemetry`: traces for a collector, and who is told how long stages took.

pub(super) mod server_timing;

use std::str::FromStr;
use std::sync::Arc;

use symbolon_gateway::config::{Sampling, Tracing};
use symbolon_gateway::pattern::HostPattern;

use super::public_url::split_port;
use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::shape::{Key, Section, Shape};

pub(super) static SECTION: Section = Section {
    is: "`telemetry`",
    doc: "What is told to collectors",
    keys: &[Key::section("traces", &TRACES), server_timing::KEY],
};

static TRACES: Section = Section {
    is: "`traces`",
    doc: "Spans in the W3C and OpenTelemetry formats",
    keys: &[
        Key::optional(
            "otlp_endpoint",
            "The collector, OTLP over HTTP: `http://HOST:4318`. Without it there are no spans",
            Shape::Text,
        ),
        Key::default(
            "sampling",
            "The share of new traces that is recorded; one that goes on says so itself",
            Shape::Text,
            "1%",
        ),
        Key::default(
            "continue_from",
            "Whose `traceparent` is continued; of all others a new trace begins",
            Shape::Choice { of: &["trusted_proxies", "anyone"], later: &[] },
            "trusted_proxies",
        ),
        Key::default("service_name", "`service.name` of the spans", Shape::Text, "symbolon"),
    ],
};

/// `http://HOST[:PORT]`, with or without the path of OTLP.
struct Endpoint(Arc<str>);

/// Where OTLP over HTTP takes traces (OTLP specification, "OTLP/HTTP Request").
const PATH: &str = "/v1/traces";
/// The port of OTLP over HTTP.
const PORT: u16 = 4318;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it must be `http://HOST:PORT`, such as `http://127.0.0.1:4318`")]
struct EndpointError;

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let authority = text.strip_prefix("http://").ok_or(EndpointError)?;
        let authority = authority.strip_suffix(PATH).unwrap_or(authority).trim_end_matches('/');
        let (host, port) = split_port(authority).ok_or(EndpointError)?;
        match HostPattern::parse(host) {
            Ok(HostPattern::Exact(host)) => {
                Ok(Self(format!("{host}:{}", port.unwrap_or(PORT)).into()))
            }
            _ => Err(EndpointError),
        }
    }
}

/// Whom spans are told to, if anybody.
pub(super) fn read(telemetry: Fields<'_>, mistakes: &mut Mistakes) -> Option<Tracing> {
    let fields = telemetry.section("traces")?;
    let sampling = fields.parse::<Sampling>("sampling", mistakes);
    let continue_from = fields.text("continue_from");
    let service_name = fields.text("service_name");
    let endpoint = fields.parse::<Endpoint>("otlp_endpoint", mistakes)?;
    Some(Tracing {
        authority: endpoint.0,
        path: PATH.into(),
        service_name: service_name.into(),
        sampling: sampling?,
        continue_from_anyone: continue_from == "anyone",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_named_with_or_without_its_port_and_path() {
        let authority =
            |text: &str| text.parse::<Endpoint>().map(|endpoint| endpoint.0.to_string());
        for text in ["http://c:4318", "http://c", "http://c/", "http://c:4318/v1/traces"] {
            assert_eq!(authority(text), Ok("c:4318".to_owned()), "{text}");
        }
        for bad in ["https://c", "c:4318", "http://c/other", "http://c:0", "http://u@c"] {
            assert_eq!(authority(bad), Err(EndpointError), "{bad}");
        }
    }
}
