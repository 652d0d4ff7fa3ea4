//! Where does each text of a document stand? A pure function from the document to placed texts and rules, page by page. It
//! draws nothing, and knows the faces only by the widths of their texts.

mod facts;
mod flow;
mod page;
mod parties;
mod sums;
mod table;

pub(super) use page::{Ink, Length, Line, PAGE_HEIGHT, PAGE_WIDTH, Page, PlacedText, Rule, Style};

use super::document::InvoiceDocument;
use super::face::Faces;
use flow::{Cell, Flow, Row};
use page::{Align, BODY, BODY_WIDTH, HEADING, MARGIN, SMALL};

/// Nobody reads further; a longer note belongs in a letter.
const MAX_NOTE_LINES: usize = 200;
const MAX_NOTE_PARAGRAPH_LINES: usize = 100;

pub(super) fn lay_out(document: &InvoiceDocument, faces: &Faces) -> Vec<Page> {
    let mut flow = Flow::new(faces);
    parties::place(&mut flow, document);
    table::place(&mut flow, document);
    sums::place(&mut flow, document);
    place_notes(&mut flow, &document.notes);
    let mut pages = flow.finish();
    number(&mut pages, document, faces);
    pages
}

fn place_notes(flow: &mut Flow<'_>, notes: &str) {
    let column = page::Column { left: MARGIN, width: BODY_WIDTH };
    let faces = flow.faces();
    let paragraphs = super::clean::paragraphs(notes);
    let lines = paragraphs.iter().flat_map(|it| faces.wrap(BODY, it, BODY_WIDTH, MAX_NOTE_PARAGRAPH_LINES));
    for (index, line) in lines.take(MAX_NOTE_LINES).enumerate() {
        if index == 0 {
            flow.leave(HEADING.line_height());
            let heading = Line { style: HEADING, text: "Notes".to_owned() };
            flow.keep_together(HEADING.line_height() + line.style.line_height());
            flow.place(&Row::of(vec![Cell { column, align: Align::Left, lines: vec![heading] }]));
        }
        flow.place(&Row::of(vec![Cell { column, align: Align::Left, lines: vec![line] }]));
    }
}

/// What document it is and `Page 2 of 3`, at the foot of every page.
fn number(pages: &mut [Page], document: &InvoiceDocument, faces: &Faces) {
    let count = pages.len();
    let baseline = PAGE_HEIGHT - MARGIN;
    let parts = [document.kind.title(), &document.number, "·", &document.seller.name];
    let known = !document.seller.name.trim().is_empty();
    let name = parts.iter().take(if known { 4 } else { 2 }).copied().collect::<Vec<_>>().join(" ");
    for (index, page) in pages.iter_mut().enumerate() {
        let right = format!("Page {} of {count}", index + 1);
        let x = PAGE_WIDTH - MARGIN - faces.width(SMALL, &right);
        for line in faces.wrap(SMALL, &name, x - MARGIN - MARGIN, 1) {
            page.texts.push(PlacedText { x: MARGIN, baseline, style: SMALL, text: line.text });
        }
        page.texts.push(PlacedText { x, baseline, style: SMALL, text: right });
    }
}
