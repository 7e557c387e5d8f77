//! How values become part of a page: escaped, always.

use minijinja::{Error, ErrorKind, Output, State, Value};

/// Writes a value into HTML. The five characters that mean something there, in text or in an
/// attribute, are written as references; nothing is marked as safe.
/// A value that is not there is a mistake in a template.
pub(super) fn write(
    out: &mut Output<'_>,
    _: &mut State<'_, '_>,
    value: &Value,
) -> Result<(), Error> {
    if value.is_undefined() {
        return Err(ErrorKind::UndefinedError.into());
    }
    let text = value.to_string();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        let (plain, special) = rest.split_at(at);
        out.write_str(plain)?;
        let mut characters = special.chars();
        out.write_str(match characters.next() {
            Some('&') => "&amp;",
            Some('<') => "&lt;",
            Some('>') => "&gt;",
            Some('"') => "&quot;",
            _ => "&#39;",
        })?;
        rest = characters.as_str();
    }
    out.write_str(rest)?;
    Ok(())
}
