//! What is refused when policies are read, and where it stands.

use super::*;

/// What is told of a text: file, line, column, message.
fn told(sources: &PolicySources, routes: &[RouteShape]) -> Vec<String> {
    let mistakes = Policies::load(sources, routes).err().unwrap_or_default();
    let told = mistakes.iter().map(|mistake| {
        let PolicyMistake { source, line, column, message, .. } = mistake;
        format!("{}:{line}:{column} {message}", source.file)
    });
    told.collect()
}

#[test]
fn mistakes_are_told_all_at_once_with_their_places() {
    let text = r#"permit (principal, action == Action::"GTE", resource);
permit (principal, action, resource)
when { principal.nmae == "alice" };
@id("twice") permit (principal, action, resource);
@id("twice") forbid (principal, action, resource) when { context.auth_age > 3 };
permit (principal is Cleint, action, resource);
"#;
    let told = told(&sources(text), &[route("orders", &[])]);
    for (place, message) in [
        ("1:30", "unrecognized action"),
        ("3:8", "attribute `nmae`"),
        ("5:5", "a policy with the id `twice` stands in this set already"),
        ("6:22", "unrecognized entity type `Cleint`"),
    ] {
        let start = format!("policies/own.cedar:{place} ");
        assert!(
            told.iter().any(|told| told.starts_with(&start) && told.contains(message)),
            "{place} {message}: {told:#?}"
        );
    }
}

#[test]
fn a_text_that_is_not_cedar_is_told_where_it_stops_being_it() {
    let mut sources = sources("permit (principal, action, resource);\npermit (principal action);");
    sources.sets.push(("other".into(), vec![source("policies/other.cedar", "forbid")]));
    let told = told(&sources, &[]);
    assert!(told.iter().any(|told| told.starts_with("policies/own.cedar:2:19 ")), "{told:?}");
    assert!(told.iter().any(|told| told.starts_with("policies/other.cedar:1:")), "{told:?}");
}

#[test]
fn what_would_never_do_what_it_says_is_refused() {
    let some = [route("orders", &[("owner", true)])];
    for (text, message) in [
        ("permit (principal == ?principal, action, resource);", "templates"),
        ("permit (principal, action, resource) when { false };", "impossible"),
        ("@id(\"\") permit (principal, action, resource);", "`@id` must be"),
        ("permit (principal, action, resource) when { principal.acr == \"mfa\" };", "acr"),
        ("permit (principal, action, resource) when { resource.params.id == \"1\" };", "id"),
        ("permit (principal, action, resource) when { context.headers[\"x\"] == \"1\" };", "x"),
        ("permit (principal, action, resource) when { principal.getTag(\"a\") == \"1\" };", "tag"),
    ] {
        let told = told(&sources(text), &some);
        assert!(told.len() == 1 && told[0].contains(message), "{text}: {told:?}");
    }
}

#[test]
fn a_part_of_the_path_that_some_routes_lack_has_to_be_asked_for() {
    let routes = [route("orders", &[("id", true)]), route("carts", &[])];
    let unsafe_one = "permit (principal, action, resource) when { resource.params.id == \"1\" };";
    assert_eq!(told(&sources(unsafe_one), &routes).len(), 1);
    let safe = "permit (principal, action, resource)\n\
                when { resource.params has id && resource.params.id == \"1\" };";
    assert_eq!(told(&sources(safe), &routes), [""; 0]);
    assert_eq!(told(&sources(unsafe_one), &routes[..1]), [""; 0]);
}

#[test]
fn an_own_schema_takes_the_place_of_the_built_in_one() {
    let mut sources = sources("permit (principal, action, resource) when { principal.name == 1 };");
    let schema = "entity User { name: Long };\nentity Route;\n\
                  action GET appliesTo { principal: User, resource: Route };";
    sources.schema = Some(source("policies/own.cedarschema", schema));
    assert_eq!(told(&sources, &[]), [""; 0]);
    // What is promised there and does not come is an error, and that denies.
    let route = route("orders", &[]);
    let policy = Policies::load(&sources, &[]).unwrap().of_route(&route).unwrap();
    let Request { facts, asked } = Request::get();
    let denied = policy.decide(&facts, &Hierarchy::default(), &asked);
    assert!(matches!(denied, Err(Deny::NoPermit | Deny::Error { .. })), "{denied:?}");
    sources.schema = Some(source("policies/own.cedarschema", "entity User\nentity"));
    let told = told(&sources, &[]);
    assert!(told.len() == 1 && told[0].starts_with("policies/own.cedarschema:2:"), "{told:?}");
}

#[test]
fn the_documented_schema_is_the_built_in_one() {
    let page = include_str!("../../../../../../docs/cedar.md");
    let (_, rest) = page.split_once("```cedarschema\n").unwrap();
    let documented = rest.split("```").next().unwrap();
    let route = route("orders", &[("owner", true)]);
    assert_eq!(documented, schema::text(&[&route], &["x-channel".into()]));
}

#[test]
fn a_set_that_no_route_asks_is_read_and_not_held_against_any() {
    assert_eq!(told(&sources("permit (principal, action, resource"), &[]).len(), 1);
    // A route that no longer names its set must not make that a mistake.
    let shape = RouteShape { set: "other".into(), ..route("orders", &[]) };
    assert_eq!(told(&sources(OWNER), &[shape]), [""; 0]);
    assert_eq!(told(&sources(OWNER), &[route("orders", &[])]).len(), 1);
}
