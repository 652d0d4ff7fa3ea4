//! May a coupon be redeemed for a subscription, and what discount does it give (decision B6)? That nobody else takes the
//! last redemption meanwhile is not decided here: the append claims its number.

use jiff::Timestamp;

use crate::catalogue::Coupon;
use crate::id::PlanId;
use crate::money::Currency;
use crate::price::{Discount, Off};
use crate::refusal::Refusal;

/// Who wants to redeem a coupon, and how often that has been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Redemption<'r> {
    pub at: Timestamp,
    pub currency: Currency,
    /// The plans that are subscribed to.
    pub plans: &'r [PlanId],
    pub redeemed: u64,
}

/// The discount that redeeming a coupon gives; `limited_to` are the plans it is limited to, none for all.
pub fn redeem(coupon: &Coupon, limited_to: &[PlanId], wish: &Redemption) -> Result<Discount, Refusal> {
    let refused = |reason: String| Err(Refusal::invalid("coupon", reason));
    if coupon.valid_from.is_some_and(|from| wish.at < from) {
        return refused(format!("{} cannot be redeemed yet", coupon.code));
    }
    if coupon.valid_until.is_some_and(|until| until <= wish.at) {
        return refused(format!("{} has expired", coupon.code));
    }
    if coupon.max_redemptions.is_some_and(|max| u64::from(max) <= wish.redeemed) {
        return refused(format!("{} is used up", coupon.code));
    }
    match &coupon.off {
        Off::Amount { currency, .. } if *currency != wish.currency => {
            return refused(format!("{} is in {currency}, not in {}", coupon.code, wish.currency));
        }
        Off::Amount { .. } | Off::Percent(_) => {}
    }
    if !limited_to.is_empty() && !wish.plans.iter().any(|plan| limited_to.contains(plan)) {
        return refused(format!("{} is not for this plan", coupon.code));
    }
    Ok(coupon.discount(wish.at))
}
