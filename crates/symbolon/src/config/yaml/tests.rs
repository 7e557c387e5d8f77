//! What the tree accepts and what it refuses.

use std::fmt::Write as _;

use super::*;
use crate::config::mistake::Mistakes;

fn messages(text: &str) -> Vec<String> {
    let mut mistakes = Mistakes::default();
    if let Err(mistake) = parse(text, &mut mistakes) {
        mistakes.push(mistake);
    }
    let mistakes = mistakes.into_sorted().into_iter();
    mistakes.map(|m| format!("{}:{} {}", m.place.line, m.place.column, m.message)).collect()
}

fn tree(text: &str) -> Node {
    parse(text, &mut Mistakes::default()).unwrap()
}

#[test]
fn everything_knows_where_it_stands() {
    let tree = tree("a: 1\nb:\n  - éé: x y\n");
    let Value::List(items) = &tree.get("b").unwrap().value else {
        panic!("b is a list");
    };
    let place = items[0].get("éé").unwrap().place;
    assert_eq!((place.line, place.column, place.length), (3, 9, 3));
}

#[test]
fn quotes_make_text_of_numbers_and_truth_values() {
    let tree = tree("a: 1\nb: '1'\nc: true\nd: \"true\"\ne: yes\nf: ~\n");
    let kind = |key: &str| tree.get(key).map(Node::kind);
    assert_eq!(kind("a"), Some("a number"));
    assert_eq!(kind("b"), Some("text"));
    assert_eq!(kind("c"), Some("true or false"));
    assert_eq!(kind("d"), Some("text"));
    // YAML 1.2: `yes` is text, and so nobody's truth value by accident.
    assert_eq!(kind("e"), Some("text"));
    assert_eq!(kind("f"), None);
}

#[test]
fn an_alias_is_a_copy() {
    let tree = tree("a: &x [1, 2]\nb: *x\n");
    assert!(matches!(&tree.get("b").unwrap().value, Value::List(items) if items.len() == 2));
}

#[test]
fn aliases_of_aliases_do_not_explode() {
    let mut text = "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = format!("*l{}", level - 1);
        let items = vec![below; 10].join(", ");
        writeln!(text, "l{level}: &l{level} [{items}]").unwrap();
    }
    let told = messages(&text);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("more than 500000 values"), "{told:?}");
}

#[test]
fn what_could_be_misread_is_refused() {
    let rows = [
        ("a: 1\na: 2\n", "2:1 key `a` stands here a second time"),
        ("a: !!str 1\n", "1:10 a tag (`!…`) has no meaning here"),
        ("a: 1\n---\nb: 2\n", "2:1 the file holds more than one document"),
        ("? [a]\n: 1\n", "1:3 a key must be text"),
        ("a: &x [*x]\n", "1:8 an alias inside of what it stands for"),
    ];
    for (text, message) in rows {
        assert_eq!(messages(text), [message], "{text}");
    }
}

#[test]
fn deep_nesting_is_refused() {
    let text = format!("a: {}{}", "[".repeat(200), "]".repeat(200));
    assert_eq!(messages(&text).len(), 1);
}
