//! How does a document begin? With who sells, what it is, who buys, and its facts: number, dates, period, currency.

use super::facts::facts;
use super::flow::{Cell, Flow, Row};
use super::page::{Align, BODY, BODY_WIDTH, Column, HEADING, Length, Line, MARGIN, MUTED, NAME, STRONG, TITLE};
use super::{Ink, Style};
use crate::pdf::document::{DocumentStatus, InvoiceDocument, Party};
use crate::pdf::face::Faces;

/// The longest postal address with tax numbers and an e-mail; so many of both parties leave room for the table.
const MAX_PARTY_LINES: usize = 14;
const MAX_NAME_LINES: usize = 3;

const LEFT: Column = Column { left: MARGIN, width: BODY_WIDTH * 11 / 20 };
const RIGHT: Column = Column { left: MARGIN + BODY_WIDTH * 12 / 20, width: BODY_WIDTH * 8 / 20 };

const BLOCK_GAP: Length = 22_000;

pub(super) fn place(flow: &mut Flow<'_>, document: &InvoiceDocument) {
    let faces = flow.faces();
    let mut title = vec![Line { style: TITLE, text: document.kind.title().to_owned() }];
    title.extend(document.status.map(|status| Line { style: status_style(status), text: status.word().to_owned() }));
    flow.place(&Row::of(vec![
        Cell { column: LEFT, align: Align::Left, lines: party(faces, &document.seller, MUTED) },
        Cell { column: RIGHT, align: Align::Right, lines: title },
    ]));
    flow.leave(BLOCK_GAP);
    let mut customer = party(faces, &document.customer, BODY);
    if !customer.is_empty() {
        customer.insert(0, Line { style: HEADING, text: "Bill to".to_owned() });
    }
    let mut cells = vec![Cell { column: LEFT, align: Align::Left, lines: customer }];
    cells.extend(facts(faces, document, RIGHT));
    flow.place(&Row::of(cells));
    flow.leave(BLOCK_GAP);
}

fn party(faces: &Faces, party: &Party, style: Style) -> Vec<Line> {
    let mut lines = faces.wrap(NAME, &party.name, LEFT.width, MAX_NAME_LINES);
    for text in &party.lines {
        let left = MAX_PARTY_LINES.saturating_sub(lines.len());
        if left > 0 {
            lines.extend(faces.wrap(style, text, LEFT.width, left));
        }
    }
    lines
}

fn status_style(status: DocumentStatus) -> Style {
    let ink = match status {
        DocumentStatus::Paid => Ink::Good,
        DocumentStatus::Open => Ink::Pending,
        DocumentStatus::Void => Ink::Muted,
        DocumentStatus::Uncollectible => Ink::Bad,
    };
    Style { ink, ..STRONG }
}
