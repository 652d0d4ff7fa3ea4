//! Checks of what many callers do at once, in one process and in two.

use std::collections::BTreeSet;

use domain::command::Command;
use domain::customer::Customer;
use domain::id::InvoiceId;
use domain::invoice::{Invoice, InvoiceCommand, InvoiceSnapshot, Line};
use domain::money::Currency;
use domain::refusal::Refusal;
use futures::future::join_all;
use store::{ExecuteError, Ledger, StoreError};

use crate::bed::{Bed, create, now, request, shape, tenant, update};

pub async fn writers_of_one_stream_all_succeed(bed: Bed) {
    let ledger = bed.open().await;
    ledger.execute(request(vec![create("cus_1", "DE")])).await.unwrap();
    let writers = (0..40).map(|index| ledger.execute(request(vec![update("cus_1", &format!("C{index}"))])));
    let receipts = join_all(writers).await;
    let positions: BTreeSet<i64> = receipts.into_iter().map(|receipt| receipt.unwrap().position).collect();
    assert_eq!(positions, (2..=41).collect());
    assert_eq!(bed.open().await.load::<Customer>(&tenant(), "cus_1").await.unwrap().sequence, 41);
    ledger.verify(&mut |_, _| {}).await.unwrap();
}

pub async fn two_ledgers_on_one_database_do_not_believe_old_states(bed: Bed) {
    let (here, there) = tokio::join!(bed.open(), bed.open());
    here.execute(request(vec![create("cus_1", "DE")])).await.unwrap();
    // There, the empty state is folded; then it is old.
    there.load::<Customer>(&tenant(), "cus_2").await.unwrap();
    here.execute(request(vec![create("cus_2", "DE")])).await.unwrap();
    let refused = there.execute(request(vec![create("cus_2", "DE")])).await;
    assert!(matches!(refused, Err(ExecuteError::Refused(Refusal::AlreadyExists { .. }))), "{refused:?}");
    assert_eq!(shape(&there.execute(request(vec![update("cus_2", "FR")])).await.unwrap()), (3, 1, None));
    // Here, the same update is news to an old state and nothing new to the present one.
    assert_eq!(shape(&here.execute(request(vec![update("cus_2", "FR")])).await.unwrap()), (3, 0, None));
    assert_eq!(shape(&here.execute(request(vec![update("cus_2", "IT")])).await.unwrap()), (4, 1, None));
    assert_eq!(there.load::<Customer>(&tenant(), "cus_2").await.unwrap().sequence, 3);
    let writers = (0..20).map(|index| {
        let ledger = if index % 2 == 0 { &here } else { &there };
        ledger.execute(request(vec![create(&format!("cus_x{index}"), "DE"), update("cus_1", &format!("C{index}"))]))
    });
    for receipt in join_all(writers).await {
        receipt.unwrap();
    }
    assert_eq!(here.verify(&mut |_, _| {}).await.unwrap().events, 44);
    let mut watch = there.watch();
    here.execute(request(vec![update("cus_1", "last")])).await.unwrap();
    watch.wait_for(|head| *head == 45).await.unwrap();
}

/// What is decided on a stream without writing to it is as good as what is written.
pub async fn a_stream_that_is_only_looked_at_is_looked_at_again(bed: Bed) {
    let (here, there) = tokio::join!(bed.open(), bed.open());
    here.execute(request(vec![create("cus_1", "FR")])).await.unwrap();
    there.execute(request(vec![update("cus_1", "IT")])).await.unwrap();
    // After these, the head is as this ledger believes, and its state of the first customer still is not.
    for id in ["cus_2", "cus_3"] {
        here.execute(request(vec![create(id, "DE")])).await.unwrap();
    }
    let receipt = here.execute(request(vec![update("cus_1", "FR"), create("cus_4", "DE")])).await.unwrap();
    assert_eq!(shape(&receipt), (6, 2, None));
}

/// What a plan was made on and does not write to must stand where it stood, too, whichever process moved it.
pub async fn a_plan_holds_while_all_it_was_made_on_stands(bed: Bed) {
    let (here, there) = tokio::join!(bed.open(), bed.open());
    here.execute(request(vec![create("cus_1", "FR")])).await.unwrap();
    let plan = |read: i64| [("customer", "cus_1".to_owned(), read), ("customer", "cus_2".to_owned(), 0)];
    let carry_out = async |read: i64| here.execute_planned(request(vec![create("cus_2", "DE")]), &plan(read)).await;
    there.execute(request(vec![update("cus_1", "IT")])).await.unwrap();
    let superseded =
        |outcome: &Result<_, ExecuteError>| matches!(outcome, Err(ExecuteError::Refused(Refusal::Superseded { .. })));
    assert!(superseded(&carry_out(1).await));
    assert_eq!(here.head().await.unwrap(), 2);
    // What was believed of it is forgotten.
    assert_eq!(here.load_since::<Customer>(&tenant(), "cus_1", 0).await.unwrap().sequence, 2);
    assert_eq!(shape(&carry_out(2).await.unwrap()), (3, 1, None));
    assert!(superseded(&carry_out(2).await), "the second was planned to begin a stream that there is");
    assert_eq!(here.head().await.unwrap(), 3);
}

