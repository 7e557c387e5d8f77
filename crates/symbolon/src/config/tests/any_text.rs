//! Whatever stands in a file, it is either understood or reported.

use proptest::prelude::*;

use super::{COMPLETE, load};
use crate::config::Report;

/// Texts that are nearly right find more than texts that are all wrong.
fn nearly_right() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(String::new()),
        "[ \\n\\t:,{}\\[\\]&*!|>'\"%#-]{1,4}",
        "\\PC{1,8}",
        Just("routes".to_owned()),
        Just("&a [*a]".to_owned()),
        Just("null".to_owned()),
    ];
    (0..COMPLETE.len(), 0..40_usize, piece).prop_map(|(start, length, piece)| {
        let mut text = COMPLETE.to_owned();
        let start = text.floor_char_boundary(start);
        let end = text.floor_char_boundary((start + length).min(text.len()));
        text.replace_range(start..end, &piece);
        text
    })
}

fn check(text: &str) -> Result<(), TestCaseError> {
    if let Err(report) = load(text) {
        prop_assert!(!report.mistakes.is_empty());
        check_places(&report)?;
        prop_assert!(report.to_string().contains("error: "));
    }
    Ok(())
}

fn check_places(report: &Report) -> Result<(), TestCaseError> {
    // A mistake may stand behind the last line, where something is missing.
    let lines = report.text.lines().count() + 1;
    for mistake in &report.mistakes {
        prop_assert!((1..=lines).contains(&mistake.place.line), "{mistake:?}");
        prop_assert!(mistake.place.column >= 1, "{mistake:?}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn a_file_with_one_slip_is_understood_or_reported(text in nearly_right()) {
        check(&text)?;
    }

    #[test]
    fn any_text_is_understood_or_reported(text in "(\\PC|[\\n\\t:{}\\[\\],&*-]){0,80}") {
        check(&text)?;
    }
}
