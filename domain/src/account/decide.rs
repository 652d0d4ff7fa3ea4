//! What a command does to a customer's account.

use jiff::Timestamp;

use super::command::AccountCommand;
use super::event::{AccountChange, AccountEvent, AccountSnapshot, BalanceIn, PendingLine};
use super::state::Account;
use crate::id::CustomerId;
use crate::invoice_totals::{Applied, CustomerBalance};
use crate::issued::{Decider, EventForm, Issued};
use crate::money::{Currency, Money};
use crate::refusal::Refusal;

/// Lines that may wait at once; more cannot be billed on one invoice that people read.
pub const MAX_PENDING: usize = 250;

impl EventForm for AccountEvent {
    fn effective_at(&self) -> Timestamp {
        self.at
    }
}

type Decision = Result<Vec<AccountEvent>, Refusal>;

impl Decider for Account {
    const TYPE: &'static str = "account";
    type Command = AccountCommand;
    type Event = AccountEvent;

    fn decide(&self, issued: &Issued<AccountCommand>) -> Decision {
        use AccountChange as E;
        use AccountCommand as C;
        let now = issued.now;
        match issued.command.clone() {
            C::Credit { id, currency, amount_minor, source } => {
                let balance = self.snapshot.balance(currency).plus(positive_or_back(amount_minor)?, 0)?;
                Ok(self.with(now, &id, currency, balance, E::BalanceCredited { currency, amount_minor, source }))
            }
            C::Buy { id, currency, amount_minor, payment } => {
                if amount_minor <= 0 {
                    return Err(Refusal::invalid("amount", "must be above zero"));
                }
                let balance = self.snapshot.balance(currency).plus(0, amount_minor)?;
                Ok(self.with(now, &id, currency, balance, E::BalanceBought { currency, amount_minor, payment }))
            }
            C::RefundPrepaid { id, currency, amount_minor, payment, refund } => {
                let balance = self.snapshot.balance(currency);
                if amount_minor > balance.prepaid_minor() {
                    let left = Money::from_minor(balance.prepaid_minor(), currency).to_major();
                    let reason = format!("is more than is left of what was bought, which is {left}");
                    return Err(Refusal::invalid("amount", reason));
                }
                let balance = balance.plus(0, positive_or_back(amount_minor)?.saturating_neg())?;
                let change = E::PrepaidRefunded { currency, amount_minor, payment, refund };
                Ok(self.with(now, &id, currency, balance, change))
            }
            C::Adjust { id, currency, amount_minor, reason } => {
                let balance = self.snapshot.balance(currency).plus(positive_or_back(amount_minor)?, 0);
                let balance = balance.map_err(of_amount)?;
                Ok(self.with(now, &id, currency, balance, E::BalanceAdjusted { currency, amount_minor, reason }))
            }
            C::Use { id, currency, applied, invoice } => {
                let back = Applied { credit_minor: -applied.credit_minor, prepaid_minor: -applied.prepaid_minor };
                let balance = self.snapshot.balance(currency).plus(back.credit_minor, back.prepaid_minor)?;
                Ok(self.with(now, &id, currency, balance, E::BalanceUsed { currency, applied, invoice }))
            }
            C::Return { id, currency, applied, invoice } => {
                let balance = self.snapshot.balance(currency).plus(applied.credit_minor, applied.prepaid_minor)?;
                Ok(self.with(now, &id, currency, balance, E::BalanceReturned { currency, applied, invoice }))
            }
            C::AddLines { id, lines } => self.add_lines(now, &id, lines),
            C::BillLines { keys, invoice } => {
                let id = self.id.clone().ok_or_else(|| Refusal::not_found("account"))?;
                let after = self.without(&keys)?;
                Ok(vec![AccountEvent { at: now, customer: id, change: E::LinesBilled { keys, invoice }, after }])
            }
            C::DropLine { key } => {
                let id = self.id.clone().ok_or_else(|| Refusal::not_found("account"))?;
                let after = self.without(std::slice::from_ref(&key))?;
                Ok(vec![AccountEvent { at: now, customer: id, change: E::LineDropped { key }, after }])
            }
        }
    }

    fn evolve(&mut self, event: &AccountEvent) {
        self.apply(event);
    }
}

impl Account {
    fn with(
        &self,
        at: Timestamp,
        id: &CustomerId,
        currency: Currency,
        balance: CustomerBalance,
        change: AccountChange,
    ) -> Vec<AccountEvent> {
        let mut after = self.snapshot.clone();
        after.balances.retain(|known| known.currency != currency);
        if balance != CustomerBalance::default() {
            after.balances.push(BalanceIn { currency, balance });
            after.balances.sort_by_key(|known| known.currency);
        }
        vec![AccountEvent { at, customer: id.clone(), change, after }]
    }

    fn add_lines(&self, at: Timestamp, id: &CustomerId, lines: Vec<PendingLine>) -> Decision {
        let waits = |key: &str| self.snapshot.pending.iter().any(|pending| pending.key == key);
        let new: Vec<PendingLine> = lines.into_iter().filter(|line| !waits(&line.key)).collect();
        if new.is_empty() {
            return Ok(Vec::new());
        }
        let mut after: AccountSnapshot = self.snapshot.clone();
        let keys = new.iter().map(|line| line.key.clone()).collect();
        after.pending.extend(new);
        if after.pending.len() > MAX_PENDING {
            return Err(Refusal::invalid("items", format!("more than {MAX_PENDING} lines would wait for an invoice")));
        }
        Ok(vec![AccountEvent { at, customer: id.clone(), change: AccountChange::LinesAdded { keys }, after }])
    }

    fn without(&self, keys: &[String]) -> Result<AccountSnapshot, Refusal> {
        let mut after = self.snapshot.clone();
        for key in keys {
            let before = after.pending.len();
            after.pending.retain(|pending| pending.key != *key);
            if after.pending.len() == before {
                return Err(Refusal::not_found("pending line"));
            }
        }
        Ok(after)
    }
}

/// What the balance cannot take is wrong with the amount that was asked for.
fn of_amount(refusal: Refusal) -> Refusal {
    let Refusal::Invalid { reason, .. } = &refusal else { return refusal };
    Refusal::invalid("amount", format!("is not to be had: the balance {reason}"))
}

/// An amount that may be taken back; zero changes nothing and is a mistake.
fn positive_or_back(amount_minor: i64) -> Result<i64, Refusal> {
    if amount_minor == 0 { Err(Refusal::invalid("amount", "must not be zero")) } else { Ok(amount_minor) }
}
