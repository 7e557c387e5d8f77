//! From the parser's events to the tree.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Marker, Parser, ScalarStyle, Span, StrInput};

use super::{MAX_DEPTH, MAX_NODES, Name, Node, Place, Value};
use crate::config::mistake::{Mistake, Mistakes};

/// Reads one document. An empty one is [`Value::Nothing`].
///
/// # Errors
/// The mistake after which the rest cannot be read. Those that can be passed over, such as a key
/// that stands twice, go to `mistakes`.
pub(crate) fn parse(text: &str, mistakes: &mut Mistakes) -> Result<Node, Mistake> {
    let options = granit_parser::options! {
        block_nesting_limit: MAX_DEPTH,
        flow_nesting_limit: MAX_DEPTH,
        disallow_directives: true,
    };
    let mut builder = Builder {
        events: Parser::new_from_str_with_options(text, options),
        anchors: HashMap::new(),
        nodes: 0,
        mistakes,
    };
    builder.document()
}

struct Builder<'a> {
    events: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    mistakes: &'a mut Mistakes,
}

impl<'a> Builder<'a> {
    fn document(&mut self) -> Result<Node, Mistake> {
        let mut root = None;
        loop {
            match self.next()? {
                (Event::StreamEnd, span) => {
                    let empty = || node(Value::Nothing, span);
                    return Ok(root.unwrap_or_else(empty));
                }
                (Event::StreamStart | Event::DocumentEnd, _) => {}
                (Event::DocumentStart(..), span) => {
                    if root.is_some() {
                        return Err(Mistake::new(
                            place(span),
                            "the file holds more than one document",
                        ));
                    }
                    let (event, span) = self.next()?;
                    root = Some(self.node(event, span)?);
                }
                (_, span) => return Err(unexpected(span)),
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), Mistake> {
        match self.events.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(Mistake::new(start(*error.marker(), 1), error.info())),
            None => Err(Mistake::new(Place::default(), "the file ends unexpectedly")),
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span) -> Result<Node, Mistake> {
        let before = self.nodes;
        self.count(1, span)?;
        let (value, anchor, tag) = match event {
            Event::Alias(anchor) => return self.copy_of(anchor, span),
            Event::Scalar(text, style, anchor, tag) => {
                (scalar(text.into_owned(), style), anchor, tag)
            }
            Event::SequenceStart(_, anchor, tag) => (self.list()?, anchor, tag),
            Event::MappingStart(_, anchor, tag) => (self.mapping()?, anchor, tag),
            _ => return Err(unexpected(span)),
        };
        if tag.is_some() {
            self.mistakes.add(place(span), "a tag (`!…`) has no meaning here");
        }
        let node = node(value, span);
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), self.nodes - before));
        }
        Ok(node)
    }

    fn list(&mut self) -> Result<Value, Mistake> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::List(items)),
                (event, span) => items.push(self.node(event, span)?),
            }
        }
    }

    fn mapping(&mut self) -> Result<Value, Mistake> {
        let mut entries: Vec<(Name, Node)> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                self.drop_repeated(&mut entries);
                return Ok(Value::Mapping(entries));
            }
            let key = self.node(event, span)?;
            let (event, span) = self.next()?;
            let node = self.node(event, span)?;
            let place = key.place;
            match key.value {
                Value::Scalar { text, .. } => entries.push((Name { text, place }, node)),
                _ => self.mistakes.add(place, "a key must be text"),
            }
        }
    }

    /// Reports keys that stand there already; the first of each counts.
    fn drop_repeated(&mut self, entries: &mut Vec<(Name, Node)>) {
        let mut seen = HashSet::with_capacity(entries.len());
        let is_new: Vec<bool> =
            entries.iter().map(|(name, _)| seen.insert(name.text.as_str())).collect();
        let mut is_new = is_new.into_iter();
        entries.retain(|(Name { text, place }, _)| {
            let is_new = is_new.next().unwrap_or(true);
            if !is_new {
                self.mistakes.add(*place, format!("key `{text}` stands here a second time"));
            }
            is_new
        });
    }

    fn copy_of(&mut self, anchor: usize, span: Span) -> Result<Node, Mistake> {
        let Some((original, size)) = self.anchors.get(&anchor).cloned() else {
            return Err(Mistake::new(place(span), "an alias inside of what it stands for"));
        };
        self.count(size, span)?;
        Ok(original)
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), Mistake> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            let message = format!("the file holds more than {MAX_NODES} values");
            return Err(Mistake::new(place(span), message));
        }
        Ok(())
    }
}

fn scalar(text: String, style: ScalarStyle) -> Value {
    let quoted = style != ScalarStyle::Plain;
    if !quoted && matches!(text.as_str(), "" | "~" | "null") {
        return Value::Nothing;
    }
    Value::Scalar { text, quoted }
}

fn node(value: Value, span: Span) -> Node {
    Node { value, place: place(span) }
}

fn place(span: Span) -> Place {
    let one_line = span.start.line() == span.end.line();
    let length = span.end.col().saturating_sub(span.start.col());
    start(span.start, if one_line { length.max(1) } else { 1 })
}

fn start(at: Marker, length: usize) -> Place {
    Place { line: at.line(), column: at.col() + 1, length }
}

fn unexpected(span: Span) -> Mistake {
    Mistake::new(place(span), "this cannot stand here")
}
