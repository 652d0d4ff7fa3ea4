//! A history that fills every table: customers with cards and subscriptions, invoices that fail and are paid, refunds,
//! campaigns, Stripe events. Everything goes through the funnel.

use domain::catalogue_entry::{CatalogueEntryCommand, EntryId};
use domain::command::Command;
use domain::credit_note::{CreditNote, CreditedLine, Settlement};
use domain::customer::{CustomerCommand, PaymentMethod, PaymentMethodKind, Profile};
use domain::id::{CustomerId, InvoiceId, PaymentId, PaymentMethodId, PlanId, StripeEventId, SubscriptionId};
use domain::invoice::{FailedAttempt, Invoice, InvoiceCommand, InvoiceSnapshot, IssuedNote, Line};
use domain::invoice_totals::LineTotals;
use domain::money::Currency;
use domain::payment::{ChargeReport, PaymentCommand, PaymentStatus, RefundReport, RefundStatus};
use domain::policy;
use domain::price::{Interval, Item, Price};
use domain::sealed::Sealed;
use domain::stripe_event::{Outcome, Received, StripeEventCommand};
use domain::subscription::{CancelReason, NewSubscription, SubscriptionCommand};
use domain::time::Period;
use serde_json::json;
use store::{EventIds, Ledger, Request};

use super::bed::{NOW, at, tenant};

const AMOUNT: i64 = 20_000;

/// Appends the lives of customers with these numbers: some fifteen events each.
pub async fn append(ledger: &Ledger, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let life = Life { number };
        for commands in life.commands() {
            execute(ledger, commands).await;
        }
        let invoice = ledger.load::<Invoice>(&tenant(), life.invoice().as_str()).await.unwrap();
        execute(ledger, policy::dunning::reconcile(&life.invoice(), &invoice.state).into_iter().collect()).await;
    }
}

async fn execute(ledger: &Ledger, commands: Vec<Command>) {
    let request = Request {
        tenant: tenant(),
        actor: "test".to_owned(),
        request_id: None,
        cause: None,
        now: at(NOW),
        commands,
        claims: Vec::new(),
        releases: Vec::new(),
        event_ids: EventIds::Fresh,
        idempotency: None,
        expect_new: false,
    };
    ledger.execute(request).await.unwrap();
}

struct Life {
    number: u32,
}

impl Life {
    fn customer(&self) -> CustomerId {
        CustomerId::parse(&format!("cus_{}", self.number)).unwrap()
    }

    fn subscription(&self) -> SubscriptionId {
        SubscriptionId::parse(&format!("sub_{}", self.number)).unwrap()
    }

    fn invoice(&self) -> InvoiceId {
        InvoiceId::parse(&format!("in_{}", self.number)).unwrap()
    }

    fn payment(&self) -> PaymentId {
        PaymentId::parse(&format!("pay_{}", self.number)).unwrap()
    }

    fn method(&self) -> PaymentMethod {
        PaymentMethod {
            id: PaymentMethodId::parse(&format!("pm_{}", self.number)).unwrap(),
            kind: PaymentMethodKind::Card,
            brand: Some("visa".to_owned()),
            last4: None,
            exp_month: Some(4),
            exp_year: Some(2027),
            attached: true,
        }
    }

    /// One append each. Every third life goes wrong somewhere.
    fn commands(&self) -> Vec<Vec<Command>> {
        let troubled = self.number.is_multiple_of(3);
        let mut commands = vec![self.received(), self.beginning(), self.billing()];
        if troubled {
            commands.push(self.failing());
        }
        commands.push(self.paying());
        if self.number.is_multiple_of(2) {
            commands.push(self.ending());
        }
        commands
    }

    fn beginning(&self) -> Vec<Command> {
        let (customer, subscription) = (self.customer(), self.subscription());
        let country = if self.number.is_multiple_of(2) { "DE" } else { "US" };
        let profile =
            Profile { country: Some(country.to_owned()), currency: Some(Currency::USD), ..Profile::default() };
        let item = Item {
            id: None,
            plan: PlanId::parse("elite").unwrap(),
            name: Some("Elite — 1:1 \"coaching\"".to_owned()),
            price: Price::per_unit(AMOUNT, Currency::USD, Some(Interval::MONTHLY)),
            quantity: 1,
            version: None,
            billing: domain::pricing::Billing::InAdvance,
            metric: None,
        };
        let new = NewSubscription {
            items: vec![item],
            ..NewSubscription::of(subscription.clone(), customer.clone(), Currency::USD)
        };
        let create = CustomerCommand::Create { id: customer.clone(), profile: Box::new(profile.clone()), method: None };
        let update = Profile { acquisition_source: Some("referral".to_owned()), ..profile };
        vec![
            Command::Customer(customer.clone(), create),
            Command::Customer(
                customer.clone(),
                CustomerCommand::AttachPaymentMethod { method: self.method(), make_default: true },
            ),
            Command::Customer(customer, CustomerCommand::Update { patch: Box::new(update.into()), seen: None }),
            Command::Subscription(subscription, SubscriptionCommand::Create(Box::new(new))),
        ]
    }

