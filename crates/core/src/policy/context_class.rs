//! Authentication context classes in their order: `pwd` below `mfa`, unless said otherwise.

use std::sync::Arc;

/// The classes (`acr`, `OpenID` Connect Core section 2) from the weakest to the strongest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextClasses(Vec<Arc<str>>);

/// A class that has no place in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of the classes in `acr_order`")]
pub struct UnknownClass;

impl Default for ContextClasses {
    fn default() -> Self {
        Self(vec!["pwd".into(), "mfa".into()])
    }
}

impl ContextClasses {
    /// From the weakest to the strongest; each stands there once.
    pub fn new(classes: Vec<Arc<str>>) -> Self {
        Self(classes)
    }

    /// The classes that are good enough where `least` is asked for, itself first.
    ///
    /// # Errors
    /// [`UnknownClass`] where nobody said what is stronger than it.
    pub fn from(&self, least: &str) -> Result<Arc<[Arc<str>]>, UnknownClass> {
        let at = self.0.iter().position(|class| **class == *least).ok_or(UnknownClass)?;
        Ok(self.0.iter().skip(at).cloned().collect())
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|class| &**class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stronger_is_good_enough_and_what_is_weaker_is_not() {
        let classes = ContextClasses::default();
        let from = |least| classes.from(least).map(|classes| classes.join(" "));
        assert_eq!(from("pwd").as_deref(), Ok("pwd mfa"));
        assert_eq!(from("mfa").as_deref(), Ok("mfa"));
        assert_eq!(from("hwk"), Err(UnknownClass));
    }
}
