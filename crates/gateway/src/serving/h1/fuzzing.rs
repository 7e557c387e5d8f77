//! The head of a request, for the fuzz target.

use super::parse::{has_empty_line, parse};
use crate::config::Limits;
use crate::head::Target;

/// Parses it whole and cut off at every place: what is incomplete is never taken for a request, and
/// what is one is looked at when it has come.
pub(crate) fn request_head(data: &[u8]) {
    let limits = Limits::default();
    let Ok(Some((parsed, length))) = parse(data, &limits) else { return };
    assert!(length <= data.len() && length <= limits.head_bytes);
    for end in 0..length {
        let cut = parse(data.get(..end).unwrap_or_default(), &limits);
        assert!(!matches!(cut, Ok(Some(_))), "complete at {end} of {length}");
    }
    let blank = data.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    assert!(has_empty_line(data.get(blank..length)), "not looked at");
    if let Target::Origin(_) = parsed.head.target {
        assert!(parsed.head.path_and_query().starts_with('/'));
    }
    for (name, value) in parsed.head.fields.iter() {
        assert!(!name.is_empty() && !name.iter().any(u8::is_ascii_uppercase));
        assert!(!value.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)));
    }
}
