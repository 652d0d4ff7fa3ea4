//! How are the lines of a document set? A row each, under a head that every page repeats. Columns are as wide as their
//! widest figure, and what no line has gets no column; the description takes the rest.

use super::Ink;
use super::flow::{Cell, Flow, Row};
use super::page::{Align, BODY, BODY_WIDTH, Column, GAP, HEADING, Length, Line, MARGIN, SMALL};
use crate::pdf::amount;
use crate::pdf::document::{DocumentLine, InvoiceDocument};
use crate::pdf::face::Faces;

/// About 1,500 letters; what says more than that is a contract.
const MAX_DESCRIPTION_LINES: usize = 20;
/// The description keeps this much even beside the largest figures there are.
const MIN_DESCRIPTION_WIDTH: Length = 60_000;
const PADDING: Length = 4_000;

/// The figures of one line as they are printed.
struct Figures {
    quantity: String,
    unit: String,
    amount: String,
}

pub(super) fn place(flow: &mut Flow<'_>, document: &InvoiceDocument) {
    if document.lines.is_empty() {
        return;
    }
    let faces = flow.faces();
    let figures: Vec<Figures> = document.lines.iter().map(|line| printed(line, document)).collect();
    let columns = Columns::for_figures(faces, &figures);
    let mut rows =
        document.lines.iter().zip(&figures).map(|(line, figures)| columns.row(faces, line, figures)).peekable();
    let head = columns.head();
    flow.keep_together(head.height() + rows.peek().map_or(0, Row::height));
    flow.repeat(head);
    for row in rows {
        flow.place(&row);
    }
    flow.stop_repeating();
}

fn printed(line: &DocumentLine, document: &InvoiceDocument) -> Figures {
    Figures {
        quantity: line.quantity.map(amount::quantity).unwrap_or_default(),
        unit: line.unit_minor.map(|unit| amount::unit_price(unit, document.currency)).unwrap_or_default(),
        amount: amount::amount(line.amount_minor, document.currency),
    }
}

/// A column of no width is left out.
struct Columns {
    description: Column,
    quantity: Column,
    unit: Column,
    amount: Column,
}

const QUANTITY: &str = "Quantity";
const UNIT: &str = "Unit price";
const AMOUNT: &str = "Amount";

impl Columns {
    fn for_figures(faces: &Faces, figures: &[Figures]) -> Self {
        let width = |head: &str, of: fn(&Figures) -> &str| {
            let widest = figures.iter().map(|line| faces.width(BODY, of(line))).max().unwrap_or(0);
            if widest == 0 { 0 } else { widest.max(faces.width(HEADING, head)) }
        };
        let mut right = MARGIN + BODY_WIDTH;
        let mut take = |width: Length| {
            let column = Column { left: right - width, width };
            right -= if width == 0 { 0 } else { width + GAP };
            column
        };
        let amount = take(width(AMOUNT, |line| &line.amount));
        let unit = take(width(UNIT, |line| &line.unit));
        let quantity = take(width(QUANTITY, |line| &line.quantity));
        let description = Column { left: MARGIN, width: (right - MARGIN).max(MIN_DESCRIPTION_WIDTH) };
        Self { description, quantity, unit, amount }
    }

    fn head(&self) -> Row {
        let cell = |column, align, text: &str| {
            let lines = vec![Line { style: HEADING, text: text.to_owned() }];
            Cell { column, align, lines }
        };
        let mut cells = vec![cell(self.description, Align::Left, "Description")];
        let figures = [(self.quantity, QUANTITY), (self.unit, UNIT), (self.amount, AMOUNT)];
        let shown = figures.into_iter().filter(|(column, _)| column.width > 0);
        cells.extend(shown.map(|(column, text)| cell(column, Align::Right, text)));
        Row { cells, padding: PADDING, over: None, under: Some(Ink::Dark) }
    }

    fn row(&self, faces: &Faces, line: &DocumentLine, figures: &Figures) -> Row {
        let width = self.description.width;
        let mut lines = faces.wrap(BODY, &line.description, width, MAX_DESCRIPTION_LINES);
        if let Some(period) = line.period {
            lines.extend(faces.wrap(SMALL, &amount::span(period), width, MAX_DESCRIPTION_LINES));
        }
        let figure = |column, text: &str| {
            let lines = vec![Line { style: BODY, text: text.to_owned() }];
            Cell { column, align: Align::Right, lines }
        };
        let cells = vec![
            Cell { column: self.description, align: Align::Left, lines },
            figure(self.quantity, &figures.quantity),
            figure(self.unit, &figures.unit),
            figure(self.amount, &figures.amount),
        ];
        Row { cells, padding: PADDING, over: None, under: Some(Ink::Faint) }
    }
}
