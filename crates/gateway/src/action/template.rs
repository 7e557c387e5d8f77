//! A path that is made of another one: literal text, `${path}`, and what a regular expression of
//! the route has captured (`$1`, `${name}`). `$$` is a dollar sign.

use regex::Regex;

use crate::canonical;
use crate::pattern::PathPattern;

/// A parsed template; what it captures exists in every path of its route.
#[derive(Clone, Debug)]
pub struct Template {
    parts: Vec<Part>,
    /// The route's paths, where something is captured from them.
    regexes: Vec<Regex>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Path,
    Group(String),
}

/// Why a text is no template for a route.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A `$` without a name.
    #[error("`$` must be followed by a number, by `{{name}}`, or by another `$`")]
    Dollar,
    /// A group that a path of the route does not have.
    #[error("`{0}` is no group of every path of the route, which must all be regexes then")]
    Group(String),
    /// Without captures it would never be a path.
    #[error("it does not begin with `/`, or not in canonical form")]
    Path,
}

/// A path that was made and that no service may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path that the route makes of this one has no canonical form: {0}")]
pub struct MadePathError(#[from] canonical::PathError);

impl Template {
    /// Parses a template for a route with these paths.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str, paths: &[PathPattern]) -> Result<Self, TemplateError> {
        let parts = parts(text)?;
        let mut groups = parts.iter().filter_map(|part| match part {
            Part::Group(name) => Some(name),
            _ => None,
        });
        let mut regexes = Vec::new();
        if let Some(first) = groups.clone().next() {
            for path in paths {
                let PathPattern::Regex(regex) = path else {
                    return Err(TemplateError::Group(first.clone()));
                };
                regexes.push(regex.clone());
            }
        }
        let is_everywhere = |name: &&String| regexes.iter().all(|regex| has_group(regex, name));
        if let Some(unknown) = groups.find(|name| !is_everywhere(name)) {
            return Err(TemplateError::Group(unknown.clone()));
        }
        canonical(example(&parts)).map_err(|_| TemplateError::Path)?;
        Ok(Self { parts, regexes })
    }

    /// The path that this one becomes.
    ///
    /// # Errors
    /// Where it is not in canonical form.
    pub(crate) fn make(&self, path: &str) -> Result<String, MadePathError> {
        let captures = self.regexes.iter().find_map(|regex| regex.captures(path));
        let group = |name: &str| {
            let captures = captures.as_ref()?;
            let group = name.parse().map_or_else(|_| captures.name(name), |at| captures.get(at));
            group.map(|group| group.as_str())
        };
        let made: String = self
            .parts
            .iter()
            .map(|part| match part {
                Part::Literal(text) => text,
                Part::Path => path,
                Part::Group(name) => group(name).unwrap_or_default(),
            })
            .collect();
        canonical(made)
    }
}

/// What a template makes of the path `/a` and of captures of one letter.
fn example(parts: &[Part]) -> String {
    let example = |(at, part): (usize, &Part)| match part {
        Part::Literal(text) => text.clone(),
        Part::Path => "/a".to_owned(),
        // Only a capture can bring along the slash that a path begins with.
        Part::Group(_) if at == 0 => "/a".to_owned(),
        Part::Group(_) => "a".to_owned(),
    };
    parts.iter().enumerate().map(example).collect()
}

/// The path itself, if it is in canonical form.
pub(super) fn canonical(path: String) -> Result<String, MadePathError> {
    if *canonical::path(&path)? == *path {
        Ok(path)
    } else {
        Err(canonical::PathError::Encoding.into())
    }
}

fn has_group(regex: &Regex, name: &str) -> bool {
    match name.parse::<usize>() {
        Ok(at) => at < regex.captures_len(),
        Err(_) => regex.capture_names().flatten().any(|known| known == name),
    }
}

fn parts(text: &str) -> Result<Vec<Part>, TemplateError> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((literal, behind)) = rest.split_once('$') {
        parts.push(Part::Literal(literal.to_owned()));
        let (part, left) = placeholder(behind).ok_or(TemplateError::Dollar)?;
        parts.push(part);
        rest = left;
    }
    parts.push(Part::Literal(rest.to_owned()));
    parts.retain(|part| *part != Part::Literal(String::new()));
    Ok(parts)
}

