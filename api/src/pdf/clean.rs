//! What of a text from outside may stand on a document? Marks that only steer a display are dropped, so that no name can
//! turn the text around it or cover the row above; what is left is cut to a length that can be set. Never fails.

/// Far more than the longest description or paragraph that is shown; it bounds the work for a text nobody means.
const MAX_CHARS: usize = 20_000;

/// Real writing stacks two or three; more only serve to paint over the neighbours.
const MAX_MARKS: usize = 3;

/// The embedded faces lack it, and a figure must not lose its sign.
const MINUS: char = '\u{2212}';

/// A line of its own: every run of white space is one space.
pub(super) fn one_line(text: &str) -> String {
    let mut clean = String::new();
    let mut marks = 0;
    let mut gap = false;
    for letter in text.chars().take(MAX_CHARS) {
        if is_breaking_space(letter) {
            gap = true;
        } else if !is_invisible(letter) {
            marks = if is_mark(letter) { marks + 1 } else { 0 };
            if marks <= MAX_MARKS {
                if gap && !clean.is_empty() {
                    clean.push(' ');
                }
                gap = false;
                clean.push(if letter == MINUS { '-' } else { letter });
            }
        }
    }
    clean
}

/// The lines of a text that are not empty, each clean.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    let lines = text.split(['\n', '\r', '\u{0B}', '\u{0C}', '\u{85}', '\u{2028}', '\u{2029}']);
    lines.map(one_line).filter(|line| !line.is_empty()).collect()
}

fn is_breaking_space(letter: char) -> bool {
    letter.is_whitespace() && !matches!(letter, '\u{A0}' | '\u{2007}' | '\u{202F}')
}

/// Controls, direction marks, joiners, variation selectors, tags, private letters and code points that are no letters.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || u32::from(letter) & 0xFFFE == 0xFFFE
        || matches!(letter,
            '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{3164}' | '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}' | '\u{F0000}'..='\u{10FFFF}')
}

/// The combining marks that the embedded faces have glyphs for.
fn is_mark(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{2DE0}'..='\u{2DFF}' | '\u{A66F}'..='\u{A672}' | '\u{A674}'..='\u{A67D}'
        | '\u{A69E}'..='\u{A69F}' | '\u{FE20}'..='\u{FE2F}')
}
