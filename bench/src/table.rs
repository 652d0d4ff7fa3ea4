//! How is a result shown? As a table for people, then as one line of JSON for programs.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use serde_json::Value;

use crate::rates::rounded;

/// Prints a titled table; the first column is text, the others are figures. Notes follow it, a line each.
pub fn print(title: &str, header: &[&str], rows: &[Vec<String>], notes: &[&str]) {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED).set_header(header.to_vec());
    for row in rows {
        table.add_row(row.clone());
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!("\n{title} ({cores} cores)\n{table}");
    for note in notes {
        println!("  {note}");
    }
}

/// Prints the last line.
pub fn print_json(value: &Value) {
    println!("{value}");
}

/// A rate with its thousands apart: `48,213`.
pub fn rate(value: f64) -> String {
    grouped(&format!("{value:.0}"))
}

/// A count with its thousands apart.
pub fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// `9.1 ×`.
pub fn times(ratio: f64) -> String {
    format!("{ratio:.2} ×")
}

/// `3.2 ms`.
pub fn ms(value: f64) -> String {
    format!("{value:.1} ms")
}

/// A figure of the JSON line.
pub fn figure(value: f64) -> Value {
    Value::from(rounded(value))
}

fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart() {
        let cases = [(0, "0"), (999, "999"), (1000, "1,000"), (48_213, "48,213"), (1_234_567, "1,234,567")];
        for (value, expected) in cases {
            assert_eq!(count(value), expected);
        }
    }
}
