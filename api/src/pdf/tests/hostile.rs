//! Does any text print, without running out of its place?

use super::Weight;
use super::pages::check_inside;
use super::sample::{full, of_text};
use super::{body, laid_out, render};
use crate::pdf::clean::{one_line, paragraphs};
use crate::pdf::face::Faces;
use crate::pdf::layout::{Ink, Style};

const BODY: Style = Style { weight: Weight::Regular, size: 9_000, ink: Ink::Dark };

#[test]
fn texts_are_cleaned_of_what_only_steers_a_display() {
    for (text, expected) in [
        ("  two\t\n words ", "two words"),
        ("a\0b\u{7}c\u{1b}[31m", "abc[31m"),
        ("evil\u{202E}fdp.exe", "evilfdp.exe"),
        ("zero\u{200B}\u{FEFF}width", "zerowidth"),
        ("\u{2212}5", "-5"),
        ("no\u{A0}break", "no\u{A0}break"),
        ("e\u{301}\u{301}\u{301}\u{301}\u{301}x", "e\u{301}\u{301}\u{301}x"),
        ("\u{FFFE}\u{10FFFF}\u{E000}", ""),
        (" \r\n ", ""),
    ] {
        assert_eq!(one_line(text), expected, "{text:?}");
    }
    assert_eq!(paragraphs("one\r\n\r\n two \u{2028}three\n"), ["one", "two", "three"]);
    assert_eq!(one_line(&"x".repeat(1_000_000)).len(), 20_000);
}

#[test]
fn texts_are_broken_at_words_hyphens_and_at_last_anywhere() {
    let faces = Faces::embedded().unwrap();
    for (text, width, most, expected) in [
        ("one two three", 40_000, 9, vec!["one two", "three"]),
        ("one two three", 400_000, 9, vec!["one two three"]),
        ("well-known", 35_000, 9, vec!["well-", "known"]),
        ("minus -1", 34_000, 9, vec!["minus", "-1"]),
        ("Donaudampfschiff", 40_000, 9, vec!["Donauda", "mpfschiff"]),
        ("i WWWWWWWW", 30_000, 9, vec!["i", "WWW", "WWW", "WW"]),
        ("one two three", 40_000, 1, vec!["one tw…"]),
        ("", 40_000, 9, vec![]),
        ("wide", 1, 9, vec!["w", "i", "d", "e"]),
    ] {
        let lines: Vec<String> = faces.wrap(BODY, text, width, most).into_iter().map(|line| line.text).collect();
        assert_eq!(lines, expected, "{text} in {width}");
    }
}

#[test]
fn letters_keep_their_marks_when_a_word_is_broken() {
    let faces = Faces::embedded().unwrap();
    let lines = faces.wrap(BODY, &"q\u{308}".repeat(40), 30_000, 99);
    assert!(lines.len() > 1);
    assert!(lines.iter().all(|line| line.text.starts_with('q') && line.text.ends_with('\u{308}')));
}

#[test]
fn any_text_prints_everywhere() {
    let texts = [
        String::new(),
        "\0\u{1}\u{7f}".to_owned(),
        "漢字かな交じり文🦀👩‍👩‍👧‍👦".to_owned(),
        "مرحبا שלום हैलो".to_owned(),
        "\u{301}\u{302}leading marks".to_owned(),
        "Z\u{310}\u{344}\u{34b}".repeat(3_000),
        "W".repeat(100_000),
        "word ".repeat(20_000),
        "a\n".repeat(20_000),
        "\u{202E}\u{2066}((\\)<</>>%%EOF endstream".to_owned(),
        "<?xpacket?> & <rdf> ]]>".to_owned(),
        "ﬁﬂ ﬃ Ǆ İi ß".to_owned(),
    ];
    for text in texts {
        let document = of_text(&text);
        let pages = laid_out(&document);
        pages.iter().for_each(check_inside);
        assert!(pages.iter().any(|page| body(page).contains(&"USD 8,000.00".to_owned())));
        assert!(render(&document).unwrap().starts_with(b"%PDF"), "{text:.20}");
    }
}

#[test]
fn texts_of_random_letters_print() {
    let mut state: u64 = 7;
    let mut next = |below: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(state >> 33).unwrap() % below
    };
    for _ in 0..80 {
        let reach = [0x80, 0x600, 0x3000, 0x11_0000][next(4) as usize];
        let text: String = (0..next(60)).filter_map(|_| char::from_u32(next(reach))).collect();
        let document = of_text(&text);
        laid_out(&document).iter().for_each(check_inside);
        assert_eq!(render(&document).unwrap(), render(&document).unwrap(), "{text:?}");
    }
}

#[test]
fn more_discounts_and_taxes_than_a_page_holds_go_on_over_pages() {
    let mut document = full();
    let discount = document.totals.discounts[0].clone();
    document.totals.discounts = vec![discount; 200];
    let pages = laid_out(&document);
    pages.iter().for_each(check_inside);
    let shown = pages.iter().flat_map(body).filter(|text| text == "Discount LAUNCH20").count();
    assert_eq!(shown, 200);
}
