//! Is the domain free of clocks, randomness, surroundings and floating point, and the store free of the last?

use super::{assert_none, lines_with_word, sources};

const SURROUNDINGS: [&str; 9] =
    ["tokio", "sqlx", "axum", "SystemTime", "Instant::now", "Timestamp::now", "Zoned::now", "std::env", "rand::"];
const FLOATS: [&str; 2] = ["f32", "f64"];

#[test]
fn the_domain_knows_nothing_of_its_surroundings() {
    assert_none("words that domain must not know (rule A1)", &found(&["domain/src"], &SURROUNDINGS));
}

#[test]
fn domain_and_store_have_no_floats() {
    assert_none("floating point near money", &found(&["domain/src", "store/src"], &FLOATS));
}

fn found(folders: &[&str], words: &[&str]) -> Vec<String> {
    let mut offenders = Vec::new();
    for source in sources(&["rs"]).iter().filter(|source| folders.iter().any(|folder| source.is_under(folder))) {
        let code = source.code();
        for word in words {
            let lines = lines_with_word(&code, word);
            offenders.extend(lines.iter().map(|line| format!("{}:{line}: {word}", source.path)));
        }
    }
    offenders
}
