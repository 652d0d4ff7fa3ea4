//! What stands on which page, and is the PDF the same whenever it is made?

use super::sample::{bare, full, tax, with_lines};
use super::{body, count, laid_out, reading, render};
use crate::pdf::face::{Faces, Weight};
use crate::pdf::layout::{PAGE_HEIGHT, PAGE_WIDTH, Page};
use crate::pdf::{DocumentKind, DocumentStatus, InvoiceDocument};

#[test]
fn a_full_invoice_reads_from_top_to_bottom() {
    let pages = laid_out(&full());
    assert_eq!(pages.len(), 1);
    let expected = [
        "Nordlicht Coaching GmbH",
        "Invoice",
        "Torstraße 1",
        "10119 Berlin",
        "OPEN",
        "VAT DE123456789",
        "Bill to",
        "Invoice number",
        "INV-2024-001234",
        "Ελένη Παπαδοπούλου",
        "Issue date",
        "1 Feb 2024",
        "ул. Ленина 5",
        "Due date",
        "15 Feb 2024",
        "Zürich",
        "Billing period",
        "1 Feb 2024 – 1 Mar 2024",
        "Currency",
        "USD",
        "Description",
        "Quantity",
        "Unit price",
        "Amount",
        "Coaching, monthly",
        "2",
        "5,000.00",
        "10,000.00",
        "1 Feb 2024 – 1 Mar 2024",
        "Unused time",
        "-500.00",
        "Subtotal",
        "9,500.00",
        "Discount LAUNCH20",
        "-2,000.00",
        "VAT 19% on 7,500.00",
        "1,425.00",
        "Total",
        "USD 8,925.00",
        "Applied balance",
        "-25.00",
        "Credited",
        "-400.00",
        "Amount paid",
        "-500.00",
        "Amount due",
        "USD 8,000.00",
        "Notes",
        "Thank you.",
        "Pay by transfer.",
        "Invoice INV-2024-001234 · Nordlicht Coaching GmbH",
        "Page 1 of 1",
    ];
    let mut found = reading(&pages[0]);
    let mut wanted = expected.map(str::to_owned).to_vec();
    // The two blocks beside each other have lines of different heights; their order across is of no meaning.
    found[..20].sort();
    wanted[..20].sort();
    assert_eq!(found, wanted);
}

#[test]
fn what_is_empty_is_left_out() {
    let expected = ["Invoice", "Issue date", "1 Feb 2024", "Currency", "USD", "Subtotal", "0.00", "Total", "USD 0.00"];
    assert_eq!(body(&laid_out(&bare())[0]), expected);
}

#[test]
fn every_status_and_kind_is_named() {
    for (status, word) in [
        (DocumentStatus::Paid, "PAID"),
        (DocumentStatus::Open, "OPEN"),
        (DocumentStatus::Void, "VOID"),
        (DocumentStatus::Uncollectible, "UNCOLLECTIBLE"),
    ] {
        let document = InvoiceDocument { status: Some(status), ..full() };
        assert!(reading(&laid_out(&document)[0]).contains(&word.to_owned()), "{word}");
    }
    let corrects = Some("INV-2024-000007".to_owned());
    let note = InvoiceDocument { kind: DocumentKind::CreditNote, corrects, number: "CN-1".to_owned(), ..bare() };
    let expected = ["Credit note", "Credit note", "CN-1", "For invoice", "INV-2024-000007", "Issue date"];
    assert_eq!(body(&laid_out(&note)[0])[..6], expected);
}

#[test]
fn an_included_tax_says_so() {
    let mut document = full();
    document.totals.taxes = vec![tax("DE VAT", 19, 10_000, 1_597, true), tax("City", 2, 10_000, 200, false)];
    let texts = body(&laid_out(&document)[0]);
    for label in ["DE VAT 19% on 100.00, included", "City 2% on 100.00"] {
        assert!(texts.contains(&label.to_owned()), "{label}");
    }
}

#[test]
fn lines_take_as_many_pages_as_they_need() {
    for (lines, pages) in [(1, 1), (40, 3), (500, 24)] {
        let document = with_lines(lines);
        let laid_out = laid_out(&document);
        assert_eq!(laid_out.len(), pages, "{lines} lines");
        let seats: Vec<String> = laid_out.iter().flat_map(body).filter(|text| text.starts_with("Seat ")).collect();
        assert_eq!(seats, (1..=lines).map(|index| format!("Seat {index}")).collect::<Vec<_>>());
        for (index, page) in laid_out.iter().enumerate() {
            check_page(page, &format!("Page {} of {pages}", index + 1));
        }
        let bytes = render(&document).unwrap();
        assert_eq!(count(&bytes, format!("/Count {pages}").as_bytes()), 1);
    }
}

/// A page says which it is, has the table's head over its rows, cuts no row and runs over no edge.
fn check_page(page: &Page, number: &str) {
    let texts = reading(page);
    assert_eq!(texts.last().map(String::as_str), Some(number));
    let row = |text: &String| text.starts_with("Seat ");
    let head = texts.iter().position(|text| text == "Description");
    let first = texts.iter().position(row);
    assert!(first.is_none() || head < first, "{number}: {texts:?}");
    assert_eq!(texts.iter().filter(|text| row(text)).count(), texts.iter().filter(|text| *text == "10.00").count() / 2);
    check_inside(page);
}

/// Nothing runs over the page's edge, and every letter has a glyph.
pub fn check_inside(page: &Page) {
    let faces = Faces::embedded().unwrap();
    for text in &page.texts {
        let right = text.x + faces.width(text.style, &text.text);
        assert!(text.x >= 0 && right <= PAGE_WIDTH, "{text:?} ends at {right}");
        assert!(text.baseline > 0 && text.baseline < PAGE_HEIGHT, "{text:?}");
        assert_eq!(faces.of(text.style.weight).showable(text.text.clone()), text.text);
    }
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    for document in [full(), bare(), with_lines(40)] {
        let bytes = render(&document).unwrap();
        assert!(bytes.starts_with(b"%PDF-1.7"));
        assert!(bytes.trim_ascii_end().ends_with(b"%%EOF"));
        assert_eq!(bytes, render(&document.clone()).unwrap());
        assert!(bytes.len() < 60_000, "{} bytes", bytes.len());
    }
    let other = InvoiceDocument { number: "INV-2024-001235".to_owned(), ..full() };
    assert_ne!(render(&other).unwrap(), render(&full()).unwrap());
}

#[test]
fn the_bytes_say_what_they_are() {
    let bytes = render(&full()).unwrap();
    for (needle, times) in [
        (&b"/MediaBox[0 0 595.276 841.89]"[..], 1),
        (b"/Lang(en)", 1),
        (b"Nordlicht Coaching GmbH", 2),
        (b"Invoice INV-2024-001234", 2),
        (b"D:20240201", 2),
    ] {
        assert_eq!(count(&bytes, needle), times, "{}", String::from_utf8_lossy(needle));
    }
}

#[test]
fn both_faces_have_what_replaces_other_letters() {
    let faces = Faces::embedded().unwrap();
    for weight in [Weight::Regular, Weight::Bold] {
        let face = faces.of(weight);
        let known = "Aÿ Ωώ Яѣ €₹₿ -–…“” \u{FFFD}";
        assert_eq!(face.showable(known.to_owned()), known);
        assert_eq!(face.showable("a漢b🦀".to_owned()), "a\u{FFFD}b\u{FFFD}");
    }
}
