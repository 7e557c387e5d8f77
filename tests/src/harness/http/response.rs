//! A response as it was received.

use serde_json::Value;

use super::{Fields, Message};

/// Status, fields and body.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) message: Message,
}

impl Response {
    pub(super) fn of(message: Message) -> Self {
        let mut words = message.start.split(' ');
        assert!(matches!(words.next(), Some("HTTP/1.1" | "HTTP/1.0")), "{}", message.start);
        let status = words.next().and_then(|word| word.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no status: {}", message.start));
        Self { status, message }
    }

    pub(crate) fn headers(&self) -> &Fields {
        &self.message.headers
    }

    /// A field that stands there at most once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.message.headers.get(name)
    }

    pub(crate) fn text(&self) -> &str {
        self.message.text()
    }

    pub(crate) fn json(&self) -> Value {
        let text = self.text();
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The `Set-Cookie` line of a cookie.
    pub(crate) fn set_cookie(&self, name: &str) -> Option<&str> {
        let mut lines = self
            .headers()
            .all("set-cookie")
            .filter(|line| line.split_once('=').is_some_and(|(other, _)| other == name));
        let line = lines.next();
        assert!(lines.next().is_none(), "`{name}` is set twice: {self:?}");
        line
    }

    /// Fails the test with the whole answer unless it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}