/// What follows a `$`, and the rest.
fn placeholder(text: &str) -> Option<(Part, &str)> {
    if let Some(rest) = text.strip_prefix('$') {
        return Some((Part::Literal("$".to_owned()), rest));
    }
    if let Some((name, rest)) = text.strip_prefix('{').and_then(|text| text.split_once('}')) {
        let is_name = !name.is_empty() && name.bytes().all(is_word);
        let part = if name == "path" { Part::Path } else { Part::Group(name.to_owned()) };
        return is_name.then_some((part, rest));
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(digits)?;
    (digits > 0).then(|| (Part::Group(number.to_owned()), rest))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn template(text: &str, paths: &[&str]) -> Result<Template, TemplateError> {
        let paths: Vec<_> = paths.iter().map(|path| PathPattern::parse(path).unwrap()).collect();
        Template::parse(text, &paths)
    }

    #[test]
    fn captures_of_the_path_that_matched_are_filled_in() {
        let paths = ["~ ^/v(?P<v>[0-9]+)/(.*)$", "~ ^/w(?P<v>[0-9]+)/x(.*)$"];
        let template = template("/api/${v}/$2", &paths).unwrap();
        assert_eq!(template.make("/v2/orders/7").as_deref(), Ok("/api/2/orders/7"));
        assert_eq!(template.make("/w3/xyz").as_deref(), Ok("/api/3/yz"));
    }

    #[test]
    fn a_template_that_cannot_work_does_not_load() {
        let regex: &[&str] = &["~ ^/(a)$"];
        for (text, paths, error) in [
            ("/$2", regex, TemplateError::Group("2".into())),
            ("/${x}", regex, TemplateError::Group("x".into())),
            ("/$1", &["/a"], TemplateError::Group("1".into())),
            ("/$1", &["~ ^/(a)$", "/b"], TemplateError::Group("1".into())),
            ("/$x", regex, TemplateError::Dollar),
            ("/${", regex, TemplateError::Dollar),
            ("/a/../b", &["/a"], TemplateError::Path),
            ("a", &["/a"], TemplateError::Path),
            ("/%61", &["/a"], TemplateError::Path),
            ("//a", &["/a"], TemplateError::Path),
            ("/$1/../b", regex, TemplateError::Path),
            ("/a b/$1", regex, TemplateError::Path),
            ("x/$1", regex, TemplateError::Path),
            ("/%4$1", regex, TemplateError::Path),
        ] {
            assert_eq!(template(text, paths).unwrap_err(), error, "{text}");
        }
        assert!(template("/a/$$1", &["/a"]).is_ok());
        assert!(template("$1", &["~ ^/a(/.*)$"]).is_ok());
        assert!(template("/${path}", &["/a"]).is_err() && template("${path}/x", &["/a"]).is_ok());
    }

    #[test]
    fn a_capture_cannot_make_another_path_than_was_judged() {
        let template = template("/public/$1$2", &["~ ^/x/(.{0,3})/?(.*)$"]).unwrap();
        assert_eq!(template.make("/x/abc/d").as_deref(), Ok("/public/abcd"));
        // Two halves of a dot segment, of an escape, and an empty segment.
        for bad in ["/x/./.", "/x/%2/Fadmin", "/x/%/41", "/x//b"] {
            assert!(template.make(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_made_is_canonical(
            text in "/[a-z/$.%]{0,6}(\\$1|\\$2|\\$\\{path\\}){0,3}[a-z./%2F]{0,4}",
            raw in "/[a-z%0-9A-F./~]{0,20}",
        ) {
            let Ok(path) = canonical::path(&raw) else { return Ok(()) };
            let Ok(template) = template(&text, &["~ ^/([^/]*)(.*)$"]) else { return Ok(()) };
            if let Ok(made) = template.make(&path) {
                prop_assert_eq!(canonical::path(&made).map(String::from), Ok(made.clone()));
            }
        }
    }
}
