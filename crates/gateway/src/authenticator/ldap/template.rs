//! Names of entries and filters with places for what a person typed.
//!
//! What stands in such a place is escaped for where it stands, so that it stays one value: in a
//! distinguished name as RFC 4514 section 2.4 says, in a filter as RFC 4515 section 3 says.

use std::borrow::Cow;

use super::dn::Dn;

/// Text with `{placeholders}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Place(&'static str),
}

/// Why a text is no template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A brace that opens nothing or closes nothing.
    #[error("it has a brace that belongs to no placeholder")]
    Brace,
    /// A placeholder that means nothing here.
    #[error("`{{{0}}}` means nothing here")]
    Unknown(String),
    /// One that has to be there is missing.
    #[error("it must hold one of {0}")]
    Missing(String),
    /// It is not what it should be once it is filled.
    #[error("it is not a {0}")]
    Malformed(&'static str),
}

impl Template {
    /// Reads a text in which some of `known` have a place; at least one of them.
    pub fn parse(text: &str, known: &[&'static str]) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            let inner = from.strip_prefix('{').ok_or(TemplateError::Brace)?;
            let (name, after) = inner.split_once('}').ok_or(TemplateError::Brace)?;
            let name = known
                .iter()
                .find(|known| **known == name)
                .ok_or_else(|| TemplateError::Unknown(name.to_owned()))?;
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Place(name));
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        if pieces.len() == 1 {
            let known: Vec<_> = known.iter().map(|name| format!("`{{{name}}}`")).collect();
            return Err(TemplateError::Missing(known.join(", ")));
        }
        Ok(Self(pieces))
    }

    /// A distinguished name.
    pub(super) fn dn(&self, value: impl Fn(&str) -> String) -> String {
        self.fill(value, ldap3::dn_escape)
    }

    /// A filter.
    pub(super) fn filter(&self, value: impl Fn(&str) -> String) -> String {
        self.fill(value, ldap3::ldap_escape)
    }

    fn fill<'a>(
        &self,
        value: impl Fn(&str) -> String,
        escape: impl Fn(String) -> Cow<'a, str>,
    ) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Place(name) => escape(value(name)).into_owned(),
        };
        self.0.iter().map(piece).collect()
    }
}

/// Whether a template makes names of entries.
pub fn check_dn(template: &Template) -> Result<(), TemplateError> {
    let filled = template.dn(|_| "x".to_owned());
    Dn::parse(&filled).map(|_| ()).ok_or(TemplateError::Malformed("distinguished name"))
}

/// Whether a template makes filters.
pub fn check_filter(template: &Template) -> Result<(), TemplateError> {
    let filled = template.filter(|_| "x".to_owned());
    // The parser takes a filter without its parentheses, too.
    let is_whole = filled.starts_with('(') && filled.ends_with(')');
    match ldap3::parse_filter(&filled) {
        Ok(_) if is_whole => Ok(()),
        _ => Err(TemplateError::Malformed("filter in parentheses")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn template(text: &str) -> Template {
        Template::parse(text, &["username"]).unwrap()
    }

    #[test]
    fn placeholders_are_known_and_there() {
        let parse = |text| Template::parse(text, &["username"]);
        assert_eq!(parse("uid=x"), Err(TemplateError::Missing("`{username}`".to_owned())));
        assert_eq!(parse("uid={name}"), Err(TemplateError::Unknown("name".to_owned())));
        assert_eq!(parse("uid={username"), Err(TemplateError::Brace));
        assert_eq!(parse("uid=}{username}"), Err(TemplateError::Brace));
    }

    #[test]
    fn what_is_no_filter_and_no_name_is_found_out_before_anybody_asks() {
        assert_eq!(check_filter(&template("(&(a=b)(uid={username}))")), Ok(()));
        for bad in ["uid={username}", "(uid={username}", "(&(uid={username})", "({username})"] {
            assert!(check_filter(&template(bad)).is_err(), "{bad}");
        }
        assert_eq!(check_dn(&template("uid={username},ou=people,dc=example")), Ok(()));
        for bad in ["{username}", "uid={username},", "uid={username},people"] {
            assert!(check_dn(&template(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_was_typed_adds_no_condition() {
        let filter = template("(uid={username})").filter(|_| "*)(uid=*".to_owned());
        assert_eq!(filter, r"(uid=\2a\29\28uid=\2a)");
        let dn = template("uid={username},dc=example").dn(|_| "root,ou=admins+cn=x".to_owned());
        assert_eq!(dn, r"uid=root\2cou\3dadmins\2bcn\3dx,dc=example");
    }

    proptest! {
        /// Whatever is typed, the name has the parts of the template, and the value is what was
        /// typed.
        #[test]
        fn in_a_name_it_stays_one_value(typed in r#"[a-z,+"\\<>;=# \x00*()é]{1,12}"#) {
            let dn = template("uid={username},ou=people,dc=example").dn(|_| typed.clone());
            let dn = Dn::parse(&dn).unwrap();
            prop_assert_eq!(dn.len(), 3);
            prop_assert_eq!(dn.first("uid"), Some(&*typed));
            prop_assert!(dn.is_below(&Dn::parse("ou=people,dc=example").unwrap()));
        }

        /// Whatever is typed, the filter asks for one value of one attribute.
        #[test]
        fn in_a_filter_it_stays_one_value(typed in r#"[a-z,+"\\<>;=# \x00*()&|!é]{1,12}"#) {
            let filter = template("(uid={username})").filter(|_| typed.clone());
            let parsed = format!("{:?}", ldap3::parse_filter(&filter).unwrap());
            let plain = template("(uid={username})").filter(|_| "x".to_owned());
            let plain = format!("{:?}", ldap3::parse_filter(&plain).unwrap());
            let value = format!("{:?}", typed.as_bytes());
            prop_assert_eq!(parsed, plain.replace("[120]", &value));
        }
    }
}
