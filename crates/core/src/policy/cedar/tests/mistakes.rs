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
fn a_route_or_service_that_the_policy_can_never_meet_is_refused_where_it_stands() {
    let elsewhere = RouteShape { set: "other".into(), ..route("elsewhere", &[]) };
    let routes = [route("orders", &[]), elsewhere];
    for (text, place, message) in [
        ("forbid (principal, action, resource == Route::\"ordes\");", "1:40", "is called `ordes`"),
        (
            "permit (principal, action, resource);\nforbid (principal, action, resource)\n\
             unless { [Route::\"orders\", Route :: \"ordes\"].contains(resource) };",
            "3:28",
            "is called `ordes`",
        ),
        (
            "// Service::\"order\"\nforbid (principal, action, resource in Service::\"order\");",
            "2:40",
            "leads to a service `order`",
        ),
        // It is there, and never asks these.
        (
            "forbid (principal, action, resource is Route in Route::\"elsewhere\");",
            "1:49",
            "is called `elsewhere`",
        ),
    ] {
        let told = told(&sources(text), &routes);
        let start = format!("policies/own.cedar:{place} ");
        assert!(
            told.len() == 1 && told[0].starts_with(&start) && told[0].ends_with(message),
            "{text}: {told:#?}"
        );
    }
    let mistakes = Policies::load(
        &sources("forbid (principal, action, resource == Route::\"ordes\");"),
        &routes,
    );
    let unknown = mistakes.unwrap_err().remove(0).unknown.unwrap();
    assert_eq!((&*unknown.name, &unknown.known[..]), ("ordes", &["orders".into()][..]));
    // Whoever may come and go is not known beforehand.
    let open = "permit (principal in Role::\"x\", action, resource == Route::\"orders\");\n\
                forbid (principal in Group::\"y\", action, resource in Service::\"orders\");\n\
                forbid (principal == User::\"z\", action, resource);\n\
                forbid (principal == Client::\"z\", action, resource);";
    assert_eq!(told(&sources(open), &routes), [""; 0]);
    // Nor what a set is for that no route asks.
    assert_eq!(
        told(&sources("forbid (principal, action, resource == Route::\"x\");"), &[]),
        [""; 0]
    );
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

/// Policies beside an own schema, and what is told of both when `orders` asks them.
fn told_beside(schema: &str, policies: &str) -> Vec<String> {
    let mut sources = sources(policies);
    sources.schema = Some(source("policies/own.cedarschema", schema));
    told(&sources, &[route("orders", &[])])
}

/// The built-in schema, with something else in one place.
fn spoiled(from: &str, to: &str) -> String {
    let text = schema::text(&[&route("orders", &[])], &["x-channel".into()]);
    assert!(text.contains(from), "{text}");
    text.replace(from, to)
}

const ALL: &str = "permit (principal, action, resource);\n";

#[test]
fn a_group_of_actions_that_requests_never_have_does_not_load() {
    let writes = "action \"writes\";\naction \"GET\", ";
    let schema = spoiled("action \"GET\", ", writes).replace("in [\"", "in [\"writes\", \"");
    let forbid = format!("{ALL}forbid (principal, action in Action::\"writes\", resource);");
    let of_schema = told_beside(&schema, &forbid);
    assert!(of_schema.len() == 1, "{of_schema:#?}");
    assert!(of_schema[0].starts_with("policies/own.cedarschema:"), "{of_schema:#?}");
    assert!(
        of_schema[0].contains("no request has the action `Action::\"writes\"`"),
        "{of_schema:#?}"
    );
    // A name like that of a route's group, and no route that asks is called so.
    let schema = schema.replace("writes", "route/writes");
    assert_eq!(told_beside(&schema, ALL), [""; 0]);
    for forbid in [
        "forbid (principal, action in Action::\"route/writes\", resource);",
        "forbid (principal, action in [Action::\"route/writes\"], resource);",
        "forbid (principal, action, resource) when { action in Action::\"route/writes\" };",
    ] {
        let told = told_beside(&schema, &format!("{ALL}{forbid}"));
        assert!(!told.is_empty(), "{forbid}");
        for told in told {
            assert!(told.starts_with("policies/own.cedar:2:"), "{forbid}: {told}");
            assert!(told.contains("route/writes"), "{forbid}: {told}");
        }
    }
}

#[test]
fn an_own_schema_of_what_requests_never_have_is_refused_where_it_says_so() {
    for (schema, place, message) in [
        (
            "namespace Shop {\nentity User, Route;\n\
             action GET appliesTo { principal: User, resource: Route };\n}",
            "2:8",
            "no request has an entity of the type `Shop::User`",
        ),
        (
            "entity User, Order;\naction GET appliesTo { principal: User, resource: Order };",
            "1:14",
            "the type `Order`",
        ),
        (
            "entity User, Route;\naction GET appliesTo { principal: Route, resource: Route };",
            "1:14",
            "`Route` is never a principal",
        ),
        (
            "entity User;\naction GET appliesTo { principal: User, resource: User };",
            "1:8",
            "`User` is never a resource",
        ),
        (
            "entity User, Route;\naction GET;\n\
             action HEAD appliesTo { principal: User, resource: Route };",
            "3:8",
            "the action `Action::\"HEAD\"`",
        ),
        (
            "entity User, Route;\naction GET;\naction POST in [GET];",
            "2:1",
            "every method must be in the group of every route",
        ),
        ("action \"route/a\";\naction GET in [\"route/a\"];\naction POST;", "1:1", "every method"),
    ] {
        let told = told_beside(schema, "");
        let start = format!("policies/own.cedarschema:{place} ");
        let is_it = |told: &String| told.starts_with(&start) && told.contains(message);
        assert!(told.iter().any(is_it), "{place} {message}: {told:#?}");
    }
}

#[test]
fn what_only_an_own_schema_knows_no_policy_may_ask_for() {
    // A condition on what no request brings would be false for ever, and its `forbid` nothing.
    let schema = spoiled("acr?: String,\n", "acr: String,\n  department?: String,\n");
    let forbid = "forbid (principal, action, resource)\n\
                  when { principal has department && principal.department == \"x\" };";
    assert_eq!(told_beside(&schema, ALL), [""; 0]);
    let told = told_beside(&schema, &format!("{ALL}{forbid}"));
    assert!(told.len() == 1 && told[0].starts_with("policies/own.cedar:2:1 "), "{told:#?}");
    // What only may be absent it may promise.
    let forbid = "forbid (principal, action, resource) when { principal.acr == \"pwd\" };";
    assert_eq!(told_beside(&schema, forbid), [""; 0]);
    // A promise does not hide what stands beside it.
    let forbid = forbid.replace(" }", " && principal has department }");
    let told = told_beside(&schema, &forbid);
    assert!(told.len() == 1 && told[0].starts_with("policies/own.cedar:1:1 "), "{told:#?}");
}

#[test]
fn what_an_own_schema_does_not_know_of_is_denied() {
    let mut sources = sources(ALL);
    let schema = "entity User, Client, Route;\n\
                  action GET appliesTo { principal: User, resource: Route };";
    sources.schema = Some(source("policies/own.cedarschema", schema));
    let route = route("orders", &[]);
    let policies = Policies::load(&sources, std::slice::from_ref(&route)).unwrap();
    let policy = policies.of_route(&route).unwrap();
    let decide = |request: &Request<'_>| {
        policy.decide(&request.facts, &Hierarchy::default(), &request.asked).map(|_| ())
    };
    assert_eq!(decide(&Request::get()), Ok(()));
    let mut client = Request::get();
    client.facts.who = Who::Client("robot");
    assert_eq!(decide(&client), Err(Deny::NoPermit));
    let mut post = Request::get();
    post.asked.method = "POST";
    assert_eq!(decide(&post), Err(Deny::NoPermit));
}

#[test]
fn what_an_own_schema_promises_and_a_request_lacks_denies() {
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
