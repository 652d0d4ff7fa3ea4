//! The four businesses of the demo: how many customers each has, and what those buy, in words of its catalogue.

/// One thing customers begin with.
#[derive(Debug)]
pub struct Offer {
    pub plan: &'static str,
    pub weight: u64,
    /// The most units of it that somebody takes.
    pub seats: u64,
}

#[derive(Debug)]
pub struct Business {
    pub tenant: &'static str,
    pub customers: u64,
    pub offers: &'static [Offer],
    /// Plans from small to large; customers move one rung at a time.
    pub ladders: &'static [&'static [&'static str]],
    /// Whether its customers are practices and schools rather than people.
    pub sells_to_organisations: bool,
}

/// Sized so that all of it is some twenty thousand events.
pub const BUSINESSES: [Business; 4] = [COACHING, EDUCATION, HEALTHCARE, SKINCARE];

const COACHING: Business = Business {
    tenant: "coaching",
    customers: 130,
    offers: &[
        Offer { plan: "community_access", weight: 58, seats: 1 },
        Offer { plan: "group_coaching", weight: 30, seats: 3 },
        Offer { plan: "elite_coaching", weight: 12, seats: 1 },
    ],
    ladders: &[&["community_access", "group_coaching", "elite_coaching"]],
    sells_to_organisations: false,
};

const EDUCATION: Business = Business {
    tenant: "education",
    customers: 150,
    offers: &[
        Offer { plan: "free", weight: 20, seats: 1 },
        Offer { plan: "starter_monthly", weight: 32, seats: 5 },
        Offer { plan: "professional_monthly", weight: 22, seats: 5 },
        Offer { plan: "enterprise_monthly", weight: 5, seats: 10 },
        Offer { plan: "starter_yearly", weight: 10, seats: 5 },
        Offer { plan: "professional_yearly", weight: 8, seats: 5 },
        Offer { plan: "enterprise_yearly", weight: 3, seats: 10 },
    ],
    ladders: &[
        &["free", "starter_monthly", "professional_monthly", "enterprise_monthly"],
        &["starter_yearly", "professional_yearly", "enterprise_yearly"],
    ],
    sells_to_organisations: true,
};

const HEALTHCARE: Business = Business {
    tenant: "healthcare",
    customers: 120,
    offers: &[
        Offer { plan: "individual_lite_monthly", weight: 34, seats: 1 },
        Offer { plan: "individual_pro_monthly", weight: 24, seats: 1 },
        Offer { plan: "hospital_lite_monthly", weight: 12, seats: 1 },
        Offer { plan: "hospital_pro_monthly", weight: 8, seats: 1 },
        Offer { plan: "individual_lite_yearly", weight: 10, seats: 1 },
        Offer { plan: "individual_pro_yearly", weight: 6, seats: 1 },
        Offer { plan: "hospital_lite_yearly", weight: 4, seats: 1 },
        Offer { plan: "hospital_pro_yearly", weight: 2, seats: 1 },
    ],
    ladders: &[
        &["individual_lite_monthly", "individual_pro_monthly"],
        &["hospital_lite_monthly", "hospital_pro_monthly"],
        &["individual_lite_yearly", "individual_pro_yearly"],
        &["hospital_lite_yearly", "hospital_pro_yearly"],
    ],
    sells_to_organisations: true,
};

const SKINCARE: Business = Business {
    tenant: "skincare",
    customers: 150,
    offers: &[
        Offer { plan: "nepika_premium_monthly", weight: 70, seats: 1 },
        Offer { plan: "nepika_premium_yearly", weight: 30, seats: 1 },
    ],
    ladders: &[],
    sells_to_organisations: false,
};

impl Business {
    /// The plan one rung up, or down, from a plan.
    pub fn neighbour(&self, plan: &str, up: bool) -> Option<&'static str> {
        let ladder = self.ladders.iter().find(|ladder| ladder.contains(&plan))?;
        let rung = ladder.iter().position(|own| *own == plan)?;
        let next = if up { rung.checked_add(1) } else { rung.checked_sub(1) };
        ladder.get(next?).copied()
    }

    /// The most units of a plan that a customer takes.
    pub fn seats(&self, plan: &str) -> u64 {
        self.offers.iter().find(|offer| offer.plan == plan).map_or(1, |offer| offer.seats)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::catalogue;
    use domain::id::PlanId;

    #[test]
    fn everything_offered_is_in_the_catalogue_and_a_ladder_keeps_its_interval() {
        for business in &BUSINESSES {
            let catalogue = catalogue::seed(business.tenant).unwrap();
            let interval = |plan: &str| catalogue.plan(&PlanId::parse(plan).unwrap()).unwrap().price.interval.unwrap();
            for offer in business.offers {
                interval(offer.plan);
            }
            for ladder in business.ladders {
                assert!(ladder.iter().all(|plan| interval(plan) == interval(ladder[0])), "{ladder:?}");
            }
        }
    }

    #[test]
    fn neighbours_are_one_rung_away() {
        assert_eq!(COACHING.neighbour("community_access", true), Some("group_coaching"));
        assert_eq!(COACHING.neighbour("community_access", false), None);
        assert_eq!(COACHING.neighbour("elite_coaching", true), None);
        assert_eq!(SKINCARE.neighbour("nepika_premium_monthly", true), None);
    }
}
