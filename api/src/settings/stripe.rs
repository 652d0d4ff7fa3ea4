//! The account at Stripe that a tenant drives: its secret key and where to reach it. Nothing here connects.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::Url;

use super::{SettingsError, wrong};

const DEFAULT_BASE_URL: &str = "https://api.stripe.com";
/// A charge may take Stripe tens of seconds.
const DEFAULT_TIMEOUT: Duration = Duration::from_mins(1);
/// Below what browsers and proxies wait for an answer.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(20);
const MAX_WAIT_S: u64 = 300;

#[derive(Debug, Clone)]
pub struct StripeAccount {
    pub secret_key: StripeSecretKey,
    pub base_url: Url,
    /// Of one try of a request, as a whole.
    pub timeout: Duration,
    /// How long a request of ours waits for what Stripe is asked; what takes longer goes on without it.
    pub patience: Duration,
}

/// The words of an account's settings.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Words<'a> {
    pub base_url: Option<&'a str>,
    pub timeout_s: Option<u64>,
    pub patience_s: Option<u64>,
}

/// A key that may move money.
#[derive(Clone)]
pub struct StripeSecretKey(String);

impl StripeSecretKey {
    /// Only for the header of a request.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn is_live(&self) -> bool {
        self.0.starts_with("sk_live_") || self.0.starts_with("rk_live_")
    }
}

/// Shows nothing of itself in messages.
impl std::fmt::Debug for StripeSecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StripeSecretKey")
    }
}

impl StripeAccount {
    /// `setting` gives the full name of a field, for what is wrong.
    pub(super) fn check(key: &str, words: Words<'_>, setting: &impl Fn(&str) -> String) -> Result<Self, SettingsError> {
        let is_secret = key.starts_with("sk_") || key.starts_with("rk_");
        if !is_secret || !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(wrong(&setting("stripe_secret_key"), "sk_… or rk_…, a secret or restricted key of Stripe"));
        }
        let secret_key = StripeSecretKey(key.to_owned());
        let base_url = words.base_url.unwrap_or(DEFAULT_BASE_URL);
        let parsed = Url::parse(base_url).ok().filter(|url| {
            let is_plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
            ["http", "https"].contains(&url.scheme()) && url.has_host() && is_plain
        });
        let base_url = parsed.ok_or_else(|| wrong(&setting("stripe_base_url"), "https://host or http://host:port"))?;
        let seconds = |field: &str, given: Option<u64>, default: Duration| match given {
            None => Ok(default),
            Some(seconds) if (1..=MAX_WAIT_S).contains(&seconds) => Ok(Duration::from_secs(seconds)),
            Some(_) => Err(wrong(&setting(field), "1 to 300 seconds")),
        };
        let timeout = seconds("stripe_timeout_s", words.timeout_s, DEFAULT_TIMEOUT)?;
        let patience = seconds("stripe_patience_s", words.patience_s, DEFAULT_PATIENCE)?;
        let account = Self { secret_key, base_url, timeout, patience };
        if account.secret_key.is_live() && account.base_url.scheme() == "http" && !account.is_on_this_machine() {
            return Err(wrong(&setting("stripe_base_url"), "https, since the key is a live one"));
        }
        Ok(account)
    }

    /// Whether what it speaks to runs beside it, as a fake does.
    pub fn is_on_this_machine(&self) -> bool {
        let host = self.base_url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}
