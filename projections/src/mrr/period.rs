//! How MRR and customers went from the beginning of a period to its end, as known at some position.

use std::collections::BTreeMap;

use domain::mrr::{LogoChange, MovementType, Opening, Unbalanced, Waterfall};
use sqlx::{AnyPool, Row as _};
use store::StoreError;

use super::current::{active_at, mrr_at};

/// A stretch of business time, half-open in microseconds, as known when the event of a position was the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub from_at: i64,
    pub to_at: i64,
    pub as_of: i64,
}

/// Customers of all currencies, each counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Customers {
    pub opening: i64,
    pub closing: i64,
    pub new: i64,
    pub reactivated: i64,
    pub resumed: i64,
    pub paused: i64,
    pub churned: i64,
    /// Left while paused; they had stopped counting as active before.
    pub churned_while_paused: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revenue {
    /// The roll-forward of each currency that had MRR or moved. Its counts of customers are those of the rows of that
    /// currency; a customer of two currencies is in one of them only.
    pub by_currency: BTreeMap<String, Waterfall>,
    /// Customers with MRR in a currency at the end.
    pub active_by_currency: BTreeMap<String, i64>,
    pub customers: Customers,
}

/// The roll-forward of a window. Movements that do not lead from the balances at its beginning to those at its end
/// are a fault of ours, and nothing is published from them.
pub async fn revenue_between(pool: &AnyPool, tenant: &str, window: Window) -> Result<Revenue, StoreError> {
    let Window { from_at, to_at, as_of } = window;
    // The state at a boundary is the one of the microsecond before it: what begins there belongs to the next period.
    let (before, last) = (from_at - 1, to_at - 1);
    let opening = mrr_at(pool, tenant, before, as_of).await?;
    let closing = mrr_at(pool, tenant, last, as_of).await?;
    let mut by_currency: BTreeMap<String, Waterfall> = BTreeMap::new();
    for currency in opening.keys().chain(closing.keys()) {
        by_currency.entry(currency.clone()).or_default();
    }
    for (currency, (mrr_minor, customers)) in &opening {
        let opening = Opening { mrr_minor: *mrr_minor, customers: *customers, paused_customers: 0 };
        by_currency.entry(currency.clone()).or_default().opening = opening;
    }
    let mut customers = Customers {
        opening: active_at(pool, tenant, before, as_of).await?,
        closing: active_at(pool, tenant, last, as_of).await?,
        ..Customers::default()
    };
    for moved in moved(pool, tenant, window).await? {
        customers.add(&moved);
        moved.add_to(by_currency.entry(moved.currency.clone()).or_default());
    }
    for (currency, waterfall) in &by_currency {
        let found = closing.get(currency).map_or(0, |(mrr_minor, _)| *mrr_minor);
        waterfall.check(found, waterfall.closing_customers()).map_err(|error| corrupt(&error))?;
    }
    customers.check()?;
    let active_by_currency = closing.into_iter().map(|(currency, (_, customers))| (currency, customers)).collect();
    Ok(Revenue { by_currency, active_by_currency, customers })
}

