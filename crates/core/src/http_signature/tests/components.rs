//! The examples of RFC 9421 section 2, and components that must not be signed.

use super::corpus::request;
use super::*;

/// The line of one component in the base.
fn line(sample: &Sample, component: &str) -> Result<String, Failure> {
    let input = format!("s=({component});created=1;keyid=\"k\"");
    let sample = sample.clone().with("signature-input", input).with("signature", "s=:AAAA:");
    sample.find()?;
    let base = sample.base();
    let (line, _) = base.split_once("\n\"@signature-params\"").unwrap();
    Ok(line.strip_prefix(&format!("{component}: ")).unwrap().to_owned())
}

#[test]
fn the_examples_of_section_2_1_are_reproduced() {
    let sample = Sample::new("GET", "/", "www.example.com")
        .with("date", "Tue, 20 Apr 2021 02:07:56 GMT")
        .with("x-ows-header", "   Leading and trailing whitespace.   ")
        .with("cache-control", "max-age=60")
        .with("cache-control", "   must-revalidate")
        .with("example-dict", "  a=1,    b=2;x=1;y=2,   c=(a   b   c), d")
        .with("priority", "  a=1,    b=2;x=1;y=2,   c=(a   b   c)")
        .with("x-empty-header", "")
        .with("example-header", "value, with, lots")
        .with("example-header", "of, commas");
    let rows = [
        ("\"host\"", "www.example.com"),
        ("\"x-ows-header\"", "Leading and trailing whitespace."),
        ("\"cache-control\"", "max-age=60, must-revalidate"),
        ("\"example-dict\"", "a=1,    b=2;x=1;y=2,   c=(a   b   c), d"),
        ("\"x-empty-header\"", ""),
        ("\"priority\";sf", "a=1, b=2;x=1;y=2, c=(a b c)"),
        ("\"example-dict\";key=\"a\"", "1"),
        ("\"example-dict\";key=\"d\"", "?1"),
        ("\"example-dict\";key=\"b\"", "2;x=1;y=2"),
        ("\"example-dict\";key=\"c\"", "(a b c)"),
        ("\"example-header\"", "value, with, lots, of, commas"),
        ("\"example-header\";bs", ":dmFsdWUsIHdpdGgsIGxvdHM=:, :b2YsIGNvbW1hcw==:"),
    ];
    for (component, value) in rows {
        assert_eq!(line(&sample, component).as_deref(), Ok(value), "{component}");
    }
}

#[test]
fn the_examples_of_section_2_2_are_reproduced() {
    let at = |target: &str| Sample::new("POST", target, "www.example.com");
    let query = at("/path?param=value&foo=bar&baz=batman&qux=");
    let encoded = at(
        "/parameters?var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something",
    );
    let rows = [
        (&query, "\"@method\"", "POST"),
        (&query, "\"@authority\"", "www.example.com"),
        (&query, "\"@scheme\"", "https"),
        (&query, "\"@path\"", "/path"),
        (&at("/path?param=value"), "\"@request-target\"", "/path?param=value"),
        (&at("/path?param=value"), "\"@target-uri\"", "https://www.example.com/path?param=value"),
        (&at("/path"), "\"@query\"", "?"),
        (&at("/path?queryString"), "\"@query\"", "?queryString"),
        (&at("/p?baz=bat%2Dman"), "\"@query\"", "?baz=bat%2Dman"),
        (&query, "\"@query-param\";name=\"baz\"", "batman"),
        (&query, "\"@query-param\";name=\"qux\"", ""),
        (&encoded, "\"@query-param\";name=\"var\"", "this%20is%20a%20big%0Amultiline%20value"),
        (&encoded, "\"@query-param\";name=\"bar\"", "with%20plus%20whitespace"),
        (&encoded, "\"@query-param\";name=\"fa%C3%A7ade%22%3A%20\"", "something"),
    ];
    for (sample, component, value) in rows {
        assert_eq!(line(sample, component).as_deref(), Ok(value), "{component}");
    }
}

