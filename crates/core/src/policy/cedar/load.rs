//! From texts to policies that routes can ask: read, named, validated.

use std::collections::BTreeMap;
use std::str::FromStr as _;
use std::sync::Arc;

use cedar_policy::{
    Policy, PolicyId, PolicySet, Schema, ValidationError, ValidationMode, Validator,
};
use miette::Diagnostic;

use super::decide::RoutePolicy;
use super::{PolicyMistake, PolicySources, RouteShape, Source, literals, own_schema, schema};

/// The annotation that names a policy.
const ID: &str = "id";

/// The longest name of a policy, in bytes: it stands in every line of the log that it decides.
const MAX_ID_BYTES: usize = 64;

/// The most policies in one set.
const MAX_POLICIES: usize = 1_000;

/// All sets of a configuration.
#[derive(Clone, Debug, Default)]
pub struct Policies {
    sets: BTreeMap<Arc<str>, Set>,
    headers: Vec<Arc<str>>,
    /// The own schema, where there is one.
    schema: Option<Schema>,
}

/// One set: its policies under their names, and all its text.
#[derive(Clone, Debug)]
struct Set {
    policies: Vec<Policy>,
    text: Arc<str>,
}

/// A policy with where it stands.
#[derive(Clone)]
struct Read<'a> {
    policy: Policy,
    source: &'a Source,
}

impl Policies {
    /// Reads all sets and validates each as the routes that ask it will.
    ///
    /// # Errors
    /// Every mistake in any of the texts.
    pub fn load(
        sources: &PolicySources,
        routes: &[RouteShape],
    ) -> Result<Self, Vec<PolicyMistake>> {
        let mut mistakes = Vec::new();
        let own_schema = match sources.schema.as_ref().map(own_schema::read).transpose() {
            Ok(schema) => schema,
            Err(told) => {
                mistakes.extend(told);
                None
            }
        };
        let mut sets = BTreeMap::new();
        for (name, texts) in &sources.sets {
            let read = read(texts, &mut mistakes);
            // What a path has is known of the routes that ask: a set that none asks is only read.
            let asking: Vec<&RouteShape> =
                routes.iter().filter(|route| route.set == *name).collect();
            if let Some(schema) = &own_schema {
                validate(&read, Some(schema.clone()), None, &mut mistakes);
            }
            // Requests are made as the built-in schema says, whatever an own one knows. Against a
            // schema that is broken itself everything would be a mistake.
            if !asking.is_empty() && own_schema.is_some() == sources.schema.is_some() {
                let built_in = schema::text(&asking, &sources.headers);
                if own_schema.is_some() {
                    validate_beside(&read, &built_in, &mut mistakes);
                } else {
                    validate(&read, schema_of(&built_in), None, &mut mistakes);
                }
            }
            for Read { policy, source } in read.iter().filter(|_| !asking.is_empty()) {
                literals::check(policy, source, &asking, &mut mistakes);
            }
            let policies = read.into_iter().map(|read| read.policy).collect();
            let all: Vec<&str> = texts.iter().map(|source| &*source.text).collect();
            sets.insert(Arc::clone(name), Set { policies, text: all.join("\n").into() });
        }
        if mistakes.is_empty() {
            return Ok(Self { sets, headers: sources.headers.clone(), schema: own_schema });
        }
        Err(mistakes)
    }

    /// The names of all sets.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.sets.keys().map(|name| &**name)
    }

    /// What a route asks; `None` where there is no such set.
    pub fn of_route(&self, route: &RouteShape) -> Option<RoutePolicy> {
        let set = self.sets.get(&route.set)?;
        let schema = self.schema.as_ref();
        Some(RoutePolicy::new(route, &set.policies, &set.text, &self.headers, schema))
    }
}

/// Holds policies that an own schema finds valid against the built-in one as well.
///
/// Whether something may be absent is what the own one may promise: a policy that relies on that
/// is held against a built-in schema that promises it too. Where a request lacks it all the same,
/// the policy fails, and that denies.
fn validate_beside(all: &[Read<'_>], built_in: &str, mistakes: &mut Vec<PolicyMistake>) {
    let relies_on_promises = |read: &Read<'_>| {
        let set = PolicySet::from_policies([read.policy.clone()]);
        let (Some(schema), Ok(set)) = (schema_of(built_in), set) else { return false };
        let result = Validator::new(schema).validate(&set, ValidationMode::Strict);
        let is_it =
            |e: &ValidationError| matches!(e, ValidationError::UnsafeOptionalAttributeAccess(_));
        result.validation_errors().any(is_it)
    };
    let (promised, plain): (Vec<_>, Vec<_>) = all.iter().cloned().partition(relies_on_promises);
    validate(&plain, schema_of(built_in), Some(own_schema::HINT), mistakes);
    let with_promises = schema_of(&built_in.replace("?: ", ": "));
    validate(&promised, with_promises, Some(own_schema::HINT), mistakes);
}

