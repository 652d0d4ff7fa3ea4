//! Which of two reports of one object from the same second is the later step of its life, where neither says what it
//! changed. Stripe's `created` has only seconds, and a whole signup fits into one.

/// Later steps have higher ranks; only reports of the same object are ever compared. Types that are not listed rank as
/// updates do.
const RANKS: &[(&str, u8)] = &[
    ("customer.created", 0),
    ("customer.updated", UPDATED),
    ("customer.deleted", 90),
    ("customer.source.created", 0),
    ("customer.source.expiring", 5),
    ("customer.source.updated", UPDATED),
    ("customer.source.deleted", 90),
    ("customer.card.created", 0),
    ("customer.card.updated", UPDATED),
    ("customer.card.deleted", 90),
    ("customer.bank_account.created", 0),
    ("customer.bank_account.updated", UPDATED),
    ("customer.bank_account.deleted", 90),
    ("payment_method.attached", 0),
    ("payment_method.updated", UPDATED),
    ("payment_method.card_automatically_updated", 11),
    ("payment_method.automatically_updated", 12),
    ("payment_method.detached", 90),
    ("customer.subscription.created", 0),
    ("customer.subscription.updated", UPDATED),
    ("customer.subscription.trial_will_end", 11),
    ("customer.subscription.pending_update_expired", 12),
    ("customer.subscription.pending_update_applied", 13),
    ("customer.subscription.paused", 20),
    ("customer.subscription.resumed", 21),
    ("customer.subscription.deleted", 90),
    ("invoice.created", 0),
    ("invoice.updated", UPDATED),
    ("invoice.finalization_failed", 15),
    ("invoice.finalized", 20),
    ("invoice.sent", 30),
    ("invoice.will_be_due", 31),
    ("invoice.overdue", 32),
    ("invoice.payment_attempt_required", 40),
    ("invoice.payment_action_required", 41),
    ("invoice.payment_failed", 50),
    ("invoice.marked_uncollectible", 60),
    ("invoice.payment_succeeded", 70),
    ("invoice.paid", 71),
    ("invoice.overpaid", 72),
    ("invoice.voided", 80),
    ("invoice.deleted", 90),
    ("charge.pending", 0),
    ("charge.failed", 10),
    ("charge.succeeded", 20),
    ("charge.captured", 30),
    ("charge.updated", 40),
    ("charge.refunded", 50),
    ("charge.expired", 60),
    ("refund.created", 0),
    ("refund.updated", UPDATED),
    ("charge.refund.updated", 11),
    ("refund.failed", 20),
    ("charge.dispute.created", 0),
    ("charge.dispute.updated", UPDATED),
    ("charge.dispute.funds_withdrawn", 20),
    ("charge.dispute.funds_reinstated", 30),
    ("charge.dispute.closed", 40),
    ("payout.created", 0),
    ("payout.updated", UPDATED),
    ("payout.reconciliation_completed", 20),
    ("payout.paid", 30),
    ("payout.canceled", 40),
    ("payout.failed", 41),
    ("payment_intent.created", 0),
    ("payment_intent.requires_action", 20),
    ("payment_intent.processing", 30),
    ("payment_intent.partially_funded", 31),
    ("payment_intent.amount_capturable_updated", 32),
    ("payment_intent.payment_failed", 40),
    ("payment_intent.canceled", 80),
    ("payment_intent.succeeded", 90),
];

const UPDATED: u8 = 10;

pub(super) fn rank(kind: &str) -> u8 {
    RANKS.iter().find(|(name, _)| *name == kind).map_or(UPDATED, |(_, rank)| *rank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invoice_lives_in_this_order() {
        let life = [
            "created",
            "updated",
            "finalized",
            "sent",
            "payment_action_required",
            "payment_failed",
            "marked_uncollectible",
            "payment_succeeded",
            "paid",
            "voided",
            "deleted",
        ];
        let ranks: Vec<u8> = life.iter().map(|step| rank(&format!("invoice.{step}"))).collect();
        assert!(ranks.is_sorted_by(|a, b| a < b), "{ranks:?}");
        assert_eq!(rank("invoice.invented_later"), UPDATED);
    }

    #[test]
    fn no_type_is_listed_twice() {
        for (index, (name, _)) in RANKS.iter().enumerate() {
            assert!(RANKS[index + 1..].iter().all(|(other, _)| other != name), "{name}");
        }
    }
}
