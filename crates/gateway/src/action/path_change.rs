//! Another path for the service than the one that came.

use std::sync::Arc;

use super::template::{self, MadePathError, Template, TemplateError};
use crate::canonical;
use crate::pattern::{PathPattern, literal_start};

/// What becomes of the path.
#[derive(Clone, Debug)]
pub enum PathChange {
    /// These first segments are left out.
    Strip(Arc<str>),
    /// Another path altogether.
    Rewrite(Template),
}

/// Why a path cannot be changed so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathChangeError {
    /// Not a path below `/` in canonical form.
    #[error("it must be a path in canonical form that begins with `/`")]
    Prefix,
    /// A path of the route may not begin with it.
    #[error("not every path of the route lies below it")]
    NotBelow,
    /// Not a template.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

impl PathChange {
    /// Leaves out the first segments; every path of the route must begin with them.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn strip(prefix: &str, paths: &[PathPattern]) -> Result<Self, PathChangeError> {
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        if !canonical::path(prefix).is_ok_and(|canonical| *canonical == *prefix) {
            return Err(PathChangeError::Prefix);
        }
        let is_below = |path: &PathPattern| match path {
            PathPattern::Exact(path) | PathPattern::Prefix(path) => rest(path, prefix).is_some(),
            // Whatever follows must be a segment of its own.
            PathPattern::Regex(regex) => {
                let literal = literal_start(regex.as_str());
                literal.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'))
            }
        };
        if !paths.iter().all(is_below) {
            return Err(PathChangeError::NotBelow);
        }
        Ok(Self::Strip(prefix.into()))
    }

    /// Puts another path in its place.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn rewrite(text: &str, paths: &[PathPattern]) -> Result<Self, PathChangeError> {
        Ok(Self::Rewrite(Template::parse(text, paths)?))
    }

    /// The path that the service is sent.
    ///
    /// # Errors
    /// Where it would not be in canonical form.
    pub(crate) fn apply(&self, path: &str) -> Result<String, MadePathError> {
        match self {
            Self::Strip(prefix) => {
                let left = rest(path, prefix).unwrap_or(path);
                template::canonical(if left.is_empty() { "/" } else { left }.to_owned())
            }
            Self::Rewrite(template) => template.make(path),
        }
    }
}

/// What is left of a path below a prefix: nothing, or something that begins with `/`.
fn rest<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    path.strip_prefix(prefix).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn strip(prefix: &str, paths: &[&str]) -> Result<PathChange, PathChangeError> {
        let paths: Vec<_> = paths.iter().map(|path| PathPattern::parse(path).unwrap()).collect();
        PathChange::strip(prefix, &paths)
    }

    #[test]
    fn whole_segments_are_left_out() {
        let change = strip("/api/", &["/api", "= /api/x", "~ ^/api/v[0-9]"]).unwrap();
        for (path, sent) in [("/api", "/"), ("/api/", "/"), ("/api/a/b/", "/a/b/")] {
            assert_eq!(change.apply(path).as_deref(), Ok(sent), "{path}");
        }
    }

    #[test]
    fn a_prefix_that_a_path_may_lack_is_refused() {
        for path in ["/", "/apix", "= /ap", "~ ^/api", "~ ^/api(/.*)?$", "~ ^/ap/i"] {
            assert_eq!(strip("/api", &[path]).unwrap_err(), PathChangeError::NotBelow, "{path}");
        }
        for prefix in ["", "/", "api", "/a/../b", "/%61"] {
            assert_eq!(strip(prefix, &["/a"]).unwrap_err(), PathChangeError::Prefix, "{prefix}");
        }
    }

    proptest! {
        #[test]
        fn what_is_left_is_canonical(rest in "(/[a-z%0-9A-F.~]{0,6}){0,4}") {
            let change = strip("/api", &["/api"]).unwrap();
            let Ok(path) = canonical::path(&format!("/api{rest}")).map(String::from) else {
                return Ok(());
            };
            let sent = change.apply(&path).unwrap();
            prop_assert_eq!(canonical::path(&sent).map(String::from), Ok(sent.clone()));
            prop_assert!(sent == "/" || path.ends_with(&sent));
        }
    }
}
