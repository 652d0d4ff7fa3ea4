//! What does each command do to a customer, and do reports in any order leave the same one?

mod patch;

use cqrs_es::test::TestFramework;
use proptest::prelude::*;

use super::*;
use crate::id::PaymentMethodId;
use crate::origin::Origin;
use crate::refusal::Refusal;
use crate::samples::customer::{card, event, profile, snapshot};
use crate::samples::{at, customer_id, fold, issued, method_id, run, stamp};
use crate::stamp::{Stamp, digest};

const CREATED: &str = "2024-01-15T10:30:00Z";
const NOW: &str = "2024-02-01T00:00:00Z";

type Given = Vec<CustomerEvent>;
type Outcome = Result<Vec<CustomerEvent>, Refusal>;

fn check(what: &str, given: Given, command: CustomerCommand, expected: Outcome) {
    let result = TestFramework::<Customer>::with(()).given(given).when(issued(NOW, command)).inspect_result();
    assert_eq!((what, result), (what, expected));
}

fn created() -> Given {
    vec![event(CREATED, CustomerChange::CustomerCreated {}, Some(snapshot("Ada")))]
}

fn with_default(method: &str) -> CustomerSnapshot {
    CustomerSnapshot { default_payment_method: Some(method_id(method)), ..snapshot("Ada") }
}

/// Created with a card, which is the default.
fn with_card() -> Given {
    let attached = CustomerChange::PaymentMethodAttached { method: card("pm_1") };
    [created(), vec![event(CREATED, attached, Some(with_default("pm_1")))]].concat()
}

fn detached(id: &str) -> PaymentMethod {
    PaymentMethod { attached: false, ..card(id) }
}

fn with_detached_card() -> Given {
    let change = CustomerChange::PaymentMethodDetached { method: detached("pm_1") };
    [with_card(), vec![event(CREATED, change, Some(snapshot("Ada")))]].concat()
}

fn deleted() -> Given {
    let after = CustomerSnapshot { deleted: true, ..snapshot("Ada") };
    vec![event(CREATED, CustomerChange::CustomerErased {}, Some(after))]
}

fn mentioned(time: &str) -> CustomerEvent {
    let after = CustomerSnapshot { origin: Origin::Stripe, ..CustomerSnapshot::default() };
    event(time, CustomerChange::CustomerMentioned {}, Some(after))
}

fn not_found() -> Outcome {
    Err(Refusal::not_found("customer"))
}

fn is_deleted() -> Outcome {
    Err(Refusal::illegal("a customer", "deleted", "change"))
}

#[test]
fn a_customer_is_created_once() {
    let create = |method: Option<PaymentMethod>| CustomerCommand::Create {
        id: customer_id(),
        profile: Box::new(profile("Ada")),
        method,
    };
    let after = |method: Option<&str>| CustomerSnapshot {
        created_at: Some(at(NOW)),
        default_payment_method: method.map(method_id),
        ..snapshot("Ada")
    };
    let event_created = || event(NOW, CustomerChange::CustomerCreated {}, Some(after(None)));
    let attached = CustomerChange::PaymentMethodAttached { method: card("pm_1") };
    let exists = || Err(Refusal::AlreadyExists { what: "customer".to_owned() });
    check("without a card", vec![], create(None), Ok(vec![event_created()]));
    check(
        "with a card",
        vec![],
        create(Some(card("pm_1"))),
        Ok(vec![event_created(), event(NOW, attached, Some(after(Some("pm_1"))))]),
    );
    check("twice", created(), create(None), exists());
    check("deleted before", deleted(), create(None), exists());
    check("mentioned before", vec![mentioned(CREATED)], create(None), exists());
}

#[test]
fn a_whole_profile_is_replaced() {
    let update = |name: &str| CustomerCommand::Update { patch: Box::new(profile(name).into()), seen: None };
    let updated = event(NOW, CustomerChange::CustomerUpdated {}, Some(snapshot("Augusta")));
    check("changed", created(), update("Augusta"), Ok(vec![updated]));
    check("unchanged", created(), update("Ada"), Ok(vec![]));
    check("unknown", vec![], update("Ada"), not_found());
    check("deleted", deleted(), update("Ada"), is_deleted());
}

#[test]
fn a_payer_lives_and_pays_with_its_own() {
    let confirm = |method: Option<&str>| CustomerCommand::ConfirmPayer { method: method.map(method_id) };
    let no_method = || Err(Refusal::not_found("payment method"));
    check("without a method", created(), confirm(None), Ok(vec![]));
    check("with its own", with_card(), confirm(Some("pm_1")), Ok(vec![]));
    check("with another's", with_card(), confirm(Some("pm_2")), no_method());
    check("with a detached one", with_detached_card(), confirm(Some("pm_1")), no_method());
    check("unknown", vec![], confirm(None), not_found());
    check("deleted", deleted(), confirm(None), not_found());
}

