//! Is every file one idea that says what it is for, and short enough to be read in one go?

use super::lexer::functions;
use super::{Source, assert_none, sources};

const MAX_FILE_LINES: usize = 400;
const MAX_FUNCTION_LINES: usize = 70;
/// Tests are tables of cases; a long table is easier to read than a split one.
const MAX_TEST_FUNCTION_LINES: usize = 150;

#[test]
fn files_are_short() {
    let lengths = sources(&["rs"]).into_iter().map(|source| (source.text.lines().count(), source.path));
    let offenders: Vec<String> = lengths
        .filter(|(length, _)| *length > MAX_FILE_LINES)
        .map(|(length, path)| format!("{path}: {length} lines"))
        .collect();
    assert_none("files of more than 400 lines", &offenders);
}

#[test]
fn files_open_with_the_question_they_answer() {
    let sources = sources(&["rs"]);
    let included: Vec<String> = sources.iter().flat_map(|source| paths_included_by(&source.text)).collect();
    let offenders: Vec<String> = sources
        .into_iter()
        .filter(|source| !source.path.ends_with("_tests.rs") && !is_included(source, &included))
        .filter(|source| !source.text.starts_with("//! "))
        .map(|source| source.path)
        .collect();
    assert_none("files that do not open with `//! `", &offenders);
}

#[test]
fn functions_are_short() {
    let mut offenders = Vec::new();
    for source in sources(&["rs"]) {
        let most = if is_test(&source.path) { MAX_TEST_FUNCTION_LINES } else { MAX_FUNCTION_LINES };
        let long = functions(&source.code()).into_iter().filter(|function| function.length > most);
        offenders.extend(long.map(|it| format!("{}:{}: {} has {} lines", source.path, it.line, it.name, it.length)));
    }
    assert_none("functions of more than 70 lines", &offenders);
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("tests.rs")
}

/// The file names in `#[path = "…"]`; such a file speaks through the one that includes it.
fn paths_included_by(text: &str) -> Vec<String> {
    let attributes = text.split("#[path = \"").skip(1);
    attributes
        .filter_map(|rest| rest.split_once('"'))
        .map(|(path, _)| path.trim_start_matches("../").to_owned())
        .collect()
}

fn is_included(source: &Source, included: &[String]) -> bool {
    included.iter().any(|path| source.path.strip_suffix(path.as_str()).is_some_and(|folder| folder.ends_with('/')))
}

#[test]
fn included_files_are_found_in_their_attributes() {
    for (text, expected) in [
        (concat!("#[path", " = \"money_tests.rs\"]\nmod tests;"), vec!["money_tests.rs"]),
        (concat!("#[path", " = \"../shared/world.rs\"]\nmod world;"), vec!["shared/world.rs"]),
        ("mod money;", vec![]),
    ] {
        assert_eq!(paths_included_by(text), expected);
    }
}
