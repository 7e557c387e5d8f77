//! The built-in schema: what policies may speak of.
//!
//! It is made anew for each set, since what there is depends on the routes that ask it: their
//! names are groups of actions, and the named parts of their paths are attributes of the resource.
//! A part that only some of these routes have is optional, so that a policy has to ask for it
//! first (`resource.params has id`).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::{Param, RouteShape};

/// The methods there are, each an action. HEAD is judged as the GET that it stands for.
pub(super) const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// What the group of a route is called, before its name.
pub(super) const GROUP: &str = "route/";

/// What is known of a principal.
const PRINCIPAL: &str = "{
  name: String,
  roles: Set<String>,
  groups: Set<String>,
  scopes: Set<String>,
  amr: Set<String>,
  acr?: String,
  client?: String,
  issuer?: String,
} tags String;
";

/// The group of actions that are those of one route.
pub(super) fn group(route: &str) -> String {
    format!("{GROUP}{route}")
}

/// The schema for a set that these routes ask.
pub(super) fn text(routes: &[&RouteShape], headers: &[Arc<str>]) -> String {
    let mut text = String::from("entity Role;\nentity Group;\nentity Service;\n");
    for kind in ["User", "Client"] {
        // Writing to a string cannot fail.
        let _ = write!(text, "entity {kind} in [Role, Group] {PRINCIPAL}");
    }
    let params = params(routes);
    let _ = writeln!(
        text,
        "entity Route in [Service] {{ name: String, service: String, path: String, host: String, \
         params: {{ {params} }} }};"
    );
    let groups: Vec<String> = routes.iter().map(|route| quoted(&group(&route.name))).collect();
    let mut of_groups = String::new();
    if !groups.is_empty() {
        let groups = groups.join(", ");
        let _ = writeln!(text, "action {groups};");
        of_groups = format!("in [{groups}] ");
    }
    let methods = METHODS.map(quoted).join(", ");
    let headers: Vec<String> =
        headers.iter().map(|name| format!("{}?: String", quoted(name))).collect();
    let headers = headers.join(", ");
    let _ = writeln!(
        text,
        "action {methods} {of_groups}appliesTo {{ principal: [User, Client], \
         resource: [Route], context: {{ method: String, path: String, host: String, \
         source: ipaddr, time: datetime, acr?: String, auth_age?: Long, mtls: Bool, \
         headers: {{ {headers} }} }} }};"
    );
    text
}

/// The named parts of the paths of all routes, those that one of them may lack as optional.
fn params(routes: &[&RouteShape]) -> String {
    let mut certain: BTreeMap<&str, usize> = BTreeMap::new();
    for Param { name, is_certain } in routes.iter().flat_map(|route| &route.params) {
        *certain.entry(name).or_default() += usize::from(*is_certain);
    }
    let one = |(name, count): (&&str, &usize)| {
        let mark = if *count == routes.len() { "" } else { "?" };
        format!("{}{mark}: String", quoted(name))
    };
    let all: Vec<String> = certain.iter().map(one).collect();
    all.join(", ")
}

/// Names of routes, captures and headers hold nothing that would have to be escaped.
fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}
