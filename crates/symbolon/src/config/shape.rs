//! The shape of the configuration file, declared once.
//!
//! From one declaration come the check of a file ([`super::check`]), its defaults
//! ([`super::complete`]), what `config show` prints and the JSON Schema ([`super::schema()`]), so that
//! none of them can drift from the others. A test holds the readers in [`super::sections`] to it.

/// A mapping with known keys.
#[derive(Debug)]
pub(crate) struct Section {
    /// What it describes, for messages: `a route`.
    pub(crate) is: &'static str,
    /// What it is about, in one line.
    pub(crate) doc: &'static str,
    pub(crate) keys: &'static [Key],
}

/// One key of a section.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// What it decides, in one line; editors show it.
    pub(crate) doc: &'static str,
    pub(crate) shape: Shape,
    pub(crate) presence: Presence,
}

/// What holds where a key is not written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Presence {
    /// It must be written.
    Required,
    /// There is no value.
    Optional,
    /// There is none, and where the key stands it must say something: a rule that lost its words
    /// must not become no rule.
    Rule,
    /// This value, as it would be written.
    Default(&'static str),
    /// The defaults of the section's own keys.
    Section,
}

/// What may be written for a value.
#[derive(Debug)]
pub(crate) enum Shape {
    /// Text whose content a section reader judges.
    Text,
    /// `60s`, `30m`; from `min` to `max`, in milliseconds.
    Duration { min: u64, max: u64 },
    /// `64KiB`; from `min` to `max`, in bytes.
    Size { min: u64, max: u64 },
    /// A whole number from `min` to `max`.
    Integer { min: u64, max: u64 },
    /// `true` or `false`.
    Truth,
    /// One of some words; those in `later` are known but not supported yet.
    Choice { of: &'static [&'static str], later: &'static [&'static str] },
    /// A list of values of one shape.
    List { of: &'static Shape, min: usize },
    /// A mapping with known keys.
    Section(&'static Section),
    /// A mapping from names that the file chooses to sections.
    Named { of: &'static Section, min: usize },
    /// A mapping from names that the file chooses to values of one shape.
    Mapping { of: &'static Shape },
    /// One of these, told apart by being a scalar, a list or a mapping.
    Either(&'static [Shape]),
}

/// A second in milliseconds.
pub(crate) const SECOND: u64 = 1_000;
/// An hour in milliseconds.
pub(crate) const HOUR: u64 = 3_600 * SECOND;
/// A day in milliseconds.
pub(crate) const DAY: u64 = 24 * HOUR;
/// A binary kilobyte.
pub(crate) const KIB: u64 = 1 << 10;
/// A binary megabyte.
pub(crate) const MIB: u64 = 1 << 20;
/// A binary gigabyte.
pub(crate) const GIB: u64 = 1 << 30;

impl Key {
    pub(crate) const fn required(name: &'static str, doc: &'static str, shape: Shape) -> Self {
        Self::new(name, doc, shape, Presence::Required)
    }

    pub(crate) const fn optional(name: &'static str, doc: &'static str, shape: Shape) -> Self {
        Self::new(name, doc, shape, Presence::Optional)
    }

    pub(crate) const fn rule(name: &'static str, doc: &'static str, shape: Shape) -> Self {
        Self::new(name, doc, shape, Presence::Rule)
    }

    pub(crate) const fn default(
        name: &'static str,
        doc: &'static str,
        shape: Shape,
        default: &'static str,
    ) -> Self {
        Self::new(name, doc, shape, Presence::Default(default))
    }

    /// A section whose own defaults hold where it is not written.
    pub(crate) const fn section(name: &'static str, of: &'static Section) -> Self {
        Self::new(name, of.doc, Shape::Section(of), Presence::Section)
    }

    const fn new(name: &'static str, doc: &'static str, shape: Shape, presence: Presence) -> Self {
        Self { name, doc, shape, presence }
    }
}

impl Section {
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

impl Shape {
    /// What fits, for messages: `a list`.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Duration { .. } => "a duration such as `30s`, `15m`, `12h` or `30d`",
            Self::Size { .. } => "a size such as `512B`, `64KiB` or `1MiB`",
            Self::Integer { .. } => "a whole number",
            Self::Truth => "`true` or `false`",
            Self::Choice { .. } => "a word",
            Self::List { .. } => "a list",
            Self::Section(_) | Self::Named { .. } | Self::Mapping { .. } => "a mapping",
            Self::Either(_) => "another form",
        }
    }
}
