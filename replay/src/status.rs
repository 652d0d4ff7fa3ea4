//! `daybook replay status`: how far each projection is, as a table. What the states mean is `projections`' business.

use projections::Status;
use store::Ledger;

use crate::error::ReplayError;
use crate::printing::{grouped, line, table};

const HEADER: [&str; 7] = ["projection", "version", "position", "head", "lag", "state", "failure"];

pub(crate) async fn print(ledger: &Ledger) -> Result<(), ReplayError> {
    let statuses = projections::statuses(ledger, &projections::all()).await?;
    line(&render(&statuses));
    Ok(())
}

fn render(statuses: &[Status]) -> String {
    let mut table = table(&HEADER, &["version", "position", "head", "lag"]);
    for status in statuses {
        let failure = status.failure.as_ref().map_or_else(String::new, |failure| {
            format!("event {} ({}): {}", failure.position, failure.event_type, failure.reason)
        });
        table.add_row([
            status.name.to_owned(),
            status.version.to_string(),
            grouped(status.position),
            grouped(status.head),
            grouped(status.lag),
            status.state.as_str().to_owned(),
            failure,
        ]);
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use projections::State;
    use store::Failure;

    use super::*;

    #[test]
    fn a_paused_projection_shows_why() {
        let failure = Failure { position: 41, event_type: "InvoicePaid".to_owned(), reason: "odd".to_owned() };
        let of = |name, position, state, failure| Status {
            name,
            version: 1,
            position,
            head: 1_050,
            lag: 1_050 - position,
            state,
            failure,
        };
        let text =
            render(&[of("customers", 1_050, State::Running, None), of("invoices", 40, State::Paused, Some(failure))]);
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
        let lines: Vec<String> = text.lines().map(words).filter(|line| line.contains(' ')).collect();
        assert_eq!(
            lines,
            [
                "projection version position head lag state failure",
                "customers 1 1,050 1,050 0 running",
                "invoices 1 40 1,050 1,010 paused event 41 (InvoicePaid): odd",
            ]
        );
    }
}