/// How many customers were active just before a window, and how many of these were not at its end.
pub async fn customers_lost_between(pool: &AnyPool, tenant: &str, window: Window) -> Result<(i64, i64), StoreError> {
    let Window { from_at, to_at, as_of } = window;
    let statement = sqlx::query(LOST).bind(tenant).bind(from_at - 1).bind(to_at - 1).bind(as_of);
    let row = statement.fetch_one(pool).await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// The movements of one kind.
struct Moved {
    currency: String,
    kind: MovementType,
    logo: Option<LogoChange>,
    times: i64,
    amount_minor: i64,
}

async fn moved(pool: &AnyPool, tenant: &str, window: Window) -> Result<Vec<Moved>, StoreError> {
    let statement = sqlx::query(MOVED).bind(tenant).bind(window.from_at).bind(window.to_at).bind(window.as_of);
    let mut moved = Vec::new();
    for row in statement.fetch_all(pool).await? {
        let kind: String = row.try_get(1)?;
        let logo: Option<String> = row.try_get(2)?;
        moved.push(Moved {
            currency: row.try_get(0)?,
            kind: MovementType::from_word(&kind).ok_or_else(|| unknown("kind", &kind))?,
            logo: match logo {
                None => None,
                Some(word) => Some(LogoChange::from_word(&word).ok_or_else(|| unknown("logo", &word))?),
            },
            times: row.try_get(3)?,
            amount_minor: row.try_get(4)?,
        });
    }
    Ok(moved)
}

impl Moved {
    fn add_to(&self, waterfall: &mut Waterfall) {
        let sum = match self.kind {
            MovementType::New => &mut waterfall.new_minor,
            MovementType::Expansion => &mut waterfall.expansion_minor,
            MovementType::Reactivation => &mut waterfall.reactivation_minor,
            MovementType::Contraction => &mut waterfall.contraction_minor,
            MovementType::Churn => &mut waterfall.churn_minor,
        };
        *sum = sum.saturating_add(self.amount_minor);
        let Some(logo) = self.logo else { return };
        let count = match logo {
            LogoChange::New => &mut waterfall.new_customers,
            LogoChange::Reactivated => &mut waterfall.reactivated_customers,
            LogoChange::Resumed => &mut waterfall.resumed_customers,
            LogoChange::Paused => &mut waterfall.paused_customers,
            LogoChange::Churned => &mut waterfall.churned_customers,
            LogoChange::ChurnedWhilePaused => &mut waterfall.churned_while_paused,
        };
        *count += self.times;
    }
}

impl Customers {
    fn add(&mut self, moved: &Moved) {
        let Some(logo) = moved.logo else { return };
        let count = match logo {
            LogoChange::New => &mut self.new,
            LogoChange::Reactivated => &mut self.reactivated,
            LogoChange::Resumed => &mut self.resumed,
            LogoChange::Paused => &mut self.paused,
            LogoChange::Churned => &mut self.churned,
            LogoChange::ChurnedWhilePaused => &mut self.churned_while_paused,
        };
        *count += moved.times;
    }

    /// Invariant I2.
    fn check(&self) -> Result<(), StoreError> {
        let expected = self.opening + self.new + self.reactivated + self.resumed - self.churned - self.paused;
        if expected == self.closing {
            return Ok(());
        }
        let (expected_minor, found_minor) = (0, 0);
        let (expected_customers, found_customers) = (expected, self.closing);
        Err(corrupt(&Unbalanced { expected_minor, found_minor, expected_customers, found_customers }))
    }
}

fn corrupt(error: &Unbalanced) -> StoreError {
    StoreError::Corrupt { place: "mrr_movements".to_owned(), reason: error.to_string() }
}

fn unknown(column: &str, word: &str) -> StoreError {
    StoreError::Corrupt { place: format!("mrr_movements.{column}"), reason: format!("{word:?} is not a known word") }
}

pub(super) const MOVED: &str = "\
    SELECT currency, kind, logo, COUNT(*), CAST(SUM(amount_minor) AS BIGINT) FROM mrr_movements \
    WHERE tenant = $1 AND effective_at >= $2 AND effective_at < $3 AND from_position <= $4 AND to_position > $4 \
    GROUP BY currency, kind, logo ORDER BY currency, kind, logo";

pub(super) const LOST: &str = "\
    SELECT COUNT(*), CAST(COALESCE(SUM(1 - closing), 0) AS BIGINT) FROM (\
        SELECT customer_id, \
        MAX(CASE WHEN effective_from <= $2 AND effective_to > $2 THEN 1 ELSE 0 END) AS opening, \
        MAX(CASE WHEN effective_from <= $3 AND effective_to > $3 THEN 1 ELSE 0 END) AS closing \
        FROM mrr_balances \
        WHERE tenant = $1 AND effective_from <= $3 AND effective_to > $2 AND from_position <= $4 \
        AND to_position > $4 AND mrr_minor > 0 GROUP BY customer_id\
    ) AS ends WHERE opening = 1";
