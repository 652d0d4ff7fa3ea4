//! What happens within a billing period of a story, and how the next one begins: changes, refunds, pauses, departures.

use domain::price::{IntervalUnit, Item};
use domain::subscription::SubscriptionCommand;
use domain::time::Period;
use jiff::{SignedDuration, Timestamp};

use super::book::Stop;
use super::life::Life;

/// Times in a thousand that a cancellation is taken back.
const THINKS_AGAIN: u64 = 100;
const REASONS: [&str; 5] = ["too_expensive", "reached_my_goal", "no_time", "switched_service", "missing_features"];
const FEEDBACK: [&str; 4] = [
    "It was good while I had the time for it.",
    "I hoped for more one to one sessions.",
    "Nothing wrong, my budget changed.",
    "I may well come back next year.",
];
const PAUSES: [&str; 3] = ["Vacation", "Parental leave", "Between projects"];

/// How a period goes over into the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Turn {
    Renew,
    /// With other items from then on.
    RenewAs(Vec<Item>),
    /// Left out for so many periods, then resumed.
    Pause(i64),
    /// As the customer asked for earlier.
    End,
    /// The subscription is over already.
    Over,
}

impl Turn {
    /// How many periods on the next one lies.
    pub(super) fn periods(&self) -> i64 {
        match self {
            Self::Renew | Self::RenewAs(_) | Self::End | Self::Over => 1,
            Self::Pause(periods) => 1 + periods,
        }
    }
}

/// What may happen in the middle of a period.
#[derive(Debug, Clone, Copy)]
enum Chapter {
    Nothing,
    CancelAtPeriodEnd,
    CancelNow,
    Upgrade,
    Downgrade,
    ChangeSeats,
    Refund,
    Pause,
}

/// Times in a thousand, of a month and of a year.
const CHAPTERS: [(Chapter, u64, u64); 8] = [
    (Chapter::CancelAtPeriodEnd, 30, 190),
    (Chapter::CancelNow, 5, 10),
    (Chapter::Upgrade, 28, 60),
    (Chapter::Downgrade, 14, 20),
    (Chapter::ChangeSeats, 40, 120),
    (Chapter::Refund, 15, 30),
    (Chapter::Pause, 10, 0),
    (Chapter::Nothing, 858, 570),
];

