//! `compress`: which answers of a route are compressed.

use symbolon_gateway::compress::{Compression, Encoding, is_never_compressed};

use crate::config::fields::Fields;
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::shape::{Key, MIB, Section, Shape};
use crate::config::yaml::Node;

pub(super) const KEY: Key = Key::optional(
    "compress",
    "Compresses answers; `{}` for all that is usual",
    Shape::Section(&SECTION),
);

static SECTION: Section = Section {
    is: "`compress`",
    doc: "Which answers are compressed, and how",
    keys: &[
        Key::default(
            "encodings",
            "How, the preferred one first; clients say which they take",
            Shape::List { of: &Shape::Choice { of: &["br", "gzip"], later: &["zstd"] }, min: 1 },
            "[br, gzip]",
        ),
        Key::default(
            "min_size",
            "The shortest body that is worth it; one of unknown length is",
            Shape::Size { min: 0, max: MIB },
            "1KiB",
        ),
        Key::default(
            "types",
            "Media types of answers that are compressed: `text/html`, `text/*`",
            Shape::List { of: &Shape::Text, min: 1 },
            "[text/html, text/css, text/csv, text/plain, text/xml, text/javascript, \
             application/javascript, application/json, application/problem+json, \
             application/ld+json, application/manifest+json, application/xml, \
             application/rss+xml, application/atom+xml, application/wasm, image/svg+xml]",
        ),
    ],
};

pub(super) fn read(route: Fields<'_>, mistakes: &mut Mistakes) -> Option<Compression> {
    let fields = route.section("compress")?;
    let mut encodings = Vec::new();
    for node in fields.list("encodings") {
        let encoding = match node.scalar() {
            Some("gzip") => Encoding::Gzip,
            _ => Encoding::Brotli,
        };
        if encodings.contains(&encoding) {
            mistakes.add(node.place, format!("`{}` stands here twice", encoding.name()));
        }
        encodings.push(encoding);
    }
    let types = fields.list("types").iter().filter_map(|node| media_type(node, mistakes)).collect();
    Some(Compression { encodings, min_size: fields.size("min_size"), types })
}

/// `text/html` or `text/*` (RFC 9110 section 8.3.1), without parameters.
fn media_type(node: &Node, mistakes: &mut Mistakes) -> Option<String> {
    let text = node.scalar()?.to_ascii_lowercase();
    if is_never_compressed(&text) {
        let message = format!("`types`: `{text}` is never compressed");
        let hint = "its pieces belong at once to those who wait for them".to_owned();
        mistakes.push(Mistake::new(node.place, message).hint(Some(hint)));
        return None;
    }
    let is_token = |part: &str| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
        !part.is_empty() && part.bytes().all(is_plain)
    };
    let is_type = text
        .split_once('/')
        .is_some_and(|(kind, of)| is_token(kind) && (of == "*" || is_token(of)));
    if !is_type {
        let message = format!("`types`: `{text}` is no media type such as `text/html` or `text/*`");
        mistakes.add(node.place, message);
        return None;
    }
    Some(text)
}
