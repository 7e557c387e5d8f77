//! What stands before the line in a message of syslog (RFC 5424 section 6):
//! `<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID - `.

use std::fs;

use crate::access_log::lines::Envelope;
use crate::config::access_log::Syslog;

/// Severity: informational (section 6.2.1).
const SEVERITY: u8 = 6;
/// The longest `HOSTNAME` (section 6.2.4).
const MAX_HOST: usize = 255;

/// Of this host and this process.
pub(in crate::access_log) fn of(syslog: &Syslog, message: &str) -> Envelope {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    Envelope::new(syslog, name.trim(), std::process::id(), message)
}

impl Envelope {
    fn new(syslog: &Syslog, host: &str, process: u32, message: &str) -> Self {
        let is_name = !host.is_empty() && host.len() <= MAX_HOST;
        // The nil value, where there is no name that may stand there.
        let host =
            if is_name && host.bytes().all(|byte| byte.is_ascii_graphic()) { host } else { "-" };
        Self {
            before_time: format!("<{}>1 ", u16::from(syslog.facility) * 8 + u16::from(SEVERITY)),
            after_time: format!(" {host} {} {process} {message} - ", syslog.app_name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::access_log::SyslogAddress;

    #[test]
    fn the_header_is_that_of_the_rfc() {
        let syslog = Syslog {
            address: SyslogAddress::Unix("/dev/log".into()),
            facility: 16,
            app_name: "symbolon".into(),
        };
        let envelope = Envelope::new(&syslog, "host.example", 7, "access");
        assert_eq!(envelope.before_time, "<134>1 ");
        assert_eq!(envelope.after_time, " host.example symbolon 7 access - ");
        for strange in ["", "a b", "\u{e9}", &"x".repeat(256)] {
            let after = Envelope::new(&syslog, strange, 7, "access").after_time;
            assert_eq!(after, " - symbolon 7 access - ", "{strange}");
        }
    }
}
