//! Do the documents name only files that exist, and does the program carry every migration there is?

use super::{assert_none, root, sources};

#[test]
fn every_path_in_the_documents_exists() {
    let root = root();
    let mut offenders = Vec::new();
    for source in sources(&["md"]) {
        for path in paths_named_in(&source.text) {
            let known = path.split('/').next().is_some_and(|first| root.join(first).is_dir());
            if known && !root.join(&path).exists() {
                offenders.push(format!("{}: {path}", source.path));
            }
        }
    }
    assert_none("paths that do not exist", &offenders);
}

#[test]
fn the_code_map_names_every_crate() {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let named = paths_named_in(&text);
    let crates =
        sources(&["toml"]).into_iter().filter_map(|source| Some(source.path.strip_suffix("/Cargo.toml")?.to_owned()));
    let offenders: Vec<String> = crates.filter(|name| !named.contains(&format!("{name}/"))).collect();
    assert_none("crates that ARCHITECTURE.md does not name", &offenders);
}

#[test]
fn every_migration_is_embedded() {
    let code: String = sources(&["rs"])
        .into_iter()
        .filter(|source| source.is_under("migrations/src"))
        .map(|source| source.text)
        .collect();
    let files = sources(&["sql"]).into_iter().filter(|source| source.is_under("migrations"));
    let offenders: Vec<String> = files
        .filter(|source| !source.path.strip_prefix("migrations/").is_some_and(|path| code.contains(path)))
        .map(|source| source.path)
        .collect();
    assert_none("migrations that migrations/src does not list", &offenders);
}

/// What stands between backticks and looks like a path: a slash, and no spaces, placeholders or patterns.
fn paths_named_in(text: &str) -> Vec<String> {
    let outside_fences = text.split("```").step_by(2);
    let quoted = outside_fences.flat_map(|part| part.split('`').skip(1).step_by(2));
    quoted
        .filter(|token| token.contains('/') && !token.starts_with(['/', '.']))
        .filter(|token| token.chars().all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter)))
        .map(str::to_owned)
        .collect()
}

#[test]
fn paths_are_recognised_in_documents() {
    for (text, expected) in [
        ("see `domain/src/money.rs` and `store/`", vec!["domain/src/money.rs", "store/"]),
        ("`GET /health`, `/metrics`, `domain/src/<name>/`, `tests/golden/*.json`, `money.rs`", vec![]),
        ("```\n`domain/none.rs`\n```\n`api/src`", vec!["api/src"]),
        ("", vec![]),
    ] {
        assert_eq!(paths_named_in(text), expected, "{text}");
    }
}
