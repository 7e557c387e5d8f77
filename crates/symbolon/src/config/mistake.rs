//! What is wrong with a configuration, collected so that all of it is told at once.

use symbolon_core::policy::cedar::Source;

use super::yaml::Place;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) place: Place,
    /// A lowercase sentence without full stop, what was written in backticks.
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// Where it stands, if not in the configuration file itself.
    pub(crate) file: Option<Source>,
}

/// All mistakes found so far.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(Vec<Mistake>);

impl Mistake {
    pub(crate) fn new(place: Place, message: impl Into<String>) -> Self {
        Self { place, message: message.into(), hint: None, file: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }

    /// Says that it stands in another file.
    #[must_use]
    pub(crate) fn in_file(mut self, file: Source) -> Self {
        self.file = Some(file);
        self
    }

    /// The file that it stands in, where `own` is the configuration.
    pub(crate) fn file_or<'a>(&'a self, own: &'a str) -> &'a str {
        self.file.as_ref().map_or(own, |file| &file.file)
    }
}

impl Mistakes {
    pub(crate) fn add(&mut self, place: Place, message: impl Into<String>) {
        self.push(Mistake::new(place, message));
    }

    pub(crate) fn push(&mut self, mistake: Mistake) {
        self.0.push(mistake);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The mistakes in the order of the file.
    pub(crate) fn into_sorted(mut self) -> Vec<Mistake> {
        let file = |mistake: &Mistake| mistake.file.as_ref().map(|file| file.file.clone());
        self.0.sort_by_key(|mistake| (file(mistake), mistake.place));
        // An alias brings the mistakes of its original along; one report is enough.
        self.0.dedup();
        self.0
    }
}
