//! What happens before a card expires: it is announced, and a campaign asks for another (decision B14).

use super::desk::Desk;
use crate::customer::{CustomerCommand, PaymentMethod};
use crate::dunning::DunningCommand;
use crate::id::PaymentMethodId;
use crate::money::{Currency, round_half_away};
use crate::origin::Origin;
use crate::policy::dunning::campaign_of_card;
use crate::refusal::Refusal;
use crate::subscription::Standing;

/// Gives the customer a payment method to be charged.
pub fn attach(desk: &mut Desk, method: PaymentMethod) -> Result<(), Refusal> {
    desk.on_customer(CustomerCommand::AttachPaymentMethod { method, make_default: false })
}

pub(super) fn announce_expiry(desk: &mut Desk, method: &PaymentMethodId) -> Result<(), Refusal> {
    let (id, at) = (desk.customer.clone(), desk.now);
    desk.on_customer(CustomerCommand::AnnounceCardExpiry { id, at, method: method.clone() })?;
    let (amount_at_risk_minor, currency) = at_risk(desk, method);
    let (Some(campaign), Some(currency)) = (campaign_of_card(method), currency) else { return Ok(()) };
    let command = DunningCommand::OpenForCard {
        id: campaign.clone(),
        at,
        customer: desk.customer.clone(),
        method: method.clone(),
        origin: Origin::Daybook,
        amount_at_risk_minor,
        currency,
    };
    desk.on_campaign(&campaign, command)
}

/// What the card's subscriptions come to a period; none without one that is alive.
fn at_risk(desk: &Desk, method: &PaymentMethodId) -> (i64, Option<Currency>) {
    let default = desk.party.state.snapshot().and_then(|party| party.default_payment_method.as_ref());
    let mut sum = 0_i64;
    let mut in_currency = None;
    for held in desk.subscriptions.values() {
        let Some(subscription) = held.state.snapshot() else { continue };
        let charged_to = subscription.terms.payment_method.as_ref().or(default);
        let alive = !subscription.standing.is_terminal() && !matches!(subscription.standing, Standing::Incomplete {});
        if charged_to != Some(method) || !alive {
            continue;
        }
        let currency = *in_currency.get_or_insert(subscription.terms.currency);
        if currency == subscription.terms.currency {
            let charges = subscription.terms.items.iter().filter_map(|item| item.price.charge(item.quantity));
            sum = charges.filter_map(round_half_away).fold(sum, i64::saturating_add);
        }
    }
    (sum, in_currency)
}