#[test]
fn payment_methods_are_attached() {
    let attach = |method: PaymentMethod, make_default| CustomerCommand::AttachPaymentMethod { method, make_default };
    let attached = |id: &str| event(NOW, CustomerChange::PaymentMethodAttached { method: card(id) }, None);
    let defaulted = |id: &str| event(NOW, CustomerChange::DefaultPaymentMethodChanged {}, Some(with_default(id)));
    let renewed = PaymentMethod { exp_year: Some(2030), ..card("pm_1") };
    check(
        "the first is the default",
        created(),
        attach(card("pm_1"), false),
        Ok(vec![attached("pm_1"), defaulted("pm_1")]),
    );
    check("a second", with_card(), attach(card("pm_2"), false), Ok(vec![attached("pm_2")]));
    check("as the default", with_card(), attach(card("pm_2"), true), Ok(vec![attached("pm_2"), defaulted("pm_2")]));
    check("the same again", with_card(), attach(card("pm_1"), true), Ok(vec![]));
    check(
        "renewed",
        with_card(),
        attach(renewed.clone(), false),
        Ok(vec![event(NOW, CustomerChange::PaymentMethodAttached { method: renewed }, None)]),
    );
    check(
        "detached for good",
        with_detached_card(),
        attach(card("pm_1"), true),
        Err(Refusal::illegal("a payment method", "detached", "attach")),
    );
    check("unknown", vec![], attach(card("pm_1"), true), not_found());
    check("deleted", deleted(), attach(card("pm_1"), true), is_deleted());
}

#[test]
fn payment_methods_are_detached() {
    let detach = |id: &str| CustomerCommand::DetachPaymentMethod { method: method_id(id) };
    let change = |id: &str| CustomerChange::PaymentMethodDetached { method: detached(id) };
    let second = CustomerChange::PaymentMethodAttached { method: card("pm_2") };
    let two = [with_card(), vec![event(CREATED, second, None)]].concat();
    check("the default", with_card(), detach("pm_1"), Ok(vec![event(NOW, change("pm_1"), Some(snapshot("Ada")))]));
    check("another", two, detach("pm_2"), Ok(vec![event(NOW, change("pm_2"), None)]));
    check("twice", with_detached_card(), detach("pm_1"), Ok(vec![]));
    check("no such", created(), detach("pm_1"), Err(Refusal::not_found("payment method")));
    check("unknown", vec![], detach("pm_1"), not_found());
    check("deleted", deleted(), detach("pm_1"), is_deleted());
}

#[test]
fn a_mention_counts_until_something_says_more() {
    let mention = |time: &str| CustomerCommand::Mention { id: customer_id(), at: at(time) };
    let (early, late) = ("2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z");
    check("first", vec![], mention(late), Ok(vec![mentioned(late)]));
    check("earlier", vec![mentioned(late)], mention(early), Ok(vec![mentioned(early)]));
    check("same", vec![mentioned(early)], mention(early), Ok(vec![]));
    check("later", vec![mentioned(early)], mention(late), Ok(vec![]));
    check("known", created(), mention(early), Ok(vec![]));
    check("deleted", deleted(), mention(early), Ok(vec![]));
}

#[test]
fn a_cards_expiry_is_announced_once() {
    let announce =
        |id: &str| CustomerCommand::AnnounceCardExpiry { id: customer_id(), at: at(CREATED), method: method_id(id) };
    let announced = |id: &str| event(CREATED, CustomerChange::CardExpiryAnnounced { method: method_id(id) }, None);
    check("of an unknown customer", vec![], announce("card_1"), Ok(vec![announced("card_1")]));
    check("twice", vec![announced("card_1")], announce("card_1"), Ok(vec![]));
    check("of another card", vec![announced("card_1")], announce("card_2"), Ok(vec![announced("card_2")]));
}

fn report(stamp: &Stamp, snapshot: &CustomerSnapshot) -> CustomerCommand {
    CustomerCommand::Report { id: customer_id(), stamp: stamp.clone(), snapshot: Box::new(snapshot.clone()) }
}

fn reported(stamp: &Stamp, told: Option<CustomerSnapshot>, after: Option<CustomerSnapshot>) -> CustomerEvent {
    let change = CustomerChange::CustomerReported { stamp: stamp.clone(), snapshot: told };
    CustomerEvent { at: stamp.created, customer: customer_id(), change, after }
}

