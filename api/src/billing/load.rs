//! How the states that billing takes get onto a desk: those of the objects in question and of all that they may touch.

use domain::billing::{Desk, Held, Rules, Subject, payment_of};
use domain::catalogue::TaxRate;
use domain::customer::Customer;
use domain::id::{CampaignId, CustomerId, InvoiceId, PaymentId, SubscriptionId, TenantId};
use domain::issued::Decider;
use domain::policy::dunning::{campaign_of_card, campaign_of_invoice};
use domain::sealed::Sealed;
use domain::tax::Rate;
use jiff::Timestamp;
use projections::subscriptions::subscriptions_of_customer;
use serde_json::Value;
use store::{Ledger, StoreError};

use crate::catalogue;

/// What all desks of a tenant have in common for a while.
#[derive(Debug, Clone)]
pub(crate) struct Loader {
    ledger: Ledger,
    tenant: TenantId,
    rules: Rules,
    rates: Vec<TaxRate>,
    source: Source,
}

/// Where states come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The log is asked whether what is known of a stream is its last.
    Log,
    /// What is known is believed. The append finds out where it was behind, so whoever plans without appending, or
    /// refuses, asks the log.
    Memory,
}

impl Loader {
    pub(crate) async fn new(ledger: &Ledger, tenant: &TenantId) -> Result<Self, StoreError> {
        let rules = Rules::of(&catalogue::settings(ledger, tenant).await?);
        let rates = catalogue::tax_rates(ledger, tenant).await?;
        Ok(Self { ledger: ledger.clone(), tenant: tenant.clone(), rules, rates, source: Source::Log })
    }

    /// For who appends what it plans, and asks again before it gives up.
    pub(crate) fn trusting(self) -> Self {
        Self { source: Source::Memory, ..self }
    }

    /// The same, asking the log.
    pub(super) fn asking(&self) -> Self {
        Self { source: Source::Log, ..self.clone() }
    }

    pub(crate) fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    pub(crate) fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// A desk with the customer, its account and what its charges come to.
    pub(crate) async fn desk(&self, customer: &CustomerId, now: Timestamp) -> Result<Desk, StoreError> {
        let party = self.held::<Customer>(customer.as_str()).await?;
        let rate = self.rate_of(&party.state).await?;
        let mut desk = Desk::new(now, self.rules.clone(), customer.clone(), party);
        desk.account = self.held(customer.as_str()).await?;
        desk.sandbox = self.held(customer.as_str()).await?;
        desk.rate = rate;
        Ok(desk)
    }

    /// Puts the object on the desk with all that doing something to it may touch.
    pub(crate) async fn put(&self, desk: &mut Desk, subject: &Subject) -> Result<(), StoreError> {
        match subject {
            Subject::Subscription(id) => self.put_subscription(desk, id).await,
            Subject::Invoice(id) => self.put_invoice(desk, id).await,
            Subject::Payment(id) => {
                self.put_payment(desk, id).await?;
                let held = desk.payments.get(id).and_then(|held| held.state.snapshot());
                match held.and_then(|payment| payment.invoice) {
                    Some(invoice) => self.put_invoice(desk, &invoice).await,
                    None => Ok(()),
                }
            }
            Subject::Campaign(id) => {
                self.put_campaign(desk, id).await?;
                let held = desk.campaigns.get(id).and_then(|held| held.state.snapshot().cloned());
                match held.and_then(|campaign| campaign.invoice) {
                    Some(invoice) => self.put_invoice(desk, &invoice).await,
                    None => Ok(()),
                }
            }
            // What a card is at risk of is what its customer subscribes to.
            Subject::Card(card) => {
                if let Some(campaign) = campaign_of_card(card) {
                    self.put_campaign(desk, &campaign).await?;
                }
                let (pool, tenant) = (self.ledger.pool(), self.tenant.as_str());
                for row in subscriptions_of_customer(pool, tenant, desk.customer.as_str()).await? {
                    if let Ok(id) = SubscriptionId::parse(&row.subscription_id) {
                        self.put_subscription(desk, &id).await?;
                    }
                }
                Ok(())
            }
        }
    }

