//! What in a Rust file is code, and how long are its functions? A small scanner that knows comments, strings and character
//! literals, and no grammar.

/// One function with a body.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    /// Where `fn` stands, counted from 1.
    pub line: usize,
    /// From that line to the one with the closing brace, both counted.
    pub length: usize,
}

/// Blanks comments, strings and character literals. Line breaks stay, so line numbers do too.
pub fn code_only(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < letters.len() {
        let Some(end) = skipped(&letters, at) else {
            code.push(letters[at]);
            at += 1;
            continue;
        };
        let end = end.min(letters.len());
        code.extend(letters[at..end].iter().map(|letter| if *letter == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    code
}

/// The functions of a file, nested ones included; signatures without a body are not counted.
pub fn functions(code: &str) -> Vec<Function> {
    let letters: Vec<char> = code.chars().collect();
    let starts = (0..letters.len()).filter(|at| is_fn(&letters, *at));
    starts.filter_map(|at| function_at(&letters, at)).collect()
}

/// Where the comment or literal that begins here ends, if one does.
fn skipped(letters: &[char], at: usize) -> Option<usize> {
    let next = letters.get(at + 1).copied();
    match letters[at] {
        '/' if next == Some('/') => Some(find(letters, at, '\n').unwrap_or(letters.len())),
        '/' if next == Some('*') => Some(block_comment_end(letters, at)),
        '"' => Some(string_end(letters, at + 1)),
        'r' if !follows_a_name(letters, at) => raw_string_end(letters, at + 1),
        '\'' => character_end(letters, at),
        _ => None,
    }
}

fn find(letters: &[char], from: usize, wanted: char) -> Option<usize> {
    (from..letters.len()).find(|at| letters[*at] == wanted)
}

fn block_comment_end(letters: &[char], start: usize) -> usize {
    let (mut depth, mut at) = (0, start);
    while at + 1 < letters.len() {
        match (letters[at], letters[at + 1]) {
            ('/', '*') => (depth, at) = (depth + 1, at + 2),
            ('*', '/') => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    letters.len()
}

fn string_end(letters: &[char], start: usize) -> usize {
    let mut at = start;
    while at < letters.len() {
        match letters[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    letters.len()
}

/// `r"…"` and `r#"…"#`; a raw name such as `r#type` is none.
fn raw_string_end(letters: &[char], start: usize) -> Option<usize> {
    let hashes = letters[start..].iter().take_while(|letter| **letter == '#').count();
    if letters.get(start + hashes) != Some(&'"') {
        return None;
    }
    let mut at = start + hashes + 1;
    while let Some(quote) = find(letters, at, '"') {
        at = quote + 1;
        if letters[at..].iter().take(hashes).filter(|letter| **letter == '#').count() == hashes {
            return Some(at + hashes);
        }
    }
    Some(letters.len())
}

/// `'x'` and `'\n'`, but not the lifetime `'a`.
fn character_end(letters: &[char], start: usize) -> Option<usize> {
    match (letters.get(start + 1), letters.get(start + 2)) {
        (Some('\\'), _) => find(letters, start + 3, '\'').map(|end| end + 1),
        (Some(_), Some('\'')) => Some(start + 3),
        _ => None,
    }
}

/// A raw string may follow `b` or `c`, but not the rest of a name that ends in r.
fn follows_a_name(letters: &[char], at: usize) -> bool {
    let name: Vec<char> = letters[..at].iter().rev().take_while(|letter| is_name(**letter)).copied().collect();
    !matches!(name[..], [] | ['b' | 'c'])
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn is_fn(letters: &[char], at: usize) -> bool {
    letters[at..].starts_with(&['f', 'n', ' ']) && (at == 0 || !is_name(letters[at - 1]))
}

fn function_at(letters: &[char], start: usize) -> Option<Function> {
    let name: String = letters[start + 3..].iter().take_while(|letter| is_name(**letter)).collect();
    let open = (start..letters.len()).find(|at| matches!(letters[*at], '{' | ';'))?;
    if name.is_empty() || letters[open] == ';' {
        return None;
    }
    let mut depth = 0_usize;
    let close = (open..letters.len()).find(|at| {
        match letters[*at] {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth == 0
    })?;
    let lines = |range: &[char]| range.iter().filter(|letter| **letter == '\n').count();
    Some(Function { name, line: lines(&letters[..start]) + 1, length: lines(&letters[start..close]) + 1 })
}

#[test]
fn only_code_is_left() {
    // A point in what is expected stands for a blank.
    for (text, expected) in [
        ("a // b\nc", "a ....\nc"),
        ("a /* b /* c */ d */ e", "a ................. e"),
        (r#"f("x{\"}", 1)"#, "f(......., 1)"),
        (r##"f(r#"a"b{"#, 1)"##, "f(........., 1)"),
        ("br\"{\" r#type", "b.... r#type"),
        ("for\"{\"", "for..."),
        (r"'{' '\'' '\u{7b}'", "... .... ........"),
        ("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}"),
        ("\"a\nb\"c", "..\n..c"),
        ("", ""),
    ] {
        assert_eq!(code_only(text), expected.replace('.', " "), "{text}");
    }
}

#[test]
fn functions_are_measured_from_fn_to_the_closing_brace() {
    for (code, expected) in [
        ("fn a() {}", vec![("a", 1, 1)]),
        ("\npub fn a()\nwhere\n    T: X,\n{\n    { }\n}\n", vec![("a", 2, 6)]),
        ("fn a() {\n    fn b() {\n    }\n}", vec![("a", 1, 4), ("b", 2, 2)]),
        ("trait T { fn a(); }", vec![]),
        ("let f: fn (u8) -> u8 = g; often {}", vec![]),
        ("", vec![]),
    ] {
        let expected: Vec<_> =
            expected.into_iter().map(|(name, line, length)| Function { name: name.to_owned(), line, length }).collect();
        assert_eq!(functions(code), expected, "{code}");
    }
}
