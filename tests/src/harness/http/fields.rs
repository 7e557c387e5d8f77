//! Header or trailer fields in the order and spelling in which they came.

/// Names and values as they stood on the wire.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads one line.
    pub(super) fn push_line(&mut self, line: &str) {
        let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("no field: `{line}`"));
        assert!(!name.contains([' ', '\t']), "white space in a field name: `{line}`");
        self.0.push((name.to_owned(), value.trim().to_owned()));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// All values of a field.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.iter().filter(move |(other, _)| other.eq_ignore_ascii_case(name)).map(|field| field.1)
    }

    /// The value of a field that stands there once; `None` where it is missing.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let values: Vec<&str> = self.all(name).collect();
        assert!(values.len() < 2, "`{name}` is there {} times: {values:?}", values.len());
        values.first().copied()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }
}
