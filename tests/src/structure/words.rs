//! Is anything left unfinished, switched off, or tied to one machine?

use super::{assert_none, sources};

/// Each in two halves, so that this file is not its own offender.
const UNFINISHED: [(&str, &str); 5] =
    [("to", "do!"), ("unimple", "mented!"), ("FIX", "ME"), ("TO", "DO"), ("#[ign", "ore")];
const MACHINE: [(&str, &str); 3] = [("/wo", "rk/"), ("/ro", "ot/"), ("/ho", "me/")];

#[test]
fn nothing_is_left_unfinished_or_switched_off() {
    assert_none("unfinished or switched off", &found(&["rs", "sql", "toml"], &UNFINISHED));
}

#[test]
fn nothing_names_a_path_of_one_machine() {
    assert_none("paths of one machine", &found(&["rs", "sql", "toml", "md", "sh", "py"], &MACHINE));
}

fn found(extensions: &[&str], words: &[(&str, &str)]) -> Vec<String> {
    let mut offenders = Vec::new();
    for source in sources(extensions) {
        for (number, line) in source.text.lines().enumerate() {
            let hits = words.iter().map(|(left, right)| [*left, *right].concat()).filter(|word| line.contains(word));
            offenders.extend(hits.map(|word| format!("{}:{}: {word}", source.path, number + 1)));
        }
    }
    offenders
}
