//! What a browser calls itself, as a person would say it: `Firefox on Linux`.

use woothee::parser::Parser;
use woothee::woothee::VALUE_UNKNOWN;

/// What woothee calls curl and its like.
const LIBRARY: &str = "HTTP Library";

/// A coarse name for a `User-Agent`; never the text itself, which is whatever the client sent.
pub(crate) fn of_user_agent(user_agent: &str) -> String {
    let parsed = Parser::new().parse(user_agent);
    let known = |text: &str| (text != VALUE_UNKNOWN && !text.is_empty()).then(|| text.to_owned());
    let browser = parsed.as_ref().and_then(|parsed| known(parsed.name));
    let system = parsed.as_ref().and_then(|parsed| known(parsed.os));
    match (browser, system) {
        (Some(browser), _) if browser == LIBRARY => "A program".to_owned(),
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "Unknown device".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_recognise_their_devices() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(of_user_agent(firefox), "Firefox on Linux");
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 \
                     (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
        assert_eq!(of_user_agent(phone), "Safari on iPhone");
    }

    #[test]
    fn a_program_is_called_one() {
        assert_eq!(of_user_agent("curl/8.14.1"), "A program");
    }

    #[test]
    fn what_is_no_browser_is_not_repeated() {
        for text in ["", "<script>alert(1)</script>", "\u{7}"] {
            assert_eq!(of_user_agent(text), "Unknown device");
        }
    }
}
