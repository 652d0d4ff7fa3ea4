//! Does a balance only ever change by what was booked, and is a waiting line billed once?

use super::*;
use crate::invoice::Line;
use crate::invoice_totals::{Applied, CustomerBalance};
use crate::issued::Decider;
use crate::money::Currency;
use crate::refusal::Refusal;
use crate::samples::{customer_id, invoice_id, issued};

const NOW: &str = "2024-02-01T00:00:00Z";

fn run(account: &mut Account, command: AccountCommand) -> Result<Vec<&'static str>, Refusal> {
    let events = account.decide(&issued(NOW, command))?;
    for event in &events {
        account.evolve(event);
    }
    Ok(events.iter().map(|event| event.change.name()).collect())
}

fn credit(amount_minor: i64) -> AccountCommand {
    let source = CreditSource::Overpayment { invoice: invoice_id() };
    AccountCommand::Credit { id: customer_id(), currency: Currency::USD, amount_minor, source }
}

fn used(credit_minor: i64, prepaid_minor: i64) -> AccountCommand {
    let applied = Applied { credit_minor, prepaid_minor };
    AccountCommand::Use { id: customer_id(), currency: Currency::USD, applied, invoice: invoice_id() }
}

fn line(key: &str) -> PendingLine {
    let line = Line { ..crate::samples::invoice::line(500) };
    PendingLine { key: key.to_owned(), currency: Currency::USD, subscription: None, line }
}

#[test]
fn a_balance_is_used_as_far_as_it_goes() {
    let mut account = Account::default();
    let buy = AccountCommand::Buy { id: customer_id(), currency: Currency::USD, amount_minor: 1_000, payment: None };
    assert_eq!(run(&mut account, credit(300)), Ok(vec!["BalanceCredited"]));
    assert_eq!(run(&mut account, buy), Ok(vec!["BalanceBought"]));
    assert_eq!(account.snapshot().balance(Currency::USD), CustomerBalance::new(300, 1_000).unwrap());
    assert_eq!(account.snapshot().balance(Currency::EUR), CustomerBalance::default());
    assert!(run(&mut account, used(301, 0)).is_err(), "more credit than there is");
    assert_eq!(run(&mut account, used(300, 400)), Ok(vec!["BalanceUsed"]));
    assert_eq!(account.snapshot().balance(Currency::USD), CustomerBalance::new(0, 600).unwrap());
    let applied = Applied { credit_minor: 300, prepaid_minor: 400 };
    let back = AccountCommand::Return { id: customer_id(), currency: Currency::USD, applied, invoice: invoice_id() };
    assert_eq!(run(&mut account, back), Ok(vec!["BalanceReturned"]));
    assert_eq!(account.snapshot().balance(Currency::USD), CustomerBalance::new(300, 1_000).unwrap());
    assert!(run(&mut account, credit(0)).is_err());
}

#[test]
fn a_line_is_added_once_and_billed_once() {
    let mut account = Account::default();
    let add = |keys: &[&str]| {
        let lines = keys.iter().map(|key| line(key)).collect();
        AccountCommand::AddLines { id: customer_id(), lines }
    };
    let bill = |keys: &[&str]| {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        AccountCommand::BillLines { keys, invoice: invoice_id() }
    };
    assert_eq!(run(&mut account, bill(&["a"])), Err(Refusal::not_found("account")));
    assert_eq!(run(&mut account, add(&["a", "b"])), Ok(vec!["LinesAdded"]));
    assert_eq!(run(&mut account, add(&["a"])), Ok(vec![]));
    assert_eq!(run(&mut account, bill(&["a", "c"])), Err(Refusal::not_found("pending line")));
    assert_eq!(run(&mut account, bill(&["a"])), Ok(vec!["LinesBilled"]));
    assert_eq!(run(&mut account, bill(&["a"])), Err(Refusal::not_found("pending line")));
    assert_eq!(account.snapshot().pending, [line("b")]);
    assert_eq!(run(&mut account, AccountCommand::DropLine { key: "b".to_owned() }), Ok(vec!["LineDropped"]));
    assert_eq!(account.snapshot(), &AccountSnapshot::default());
}
