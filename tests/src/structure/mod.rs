//! Does the source keep the architecture's rules: who may depend on whom, what the domain may not know, how long a file may
//! be, and which paths the documents may name? Reads files only; it never judges behaviour.

mod layers;
mod lexer;
mod paths;
mod purity;
mod sizes;
mod words;

use std::path::{Path, PathBuf};

/// One file of the repository, its path relative to the root.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The text with comments, strings and character literals blanked; lines stay where they are.
    fn code(&self) -> String {
        lexer::code_only(&self.text)
    }

    fn is_under(&self, folder: &str) -> bool {
        self.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All files with one of these extensions that belong to the project, in order of their paths.
fn sources(extensions: &[&str]) -> Vec<Source> {
    let root = root();
    let mut found = Vec::new();
    walk(&root, &mut |file| {
        let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if extensions.contains(&extension) {
            let path = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            // Read leniently: a broken letter must not hide the rest of the file from the checks.
            let text = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
            found.push(Source { path, text });
        }
    });
    found.sort_by(|left, right| left.path.cmp(&right.path));
    assert!(!found.is_empty(), "no files with the extensions {extensions:?}");
    found
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        let hidden = name.to_str().is_none_or(|name| name.starts_with('.'));
        // `target` is what cargo builds and `data` at the root is what the server writes.
        let made = name == "target" || (name == "data" && folder == root());
        if hidden || made {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            walk(&entry.path(), visit);
        } else {
            visit(&entry.path());
        }
    }
}

/// Fails with every offender on a line of its own, so that one run shows all there is to mend.
fn assert_none(rule: &str, offenders: &[String]) {
    assert!(offenders.is_empty(), "{rule}:\n  {}", offenders.join("\n  "));
}

/// The lines of `code` where `word` stands by itself, counted from 1.
fn lines_with_word(code: &str, word: &str) -> Vec<usize> {
    let lines = code.lines().enumerate();
    lines.filter(|(_, line)| has_word(line, word)).map(|(index, _)| index + 1).collect()
}

fn has_word(line: &str, word: &str) -> bool {
    let inside = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    let whole_at_end = !inside(word.chars().next_back());
    line.match_indices(word).any(|(at, _)| {
        let after = line[at + word.len()..].chars().next();
        !inside(line[..at].chars().next_back()) && (whole_at_end || !inside(after))
    })
}

#[test]
fn a_word_is_found_only_where_it_stands_by_itself() {
    for (line, word, expected) in [
        ("use tokio::time;", "tokio", true),
        ("let tokio_like = 1;", "tokio", false),
        ("rand::rng()", "rand::", true),
        ("operand::new()", "rand::", false),
        ("let a: f64 = x;", "f64", true),
        ("to_f64()", "f64", false),
        ("Timestamp::now()", "Timestamp::now", true),
        ("Timestamp::nowhere()", "Timestamp::now", false),
        ("", "f64", false),
    ] {
        assert_eq!(has_word(line, word), expected, "{word} in {line}");
    }
}
