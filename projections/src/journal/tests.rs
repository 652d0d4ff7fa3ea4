//! What does the journal's projection write of a renewal, of late news and of settings? And the same however the log is
//! cut into batches.

use domain::event::LedgerEvent;
use domain::journal::Rules;

use super::book_row::{BookRow, State};
use super::{BalanceRow, EntryRow, ScheduleRow};
use crate::testing::{assert_round_trip, fold_all, projection};

pub(super) mod events;
use events::{finalized, paid, renewal, settings, succeeded};

type Shown = (i64, i64, String, String, Vec<(u16, i64)>);

fn entries(events: &[LedgerEvent]) -> Vec<Shown> {
    let rows = fold_all::<EntryRow>(&projection("journal"), events).unwrap();
    let lines = |row: &EntryRow| row.lines.iter().map(|line| (line.account.number(), line.amount_minor)).collect();
    rows.iter().map(|row| (row.position, row.number, row.entry_key.clone(), row.book.clone(), lines(row))).collect()
}

#[test]
fn a_renewal_is_three_entries_and_a_schedule() {
    let book = "invoice/in_1".to_owned();
    assert_eq!(
        entries(&renewal()),
        [
            (1, 1, "in_1:finalized".to_owned(), book.clone(), vec![(1100, 99_700), (2000, -99_700)]),
            (2, 1, "pay_1:settled".to_owned(), book.clone(), vec![(1010, 99_700), (1100, -99_700)]),
            (2, 2, "pay_1:fee".to_owned(), book, vec![(6000, 2_921), (1010, -2_921)]),
        ]
    );
    let schedules = fold_all::<ScheduleRow>(&projection("journal"), &renewal()).unwrap();
    let [schedule] = schedules.as_slice() else { panic!("{schedules:?}") };
    assert_eq!(
        (schedule.starts_on.as_str(), schedule.ends_on.as_str(), schedule.stops_on.as_str()),
        ("2024-02-01", "2024-03-01", "2024-03-01")
    );
    assert_eq!((schedule.account, schedule.amount_minor, schedule.earned_minor), (4000, 99_700, 99_700));
    let balances = fold_all::<BalanceRow>(&projection("journal"), &renewal()).unwrap();
    let of = |row: &BalanceRow| (row.account, row.debit_minor, row.credit_minor, row.position);
    assert_eq!(
        balances.iter().map(of).collect::<Vec<_>>(),
        [(1010, 99_700, 2_921, 2), (1100, 99_700, 99_700, 2), (2000, 0, 99_700, 1), (6000, 2_921, 0, 2),]
    );
}

#[test]
fn what_is_heard_of_late_is_taken_back_and_posted_anew() {
    let events = [succeeded(), finalized(), paid()];
    let keys: Vec<String> = entries(&events).into_iter().map(|entry| entry.2).collect();
    let expected = ["pay_1:settled", "pay_1:fee", "pay_1:settled:reversed", "in_1:finalized", "pay_1:settled#2"];
    assert_eq!(keys, expected);
}

#[test]
fn books_are_kept_by_the_rules_in_force_when_they_were_opened() {
    let books = |events: &[LedgerEvent]| fold_all::<BookRow>(&projection("journal"), events).unwrap();
    let zone_of = |rows: &[BookRow]| {
        rows.iter()
            .find_map(|row| match &row.state {
                State::Book(book) if row.book == "invoice/in_1" => Some(book.rules().zone),
                State::Book(_) | State::Rules(_) | State::Sums(_) => None,
            })
            .unwrap()
    };
    assert_eq!(zone_of(&books(&renewal())), Rules::default().zone);
    let mut events = vec![settings("Asia/Tokyo")];
    events.extend(renewal());
    events.push(settings("Europe/Paris"));
    events.push(paid());
    assert_eq!(zone_of(&books(&events)), "Asia/Tokyo");
    let schedules = fold_all::<ScheduleRow>(&projection("journal"), &events).unwrap();
    assert_eq!(schedules.len(), 1, "{schedules:?}");
}

#[test]
fn rows_are_read_back_as_they_were_written() {
    let mut events = vec![settings("Asia/Tokyo")];
    events.extend(renewal());
    let journal = projection("journal");
    fold_all::<BookRow>(&journal, &events).unwrap().iter().for_each(assert_round_trip);
    fold_all::<EntryRow>(&journal, &events).unwrap().iter().for_each(assert_round_trip);
    fold_all::<ScheduleRow>(&journal, &events).unwrap().iter().for_each(assert_round_trip);
    fold_all::<BalanceRow>(&journal, &events).unwrap().iter().for_each(assert_round_trip);
}
