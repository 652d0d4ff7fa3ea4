//! What a tenant sells: its plans, coupons and tax rates, and the settings it starts with. Catalogues are read from
//! JSON and checked whole; nothing here knows what was bought.

mod change;
mod coupon;
mod defaults;
mod fields;
mod plan;
mod price_form;
mod seed;
mod tax;

use serde_json::Value;

pub use change::{Changes, as_written};
pub use coupon::Coupon;
pub use defaults::{Defaults, Processor};
pub use plan::{Plan, UsagePrice};
pub use seed::{SEED_TENANTS, seed};
pub use tax::TaxRate;

pub(crate) use change::{lay_over, refusal};
pub(crate) use fields::Fields;

use self::fields::repeated as repeated_name;
use crate::id::{PlanId, TenantId};

/// What is wrong with a catalogue, and where: `plan elite_coaching`, `price.amount`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    #[error("the catalogue is not JSON: {reason}")]
    NotJson { reason: String },
    #[error("{of}: {field} {problem}")]
    Field { of: String, field: String, problem: String },
    #[error("{what} is in the catalogue twice")]
    Repeated { what: String },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Catalogue {
    pub tenant: TenantId,
    pub defaults: Defaults,
    pub plans: Vec<Plan>,
    pub coupons: Vec<Coupon>,
    pub tax_rates: Vec<TaxRate>,
}

impl Catalogue {
    /// Reads a catalogue; the first mistake is named with the plan and field it is in.
    pub fn parse(json: &str) -> Result<Self, CatalogueError> {
        let document: Value =
            serde_json::from_str(json).map_err(|error| CatalogueError::NotJson { reason: error.to_string() })?;
        let mut fields = Fields::of("catalogue", "the document", document)?;
        let tenant = fields.text("tenant")?;
        let tenant =
            TenantId::parse(&tenant).map_err(|error| fields.problem("tenant", &format!("is wrong: {error}")))?;
        let defaults = defaults::read(fields.object("defaults")?)?;
        let plans = fields.list("plans")?.into_iter().map(plan::read).collect::<Result<Vec<_>, _>>()?;
        let coupons = fields.optional_list("coupons")?.into_iter().map(coupon::read).collect::<Result<Vec<_>, _>>()?;
        let tax_rates = fields.optional_list("tax_rates")?.into_iter().map(tax::read).collect::<Result<Vec<_>, _>>()?;
        fields.finish()?;
        unique("plan", plans.iter().map(|plan| plan.id.as_str()))?;
        unique("coupon", coupons.iter().map(|coupon| coupon.code.as_str()))?;
        unique("tax rate", tax_rates.iter().map(|rate| rate.id.as_str()))?;
        Ok(Self { tenant, defaults, plans, coupons, tax_rates })
    }

    pub fn plan(&self, id: &PlanId) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id == *id)
    }

    /// The plan that a surface's own word names, such as `("stripe_price_id", "price_…")`.
    pub fn plan_by_word(&self, word: &str, value: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.word(word) == Some(value))
    }

    /// The coupon of a code, in exactly that spelling.
    pub fn coupon(&self, code: &str) -> Option<&Coupon> {
        self.coupons.iter().find(|coupon| coupon.code == code)
    }

    /// The rate for an address: of its state, else of its whole country, else none.
    pub fn tax_rate(&self, country: &str, state: Option<&str>) -> Option<&TaxRate> {
        TaxRate::of_address(&self.tax_rates, country, state)
    }
}

fn unique<'a>(kind: &str, names: impl Iterator<Item = &'a str>) -> Result<(), CatalogueError> {
    let repeated = |name: &str| CatalogueError::Repeated { what: format!("{kind} {name}") };
    repeated_name(names).map_or(Ok(()), |name| Err(repeated(name)))
}

#[cfg(test)]
mod tests;