    fn billing(&self) -> Vec<Command> {
        let line = Line {
            description: "Elite".to_owned(),
            period: Some(Period { start: at(NOW), end: at("2025-01-01T00:00:00Z") }),
            interval: Some(Interval::MONTHLY),
            ..Line::of(AMOUNT)
        };
        let snapshot = InvoiceSnapshot {
            customer: Some(self.customer()),
            subscription: Some(self.subscription()),
            lines: vec![line],
            subtotal_minor: AMOUNT,
            total_minor: AMOUNT,
            amount_due_minor: AMOUNT,
            amount_remaining_minor: AMOUNT,
            ..InvoiceSnapshot::draft(Currency::USD, at(NOW))
        };
        let draft = InvoiceCommand::Draft { id: self.invoice(), snapshot: Box::new(snapshot) };
        vec![
            Command::Invoice(self.invoice(), draft),
            Command::Invoice(self.invoice(), InvoiceCommand::Finalize { year: None }),
            Command::Invoice(self.invoice(), InvoiceCommand::Send),
        ]
    }

    fn failing(&self) -> Vec<Command> {
        let attempt = FailedAttempt {
            key: format!("ch_failed_{}", self.number),
            count: 1,
            at: at(NOW),
            next_attempt_at: Some(at("2024-03-04T12:00:00Z")),
            decline_code: Some("insufficient_funds".to_owned()),
        };
        vec![
            self.attempt("ch_failed", PaymentStatus::Failed),
            Command::Invoice(self.invoice(), InvoiceCommand::RecordFailedAttempt { attempt }),
        ]
    }

    fn paying(&self) -> Vec<Command> {
        let payment = Some(self.payment());
        vec![
            self.attempt("ch", PaymentStatus::Succeeded),
            Command::Invoice(
                self.invoice(),
                InvoiceCommand::RecordPayment { payment, out_of_band: false, amount_minor: None },
            ),
        ]
    }

    fn attempt(&self, prefix: &str, status: PaymentStatus) -> Command {
        let charge = ChargeReport {
            id: format!("{prefix}_{}", self.number),
            status,
            amount_minor: AMOUNT,
            amount_refunded_minor: 0,
            currency: Currency::USD,
            created_at: at(NOW),
            customer: Some(self.customer()),
            invoice: Some(self.invoice()),
            method: Some(self.method().id),
            method_type: Some("card".to_owned()),
            last4: None,
            exp_month: None,
            exp_year: None,
            decline_code: None,
            fee_minor: None,
            net_minor: None,
            description: None,
            receipt_url: None,
        };
        let command = PaymentCommand::RecordAttempt { id: self.payment(), charge: Box::new(charge) };
        Command::Payment(self.payment(), command)
    }

    fn ending(&self) -> Vec<Command> {
        let refund = RefundReport {
            id: format!("re_{}", self.number),
            status: RefundStatus::Succeeded,
            amount_minor: AMOUNT / 2,
            currency: Currency::USD,
            created_at: at(NOW),
            reason: None,
        };
        let cancel = SubscriptionCommand::CancelNow { cause: CancelReason::Requested, reason: None, feedback: None };
        vec![
            Command::Payment(self.payment(), PaymentCommand::Refund { refund }),
            Command::Invoice(self.invoice(), InvoiceCommand::IssueNote { note: Box::new(self.note()), year: 2024 }),
            Command::Subscription(self.subscription(), cancel),
            Command::Customer(self.customer(), CustomerCommand::DetachPaymentMethod { method: self.method().id }),
        ]
    }

    fn note(&self) -> IssuedNote {
        let credit = LineTotals { amount_minor: AMOUNT / 10, discount_minor: 0, tax: None };
        IssuedNote {
            id: format!("cn_{}", self.number),
            number: String::new(),
            issued_at: at(NOW),
            reason: None,
            refund: None,
            voided_at: None,
            note: CreditNote {
                lines: vec![CreditedLine { line: 0, credit }],
                settlement: Settlement { to_balance_minor: AMOUNT / 10, ..Settlement::default() },
            },
        }
    }

    fn received(&self) -> Vec<Command> {
        let id = StripeEventId::parse(&format!("evt_{}", self.number)).unwrap();
        let received = Received {
            kind: "invoice.paid".to_owned(),
            api_version: None,
            created: at(NOW),
            livemode: Some(false),
            object: Some("invoice".to_owned()),
            object_id: Some(self.invoice().to_string()),
            customer: None,
            body_hash: format!("hash {}", self.number),
            body: Sealed::from_ciphertext(format!("v1:stripe_event/{id}:{}", "x".repeat(500))),
        };
        let receive = StripeEventCommand::Receive { id: id.clone(), received: Box::new(received) };
        let mut commands = vec![Command::StripeEvent(id.clone(), receive)];
        // The events of odd numbers still wait to be read.
        if self.number.is_multiple_of(2) {
            let outcome = Outcome::Applied { streams: 2 };
            commands.push(Command::StripeEvent(id, StripeEventCommand::Finish { outcome }));
        }
        commands.push(self.coupon());
        commands
    }

    /// Each is published in several versions.
    fn coupon(&self) -> Command {
        let id = EntryId::coupon(&format!("COUPON{}", self.number % 5)).unwrap();
        let fields = [("percent_off", json!(self.number % 50 + 1)), ("duration", json!("once"))];
        let changes = fields.map(|(field, value)| (field.to_owned(), value)).into_iter().collect();
        Command::CatalogueEntry(id.clone(), CatalogueEntryCommand::Change { id, changes })
    }
}
