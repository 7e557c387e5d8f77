//! Passwords that no list holds and everybody tries: straight lines and repetitions.
//!
//! A *run* is three or more characters that stand still (`aaa`), or go one step at a time along
//! a line that people know: the alphabet, the digits, the rows and columns of a keyboard, in
//! either direction. A password made of runs only (`1234567890qwerty`, `aaaabbbbccccdddd`) says
//! nothing, however long it is.

/// The lines that people walk along; at the end they begin again.
const LINES: [&str; 21] = [
    "abcdefghijklmnopqrstuvwxyz",
    "1234567890",
    "1234567890-=",
    "!@#$%^&*()_+",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiop",
    "azertyuiop",
    "yxcvbnm",
    "qsdfghjklm",
    "1qaz",
    "2wsx",
    "3edc",
    "4rfv",
    "5tgb",
    "6yhn",
    "7ujm",
    "8ik,",
    "9ol.",
    "0p;/",
];

/// The shortest run.
const MIN_RUN: usize = 3;

/// Whether the text is one short unit over and over: `passwordpassword`, `abab…`.
///
/// A unit that would be long enough for a password by itself is not short.
pub(super) fn is_repetition(characters: &[char], longest_unit: usize) -> bool {
    (1..=longest_unit.min(characters.len() / 2)).any(|unit| {
        let (first, _) = characters.split_at(unit);
        characters.iter().zip(first.iter().cycle()).all(|(a, b)| a == b)
    })
}

/// Whether the text is made of runs only.
pub(super) fn is_made_of_runs(characters: &[char]) -> bool {
    let mut rest = characters;
    while !rest.is_empty() {
        let run = longest_run(rest);
        if run < MIN_RUN {
            return false;
        }
        rest = rest.get(run..).unwrap_or_default();
    }
    true
}

/// The length of the longest run that the text begins with.
fn longest_run(characters: &[char]) -> usize {
    let still =
        characters.iter().take_while(|character| characters.first() == Some(*character)).count();
    LINES
        .iter()
        .flat_map(|line| {
            let forward: Vec<char> = line.chars().collect();
            let backward: Vec<char> = line.chars().rev().collect();
            [forward, backward]
        })
        .map(|line| steps_along(&line, characters))
        .fold(still, usize::max)
}

/// How many characters follow the line from wherever the text joins it.
fn steps_along(line: &[char], characters: &[char]) -> usize {
    let Some(first) = characters.first() else {
        return 0;
    };
    line.iter()
        .enumerate()
        .filter(|(_, character)| *character == first)
        .map(|(start, _)| {
            line.iter().cycle().skip(start).zip(characters).take_while(|(a, b)| a == b).count()
        })
        .max()
        .unwrap_or(0)
}
