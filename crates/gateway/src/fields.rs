//! The header fields of a request as they were read: one copy of the head, and where in it each
//! field stands.
//!
//! 1. Nothing is copied or hashed field by field. Looking one up walks the list: a head has some
//!    dozen fields, and `limits.headers` bounds them.
//! 2. Names are in lower case, so that comparing is comparing.
//! 3. Values are what may stand in a field (RFC 9110 section 5.5); whoever makes fields checks that.

use std::fmt;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use smallvec::SmallVec;

/// Fields in the order in which they came.
#[derive(Clone, Default)]
pub struct Fields {
    text: Vec<u8>,
    places: Vec<Place>,
}

/// Where a field stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    name: Span,
    value: Span,
}

/// A piece of a text of less than 4 GiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    start: u32,
    end: u32,
}

/// A few of them.
pub(crate) type Places = SmallVec<[Place; 1]>;

impl Span {
    /// From `start` to `end`; nothing where that does not fit, which no head is long enough for.
    pub(crate) fn new(start: usize, end: usize) -> Self {
        match (u32::try_from(start), u32::try_from(end)) {
            (Ok(start), Ok(end)) => Self { start, end },
            _ => Self::default(),
        }
    }

    /// Where `part` stands, which is a slice of `whole`.
    pub(crate) fn of(part: &[u8], whole: &[u8]) -> Self {
        let start = part.as_ptr().addr().saturating_sub(whole.as_ptr().addr());
        Self::new(start, start + part.len())
    }

    pub(crate) fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl Place {
    pub(crate) fn new(name: Span, value: Span) -> Self {
        Self { name, value }
    }
}

impl Fields {
    /// None yet, in a head of which this is a copy; so many will come.
    pub(crate) fn of_head(text: Vec<u8>, count: usize) -> Self {
        // Room for a cookie that is written anew.
        Self { text, places: Vec::with_capacity(count + 1) }
    }

    /// A field of the head, whose name is put into lower case.
    pub(crate) fn add(&mut self, place: Place) {
        if let Some(name) = self.text.get_mut(place.name.range()) {
            name.make_ascii_lowercase();
        }
        self.places.push(place);
    }

    /// A field that was not in the head.
    pub(crate) fn append(&mut self, name: &str, value: &[u8]) {
        let start = self.text.len();
        self.text.extend_from_slice(name.as_bytes());
        let middle = self.text.len();
        self.text.extend_from_slice(value);
        let (name, value) = (Span::new(start, middle), Span::new(middle, self.text.len()));
        self.add(Place { name, value });
    }

    /// A piece of the head.
    pub(crate) fn piece(&self, span: Span) -> &[u8] {
        self.text.get(span.range()).unwrap_or_default()
    }

    /// The name of a field that was taken out.
    pub(crate) fn name(&self, place: Place) -> &[u8] {
        self.piece(place.name)
    }

    /// The value of a field that was taken out.
    pub(crate) fn value(&self, place: Place) -> &[u8] {
        self.piece(place.value)
    }

    /// Keeps the fields for which `keep` holds.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(Place, &[u8], &[u8]) -> bool) {
        let Self { text, places } = self;
        let piece = |span: Span| text.get(span.range()).unwrap_or_default();
        places.retain(|place| keep(*place, piece(place.name), piece(place.value)));
    }

    /// Names and values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.places.iter().map(|place| (self.piece(place.name), self.piece(place.value)))
    }

    /// The first value of a name, which is given in lower case.
    pub(crate) fn get(&self, name: impl AsRef<str>) -> Option<&[u8]> {
        let name = name.as_ref().as_bytes();
        let place = self.places.iter().find(|place| self.piece(place.name) == name)?;
        Some(self.piece(place.value))
    }

    /// All values of a name.
    pub(crate) fn get_all<'a>(
        &'a self,
        name: &'a (impl AsRef<str> + ?Sized),
    ) -> impl Iterator<Item = &'a [u8]> {
        let name = name.as_ref().as_bytes();
        self.iter().filter(move |(other, _)| *other == name).map(|(_, value)| value)
    }

    /// The value of a name that stands there exactly once.
    pub(crate) fn only(&self, name: impl AsRef<str>) -> Option<&[u8]> {
        let name = name.as_ref().as_bytes();
        let mut places = self.places.iter().filter(|place| self.piece(place.name) == name);
        let (place, another) = (places.next()?, places.next());
        if another.is_some() { None } else { Some(self.piece(place.value)) }
    }

    /// The first value of a name, where it is text.
    pub(crate) fn text(&self, name: impl AsRef<str>) -> Option<&str> {
        as_text(self.get(name)?)
    }

    /// Whether there is one of a name.
    pub(crate) fn contains(&self, name: impl AsRef<str>) -> bool {
        self.get(name).is_some()
    }

    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The same for programs that know `http`.
    pub(crate) fn to_header_map(&self) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(self.len());
        for (name, value) in self.iter() {
            // INVARIANT: whoever made the fields has checked them.
            if let (Ok(name), Ok(value)) =
                (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
            {
                headers.append(name, value);
            }
        }
        headers
    }
}

/// A value that consists of visible ASCII, spaces and tabs.
pub(crate) fn as_text(value: &[u8]) -> Option<&str> {
    let is_text = value.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    if is_text { std::str::from_utf8(value).ok() } else { None }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> FromIterator<(N, V)> for Fields {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(rows: T) -> Self {
        let mut fields = Self::default();
        for (name, value) in rows {
            fields.append(name.as_ref(), value.as_ref());
        }
        fields
    }
}

impl From<&HeaderMap> for Fields {
    fn from(headers: &HeaderMap) -> Self {
        headers.iter().collect()
    }
}

/// Names only: values may be secrets.
impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.iter().map(|(name, _)| String::from_utf8_lossy(name).into_owned());
        f.debug_list().entries(names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Fields {
        [("Accept", "text/html"), ("X-A", "1"), ("x-a", "2"), ("x-b", "\u{e9}")]
            .into_iter()
            .collect()
    }

    #[test]
    fn names_are_compared_in_lower_case() {
        let fields = sample();
        assert_eq!(fields.get("accept"), Some(&b"text/html"[..]));
        assert_eq!(fields.get_all("x-a").collect::<Vec<_>>(), [b"1", b"2"]);
        assert!(fields.contains("x-b") && !fields.contains("x-c"));
    }

    #[test]
    fn what_stands_there_twice_is_not_the_only_one() {
        let fields = sample();
        assert_eq!((fields.only("x-a"), fields.only("accept")), (None, Some(&b"text/html"[..])));
        assert_eq!((fields.text("x-b"), fields.text("x-a")), (None, Some("1")));
    }

    #[test]
    fn what_is_taken_out_can_still_be_read() {
        let mut fields = sample();
        let mut taken = Places::new();
        fields.retain(|place, name, _| {
            let is_kept = name != b"x-a";
            if !is_kept {
                taken.push(place);
            }
            is_kept
        });
        assert_eq!((fields.len(), fields.contains("x-a")), (2, false));
        assert_eq!(
            taken.iter().map(|place| fields.value(*place)).collect::<Vec<_>>(),
            [b"1", b"2"]
        );
    }

    #[test]
    fn values_are_not_printed() {
        assert_eq!(format!("{:?}", sample()), r#"["accept", "x-a", "x-a", "x-b"]"#);
    }

    #[test]
    fn they_come_through_a_header_map() {
        let fields = Fields::from(&sample().to_header_map());
        assert_eq!(fields.get_all("x-a").collect::<Vec<_>>(), [b"1", b"2"]);
        assert_eq!(fields.len(), 4);
    }
}
