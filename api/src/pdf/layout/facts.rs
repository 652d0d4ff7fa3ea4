//! Which facts of a document stand beside its customer? A label and a value each, in two columns that stay level; what the
//! document does not have is left out.

use super::flow::Cell;
use super::page::{Align, BODY, Column, Line, MUTED};
use crate::pdf::amount;
use crate::pdf::document::{DocumentKind, InvoiceDocument};
use crate::pdf::face::Faces;

const MAX_VALUE_LINES: usize = 3;

pub(super) fn facts(faces: &Faces, document: &InvoiceDocument, column: Column) -> [Cell; 2] {
    let label = Column { left: column.left, width: column.width * 2 / 5 };
    let value = Column { left: label.left + label.width, width: column.width - label.width };
    let mut labels = Vec::new();
    let mut values = Vec::new();
    for (name, text) in known(document) {
        let lines = faces.wrap(BODY, &text, value.width, MAX_VALUE_LINES);
        for (index, line) in lines.into_iter().enumerate() {
            let name = if index == 0 { name } else { "" };
            labels.push(Line { style: MUTED, text: name.to_owned() });
            values.push(line);
        }
    }
    [
        Cell { column: label, align: Align::Left, lines: labels },
        Cell { column: value, align: Align::Right, lines: values },
    ]
}

/// An empty value wraps to no line, and its label goes with it.
fn known(document: &InvoiceDocument) -> Vec<(&'static str, String)> {
    let number = match document.kind {
        DocumentKind::Invoice => "Invoice number",
        DocumentKind::CreditNote => "Credit note",
    };
    let mut known = vec![(number, document.number.clone())];
    known.extend(document.corrects.clone().map(|corrected| ("For invoice", corrected)));
    known.push(("Issue date", amount::date(document.issue_date)));
    known.extend(document.due_date.map(|due| ("Due date", amount::date(due))));
    known.extend(document.period.map(|period| ("Billing period", amount::span(period))));
    known.push(("Currency", document.currency.code().to_owned()));
    known
}
