//! One customer's story: joining, subscribing, changing, pausing, leaving and sometimes coming back, up to the present.
//! It is told as steps of commands and depends on its seed and the present alone.

use domain::catalogue::{Catalogue, Plan};
use domain::customer::{CustomerCommand, PaymentMethod, PaymentMethodKind, Profile};
use domain::id::{CustomerId, PaymentMethodId, PlanId, SubscriptionId};
use domain::price::{Interval, Item};
use domain::refusal::Refusal;
use domain::sealed::Sealer;
use domain::subscription::{CancelReason, Collection, NewSubscription, SubscriptionCommand};
use domain::time::{Anchor, Period};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::book::{Book, Step, Stop};
use super::businesses::Business;
use super::chance::{Chance, later};
use super::names::Person;
use crate::operations::email_claim;

/// Times in a thousand.
const NEVER_SUBSCRIBES: u64 = 50;
const TAKES_THE_TRIAL: u64 = 600;
const LEAVES_IN_TRIAL: u64 = 250;
const USES_A_COUPON: u64 = 250;
const IS_DECLINED: u64 = 50;
const COMES_BACK: u64 = 180;
/// Of the last days' charges more are declined, so that there is dunning to look at.
const IS_DECLINED_LATELY: u64 = 220;
const LATELY: SignedDuration = SignedDuration::from_hours(9 * 24);

#[derive(Debug)]
pub struct Life<'a> {
    pub(super) book: Book,
    pub(super) chance: Chance,
    pub(super) card: PaymentMethod,
    pub(super) business: &'a Business,
    pub(super) catalogue: &'a Catalogue,
    pub(super) sealer: &'a Sealer<'a>,
}

/// Tells the whole story of a customer who joins at an instant.
pub fn tell(
    business: &Business,
    catalogue: &Catalogue,
    sealer: &Sealer<'_>,
    customer: CustomerId,
    (number, mut chance): (u64, Chance),
    (joined, present): (Timestamp, Timestamp),
) -> Result<Vec<Step>, Refusal> {
    let person = Person::invent(&mut chance, number, business.sells_to_organisations);
    let card = card(&mut chance, sealer, joined).map_err(|invalid| Refusal::invalid("id", invalid.to_string()))?;
    let book = Book::new(customer, present);
    let mut life = Life { book, chance, card, business, catalogue, sealer };
    match life.live(&person, joined) {
        Ok(()) | Err(Stop::ThePresent) => Ok(life.book.into_steps()),
        Err(Stop::Refused(refusal)) => Err(refusal),
    }
}

impl<'a> Life<'a> {
    fn live(&mut self, person: &Person, joined: Timestamp) -> Result<(), Stop> {
        self.join(person, joined)?;
        if self.chance.permille(NEVER_SUBSCRIBES) {
            return Ok(());
        }
        let mut start = later(joined, self.chance.minutes(3, 48 * 60));
        loop {
            let left = self.subscribe_until_the_end(start)?;
            if !self.chance.permille(COMES_BACK) {
                return Ok(());
            }
            start = later(left, self.chance.days(35, 150));
        }
    }

    fn join(&mut self, person: &Person, joined: Timestamp) -> Result<(), Stop> {
        self.book.open(joined)?;
        let seal = |text: &str| (self.sealer.seal)(text);
        let index = (self.sealer.email_index)(&person.email);
        let address = json!({"line1": person.line1, "city": person.city, "country": person.country});
        let profile = Profile {
            email: Some(seal(&person.email)),
            email_index: Some(index.clone()),
            first_name: Some(seal(person.first)),
            last_name: Some(seal(person.last)),
            name: None,
            phone: Some(seal(&person.phone)),
            company: person.company.as_deref().map(seal),
            address: Some(seal(&address.to_string())),
            country: Some(person.country.to_owned()),
            currency: Some(self.catalogue.defaults.currency),
            metadata: Some(seal(&json!({"acquisition_source": person.source}).to_string())),
            acquisition_source: Some(person.source.to_owned()),
        };
        let id = self.book.customer.clone();
        self.book.claim(email_claim(&index, id.as_str()));
        let method = Some(self.card.clone());
        self.book.customer(CustomerCommand::Create { id, profile: Box::new(profile), method });
        Ok(())
    }

    /// One subscription from its start to its end, which it returns.
    fn subscribe_until_the_end(&mut self, start: Timestamp) -> Result<Timestamp, Stop> {
        let trial = self.begin(start)?;
        let (anchor, interval) = self.rhythm()?;
        let mut count = 0;
        let mut period = period(&anchor, interval, count)?;
        if let Some(trial) = trial {
            if self.chance.permille(LEAVES_IN_TRIAL) {
                let early = self.chance.between(later(trial.start, SignedDuration::from_hours(6)), trial.end);
                self.book.open(early)?;
                self.cancel_now("did_not_fit")?;
                return Ok(early);
            }
            self.book.open(trial.end)?;
            self.book.subscription(SubscriptionCommand::EndTrial)?;
            self.book.subscription(SubscriptionCommand::Renew { period })?;
            if !self.collect(period)? {
                return Ok(self.book.at());
            }
        }
        loop {
            let turn = self.during(period)?;
            let ended = period.end;
            count += turn.periods();
            period = self::period(&anchor, interval, count)?;
            if self.turn(turn, ended, period)? {
                return Ok(self.book.at());
            }
            if !self.collect(period)? {
                return Ok(self.book.at());
            }
        }
    }

