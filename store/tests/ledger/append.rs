//! Checks of the funnel: what goes in, what is refused, what is found again.

use cqrs_es::{AggregateError, CqrsFramework};
use domain::command::Command;
use domain::customer::{Customer, CustomerCommand};
use domain::id::{StripeEventId, TenantId};
use domain::issued::Issued;
use domain::refusal::Refusal;
use domain::stripe_event::{Received, StripeEvent, StripeEventCommand};
use sqlx::Row as _;
use store::{AsOf, CqrsStore, EventIds, ExecuteError, Request, StoreError};

use crate::bed::{Bed, create, customer_id, email, idempotency, now, profile, request, shape, tenant, update};

pub async fn what_is_appended_is_read_back(bed: Bed) {
    let ledger = bed.open().await;
    let watch = ledger.watch();
    let first = ledger.execute(request(vec![create("cus_1", "DE")])).await.unwrap();
    assert_eq!(shape(&first), (1, 1, None));
    assert_eq!(*watch.borrow(), 1);
    let second = ledger.execute(request(vec![update("cus_1", "FR")])).await.unwrap();
    assert_eq!(shape(&second), (2, 1, None));

    let entries = ledger.read(0, 10).await.unwrap();
    let places: Vec<_> =
        entries.iter().map(|entry| (entry.position, entry.sequence, entry.event_type.as_str())).collect();
    assert_eq!(places, [(1, 1, "CustomerCreated"), (2, 2, "CustomerUpdated")]);
    let entry = &entries[0];
    assert_eq!(
        (entry.tenant.as_str(), entry.aggregate_type.as_str(), entry.aggregate_id.as_str()),
        ("coaching", "customer", "cus_1")
    );
    assert_eq!(entry.event_id, first.events[0]);
    assert_eq!(entry.booked_at, now().as_microsecond());
    assert_eq!(entry.metadata, r#"{"actor":"key:test","request_id":"req_1","cause":"41","command":"customer.Create"}"#);
    assert!(entries[0].recorded_at < entries[1].recorded_at);
    entry.decode().unwrap();

    let here = ledger.load::<Customer>(&tenant(), "cus_1").await.unwrap();
    let elsewhere = bed.open().await.load::<Customer>(&tenant(), "cus_1").await.unwrap();
    assert_eq!((here.sequence, &here.state), (2, &elsewhere.state));
    let before = ledger.load_at::<Customer>(&tenant(), "cus_1", AsOf::Position(1)).await.unwrap();
    assert_eq!(before.sequence, 1);
    assert_ne!(before.state, here.state);
    let none = ledger.load::<Customer>(&TenantId::parse("skincare").unwrap(), "cus_1").await.unwrap();
    assert_eq!((none.sequence, none.state.as_ref()), (0, &Customer::default()));
    assert_eq!(ledger.read_stream(&tenant(), "customer", "cus_1", 1, 10).await.unwrap(), entries[1..]);
}

pub async fn commands_of_one_request_see_each_other_and_happen_together(bed: Bed) {
    let ledger = bed.open().await;
    let both = vec![create("cus_1", "DE"), create("cus_2", "DE"), update("cus_1", "FR")];
    assert_eq!(shape(&ledger.execute(request(both)).await.unwrap()), (3, 3, None));
    let half_refused = vec![update("cus_2", "IT"), create("cus_1", "DE")];
    let refused = ledger.execute(request(half_refused)).await;
    assert!(matches!(refused, Err(ExecuteError::Refused(Refusal::AlreadyExists { .. }))), "{refused:?}");
    assert_eq!(ledger.head().await.unwrap(), 3);
    assert_eq!(ledger.load::<Customer>(&tenant(), "cus_1").await.unwrap().sequence, 2);
}

pub async fn an_idempotency_key_gives_the_first_result_again(bed: Bed) {
    let ledger = bed.open().await;
    let keyed = |hash: &str, result: &str| Request {
        idempotency: Some(idempotency("k1", hash, result)),
        ..request(vec![create("cus_1", "DE")])
    };
    assert_eq!(shape(&ledger.execute(keyed("h1", "first")).await.unwrap()), (1, 1, None));
    // The second is refused by the domain, and a third would be new: the key is asked first either way.
    assert_eq!(shape(&ledger.execute(keyed("h1", "second")).await.unwrap()), (1, 0, Some("first")));
    let other = Request { commands: vec![create("cus_2", "DE")], ..keyed("h1", "third") };
    assert_eq!(shape(&ledger.execute(other).await.unwrap()), (1, 0, Some("first")));
    let mismatch = ledger.execute(keyed("h2", "fourth")).await;
    assert!(matches!(mismatch, Err(ExecuteError::IdempotencyMismatch)), "{mismatch:?}");
    let elsewhere = Request { tenant: TenantId::parse("skincare").unwrap(), ..keyed("h2", "fifth") };
    assert_eq!(shape(&ledger.execute(elsewhere).await.unwrap()), (2, 1, None));
    let nothing_new = Request { idempotency: Some(idempotency("k2", "h", "kept")), ..request(vec![]) };
    assert_eq!(shape(&ledger.execute(nothing_new.clone()).await.unwrap()), (2, 0, None));
    assert_eq!(shape(&ledger.execute(nothing_new).await.unwrap()), (2, 0, Some("kept")));
}

pub async fn derived_ids_are_written_once(bed: Bed) {
    let ledger = bed.open().await;
    let derived = |tenant: &str, country: &str| Request {
        tenant: TenantId::parse(tenant).unwrap(),
        event_ids: EventIds::Derived("evt_1".to_owned()),
        commands: vec![update("cus_1", country), update("cus_2", country)],
        ..request(vec![])
    };
    for tenant in ["coaching", "skincare"] {
        let created = vec![create("cus_1", "DE"), create("cus_2", "DE")];
        ledger.execute(Request { tenant: TenantId::parse(tenant).unwrap(), ..request(created) }).await.unwrap();
    }
    let first = ledger.execute(derived("coaching", "FR")).await.unwrap();
    assert_eq!(shape(&first), (6, 2, None));
    let again = ledger.execute(derived("coaching", "IT")).await.unwrap();
    assert_eq!(shape(&again), (6, 2, Some("")));
    assert_eq!(again.events, first.events);
    assert_eq!(shape(&ledger.execute(derived("skincare", "FR")).await.unwrap()), (8, 2, None));
    let refused = Request { commands: vec![create("cus_1", "DE")], ..derived("coaching", "FR") };
    assert_eq!(shape(&ledger.execute(refused).await.unwrap()), (6, 2, Some("")));
}

pub async fn a_claimed_name_is_taken_until_it_is_released(bed: Bed) {
    let ledger = bed.open().await;
    let claiming =
        |id: &str| Request { claims: vec![email("a@b", &format!("customer/{id}"))], ..request(vec![create(id, "DE")]) };
    ledger.execute(claiming("cus_1")).await.unwrap();
    let taken = ledger.execute(claiming("cus_2")).await;
    assert!(matches!(&taken, Err(ExecuteError::Refused(Refusal::Taken { claim })) if claim == "email"), "{taken:?}");
    let elsewhere = Request { tenant: TenantId::parse("skincare").unwrap(), ..claiming("cus_2") };
    ledger.execute(elsewhere).await.unwrap();
    let own_again = Request { commands: vec![update("cus_1", "FR")], ..claiming("cus_1") };
    ledger.execute(own_again).await.unwrap();
    let handed_over = Request { releases: vec![email("a@b", "customer/cus_1")], ..claiming("cus_2") };
    ledger.execute(handed_over).await.unwrap();
    let gone = Request { commands: vec![update("cus_1", "IT")], ..claiming("cus_1") };
    let gone = ledger.execute(gone).await;
    assert!(matches!(gone, Err(ExecuteError::Refused(Refusal::Taken { .. }))), "{gone:?}");
}

pub async fn refusals_are_recorded_and_change_nothing(bed: Bed) {
    let ledger = bed.open().await;
    ledger.execute(request(vec![create("cus_1", "DE")])).await.unwrap();
    let refused = ledger.execute(request(vec![create("cus_1", "DE")])).await;
    assert!(matches!(refused, Err(ExecuteError::Refused(Refusal::AlreadyExists { .. }))), "{refused:?}");
    ledger.execute(request(vec![create("cus_2", "DE")])).await.unwrap();
    let sql = "SELECT tenant, stream, command, code FROM refused_commands";
    let row = sqlx::query(sql).fetch_one(ledger.pool()).await.unwrap();
    let columns: Vec<String> = (0..4).map(|index| row.get(index)).collect();
    assert_eq!(columns, ["coaching", "customer/cus_1", "customer.Create", "already_exists"]);
    assert_eq!(ledger.head().await.unwrap(), 2);
}

pub fn received(body: &str) -> Request {
    let id = StripeEventId::parse("evt_1").unwrap();
    let received = Received {
        kind: "invoice.paid".to_owned(),
        api_version: None,
        created: now(),
        livemode: None,
        object: None,
        object_id: None,
        customer: None,
        body_hash: body.to_owned(),
        body: domain::sealed::Sealed::from_ciphertext(format!("v1:x:{body}")),
    };
    let command = StripeEventCommand::Receive { id: id.clone(), received: Box::new(received) };
    Request { expect_new: true, ..request(vec![Command::StripeEvent(id, command)]) }
}

pub async fn a_wrong_belief_in_a_new_stream_costs_nothing(bed: Bed) {
    for (body, expected) in [("one", (1, 1, None)), ("one", (1, 0, None)), ("two", (2, 1, None))] {
        // Without a cache, as another process.
        let ledger = bed.open().await;
        assert_eq!(shape(&ledger.execute(received(body)).await.unwrap()), expected, "{body}");
        assert_eq!(shape(&ledger.execute(received(body)).await.unwrap()).1, 0, "{body}");
    }
    assert_eq!(bed.open().await.load::<StripeEvent>(&tenant(), "evt_1").await.unwrap().sequence, 2);
}

pub async fn what_cannot_be_stored_is_refused(bed: Bed) {
    let ledger = bed.open().await;
    let cases = [
        request(vec![create("cus_1", "D\0")]),
        Request { actor: "a\0".to_owned(), ..request(vec![create("cus_1", "DE")]) },
        Request { claims: vec![email("a\0", "customer/cus_1")], ..request(vec![create("cus_1", "DE")]) },
    ];
    for case in cases {
        let refused = ledger.execute(case).await;
        assert!(matches!(refused, Err(ExecuteError::Store(StoreError::Unstorable(_)))), "{refused:?}");
    }
    // What only looks like it is stored as it is, and so is every other oddity.
    let odd = "\\u0000 \u{1} \"quoted\" \u{1F600} {\"x\":1} '' $1 ?";
    ledger.execute(request(vec![create("cus_1", odd)])).await.unwrap();
    let entry = ledger.read(0, 1).await.unwrap().remove(0);
    let payload: serde_json::Value = serde_json::from_str(&entry.payload).unwrap();
    assert_eq!(payload.pointer("/after/profile/country").unwrap(), odd);
    assert_eq!(ledger.verify(&mut |_, _| {}).await.unwrap().events, 1);
}

pub async fn pages_of_one_tenant_go_on_where_they_say(bed: Bed) {
    let ledger = bed.open().await;
    for index in 0..6 {
        let tenant = TenantId::parse(if index % 2 == 0 { "coaching" } else { "skincare" }).unwrap();
        let create = create(&format!("cus_{index}"), "DE");
        ledger.execute(Request { tenant, ..request(vec![create]) }).await.unwrap();
    }
    let page = async |after, limit, kind: Option<&str>, stream: Option<(&str, &str)>| {
        let page = ledger.read_filtered(&tenant(), after, limit, kind, stream).await.unwrap();
        (page.entries.iter().map(|entry| entry.position).collect::<Vec<_>>(), page.next)
    };
    assert_eq!(page(0, 2, None, None).await, (vec![1, 3], 3));
    assert_eq!(page(3, 2, None, None).await, (vec![5], 6));
    assert_eq!(page(6, 2, None, None).await, (vec![], 6));
    assert_eq!(page(0, 9, Some("CustomerUpdated"), None).await, (vec![], 6));
    assert_eq!(page(0, 9, Some("CustomerCreated"), Some(("customer", "cus_2"))).await, (vec![3], 6));
    assert_eq!(page(0, 9, None, Some(("customer", "cus_1"))).await, (vec![], 6));
}

pub async fn cqrs_runs_on_the_ledger(bed: Bed) {
    let ledger = bed.open().await;
    let framework = CqrsFramework::<Customer, _>::new(CqrsStore::new(ledger.clone(), tenant()), vec![], ());
    let command = |command| Issued { now: now(), command };
    let create = CustomerCommand::Create { id: customer_id("cus_1"), profile: Box::new(profile("DE")), method: None };
    framework.execute("cus_1", command(create.clone())).await.unwrap();
    let update = CustomerCommand::Update { patch: Box::new(profile("FR").into()), seen: None };
    framework.execute("cus_1", command(update)).await.unwrap();
    let refused = framework.execute("cus_1", command(create)).await;
    assert!(matches!(refused, Err(AggregateError::UserError(Refusal::AlreadyExists { .. }))), "{refused:?}");
    assert_eq!(ledger.load::<Customer>(&tenant(), "cus_1").await.unwrap().sequence, 2);
    ledger.verify(&mut |_, _| {}).await.unwrap();
}