#[test]
fn a_report_changes_what_is_known_unless_a_newer_one_was_there() {
    let (old, new) = (stamp("evt_1", "2024-01-01T00:00:00Z", 0), stamp("evt_2", "2024-01-02T00:00:00Z", 0));
    let (ada, augusta) = (snapshot("Ada"), snapshot("Augusta"));
    let first = reported(&new, None, Some(augusta.clone()));
    check("first", vec![], report(&new, &augusta), Ok(vec![first.clone()]));
    check("again", vec![first.clone()], report(&new, &augusta), Ok(vec![]));
    check("older", vec![first], report(&old, &ada), Ok(vec![reported(&old, Some(ada.clone()), None)]));
    let older = reported(&old, None, Some(ada.clone()));
    check("newer", vec![older], report(&new, &augusta), Ok(vec![reported(&new, None, Some(augusta.clone()))]));

    // Three changes of one second, the middle one last: the chain decides, and the event tells both.
    let link = |event: &str, snapshot: &CustomerSnapshot, before: Option<&CustomerSnapshot>| Stamp {
        digest: digest(snapshot),
        before: before.map(digest),
        ..stamp(event, NOW, 1)
    };
    let byron = snapshot("Byron");
    let (a, b, c) =
        (link("evt_c", &ada, None), link("evt_a", &augusta, Some(&ada)), link("evt_b", &byron, Some(&augusta)));
    let given = fold_reports(&[(&a, &ada), (&c, &byron)]);
    check("a link", given, report(&b, &augusta), Ok(vec![reported(&b, Some(augusta.clone()), Some(byron))]));
}

fn fold_reports(reports: &[(&Stamp, &CustomerSnapshot)]) -> Given {
    run::<Customer>(reports.iter().map(|(stamp, snapshot)| report(stamp, snapshot))).1
}

#[test]
fn a_reported_payment_method_stays_detached() {
    let told = |stamp: &Stamp, method: PaymentMethod| CustomerCommand::ReportPaymentMethod {
        id: customer_id(),
        stamp: stamp.clone(),
        method,
    };
    let change = |stamp: &Stamp, method: PaymentMethod, current: PaymentMethod| {
        event(
            "2024-01-02T00:00:00Z",
            CustomerChange::PaymentMethodReported { stamp: stamp.clone(), method, current },
            None,
        )
    };
    let updated = stamp("evt_2", "2024-01-02T00:00:00Z", 1);
    let gone = Stamp { phase: 1, ..stamp("evt_1", "2024-01-02T00:00:00Z", 0) };
    let first = change(&gone, detached("pm_1"), detached("pm_1"));
    check("first", vec![], told(&gone, detached("pm_1")), Ok(vec![first.clone()]));
    check("again", vec![first.clone()], told(&gone, detached("pm_1")), Ok(vec![]));
    check(
        "updated before",
        vec![first],
        told(&updated, card("pm_1")),
        Ok(vec![change(&updated, card("pm_1"), detached("pm_1"))]),
    );
}

/// Facts of every kind about one customer, in few seconds.
fn facts() -> impl Strategy<Value = Vec<CustomerCommand>> {
    let row = (0_u8..4, 0_i64..3, 0_u8..3, 0_u8..8, 0_usize..3);
    prop::collection::vec(row, 1..14).prop_map(|rows| {
        let numbered = rows.into_iter().enumerate();
        numbered
            .map(|(index, (kind, second, rank, phase, which))| fact(index, kind, second, rank, phase / 7, which))
            .collect()
    })
}

fn fact(index: usize, kind: u8, second: i64, rank: u8, phase: u8, which: usize) -> CustomerCommand {
    let id = customer_id();
    let names = ["Ada", "Augusta", "Byron"];
    let created = jiff::Timestamp::from_second(1_706_745_600 + second).unwrap();
    let method: PaymentMethodId = method_id(["pm_1", "pm_2", "pm_3"][which % 2]);
    let (told, before) = (snapshot(names[which]), snapshot(names[(which + 1) % 3]));
    let event = format!("evt_{}", (index * 7) % 17);
    let stamp =
        Stamp { phase, created, rank, event, digest: digest(&told), before: (rank > 0).then(|| digest(&before)) };
    match kind {
        0 => CustomerCommand::Mention { id, at: created },
        1 => CustomerCommand::Report { id, stamp, snapshot: Box::new(told) },
        2 => {
            let method = PaymentMethod { id: method, attached: phase == 0, ..card("pm_1") };
            CustomerCommand::ReportPaymentMethod {
                id,
                stamp: Stamp { digest: index as u64, before: None, ..stamp },
                method,
            }
        }
        _ => CustomerCommand::AnnounceCardExpiry { id, at: created, method },
    }
}

proptest! {
    #[test]
    fn facts_in_any_order_leave_the_same_customer(
        (once, shuffled) in facts().prop_flat_map(|facts| {
            let twice: Vec<_> = facts.iter().chain(&facts).cloned().collect();
            (Just(facts), Just(twice).prop_shuffle())
        }),
    ) {
        let (expected, _) = run::<Customer>(once);
        let (state, events) = run::<Customer>(shuffled);
        prop_assert_eq!(&state, &expected);
        prop_assert_eq!(fold::<Customer>(&events), expected);
    }
}