    /// Creates a subscription; where it has no trial, its first period is paid in the same moment.
    fn begin(&mut self, start: Timestamp) -> Result<Option<Period>, Stop> {
        let (business, catalogue) = (self.business, self.catalogue);
        let offer = self.chance.weighted(business.offers, |offer| offer.weight);
        let offer = offer.ok_or_else(|| Refusal::not_found("offer"))?;
        let plan = self.plan_named(offer.plan)?;
        let quantity = 1 + self.chance.below(offer.seats);
        let trial_days = plan.trial_days.filter(|_| self.chance.permille(TAKES_THE_TRIAL));
        let coupon = catalogue.coupons.first().filter(|_| self.chance.permille(USES_A_COUPON));
        let item = plan.item(quantity);
        let charged = super::bill::charge(&item)? > 0;
        let id = SubscriptionId::parse(&self.chance.id("sub_"))?;
        self.book.open(start)?;
        self.book.begin_subscription(id.clone());
        let new = NewSubscription {
            id,
            customer: self.book.customer.clone(),
            currency: item.price.currency,
            items: vec![item],
            trial_days,
            anchor: None,
            discounts: coupon.map(|coupon| coupon.discount(self.book.at())).into_iter().collect(),
            collection: Collection::ChargeAutomatically,
            payment_method: Some(self.card.id.clone()),
            awaits_first_payment: charged && trial_days.is_none(),
            metadata: None,
        };
        self.book.subscription(SubscriptionCommand::Create(Box::new(new)))?;
        let terms = self.book.terms()?;
        let (trial, period) = (terms.trial, terms.period);
        if let (None, Some(period)) = (trial, period)
            && self.bill_period(period, "subscription_create")?
        {
            self.pay()?;
        }
        Ok(trial)
    }

    /// Bills a period and charges it. False where dunning ended the subscription.
    fn collect(&mut self, period: Period) -> Result<bool, Stop> {
        if !self.bill_period(period, "subscription_cycle")? {
            return Ok(true);
        }
        let lately = self.book.present().duration_since(self.book.at()) < LATELY;
        if self.chance.permille(if lately { IS_DECLINED_LATELY } else { IS_DECLINED }) {
            return self.chase();
        }
        self.pay()?;
        Ok(true)
    }

    pub(super) fn cancel_now(&mut self, reason: &str) -> Result<(), Stop> {
        let cause = CancelReason::Requested;
        self.book.subscription(SubscriptionCommand::CancelNow {
            cause,
            reason: Some((self.sealer.seal)(reason)),
            feedback: None,
        })
    }

    pub(super) fn plan_named(&self, plan: &str) -> Result<&'a Plan, Stop> {
        let plan = self.catalogue.plan(&PlanId::parse(plan)?);
        Ok(plan.ok_or_else(|| Refusal::not_found("plan"))?)
    }

    pub(super) fn new_card(&mut self) -> Result<PaymentMethod, Stop> {
        let at = self.book.at();
        Ok(card(&mut self.chance, self.sealer, at)?)
    }

    /// The one item of the subscription.
    pub(super) fn item(&self) -> Result<Item, Stop> {
        let item = self.book.terms()?.items.first().cloned();
        Ok(item.ok_or_else(|| Refusal::not_found("item"))?)
    }

    fn rhythm(&self) -> Result<(Anchor, Interval), Stop> {
        let anchor = Anchor::utc(self.book.terms()?.anchor);
        let interval = self.item()?.price.interval.ok_or_else(|| Refusal::not_found("interval"))?;
        Ok((anchor, interval))
    }
}

fn period(anchor: &Anchor, interval: Interval, count: i64) -> Result<Period, Stop> {
    let bounds = anchor.boundary(interval, count).zip(anchor.boundary(interval, count + 1));
    let (start, end) = bounds.ok_or(Stop::ThePresent)?;
    Ok(Period { start, end })
}

fn card(chance: &mut Chance, sealer: &Sealer<'_>, at: Timestamp) -> Result<PaymentMethod, domain::id::InvalidId> {
    let (brand, last4) = chance
        .pick(&[("visa", "4242"), ("visa", "1881"), ("mastercard", "4444"), ("amex", "8431")])
        .copied()
        .unwrap_or(("visa", "4242"));
    let year = at.to_zoned(jiff::tz::TimeZone::UTC).year();
    Ok(PaymentMethod {
        id: PaymentMethodId::parse(&chance.id("pm_"))?,
        kind: PaymentMethodKind::Card,
        brand: Some(brand.to_owned()),
        last4: Some((sealer.seal)(last4)),
        exp_month: u8::try_from(1 + chance.below(12)).ok(),
        exp_year: u16::try_from(year + 3).ok(),
        attached: true,
    })
}
