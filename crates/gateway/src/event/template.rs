//! The access event as a line of the operator's own form: a text with `{fields}` in it.
//!
//! 1. The fields have the names that they have in JSON; one without a value is `-`.
//! 2. What could end the line or a quoted value is escaped as in JSON, so that nobody can forge
//!    one. A value may hold spaces: who splits lines at spaces puts quotes around fields.

mod field;

use std::time::Duration;

use super::Event;
use super::line::LINE_BYTES;
use crate::access_log::Lines;
pub use field::Field;

/// A text with fields in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(Box<str>),
    Field(Field),
}

/// Why a text is not a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// There is no such field.
    #[error("there is no field `{0}`")]
    UnknownField(String),
    /// A brace that is not closed, or was not opened.
    #[error("a single brace: `{{{{` and `}}}}` stand for `{{` and `}}`")]
    Brace,
    /// Without a field all lines would be the same.
    #[error("it has no field, such as `{{path}}`")]
    NoField,
    /// A line is one line.
    #[error("it has a control character")]
    Control,
}

impl Template {
    /// Parses `{time} {method} {path}`; `{{` and `}}` stand for braces.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        if text.chars().any(super::line::is_line_breaking) {
            return Err(TemplateError::Control);
        }
        let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(at) = rest.find(['{', '}']) {
            let (before, found) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = found.strip_prefix("{{").or_else(|| found.strip_prefix("}}")) {
                plain.push_str(found.get(..1).unwrap_or_default());
                rest = after;
                continue;
            }
            let inner = found.strip_prefix('{').ok_or(TemplateError::Brace)?;
            let (name, after) = inner.split_once('}').ok_or(TemplateError::Brace)?;
            let field = Field::named(name);
            let field = field.ok_or_else(|| TemplateError::UnknownField(name.to_owned()))?;
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain).into()));
            }
            parts.push(Part::Field(field));
            rest = after;
        }
        plain.push_str(rest);
        if parts.is_empty() {
            return Err(TemplateError::NoField);
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain.into()));
        }
        Ok(Self(parts))
    }

    /// Appends the line.
    pub(super) fn write(&self, event: &Event, took: Duration, lines: &mut Lines) {
        lines.text().reserve(LINE_BYTES);
        for part in &self.0 {
            match part {
                Part::Text(text) => lines.text().push_str(text),
                Part::Field(Field::Time) => lines.push_time("", event.at),
                Part::Field(field) => {
                    let before = lines.text().len();
                    field.write(event, took, lines.text());
                    if lines.text().len() == before {
                        lines.text().push('-');
                    }
                }
            }
        }
        lines.text().push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_text_with_fields() {
        let template = Template::parse("{{{method}}} \"{path}\"").unwrap();
        let text = |text: &str| Part::Text(text.into());
        let expected = [
            text("{"),
            Part::Field(Field::Method),
            text("} \""),
            Part::Field(Field::Path),
            text("\""),
        ];
        assert_eq!(template.0, expected);
    }

    #[test]
    fn what_is_no_template_is_refused() {
        let rows = [
            ("{pth}", TemplateError::UnknownField("pth".to_owned())),
            ("{}", TemplateError::UnknownField(String::new())),
            ("{path", TemplateError::Brace),
            ("path}", TemplateError::Brace),
            ("{path} }", TemplateError::Brace),
            ("common", TemplateError::NoField),
            ("{{path}}", TemplateError::NoField),
            ("{path}\n{path}", TemplateError::Control),
            ("{path}\u{2028}", TemplateError::Control),
        ];
        for (text, error) in rows {
            assert_eq!(Template::parse(text), Err(error), "{text}");
        }
    }
}
