//! Policies in Cedar: allowed, denied, forbidden, failing; changed, broken and taken away.

use std::fs;
use std::process::Command;

use serde_json::Value;

use super::scene::Scene;
use crate::harness::http::Request;
use crate::harness::patience::eventually;
use crate::harness::program::run;

/// Orders belong to whom the path names; what stands in a header may forbid more.
const OWN: &str = r#"
@id("owner")
permit (principal, action in [Action::"GET", Action::"DELETE"], resource)
when { resource.params has owner && resource.params.owner == principal.name };

@id("support")
permit (principal in Role::"support", action == Action::"GET", resource in Service::"api");

@id("machines")
permit (principal is Client, action, resource)
when { principal.hasTag("team") && principal.getTag("team") == "warehouse" };

@id("other-channel")
forbid (principal, action, resource)
when { context.headers has "x-channel" && context.headers["x-channel"] != "shop" };

@id("export")
forbid (principal, action, resource) when { resource.path like "*:export" };
"#;

const ROUTES: &str = "
  - name: orders
    paths: [\"~ ^/orders/(?<owner>[a-z]+)(/.*)?$\", /orders]
    service: api
    authenticate: [session, api_key]
    authorize: { policy: own-orders }
  - name: both
    paths: [/both]
    service: api
    authenticate: [session]
    authorize: { any_role: [support], policy: own-orders }
  - name: heads
    paths: [/heads]
    methods: [HEAD]
    service: api
    authenticate: [session]
    authorize: { policy: own-orders }";

#[test]
fn a_policy_decides_and_is_named() {
    let scene = Scene::new("", ROUTES, &[("own-orders.cedar", OWN)]);
    let mut alice = scene.newcomer("alice", &["customer"], &[]);
    let mut sue = scene.newcomer("sue", &["support"], &[]);
    let get = |path: &str| Request::get(path);
    let tenant = |path: &str, value: &str| Request::get(path).with("X-Channel", value);
    for (request, status, rule) in [
        (get("/orders/alice"), 200, "policy:own-orders/owner"),
        (get("/orders/alice/7"), 200, "policy:own-orders/owner"),
        (Request::new("DELETE", "/orders/alice/1"), 200, "policy:own-orders/owner"),
        // HEAD is judged as the GET that it stands for.
        (Request::new("HEAD", "/orders/alice/2"), 200, "policy:own-orders/owner"),
        (Request::post("/orders/alice/3"), 403, "policy"),
        (get("/orders/bob"), 403, "policy"),
        (get("/orders"), 403, "policy"),
        (tenant("/orders/alice/4", "shop"), 200, "policy:own-orders/owner"),
        (tenant("/orders/alice/5", "scraper"), 403, "policy:own-orders/other-channel"),
        (
            tenant("/orders/alice/6", "shop").with("X-Channel", "scraper"),
            403,
            "policy:own-orders/other-channel",
        ),
        (get("/both/1"), 403, "any_role"),
    ] {
        let (path, what) = (path_of(&request), format!("{request:?}"));
        assert_eq!(alice.send(request).status, status, "{what}");
        assert_eq!(scene.rule(&path), rule, "{what}");
    }
    // Both spellings are one path to a policy.
    for path in ["/orders/alice/8:export", "/orders/alice/9%3Aexport"] {
        assert_eq!(alice.get(path).status, 403, "{path}");
        assert_eq!(scene.rule(&path.replace("%3A", ":")), "policy:own-orders/export");
    }
    for (path, status, rule) in [
        ("/orders/carol", 200, "policy:own-orders/support"),
        ("/both/2", 200, "policy:own-orders/support"),
    ] {
        assert_eq!(sue.get(path).status, status, "{path}");
        assert_eq!(scene.rule(path), rule);
    }
    // Also where GET itself is none of the route's methods.
    sue.send(Request::new("HEAD", "/heads")).expect(200);
    assert_eq!(scene.rule("/heads"), "policy:own-orders/support");
    assert_eq!(alice.send(Request::new("HEAD", "/heads")).status, 403);
    scene.stage.exchange(&scene.of_robot(Request::post("/orders/x"))).expect(200);
    assert_eq!(scene.rule("/orders/x"), "policy:own-orders/machines");
    scene.stage.exchange(&Request::get("/orders/y")).expect(401);
    let refused = scene.logged("/orders/bob");
    assert_eq!(refused["rejection"], "forbidden");
    assert_eq!(refused["detail"], "policy: no policy permits it");
}

fn path_of(request: &Request) -> String {
    let head = String::from_utf8(request.to_bytes()).unwrap();
    head.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn a_policy_that_fails_denies_whatever_the_others_say() {
    let failing = r#"
@id("all") permit (principal, action, resource);
@id("sum") forbid (principal, action, resource)
when { context has auth_age && context.auth_age + 9223372036854775807 < 0 };
"#;
    let routes = "  - { name: f, paths: [/f], service: api, authenticate: [session], authorize: { policy: f } }";
    let scene = Scene::new("", routes, &[("f.cedar", failing)]);
    let mut alice = scene.newcomer("alice", &[], &[]);
    // No second has passed yet where the first request comes at once: the sum is then no error.
    eventually("a sum that is too large", || (alice.get("/f/1").status == 403).then_some(()));
    alice.get("/f/2").expect(403);
    assert_eq!(scene.rule("/f/2"), "policy:f/sum");
    let detail = scene.logged("/f/2")["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("overflow"), "{detail}");
    scene.stage.symbolon.log().wait_for("a warning", |line| {
        let line: Value = serde_json::from_str(line).ok()?;
        let is_it = line["message"].as_str()?.contains("a policy failed");
        (is_it && line["rule"] == "policy:f/sum").then_some(())
    });
}

#[test]
fn changed_policies_hold_from_the_reload_on_and_broken_ones_never() {
    let scene = Scene::new("", ROUTES, &[("own-orders.cedar", OWN)]);
    let mut alice = scene.newcomer("alice", &[], &[]);
    alice.get("/orders/alice").expect(200);
    alice.get("/orders/bob").expect(403);
    // The first policy speaks of bob instead.
    scene.write_policy("own-orders.cedar", &OWN.replace("== principal.name", "== \"bob\""));
    eventually("the reload", || (scene.reloads("applied") == 1).then_some(()));
    alice.get("/orders/alice").expect(403);
    alice.get("/orders/bob").expect(200);
    // Broken in three places: nothing changes, and all three are told.
    let broken = OWN.replace("principal.name", "principal.nmae").replace("Client", "Cleint");
    let broken = broken.replace("Action::\"GET\", ", "Action::\"GTE\", ");
    scene.write_policy("own-orders.cedar", &broken);
    eventually("a refusal", || (scene.reloads("refused") == 1).then_some(()));
    alice.get("/orders/bob").expect(200);
    let told: Vec<Value> = scene
        .stage
        .symbolon
        .log()
        .all()
        .iter()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["level"] == "ERROR" && line["file"].is_string())
        .collect();
    for (line, column, words) in [(3, 31, "GTE"), (4, 62, "nmae"), (10, 22, "Cleint")] {
        let is_it = |told: &&Value| told["line"] == line && told.to_string().contains(words);
        let mistake = told.iter().find(is_it).unwrap_or_else(|| panic!("{words}: {told:#?}"));
        assert!(mistake["file"].as_str().unwrap().ends_with("/own-orders.cedar"), "{mistake}");
        assert_eq!(mistake["column"], column, "{mistake}");
    }
    // A set that a route names and that is gone is a mistake as well.
    fs::remove_file(scene.policy("own-orders.cedar")).unwrap();
    eventually("a refusal", || (scene.reloads("refused") == 2).then_some(()));
    alice.get("/orders/bob").expect(200);
    scene.write_policy("own-orders.cedar", OWN);
    eventually("the reload", || (scene.reloads("applied") == 2).then_some(()));
    alice.get("/orders/bob").expect(403);
}

#[test]
fn a_folder_that_takes_the_place_of_another_is_noticed_and_so_is_what_changes_in_it() {
    let scene = Scene::new("", ROUTES, &[("own-orders.cedar", OWN)]);
    let mut alice = scene.newcomer("alice", &[], &[]);
    alice.get("/orders/bob").expect(403);
    let folder = scene.policy("");
    let (old, new) = (folder.with_file_name("old"), folder.with_file_name("next"));
    fs::create_dir(&new).unwrap();
    fs::write(new.join("own-orders.cedar"), "permit (principal, action, resource);").unwrap();
    fs::rename(&folder, &old).unwrap();
    fs::rename(&new, &folder).unwrap();
    eventually("the other folder", || (alice.get("/orders/bob").status == 200).then_some(()));
    scene.write_policy("own-orders.cedar", OWN);
    eventually("a change in it", || (alice.get("/orders/bob").status == 403).then_some(()));
    // A file that nobody can read to its end is told, and not waited for.
    let pipe = scene.policy("pipe.cedar");
    run(Command::new("mkfifo").arg(&pipe), "");
    scene
        .stage
        .symbolon
        .log()
        .wait_for("no file", |line| line.contains("is no file").then_some(()));
    fs::remove_file(pipe).unwrap();
}

#[test]
fn a_broken_policy_is_shown_where_it_stands() {
    let broken =
        "permit (principal, action, resource)\nwhen { principal.roles.contians(\"admin\") };\n";
    let scene = Scene::new("", ROUTES, &[("own-orders.cedar", OWN)]);
    scene.write_policy("own-orders.cedar", broken);
    let output = scene.stage.symbolon.command(&["config", "check"], "");
    assert!(!output.status.success(), "{output:?}");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let place = format!("--> {}:2:", scene.policy("own-orders.cedar").display());
    assert!(told.contains(&place) && told.contains("2 | when { principal.roles"), "{told}");
}

#[test]
fn a_misspelt_route_or_service_is_shown_where_it_stands() {
    let scene = Scene::new("", ROUTES, &[("own-orders.cedar", OWN)]);
    let mut alice = scene.newcomer("alice", &[], &[]);
    alice.get("/orders/alice").expect(200);
    let misspelt = format!(
        "forbid (principal, action, resource == Route::\"ordres\");\n\
         forbid (principal, action, resource in Service::\"apo\");\n{OWN}"
    );
    scene.write_policy("own-orders.cedar", &misspelt);
    let output = scene.stage.symbolon.command(&["config", "check"], "");
    assert!(!output.status.success(), "{output:?}");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    for (place, message, hint) in [
        ("1:40", "no route that asks these policies is called `ordres`", "`orders`"),
        ("2:40", "no route that asks these policies leads to a service `apo`", "`api`"),
    ] {
        let place = format!("--> {}:{place}", scene.policy("own-orders.cedar").display());
        let hint = format!("hint: did you mean {hint}?");
        assert!([message, &place, &hint].iter().all(|part| told.contains(part)), "{told}");
    }
    // The running gateway takes none of it.
    eventually("a refusal", || (scene.reloads("refused") == 1).then_some(()));
    alice.get("/orders/alice").expect(200);
    // Spelt right, it forbids.
    scene.write_policy(
        "own-orders.cedar",
        &misspelt.replace("ordres", "orders").replace("apo", "api"),
    );
    eventually("the reload", || (scene.reloads("applied") == 1).then_some(()));
    alice.get("/orders/alice").expect(403);
}

#[test]
fn several_files_and_an_own_schema_make_a_set() {
    let scene = Scene::new("", ROUTES, &[("own-orders.cedar", OWN)]);
    let mut alice = scene.newcomer("alice", &[], &[]);
    alice.get("/orders/bob").expect(403);
    let folder = scene.policy("own-orders");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("a.cedar"), "permit (principal, action, resource);").unwrap();
    let forbid = "forbid (principal, action, resource) when { resource.path like \"/orders/c*\" };";
    fs::write(folder.join("b.cedar"), forbid).unwrap();
    fs::remove_file(scene.policy("own-orders.cedar")).unwrap();
    eventually("the other set", || (alice.get("/orders/bob").status == 200).then_some(()));
    alice.get("/orders/carol").expect(403);
    assert_eq!(scene.rule("/orders/carol"), "policy:own-orders/b#1");
    // A schema without what the policies speak of.
    scene.write_policy("own.cedarschema", "entity User;");
    let output = scene.stage.symbolon.command(&["config", "check"], "");
    assert!(!output.status.success(), "{output:?}");
}

#[test]
fn a_header_that_is_no_text_does_not_switch_off_what_looks_at_it() {
    let scene = Scene::new("", ROUTES, &[("own-orders.cedar", OWN)]);
    let shop = |path: &str| scene.of_robot(Request::get(path)).with("X-Channel", "shop");
    scene.stage.exchange(&shop("/orders/x/1")).expect(200);
    // 0xff stands in no text; lines before and behind it must not be lost with it.
    for (path, lines) in [
        ("/orders/x/2", &["scraper", "NONE"][..]),
        ("/orders/x/3", &["NONE", "scraper"]),
        ("/orders/x/4", &["NONE"]),
    ] {
        let request = scene.of_robot(Request::get(path));
        let request = lines.iter().fold(request, |request, line| request.with("X-Channel", line));
        let mut bytes = request.to_bytes();
        let at = bytes.windows(4).position(|word| word == b"NONE").unwrap();
        bytes[at..at + 4].fill(0xff);
        let mut connection = scene.stage.connect();
        connection.send(&bytes);
        connection.response().expect(403);
        assert_eq!(scene.rule(path), "policy");
        let detail = "a header that policies look at is no text";
        assert_eq!(scene.logged(path)["detail"], detail);
    }
}

#[test]
fn an_own_schema_cannot_make_up_groups_that_requests_are_never_in() {
    let scene = Scene::new("", ROUTES, &[("own-orders.cedar", OWN)]);
    let mut alice = scene.newcomer("alice", &[], &[]);
    alice.send(Request::new("DELETE", "/orders/bob")).expect(403);
    let schema = "entity Role, Group, Service;\nentity User, Client in [Role, Group];\n\
                  entity Route in [Service];\naction \"writes\";\naction \"GET\", \"POST\", \
                  \"PUT\", \"PATCH\", \"DELETE\" in [\"writes\"] \
                  appliesTo { principal: [User, Client], resource: [Route] };\n";
    scene.write_policy("own.cedarschema", schema);
    let forbid = "permit (principal, action, resource);\n\
                  forbid (principal, action in Action::\"writes\", resource);\n";
    scene.write_policy("own-orders.cedar", forbid);
    let told = || {
        let output = scene.stage.symbolon.command(&["config", "check"], "");
        assert!(!output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let of_schema = told();
    let place = format!("--> {}:4:9", scene.policy("own.cedarschema").display());
    assert!(of_schema.contains(&place) && of_schema.contains("writes"), "{of_schema}");
    // Called like the group of a route that there is not.
    scene.write_policy("own.cedarschema", &schema.replace("writes", "route/writes"));
    scene.write_policy("own-orders.cedar", &forbid.replace("writes", "route/writes"));
    let of_policy = told();
    let place = format!("--> {}:2:", scene.policy("own-orders.cedar").display());
    assert!(of_policy.contains(&place) && of_policy.contains("route/writes"), "{of_policy}");
    alice.send(Request::new("DELETE", "/orders/bob")).expect(403);
}