impl Life<'_> {
    /// At most one thing happens within a period; it says how the period will end.
    pub(super) fn during(&mut self, period: Period) -> Result<Turn, Stop> {
        let yearly = self.item()?.price.interval.is_some_and(|interval| interval.unit == IntervalUnit::Year);
        let weight = |chapter: &(Chapter, u64, u64)| if yearly { chapter.2 } else { chapter.1 };
        let chapter = self.chance.weighted(&CHAPTERS, weight).map_or(Chapter::Nothing, |chapter| chapter.0);
        let margin = SignedDuration::from_hours(3);
        let early = self.book.at().max(period.start).saturating_add(margin).unwrap_or(Timestamp::MAX);
        let late = period.end.saturating_sub(margin).unwrap_or(Timestamp::MIN);
        if early >= late {
            return Ok(Turn::Renew);
        }
        let at = self.chance.between(early, late);
        match chapter {
            Chapter::Nothing => Ok(Turn::Renew),
            Chapter::CancelAtPeriodEnd => self.ask_to_leave(at, late),
            Chapter::CancelNow => {
                self.book.open(at)?;
                self.cancel_now("too_expensive")?;
                Ok(Turn::Over)
            }
            Chapter::Upgrade => self.move_to_neighbour(at, period, true),
            Chapter::Downgrade => self.move_to_neighbour(at, period, false),
            Chapter::ChangeSeats => self.change_seats(at, period),
            Chapter::Refund => self.ask_for_money_back(at),
            Chapter::Pause => Ok(Turn::Pause(if self.chance.permille(700) { 1 } else { 2 })),
        }
    }

    /// Goes over into the next period; true where the subscription is over.
    pub(super) fn turn(&mut self, turn: Turn, ended: Timestamp, next: Period) -> Result<bool, Stop> {
        match turn {
            Turn::Over => return Ok(true),
            Turn::End => {
                self.book.open(ended)?;
                self.cancel_now("requested_earlier")?;
                return Ok(true);
            }
            Turn::Renew => self.book.open(next.start)?,
            Turn::RenewAs(items) => {
                self.book.open(next.start)?;
                self.book.subscription(SubscriptionCommand::ChangeItems { items })?;
            }
            Turn::Pause(_) => {
                let reason = self.chance.pick(&PAUSES).map(|reason| (self.sealer.seal)(reason));
                self.book.open(ended)?;
                let resumes_at = Some(next.start);
                self.book.subscription(SubscriptionCommand::Pause { resumes_at, reason, maintain_access: false })?;
                self.book.open(next.start)?;
                self.book.subscription(SubscriptionCommand::Resume)?;
            }
        }
        self.book.subscription(SubscriptionCommand::Renew { period: next })?;
        Ok(false)
    }

    fn ask_to_leave(&mut self, at: Timestamp, late: Timestamp) -> Result<Turn, Stop> {
        let reason = self.chance.pick(&REASONS).map(|reason| (self.sealer.seal)(reason));
        let words = self.chance.pick(&FEEDBACK).copied().filter(|_| self.chance.permille(400));
        let feedback = words.map(|words| (self.sealer.seal)(words));
        self.book.open(at)?;
        self.book.subscription(SubscriptionCommand::CancelAtPeriodEnd { reason, feedback })?;
        if !self.chance.permille(THINKS_AGAIN) {
            return Ok(Turn::End);
        }
        let again = self.chance.between(at, late);
        self.book.open(again)?;
        self.book.subscription(SubscriptionCommand::WithdrawCancellation)?;
        Ok(Turn::Renew)
    }

    /// To the next plan up at once, to the next one down with the next period.
    fn move_to_neighbour(&mut self, at: Timestamp, period: Period, up: bool) -> Result<Turn, Stop> {
        let item = self.item()?;
        let Some(plan) = self.business.neighbour(item.plan.as_str(), up) else { return Ok(Turn::Renew) };
        let quantity = item.quantity.min(self.business.seats(plan));
        let items = vec![self.plan_named(plan)?.item(quantity)];
        self.change(at, period, items)
    }

    fn change_seats(&mut self, at: Timestamp, period: Period) -> Result<Turn, Stop> {
        let item = self.item()?;
        let quantity = 1 + self.chance.below(self.business.seats(item.plan.as_str()));
        if quantity == item.quantity {
            return Ok(Turn::Renew);
        }
        self.change(at, period, vec![Item { quantity, ..item }])
    }

    /// What costs more is changed and charged at once, in one append; what costs less waits for the period's end.
    fn change(&mut self, at: Timestamp, period: Period, items: Vec<Item>) -> Result<Turn, Stop> {
        let before = self.book.terms()?.items.clone();
        let cost = |items: &[Item]| items.iter().map(super::bill::charge).sum::<Result<i64, Stop>>();
        if cost(&items)? <= cost(&before)? {
            return Ok(Turn::RenewAs(items));
        }
        self.book.open(at)?;
        self.book.subscription(SubscriptionCommand::ChangeItems { items: items.clone() })?;
        self.bill_change(&before, &items, period)?;
        self.pay()?;
        Ok(Turn::Renew)
    }

    fn ask_for_money_back(&mut self, at: Timestamp) -> Result<Turn, Stop> {
        if self.book.bill.is_none() {
            return Ok(Turn::Renew);
        }
        self.book.open(at)?;
        let whole = self.chance.permille(400);
        self.refund(whole)?;
        Ok(Turn::Renew)
    }
}