/// INVARIANT: made of names that were checked; a test reads it. Without a schema nothing passes.
fn schema_of(built_in: &str) -> Option<Schema> {
    Schema::from_cedarschema_str(built_in).ok().map(|(schema, _)| schema)
}

/// The policies of some texts, each under its name.
fn read<'a>(texts: &'a [Source], mistakes: &mut Vec<PolicyMistake>) -> Vec<Read<'a>> {
    let mut all: Vec<Read<'a>> = Vec::new();
    for source in texts {
        let set = match PolicySet::from_str(&source.text) {
            Ok(set) => set,
            Err(errors) => {
                mistakes.extend(errors.iter().map(|error| PolicyMistake::of(source, error)));
                continue;
            }
        };
        if set.num_of_templates() > 0 {
            let message = "templates (`?principal`, `?resource`) are not supported".to_owned();
            let at = source.text.find("?principal").or_else(|| source.text.find("?resource"));
            mistakes.push(PolicyMistake::at(source, at.unwrap_or(0), 1, message));
        }
        let mut policies: Vec<Policy> = set.policies().cloned().collect();
        policies.sort_by_key(number);
        for (index, policy) in policies.iter().enumerate() {
            let Some(policy) = named(policy, index, source, &all, mistakes) else { continue };
            all.push(Read { policy, source });
        }
    }
    if let Some(beyond) = all.get(MAX_POLICIES) {
        let message = format!("a set has at most {MAX_POLICIES} policies");
        mistakes.push(PolicyMistake::at(beyond.source, 0, 1, message));
    }
    all
}

/// Cedar numbers the policies of a text in their order: `policy0`, `policy1`.
fn number(policy: &Policy) -> usize {
    let id: &str = policy.id().as_ref();
    id.trim_start_matches("policy").parse().unwrap_or(usize::MAX)
}

/// A policy under the name that its `@id` gives it, or the name of its file and its number.
fn named(
    policy: &Policy,
    index: usize,
    source: &Source,
    before: &[Read<'_>],
    mistakes: &mut Vec<PolicyMistake>,
) -> Option<Policy> {
    let stem = source.file.rsplit('/').next().unwrap_or_default();
    let stem = stem.strip_suffix(".cedar").unwrap_or(stem);
    let written = policy.annotation(ID);
    let id = written.map_or_else(|| format!("{stem}#{}", index + 1), str::to_owned);
    let mut refuse = |message: String| {
        // The last place with this name is the one that comes second.
        let at = source.text.rfind(&format!("\"{id}\"")).unwrap_or(0);
        mistakes.push(PolicyMistake::at(source, at, id.len() + 2, message));
    };
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    if id.is_empty() || id.len() > MAX_ID_BYTES || !id.bytes().all(is_plain) {
        refuse(format!("`@id` must be 1 to {MAX_ID_BYTES} visible ASCII characters"));
        return None;
    }
    let renamed = policy.new_id(PolicyId::new(&id));
    if before.iter().any(|other| other.policy.id() == renamed.id()) {
        refuse(format!("a policy with the id `{id}` stands in this set already"));
        return None;
    }
    Some(renamed)
}

/// Holds a set against its schema. What Cedar only warns of is a mistake as well: a policy that
/// can never apply, or that does not read as it looks.
fn validate(
    all: &[Read<'_>],
    schema: Option<Schema>,
    hint: Option<&str>,
    mistakes: &mut Vec<PolicyMistake>,
) {
    let set = PolicySet::from_policies(all.iter().map(|read| read.policy.clone()));
    let (Some(schema), Ok(set)) = (schema, set) else {
        let Some(first) = all.first() else { return };
        let message = "there is no schema to validate this against".to_owned();
        return mistakes.push(PolicyMistake::at(first.source, 0, 1, message));
    };
    let result = Validator::new(schema).validate(&set, ValidationMode::Strict);
    let mut tell = |id: &PolicyId, said: &dyn Diagnostic| {
        let source = all.iter().find(|read| read.policy.id() == id).map(|read| read.source);
        let Some(source) = source else { return };
        let mut mistake = PolicyMistake::of(source, said);
        mistake.hint = mistake.hint.or_else(|| hint.map(str::to_owned));
        // Cedar says the same once for users and once for clients.
        if !mistakes.iter().any(|other| other.is_about_the_place_of(&mistake)) {
            mistakes.push(mistake);
        }
    };
    for error in result.validation_errors() {
        tell(error.policy_id(), error);
    }
    // A policy with an error could never apply either, and that says nothing more.
    let is_broken = |id: &PolicyId| result.validation_errors().any(|error| error.policy_id() == id);
    for warning in result.validation_warnings().filter(|one| !is_broken(one.policy_id())) {
        tell(warning.policy_id(), warning);
    }
}
