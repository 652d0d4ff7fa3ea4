//! On which page, and how far down, does the next row stand? A row is never cut: it goes to a new page where it no longer
//! fits, under the repeated head of its table. Which rows there are is not decided here.

use super::page::{Align, BODY_BOTTOM, Column, Length, Line, MARGIN, Page, PlacedText, Rule};
use super::{Ink, PAGE_WIDTH};
use crate::pdf::face::Faces;

const RULE_THICKNESS: Length = 500;

/// Cells side by side, each with its lines from the top.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    /// Empty room above and below the lines.
    pub(super) padding: Length,
    /// A rule at the upper or lower edge, across the columns.
    pub(super) over: Option<Ink>,
    pub(super) under: Option<Ink>,
}

#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) column: Column,
    pub(super) align: Align,
    pub(super) lines: Vec<Line>,
}

impl Row {
    pub(super) fn of(cells: Vec<Cell>) -> Self {
        Self { cells, ..Self::default() }
    }

    pub(super) fn height(&self) -> Length {
        self.cells.iter().map(Cell::height).max().unwrap_or(0) + 2 * self.padding
    }

    fn left(&self) -> Length {
        self.cells.iter().map(|cell| cell.column.left).min().unwrap_or(MARGIN)
    }
}

impl Cell {
    fn height(&self) -> Length {
        self.lines.iter().map(|line| line.style.line_height()).sum()
    }
}

pub(super) struct Flow<'a> {
    faces: &'a Faces,
    done: Vec<Page>,
    page: Page,
    /// The upper edge of the next row.
    top: Length,
    repeated: Option<Row>,
}

impl<'a> Flow<'a> {
    pub(super) fn new(faces: &'a Faces) -> Self {
        Self { faces, done: Vec::new(), page: Page::default(), top: MARGIN, repeated: None }
    }

    pub(super) fn faces(&self) -> &'a Faces {
        self.faces
    }

    /// Places the row now and at the top of every page until [`Flow::stop_repeating`].
    pub(super) fn repeat(&mut self, row: Row) {
        self.place(&row);
        self.repeated = Some(row);
    }

    pub(super) fn stop_repeating(&mut self) {
        self.repeated = None;
    }

    pub(super) fn place(&mut self, row: &Row) {
        self.keep_together(row.height());
        self.put(row);
    }

    /// Starts a page unless rows of this height fit on the present one, or would fit on none.
    pub(super) fn keep_together(&mut self, height: Length) {
        let head = self.repeated.as_ref().map_or(0, Row::height);
        let is_fresh = self.top <= MARGIN + head;
        if self.top + height > BODY_BOTTOM && !is_fresh && height <= BODY_BOTTOM - MARGIN - head {
            self.start_page();
        }
    }

    /// Leaves room, which is lost where the next row starts a page.
    pub(super) fn leave(&mut self, height: Length) {
        self.top += height;
    }

    pub(super) fn finish(mut self) -> Vec<Page> {
        self.done.push(self.page);
        self.done
    }

    fn start_page(&mut self) {
        self.done.push(std::mem::take(&mut self.page));
        self.top = MARGIN;
        if let Some(head) = self.repeated.clone() {
            self.put(&head);
        }
    }

    fn put(&mut self, row: &Row) {
        let height = row.height();
        for cell in &row.cells {
            let mut top = self.top + row.padding;
            for line in &cell.lines {
                self.put_line(cell, line, top);
                top += line.style.line_height();
            }
        }
        let edges = [(row.over, self.top), (row.under, self.top + height - RULE_THICKNESS)];
        for (ink, y) in edges.into_iter().filter_map(|(ink, y)| Some((ink?, y))) {
            let x = row.left();
            let width = PAGE_WIDTH - MARGIN - x;
            self.page.rules.push(Rule { x, y, width, thickness: RULE_THICKNESS, ink });
        }
        self.top += height;
    }

    fn put_line(&mut self, cell: &Cell, line: &Line, top: Length) {
        if line.text.is_empty() {
            return;
        }
        let x = match cell.align {
            Align::Left => cell.column.left,
            Align::Right => cell.column.left + cell.column.width - self.faces.width(line.style, &line.text),
        };
        let baseline = top + line.style.ascent();
        self.page.texts.push(PlacedText { x, baseline, style: line.style, text: line.text.clone() });
    }
}
