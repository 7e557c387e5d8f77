//! `access_log.syslog`: a log service.

use std::sync::Arc;

use symbolon_gateway::config::access_log::{Syslog, SyslogAddress};
use symbolon_gateway::pattern::HostPattern;

use crate::config::fields::Fields;
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::sections::public_url::split_port;
use crate::config::shape::{Key, Section, Shape};
use crate::config::surroundings::Surroundings;

pub(in crate::config::sections) static SECTION: Section = Section {
    is: "`syslog`",
    doc: "A log service (RFC 5424), in the place of `to`",
    keys: &[
        Key::default(
            "address",
            "A path for datagrams, `udp://HOST[:514]` or `tcp://HOST[:601]`",
            Shape::Text,
            "/dev/log",
        ),
        Key::default(
            "facility",
            "What kind of program it is for the log service",
            Shape::Choice { of: FACILITIES, later: &[] },
            "local0",
        ),
        Key::default("app_name", "What the program is called there", Shape::Text, "symbolon"),
    ],
};

/// By their numbers (RFC 5424 section 6.2.1), as every `syslog.h` calls them.
const FACILITIES: &[&str] = &[
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv",
    "ftp", "ntp", "security", "console", "clock", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
];

/// The longest name of an application (RFC 5424 section 6.2.5).
const MAX_APP_NAME: usize = 48;

pub(in crate::config::sections) fn read(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<Syslog> {
    let facility = FACILITIES.iter().position(|name| *name == fields.text("facility"));
    let (app_name, node) = (fields.text("app_name"), fields.get("app_name"));
    let is_name = (1..=MAX_APP_NAME).contains(&app_name.len());
    if !is_name || !app_name.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message = format!(
            "`app_name` must be 1 to {MAX_APP_NAME} printable ASCII characters without spaces"
        );
        mistakes.add(node.map_or(fields.place(), |node| node.place), message);
    }
    let text = fields.text("address");
    let address = address(text, surroundings);
    if address.is_none() {
        let place = fields.get("address").map_or(fields.place(), |node| node.place);
        let message = format!("`address`: `{text}` is no address of a log service");
        let hint = "a path, `udp://HOST:514` or `tcp://HOST:601`".to_owned();
        mistakes.push(Mistake::new(place, message).hint(Some(hint)));
    }
    Some(Syslog {
        address: address?,
        facility: u8::try_from(facility?).ok()?,
        app_name: app_name.into(),
    })
}

fn address(text: &str, surroundings: &Surroundings<'_>) -> Option<SyslogAddress> {
    if let Some(authority) = text.strip_prefix("udp://") {
        // The ports of RFC 5426 section 3.3 and RFC 6587 section 3.
        return Some(SyslogAddress::Udp(host_and_port(authority, 514)?));
    }
    if let Some(authority) = text.strip_prefix("tcp://") {
        return Some(SyslogAddress::Tcp(host_and_port(authority, 601)?));
    }
    let is_path = !text.is_empty() && !text.contains("://");
    is_path.then(|| SyslogAddress::Unix(surroundings.path(text)))
}

fn host_and_port(authority: &str, port: u16) -> Option<Arc<str>> {
    let (host, written) = split_port(authority)?;
    match HostPattern::parse(host) {
        Ok(HostPattern::Exact(host)) => Some(format!("{host}:{}", written.unwrap_or(port)).into()),
        _ => None,
    }
}
