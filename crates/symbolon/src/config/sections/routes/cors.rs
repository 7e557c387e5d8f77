//! `cors`: what pages of other origins may do with a route.

use symbolon_gateway::action::{Cors, OriginPattern};
use symbolon_gateway::config::Route;
use symbolon_gateway::pattern::MethodSet;

use super::each;
use crate::config::fields::Fields;
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::shape::{DAY, Key, Section, Shape};
use crate::config::yaml::{Node, Place};

pub(super) const KEY: Key =
    Key::optional("cors", "What pages of other origins may do", Shape::Section(&SECTION));

static SECTION: Section = Section {
    is: "`cors`",
    doc: "What pages of other origins may do",
    keys: &[
        Key::required(
            "origins",
            "`https://app.example.com`, `https://*.example.com`, or `*` alone for all",
            Shape::List { of: &Shape::Text, min: 1 },
        ),
        Key::default("methods", "Methods they may use; empty for those of the route", TEXTS, "[]"),
        Key::default("headers", "Request headers they may send besides the usual", TEXTS, "[]"),
        Key::default("expose", "Response headers they may read besides the usual", TEXTS, "[]"),
        Key::default(
            "credentials",
            "Whether cookies and other credentials may be sent along",
            Shape::Truth,
            "false",
        ),
        Key::default(
            "max_age",
            "How long a browser may remember this",
            Shape::Duration { min: 0, max: DAY },
            "10m",
        ),
    ],
};

const TEXTS: Shape = Shape::List { of: &Shape::Text, min: 0 };

pub(super) fn read(route: Fields<'_>, of: &Route, mistakes: &mut Mistakes) -> Option<Cors> {
    let fields = route.section("cors")?;
    let credentials = fields.is_true("credentials");
    let methods = fields.list("methods");
    let methods = if methods.is_empty() {
        of.methods
    } else {
        let sets = each(methods, "methods", |text| MethodSet::parse([text]), mistakes);
        sets.into_iter().fold(MethodSet::NONE, MethodSet::union)
    };
    let (origins, star) = origins(fields, mistakes);
    let mut cors = match Cors::new(origins, credentials) {
        Ok(cors) => cors,
        Err(error) => {
            let message = format!("`origins`: {error}");
            let hint = "every page of the web could act in the name of whoever looks at it";
            let place = star.unwrap_or(fields.place());
            mistakes.push(Mistake::new(place, message).hint(Some(hint.to_owned())));
            return None;
        }
    };
    cors.allow_methods(methods, fields.duration("max_age"));
    let (headers, expose) = (texts(fields, "headers"), texts(fields, "expose"));
    for (key, outcome) in
        [("headers", cors.allow_headers(&headers)), ("expose", cors.expose_headers(&expose))]
    {
        if let Err(error) = outcome {
            let place = fields.get(key).map_or(fields.place(), |node| node.place);
            mistakes.add(place, format!("`{key}`: {error}"));
        }
    }
    Some(cors)
}

/// The origins, and where `*` stands for all of them.
fn origins(
    fields: Fields<'_>,
    mistakes: &mut Mistakes,
) -> (Option<Vec<OriginPattern>>, Option<Place>) {
    let nodes = fields.list("origins");
    let Some(star) = nodes.iter().find(|node| node.scalar() == Some("*")) else {
        return (Some(each(nodes, "origins", OriginPattern::parse, mistakes)), None);
    };
    if nodes.len() > 1 {
        mistakes.add(star.place, "`origins`: `*` stands for all, so it stands alone");
    }
    (None, Some(star.place))
}

fn texts<'a>(fields: Fields<'a>, key: &'static str) -> Vec<&'a str> {
    fields.list(key).iter().filter_map(Node::scalar).collect()
}
