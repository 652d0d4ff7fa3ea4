//! How does a document reach its total, and what remains to be paid? Label and figure, row by row, kept on one page where
//! they fit on one. The figures are the document's; nothing is added up here.

use super::flow::{Cell, Flow, Row};
use super::page::{Align, BODY, BODY_WIDTH, Column, GAP, Length, Line, MARGIN, STRONG};
use super::{Ink, Style};
use crate::pdf::amount::{amount, deduction, percent};
use crate::pdf::document::{DocumentTax, InvoiceDocument};

const LEFT: Length = MARGIN + BODY_WIDTH * 9 / 20;
const MAX_LABEL_LINES: usize = 4;
const PADDING: Length = 2_500;
const BLOCK_GAP: Length = 10_000;

struct Sum {
    label: String,
    figure: String,
    style: Style,
    over: Option<Ink>,
}

pub(super) fn place(flow: &mut Flow<'_>, document: &InvoiceDocument) {
    let faces = flow.faces();
    let sums = sums(document);
    let width = sums.iter().map(|sum| faces.width(sum.style, &sum.figure)).max().unwrap_or(0);
    let figure = Column { left: MARGIN + BODY_WIDTH - width, width };
    let label = Column { left: LEFT, width: figure.left - GAP - LEFT };
    let rows: Vec<Row> = sums
        .into_iter()
        .map(|sum| {
            let labels = faces.wrap(sum.style, &sum.label, label.width, MAX_LABEL_LINES);
            let figures = vec![Line { style: sum.style, text: sum.figure }];
            let cells = vec![
                Cell { column: label, align: Align::Left, lines: labels },
                Cell { column: figure, align: Align::Right, lines: figures },
            ];
            Row { cells, padding: PADDING, over: sum.over, under: None }
        })
        .collect();
    flow.leave(BLOCK_GAP);
    flow.keep_together(rows.iter().map(Row::height).sum());
    for row in &rows {
        flow.place(row);
    }
}

fn sums(document: &InvoiceDocument) -> Vec<Sum> {
    let (totals, currency) = (&document.totals, document.currency);
    let plain = |label: &str, figure: String| Sum { label: label.to_owned(), figure, style: BODY, over: None };
    let strong = |label: &str, figure: i64| Sum {
        label: label.to_owned(),
        figure: format!("{currency} {}", amount(figure, currency)),
        style: STRONG,
        over: Some(Ink::Dark),
    };
    let mut sums = vec![plain("Subtotal", amount(totals.subtotal_minor, currency))];
    for discount in &totals.discounts {
        sums.push(plain(&format!("Discount {}", discount.coupon), deduction(discount.amount_minor, currency)));
    }
    for tax in &totals.taxes {
        sums.push(plain(&tax_label(tax, document), amount(tax.amount_minor, currency)));
    }
    sums.push(strong("Total", totals.total_minor));
    let settled = [
        ("Applied balance", totals.applied_balance_minor),
        ("Credited", totals.credited_minor),
        ("Amount paid", totals.amount_paid_minor),
    ];
    let shown = settled.into_iter().filter(|(_, minor)| *minor != 0);
    sums.extend(shown.map(|(label, minor)| plain(label, deduction(minor, currency))));
    sums.extend(totals.amount_due_minor.map(|due| strong("Amount due", due)));
    sums
}

fn tax_label(tax: &DocumentTax, document: &InvoiceDocument) -> String {
    let base = amount(tax.base_minor, document.currency);
    let included = if tax.inclusive { ", included" } else { "" };
    format!("{} {} on {base}{included}", tax.name, percent(tax.percent))
}