    /// The subscription with the invoices that something may be given back of.
    pub(crate) async fn put_with_invoices(&self, desk: &mut Desk, id: &SubscriptionId) -> Result<(), StoreError> {
        self.put_subscription(desk, id).await?;
        let Ok(subscription) = desk.subscription(id) else { return Ok(()) };
        let terms = &subscription.terms;
        let mut invoices: Vec<InvoiceId> = terms.latest_invoice.iter().cloned().collect();
        invoices.extend(terms.billed.iter().filter_map(|billed| invoice_of_line(&billed.line)));
        for invoice in invoices {
            self.put_invoice(desk, &invoice).await?;
        }
        Ok(())
    }

    async fn put_subscription(&self, desk: &mut Desk, id: &SubscriptionId) -> Result<(), StoreError> {
        if !desk.subscriptions.contains_key(id) {
            let held = self.held(id.as_str()).await?;
            desk.subscriptions.insert(id.clone(), held);
        }
        let metered =
            desk.subscription(id).is_ok_and(|known| known.terms.items.iter().any(|item| item.metric.is_some()));
        if metered && !desk.usage.contains_key(id) {
            let held = self.held(id.as_str()).await?;
            desk.usage.insert(id.clone(), held);
        }
        Ok(())
    }

    async fn put_invoice(&self, desk: &mut Desk, id: &InvoiceId) -> Result<(), StoreError> {
        if !desk.invoices.contains_key(id) {
            let held = self.held(id.as_str()).await?;
            desk.invoices.insert(id.clone(), held);
        }
        let paid_by = desk.invoice(id).ok().and_then(|invoice| invoice.payment.clone());
        if let Some(payment) = paid_by.or_else(|| payment_of(id).ok()) {
            self.put_payment(desk, &payment).await?;
        }
        if let Some(campaign) = campaign_of_invoice(id) {
            self.put_campaign(desk, &campaign).await?;
        }
        match desk.invoice(id).ok().and_then(|invoice| invoice.subscription.clone()) {
            Some(subscription) => self.put_subscription(desk, &subscription).await,
            None => Ok(()),
        }
    }

    async fn put_payment(&self, desk: &mut Desk, id: &PaymentId) -> Result<(), StoreError> {
        if !desk.payments.contains_key(id) {
            let held = self.held(id.as_str()).await?;
            desk.payments.insert(id.clone(), held);
        }
        Ok(())
    }

    async fn put_campaign(&self, desk: &mut Desk, id: &CampaignId) -> Result<(), StoreError> {
        if !desk.campaigns.contains_key(id) {
            let held = self.held(id.as_str()).await?;
            desk.campaigns.insert(id.clone(), held);
        }
        Ok(())
    }

    async fn held<A: Decider>(&self, id: &str) -> Result<Held<A>, StoreError> {
        let loaded = match self.source {
            Source::Memory => self.ledger.load_since::<A>(&self.tenant, id, 0).await?,
            Source::Log => self.ledger.load::<A>(&self.tenant, id).await?,
        };
        Ok(Held::at(loaded.state, loaded.sequence))
    }

    /// The tax rate of where the customer is; the state is part of the address, which is sealed.
    async fn rate_of(&self, customer: &Customer) -> Result<Option<Rate>, StoreError> {
        let Some(profile) = customer.snapshot().map(|snapshot| &snapshot.profile) else { return Ok(None) };
        let (Some(country), false) = (&profile.country, self.rates.is_empty()) else { return Ok(None) };
        let state = self.state_of(profile.address.as_ref()).await?;
        let rate = TaxRate::of_address(&self.rates, country, state.as_deref());
        let wrong = |error: domain::refusal::Refusal| StoreError::Configuration(error.to_string());
        rate.map(Rate::of_catalogue).transpose().map_err(wrong)
    }

    async fn state_of(&self, address: Option<&Sealed>) -> Result<Option<String>, StoreError> {
        let Some(address) = address else { return Ok(None) };
        let opened = self.ledger.keyring().unseal(&self.tenant, address).await?;
        let address: Option<Value> = opened.as_deref().and_then(|text| serde_json::from_str(text).ok());
        Ok(address.as_ref().and_then(|address| address.get("state")).and_then(Value::as_str).map(str::to_owned))
    }
}

/// The invoice of a line that billing made: its id is part of the line's.
fn invoice_of_line(line: &str) -> Option<InvoiceId> {
    let (tail, _) = line.strip_prefix("il_")?.rsplit_once('_')?;
    InvoiceId::parse(&format!("in_{tail}")).ok()
}