fn draft(id: &str, description: &str) -> Command {
    let id = InvoiceId::parse(id).unwrap();
    let snapshot = InvoiceSnapshot {
        lines: vec![Line { description: description.to_owned(), ..Line::of(500) }],
        subtotal_minor: 500,
        total_minor: 500,
        amount_due_minor: 500,
        amount_remaining_minor: 500,
        ..InvoiceSnapshot::draft(Currency::EUR, now())
    };
    Command::Invoice(id.clone(), InvoiceCommand::Draft { id, snapshot: Box::new(snapshot) })
}

fn invoice(id: &str, command: InvoiceCommand) -> Command {
    Command::Invoice(InvoiceId::parse(id).unwrap(), command)
}

async fn number(ledger: &Ledger, id: &str) -> Option<String> {
    let invoice = ledger.load::<Invoice>(&tenant(), id).await.unwrap();
    invoice.state.snapshot().and_then(|snapshot| snapshot.number.clone())
}

pub async fn invoice_numbers_have_no_gaps(bed: Bed) {
    let ledger = bed.open().await;
    let finalized = (0..20).map(|index| {
        let id = format!("in_{index}");
        let payment = InvoiceCommand::RecordPayment { payment: None, out_of_band: true, amount_minor: None };
        let commands =
            vec![draft(&id, "x"), invoice(&id, InvoiceCommand::Finalize { year: None }), invoice(&id, payment)];
        // Some fail after their number was asked for.
        let refused = (index % 3 == 0).then(|| invoice(&id, InvoiceCommand::Finalize { year: None }));
        ledger.execute(request(commands.into_iter().chain(refused).collect()))
    });
    let written = join_all(finalized).await.into_iter().flatten().count();
    assert_eq!(written, 13);
    let two = vec![
        draft("in_a", "x"),
        draft("in_b", "x"),
        invoice("in_a", InvoiceCommand::Finalize { year: None }),
        invoice("in_b", InvoiceCommand::Finalize { year: None }),
    ];
    ledger.execute(request(two)).await.unwrap();
    let mut numbers = BTreeSet::new();
    for id in (0..20).map(|index| format!("in_{index}")).chain(["in_a".to_owned(), "in_b".to_owned()]) {
        numbers.extend(number(&ledger, &id).await);
    }
    let expected: BTreeSet<String> = (1..=15).map(|number| format!("INV-2024-{number:06}")).collect();
    assert_eq!(numbers, expected);
    assert_eq!(number(&bed.open().await, "in_b").await, number(&ledger, "in_b").await);
    let entries = ledger.read(0, 1000).await.unwrap();
    assert!(entries.iter().all(|entry| !entry.payload.contains("u0001")));
    ledger.verify(&mut |_, _| {}).await.unwrap();
}

pub async fn text_that_looks_like_a_placeholder_stays_text(bed: Bed) {
    let ledger = bed.open().await;
    for (index, text) in ["{{counter:invoice/2024:INV-2024-%06d}}", "\u{1}invoice-number\u{1}"].into_iter().enumerate()
    {
        let id = format!("in_{index}");
        ledger.execute(request(vec![draft(&id, text)])).await.unwrap();
        ledger.execute(request(vec![invoice(&id, InvoiceCommand::Finalize { year: None })])).await.unwrap();
        let loaded = bed.open().await.load::<Invoice>(&tenant(), &id).await.unwrap();
        let snapshot = loaded.state.snapshot().unwrap().clone();
        assert_eq!(snapshot.lines[0].description, text);
    }
    assert_eq!(number(&ledger, "in_0").await.as_deref(), Some("INV-2024-000001"));
}

pub async fn shutdown_refuses_what_comes_later(bed: Bed) {
    let ledger = bed.open().await;
    ledger.ping().await.unwrap();
    let written = (0..50).map(|index| ledger.execute(request(vec![create(&format!("cus_{index}"), "DE")])));
    let (written, ()) = tokio::join!(join_all(written), ledger.shutdown());
    let acknowledged = written.into_iter().flatten().count();
    let refused = ledger.execute(request(vec![create("cus_z", "DE")])).await;
    assert!(matches!(refused, Err(ExecuteError::Store(StoreError::Unavailable(_)))), "{refused:?}");
    assert_eq!(bed.open().await.head().await.unwrap(), i64::try_from(acknowledged).unwrap());
}
