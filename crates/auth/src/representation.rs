//! In which form a client wants its answer: a page for people, or a document for programs.

use axum::http::{HeaderMap, header};

/// The two forms of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Representation {
    /// HTML.
    Page,
    /// JSON; problems as RFC 9457.
    Document,
}

impl Representation {
    /// Browsers name `text/html` in `Accept`; whoever does not is a program.
    pub(crate) fn wanted(headers: &HeaderMap) -> Self {
        let accepts_html = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|range| range.split(';').next())
            .map(str::trim)
            .any(|range| {
                range.eq_ignore_ascii_case("text/html")
                    || range.eq_ignore_ascii_case("application/xhtml+xml")
            });
        if accepts_html { Self::Page } else { Self::Document }
    }
}
