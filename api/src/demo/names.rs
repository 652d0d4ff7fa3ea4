//! Who the demo's customers are: invented people and organisations, all with addresses at example.com.

use super::chance::Chance;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub first: &'static str,
    pub last: &'static str,
    pub email: String,
    pub phone: String,
    pub company: Option<String>,
    pub line1: String,
    pub city: &'static str,
    /// ISO 3166 alpha-2.
    pub country: &'static str,
    pub source: &'static str,
}

const FIRST: [&str; 40] = [
    "Ada", "Alan", "Amara", "Anja", "Arjun", "Beatriz", "Bruno", "Carmen", "Chen", "Clara", "David", "Diego", "Elena",
    "Emil", "Farah", "Felix", "Grace", "Hana", "Henry", "Ines", "Isaac", "Jonas", "Julia", "Kenji", "Lara", "Leo",
    "Lucia", "Maya", "Mikael", "Nadia", "Noah", "Olga", "Omar", "Paula", "Priya", "Rosa", "Samuel", "Sofia", "Tariq",
    "Yuki",
];
const LAST: [&str; 40] = [
    "Adams",
    "Almeida",
    "Andersson",
    "Bauer",
    "Bianchi",
    "Carter",
    "Costa",
    "Dubois",
    "Evans",
    "Fischer",
    "Garcia",
    "Haddad",
    "Hansen",
    "Hughes",
    "Ivanova",
    "Jensen",
    "Kapoor",
    "Keller",
    "Kim",
    "Laurent",
    "Lindgren",
    "Lopez",
    "Martin",
    "Mensah",
    "Moreau",
    "Nakamura",
    "Novak",
    "Okafor",
    "Patel",
    "Pereira",
    "Quinn",
    "Rossi",
    "Sato",
    "Schmidt",
    "Silva",
    "Singh",
    "Tanaka",
    "Taylor",
    "Weber",
    "Young",
];
const STREETS: [&str; 8] =
    ["High Street", "Mill Lane", "Station Road", "Park Avenue", "Oak Street", "Church Road", "Lake View", "Elm Court"];

/// City, country, weight.
const PLACES: [(&str, &str, u64); 14] = [
    ("San Francisco", "US", 18),
    ("Austin", "US", 14),
    ("New York", "US", 16),
    ("London", "GB", 12),
    ("Manchester", "GB", 5),
    ("Toronto", "CA", 8),
    ("Berlin", "DE", 7),
    ("Paris", "FR", 5),
    ("Madrid", "ES", 3),
    ("Sydney", "AU", 5),
    ("São Paulo", "BR", 3),
    ("Bengaluru", "IN", 5),
    ("Tokyo", "JP", 3),
    ("Stockholm", "SE", 2),
];
const SOURCES: [(&str, u64); 6] =
    [("website", 30), ("referral", 22), ("search_ads", 18), ("social", 14), ("podcast", 10), ("partner", 6)];
const ORGANISATIONS: [&str; 6] = ["Clinic", "Academy", "Practice", "Institute", "Group", "Partners"];

impl Person {
    /// The `number` keeps the e-mail address unique within a tenant.
    pub fn invent(chance: &mut Chance, number: u64, organisation: bool) -> Self {
        let first = chance.pick(&FIRST).copied().unwrap_or("Ada");
        let last = chance.pick(&LAST).copied().unwrap_or("Adams");
        let (city, country, _) = chance.weighted(&PLACES, |place| place.2).copied().unwrap_or(("London", "GB", 0));
        let source = chance.weighted(&SOURCES, |source| source.1).map_or("website", |source| source.0);
        let company = organisation.then(|| {
            let kind = chance.pick(&ORGANISATIONS).copied().unwrap_or("Group");
            format!("{last} {kind}")
        });
        let street = chance.pick(&STREETS).copied().unwrap_or("High Street");
        Self {
            first,
            last,
            email: format!("{}.{}{number}@example.com", first.to_lowercase(), last.to_lowercase()),
            phone: format!("+1-555-{:03}-{:04}", 100 + chance.below(900), chance.below(10_000)),
            company,
            line1: format!("{} {street}", 1 + chance.below(200)),
            city,
            country,
            source,
        }
    }
}
