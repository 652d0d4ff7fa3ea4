use std::collections::BTreeMap;

use domain::catalogue;
use domain::command::Command;
use domain::customer::Customer;
use domain::dunning::{CampaignStatus, Dunning};
use domain::invoice::{Invoice, InvoiceStatus};
use domain::payment::{Payment, PaymentStatus};
use domain::sealed::{BlindIndex, Sealed, Sealer};
use domain::subscription::{Status, Subscription};
use jiff::Timestamp;

use super::book::{Step, happen};
use super::businesses::{BUSINESSES, Business};
use super::{life, newcomer};

/// Every aggregate of a business, folded from the stories' steps as the ledger folds them.
#[derive(Default)]
struct Folded {
    customers: BTreeMap<String, Customer>,
    subscriptions: BTreeMap<String, Subscription>,
    invoices: BTreeMap<String, Invoice>,
    payments: BTreeMap<String, Payment>,
    campaigns: BTreeMap<String, Dunning>,
    events: usize,
}

impl Folded {
    fn apply(&mut self, step: &Step) {
        let now = step.at;
        for command in &step.commands {
            self.events += match command {
                Command::Customer(id, command) => {
                    happen(self.customers.entry(id.to_string()).or_default(), now, command).unwrap().len()
                }
                Command::Subscription(id, command) => {
                    happen(self.subscriptions.entry(id.to_string()).or_default(), now, command).unwrap().len()
                }
                Command::Invoice(id, command) => {
                    happen(self.invoices.entry(id.to_string()).or_default(), now, command).unwrap().len()
                }
                Command::Payment(id, command) => {
                    happen(self.payments.entry(id.to_string()).or_default(), now, command).unwrap().len()
                }
                Command::Dunning(id, command) => {
                    happen(self.campaigns.entry(id.to_string()).or_default(), now, command).unwrap().len()
                }
                Command::StripeEvent(..) => panic!("no story has events of Stripe"),
            };
        }
    }

    fn count_subscriptions(&self, status: Status) -> usize {
        let snapshots = self.subscriptions.values().filter_map(Subscription::snapshot);
        snapshots.filter(|snapshot| snapshot.standing.status() == status).count()
    }

    fn count_campaigns(&self, status: CampaignStatus) -> usize {
        self.campaigns.values().filter_map(Dunning::snapshot).filter(|snapshot| snapshot.status == status).count()
    }

    fn count_invoices(&self, status: InvoiceStatus) -> usize {
        self.invoices.values().filter_map(Invoice::snapshot).filter(|snapshot| snapshot.status == status).count()
    }
}

fn stories(business: &Business, place: u64, present: Timestamp) -> Vec<Vec<Step>> {
    let sealer = Sealer {
        seal: &|text| Sealed::from_ciphertext(text.to_owned()),
        email_index: &|email| BlindIndex::from_hash(email.to_owned()),
    };
    let catalogue = catalogue::seed(business.tenant).unwrap();
    (1..=business.customers)
        .map(|number| {
            let (customer, chance, joined) = newcomer(business, place, number, present).unwrap();
            life::tell(business, catalogue, &sealer, customer, (number, chance), (joined, present)).unwrap()
        })
        .collect()
}

fn folded(business: &Business, place: u64, present: Timestamp) -> Folded {
    let mut folded = Folded::default();
    for story in stories(business, place, present) {
        assert!(story.iter().all(|step| step.at <= present), "nothing lies in the future");
        assert!(story.iter().zip(story.iter().skip(1)).all(|(one, next)| one.at <= next.at), "in the order of time");
        for step in &story {
            folded.apply(step);
        }
    }
    folded
}

const PRESENTS: [&str; 4] =
    ["2024-03-01T00:00:00Z", "2025-06-17T08:00:00Z", "2026-11-21T13:00:00Z", "2027-12-31T23:00:00Z"];

#[test]
fn whatever_the_day_nothing_is_refused_and_every_kind_of_outcome_is_there() {
    for present in PRESENTS {
        let present: Timestamp = present.parse().unwrap();
        let mut events = 0;
        for (business, place) in BUSINESSES.iter().zip(1..) {
            let folded = folded(business, place, present);
            events += folded.events;
            let words = format!("{} at {present}", business.tenant);
            assert!(folded.count_subscriptions(Status::Active) >= 30, "{words}: active");
            assert!(folded.count_subscriptions(Status::Canceled) >= 20, "{words}: canceled");
            assert!(folded.count_campaigns(CampaignStatus::Recovered) >= 3, "{words}: recovered");
            assert!(folded.count_campaigns(CampaignStatus::Exhausted) >= 1, "{words}: exhausted");
            assert!(folded.count_campaigns(CampaignStatus::Active) >= 1, "{words}: in dunning");
            assert_eq!(
                folded.count_invoices(InvoiceStatus::Open),
                folded.count_campaigns(CampaignStatus::Active),
                "{words}"
            );
            assert_eq!(folded.count_invoices(InvoiceStatus::Draft), 0, "{words}: drafts");
            let refunded =
                folded.payments.values().filter_map(Payment::snapshot).filter(|payment| {
                    matches!(payment.status, PaymentStatus::Refunded | PaymentStatus::PartiallyRefunded)
                });
            assert!(refunded.count() >= 1, "{words}: refunded");
        }
        assert!((12_000..30_000).contains(&events), "{events} events at {present}");
    }
}

#[test]
fn invoices_add_up_and_payments_take_what_is_due() {
    let present: Timestamp = "2026-11-21T13:00:00Z".parse().unwrap();
    for (business, place) in BUSINESSES.iter().zip(1..) {
        let folded = folded(business, place, present);
        for invoice in folded.invoices.values().filter_map(Invoice::snapshot) {
            let lines: i64 = invoice.lines.iter().map(|line| line.amount_minor).sum();
            assert_eq!(invoice.total_minor, lines - invoice.discount_minor + invoice.tax_minor);
            assert_eq!(invoice.amount_remaining_minor, invoice.amount_due_minor - invoice.amount_paid_minor);
            assert!(invoice.total_minor > 0, "{invoice:?}");
            if let Some(payment) = &invoice.payment {
                let payment = folded.payments[payment.as_str()].snapshot().unwrap();
                assert_eq!(payment.amount_minor, invoice.amount_paid_minor);
                assert_eq!(payment.net_minor.unwrap() + payment.fee_minor.unwrap(), payment.amount_minor);
            }
        }
    }
}

#[test]
fn a_story_is_told_the_same_way_twice() {
    let present: Timestamp = "2026-11-21T13:00:00Z".parse().unwrap();
    let [coaching, ..] = &BUSINESSES;
    let told = |_| format!("{:?}", stories(coaching, 1, present));
    assert_eq!(told(1), told(2));
}