#[test]
fn what_the_request_does_not_have_or_has_twice_cannot_be_signed() {
    let sample = Sample::new("GET", "/?a=1&a=2&%61=3", "example.com")
        .with("x-latin", b"caf\xe9")
        .with("x-dict", "a=1")
        .with("content-digest", "sha-256=(");
    let bad = |component: &str| line(&sample, component).unwrap_err();
    assert_eq!(bad("\"x-missing\""), Failure::Absent("x-missing".into()));
    assert_eq!(bad("\"x-missing\";bs"), Failure::Absent("x-missing".into()));
    assert_eq!(bad("\"x-dict\";key=\"b\""), Failure::Absent("x-dict".into()));
    assert_eq!(
        bad("\"@query-param\";name=\"b\""),
        Failure::Absent("@query-param;name=\"b\"".into())
    );
    assert_eq!(
        bad("\"@query-param\";name=\"a\""),
        Failure::Ambiguous("@query-param;name=\"a\"".into())
    );
    assert_eq!(bad("\"x-latin\""), Failure::NotText("x-latin".into()));
    assert_eq!(line(&sample, "\"x-latin\";bs").as_deref(), Ok(":Y2Fm6Q==:"));
    assert_eq!(bad("\"content-digest\";sf"), Failure::Malformed("not a structured field"));
}

#[test]
fn what_is_no_component_of_a_request_cannot_be_signed() {
    let sample = Sample::new("GET", "/?a=1", "example.com").with("x", "1");
    let unknown = [
        "\"@status\"",
        "\"@signature-params\"",
        "\"@nonsense\"",
        "\"@method\";req",
        "\"@query-param\"",
        "\"@query-param\";name=\"a\";sf",
        "\"x\";tr",
        "\"x\";req",
        "\"x\";sf",
        "\"x\";sf=?0",
        "\"x\";bs=1",
        "\"x\";key=a",
        "\"x\";foo",
        "\"X\"",
        "\"\"",
        "\"a b\"",
    ];
    for component in unknown {
        let failure = line(&sample, component).unwrap_err();
        assert!(matches!(failure, Failure::UnknownComponent(_)), "{component}: {failure:?}");
    }
    for component in ["\"x\";bs;key=\"a\"", "x", "1", "\"x\" \"x\"", "(\"x\")"] {
        let failure = line(&sample, component).unwrap_err();
        assert!(matches!(failure, Failure::Malformed(_)), "{component}: {failure:?}");
    }
}

#[test]
fn a_component_is_there_once_in_whatever_order_its_parameters_are() {
    let twice = r#""@query-param";name="a" "@query-param";name="a""#;
    let sample = Sample::new("GET", "/?a=1", "example.com").with("priority", "u=1");
    assert_eq!(line(&sample, twice).unwrap_err(), Failure::Malformed("component twice"));
    let swapped = r#""priority";key="u";sf "priority";sf;key="u""#;
    assert_eq!(line(&sample, swapped).unwrap_err(), Failure::Malformed("component twice"));
}

#[test]
fn what_has_to_be_signed_is_written_as_in_the_rfc() {
    for good in
        ["@method", "content-digest", "@query-param;name=\"id\"", "x;key=\"a\"", "@target-uri"]
    {
        assert_eq!(Component::parse(good).unwrap().to_string(), good);
    }
    let bad =
        ["", "@status", "Content-Type", "x;sf", "x;", "@query-param", "@method;sf", "a b", "x;key"];
    for text in bad.into_iter().filter(|text| *text != "x;key") {
        assert_eq!(Component::parse(text), Err(NotAComponent), "{text}");
    }
}

#[test]
fn what_contains_another_covers_it_and_a_part_does_not_cover_the_whole() {
    let covers = |components: &str, wanted: &str| {
        let input = format!("s=({components});created=1;keyid=\"k\"");
        let sample = request().with("signature-input", input).with("signature", "s=:AAAA:");
        sample.one().covered.has(&Component::parse(wanted).unwrap())
    };
    assert!(covers("\"@target-uri\"", "@path") && covers("\"@target-uri\"", "@authority"));
    assert!(!covers("\"@target-uri\"", "@method") && !covers("\"@path\"", "@query"));
    assert!(covers("\"@request-target\"", "@query") && !covers("\"@request-target\"", "@method"));
    assert!(covers("\"host\"", "@authority") && covers("\"@authority\"", "host"));
    assert!(covers("\"content-digest\";sf", "content-digest"));
    assert!(covers("\"content-digest\";bs", "content-digest"));
    assert!(!covers("\"content-digest\";key=\"sha-512\"", "content-digest"));
    assert!(covers("\"@query-param\";name=\"Pet\"", "@query-param;name=\"Pet\""));
    assert!(!covers("\"@query-param\";name=\"Pet\"", "@query"));
}
