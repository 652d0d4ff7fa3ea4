//! The catalogues of the four tenants of the default configuration, as their documents print them.

use std::sync::LazyLock;

use super::Catalogue;

/// The tenants of the default configuration.
pub const SEED_TENANTS: [&str; 4] = ["coaching", "education", "healthcare", "skincare"];

/// The embedded catalogue of a tenant, `None` for any other tenant.
pub fn seed(tenant: &str) -> Option<&'static Catalogue> {
    match tenant {
        "coaching" => COACHING.as_ref(),
        "education" => EDUCATION.as_ref(),
        "healthcare" => HEALTHCARE.as_ref(),
        "skincare" => SKINCARE.as_ref(),
        _ => None,
    }
}

// A test parses every embedded file, so that none of these is ever absent in a build that passed.
static COACHING: LazyLock<Option<Catalogue>> =
    LazyLock::new(|| Catalogue::parse(include_str!("../../catalogue/coaching.json")).ok());
static EDUCATION: LazyLock<Option<Catalogue>> =
    LazyLock::new(|| Catalogue::parse(include_str!("../../catalogue/education.json")).ok());
static HEALTHCARE: LazyLock<Option<Catalogue>> =
    LazyLock::new(|| Catalogue::parse(include_str!("../../catalogue/healthcare.json")).ok());
static SKINCARE: LazyLock<Option<Catalogue>> =
    LazyLock::new(|| Catalogue::parse(include_str!("../../catalogue/skincare.json")).ok());
