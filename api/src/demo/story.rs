//! What a customer of the demo does next, and when: joining, subscribing, changing, pausing, leaving and coming back. It
//! depends on its seed and on what became of it; what that costs is the engine's business.

use domain::catalogue::Catalogue;
use domain::id::PlanId;
use jiff::{SignedDuration, Timestamp};

use super::businesses::{Business, Offer};
use super::chance::{Chance, later};

/// Times in a thousand.
const NEVER_SUBSCRIBES: u64 = 50;
const TAKES_THE_TRIAL: u64 = 600;
const USES_A_COUPON: u64 = 250;
const COMES_BACK: u64 = 180;
const THINKS_AGAIN: u64 = 100;
/// Of the last days' charges more are declined, so that there is dunning to look at.
const IS_DECLINED_LATELY: u64 = 250;
const LATELY: SignedDuration = SignedDuration::from_hours(28 * 24);
const REASONS: [&str; 5] = ["too_expensive", "reached_my_goal", "no_time", "switched_service", "missing_features"];
const FEEDBACK: [&str; 4] = [
    "It was good while I had the time for it.",
    "I hoped for more one to one sessions.",
    "Nothing wrong, my budget changed.",
    "I may well come back next year.",
];
const PAUSES: [&str; 3] = ["Vacation", "Parental leave", "Between projects"];

/// Something a customer does, or that happens to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    Join,
    Subscribe {
        plan: &'static str,
        quantity: u64,
        trial: bool,
        coupon: bool,
    },
    CancelAtPeriodEnd {
        reason: &'static str,
        feedback: Option<&'static str>,
    },
    ThinkAgain,
    CancelNow {
        reason: &'static str,
    },
    Move {
        up: bool,
    },
    ChangeSeats,
    MoneyBack,
    Dispute {
        won: bool,
    },
    Pause {
        reason: &'static str,
        days: i64,
    },
    /// The next charges are declined so often, and then succeed or never do.
    Decline {
        times: u64,
        recovers: bool,
    },
    /// The present has come.
    Nothing,
}

/// Times in a thousand, each time a month or so has gone by.
const HAPPENS: [(What, u64); 10] = [
    (What::CancelAtPeriodEnd, 36),
    (What::CancelNow, 6),
    (What::Upgrade, 28),
    (What::Downgrade, 14),
    (What::ChangeSeats, 40),
    (What::MoneyBack, 15),
    (What::Dispute, 5),
    (What::Pause, 12),
    (What::Decline, 60),
    (What::Nothing, 784),
];

#[derive(Debug, Clone, Copy)]
enum What {
    CancelAtPeriodEnd,
    CancelNow,
    Upgrade,
    Downgrade,
    ChangeSeats,
    MoneyBack,
    Dispute,
    Pause,
    Decline,
    Nothing,
}

#[derive(Debug)]
pub(super) struct Story {
    pub chance: Chance,
    present: Timestamp,
    lately_told: bool,
}

impl Story {
    pub(super) fn new(chance: Chance, present: Timestamp) -> Self {
        Self { chance, present, lately_told: false }
    }

    /// The first subscription of who joined; `None` for who only looks.
    pub(super) fn after_joining(
        &mut self,
        joined: Timestamp,
        business: &Business,
        catalogue: &Catalogue,
    ) -> Option<(Timestamp, Deed)> {
        if self.chance.permille(NEVER_SUBSCRIBES) {
            return None;
        }
        let at = later(joined, self.chance.minutes(3, 48 * 60));
        Some((at, self.subscribe(business, catalogue)?))
    }

    /// Whether who left comes back, and when.
    pub(super) fn after_leaving(
        &mut self,
        left: Timestamp,
        business: &Business,
        catalogue: &Catalogue,
    ) -> Option<(Timestamp, Deed)> {
        if !self.chance.permille(COMES_BACK) {
            return None;
        }
        let at = later(left, self.chance.days(35, 150));
        Some((at, self.subscribe(business, catalogue)?))
    }

    /// What happens next to who subscribes.
    pub(super) fn next(&mut self, from: Timestamp) -> (Timestamp, Deed) {
        let mut at = later(from, self.chance.days(8, 26));
        loop {
            if let Some(deed) = self.lately(at) {
                return deed;
            }
            let what = self.chance.weighted(&HAPPENS, |happens| happens.1).map_or(What::Nothing, |happens| happens.0);
            if let Some(deed) = self.deed(what) {
                return (at, deed);
            }
            at = later(at, self.chance.days(24, 38));
            if at > self.present {
                return (at, Deed::Nothing);
            }
        }
    }

    /// Some of the last weeks' charges fail.
    fn lately(&mut self, at: Timestamp) -> Option<(Timestamp, Deed)> {
        let begins = later(self.present, -LATELY);
        if self.lately_told || at < begins {
            return None;
        }
        self.lately_told = true;
        let declined = self.chance.permille(IS_DECLINED_LATELY);
        declined.then(|| {
            (begins.max(later(at, SignedDuration::from_hours(-1))), Deed::Decline { times: 9, recovers: false })
        })
    }

    fn deed(&mut self, what: What) -> Option<Deed> {
        let pick = |chance: &mut Chance, words: &[&'static str]| chance.pick(words).copied().unwrap_or("");
        match what {
            What::Nothing => None,
            What::CancelAtPeriodEnd => {
                let reason = pick(&mut self.chance, &REASONS);
                let feedback = self.chance.permille(400).then(|| pick(&mut self.chance, &FEEDBACK));
                Some(Deed::CancelAtPeriodEnd { reason, feedback })
            }
            What::CancelNow => Some(Deed::CancelNow { reason: "too_expensive" }),
            What::Upgrade => Some(Deed::Move { up: true }),
            What::Downgrade => Some(Deed::Move { up: false }),
            What::ChangeSeats => Some(Deed::ChangeSeats),
            What::MoneyBack => Some(Deed::MoneyBack),
            What::Dispute => Some(Deed::Dispute { won: self.chance.permille(500) }),
            What::Pause => {
                let days = if self.chance.permille(700) { 31 } else { 62 };
                Some(Deed::Pause { reason: pick(&mut self.chance, &PAUSES), days })
            }
            What::Decline => {
                let recovers = self.chance.permille(800);
                let times = if recovers { 1 + self.chance.below(2) } else { 9 };
                Some(Deed::Decline { times, recovers })
            }
        }
    }

    /// Whether who asked to leave thinks again before it ends, and when.
    pub(super) fn thinks_again(&mut self, at: Timestamp, ends: Timestamp) -> Option<Timestamp> {
        let again = self.chance.permille(THINKS_AGAIN);
        again.then(|| self.chance.between(at, ends))
    }

    fn subscribe(&mut self, business: &Business, catalogue: &Catalogue) -> Option<Deed> {
        let Offer { plan, seats, .. } = self.chance.weighted(business.offers, |offer| offer.weight)?;
        let has_trial = catalogue.plan(&PlanId::parse(plan).ok()?)?.trial_days.is_some();
        Some(Deed::Subscribe {
            plan,
            quantity: 1 + self.chance.below(*seats),
            trial: has_trial && self.chance.permille(TAKES_THE_TRIAL),
            coupon: !catalogue.coupons.is_empty() && self.chance.permille(USES_A_COUPON),
        })
    }
}
