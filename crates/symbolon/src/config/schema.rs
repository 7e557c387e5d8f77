//! The JSON Schema of the file, so that editors complete and check it.
//!
//! Made from the same declaration as the check. It says what a schema can say; `config check` says
//! the rest.

use serde_json::{Map, Value, json};

use super::mistake::Mistakes;
use super::sections::ROOT;
use super::shape::{Key, Presence, Section, Shape};
use super::show;
use super::yaml;

/// The schema (JSON Schema, draft 2020-12), with a line break at the end.
pub(crate) fn schema() -> String {
    let mut root = section(&ROOT);
    if let Some(root) = root.as_object_mut() {
        let dialect = "https://json-schema.org/draft/2020-12/schema";
        root.insert("$schema".to_owned(), dialect.into());
        root.insert("title".to_owned(), "Symbolon".into());
    }
    root.sort_all_objects();
    format!("{root:#}\n")
}

fn section(section: &Section) -> Value {
    let keys = || section.keys.iter();
    let properties: Map<String, Value> =
        keys().map(|key| (key.name.to_owned(), self::key(key))).collect();
    let is_required = |key: &&Key| matches!(key.presence, Presence::Required);
    let required: Vec<&str> = keys().filter(is_required).map(|key| key.name).collect();
    let mut schema = json!({
        "type": "object",
        "description": section.doc,
        "properties": properties,
        "additionalProperties": false,
    });
    if let (Some(schema), false) = (schema.as_object_mut(), required.is_empty()) {
        schema.insert("required".to_owned(), required.into());
    }
    schema
}

fn key(key: &Key) -> Value {
    let mut schema = shape(&key.shape);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), key.doc.into());
        if let Presence::Default(text) = key.presence
            && let Ok(default) = yaml::parse(text, &mut Mistakes::default())
        {
            schema.insert("default".to_owned(), show::json(&default));
        }
    }
    schema
}

fn shape(shape: &Shape) -> Value {
    match shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::Duration { .. } => json!({ "type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$" }),
        Shape::Size { .. } => json!({ "type": "string", "pattern": "^[0-9]+(B|KiB|MiB|GiB)$" }),
        Shape::Integer { min, max } => {
            json!({ "type": "integer", "minimum": min, "maximum": max })
        }
        Shape::Truth => json!({ "type": "boolean" }),
        Shape::Choice { of, .. } => json!({ "enum": of }),
        Shape::List { of, min } => {
            json!({ "type": "array", "items": self::shape(of), "minItems": min })
        }
        Shape::Section(section) => self::section(section),
        Shape::Named { of, min } => json!({
            "type": "object",
            "additionalProperties": self::section(of),
            "minProperties": min,
        }),
        Shape::Mapping { of } => {
            json!({ "type": "object", "additionalProperties": self::shape(of) })
        }
        Shape::Either(shapes) => {
            let forms: Vec<Value> = shapes.iter().map(self::shape).collect();
            json!({ "anyOf": forms })
        } // Left out of every section.
    }
}
