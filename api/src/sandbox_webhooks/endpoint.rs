//! How one event gets to a tenant's webhook endpoint: signed with its secret and sent over HTTP to the address on which
//! this process serves. Whether it arrived is the only answer.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use domain::id::TenantId;
use serde_json::Value;
use store::Ledger;

use crate::stripe::client::NoClient;
use crate::stripe::signature::sign;

/// An endpoint that takes longer is asked again.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Where a tenant's events go.
#[derive(Clone)]
pub(super) struct Endpoint {
    pub tenant: TenantId,
    /// The route of its surface.
    pub path: &'static str,
    /// What its deliveries are signed with.
    pub secret: String,
}

/// Shows nothing of the secret in messages.
impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint").field("tenant", &self.tenant).field("path", &self.path).finish_non_exhaustive()
    }
}

/// Why an event did not arrive.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotDelivered {
    #[error("{0}")]
    NoAnswer(#[from] reqwest::Error),
    #[error("the endpoint answered {0}")]
    Refused(u16),
}

/// A client that speaks to this machine only.
pub(super) fn client() -> Result<reqwest::Client, NoClient> {
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(crate::tls::client_config()?)
        .user_agent(concat!("daybook-sandbox/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(TIMEOUT);
    Ok(client.build()?)
}

/// Each try is signed anew, for the time at which it is made.
pub(super) async fn deliver(
    ledger: &Ledger,
    http: &reqwest::Client,
    to: SocketAddr,
    endpoint: &Endpoint,
    event: &Value,
) -> Result<(), NotDelivered> {
    let body = event.to_string();
    let signature = sign(&endpoint.secret, body.as_bytes(), ledger.clock().now().as_second());
    let request = http
        .post(format!("http://{}{}", reachable(to), endpoint.path))
        .header("content-type", "application/json; charset=utf-8")
        .header("stripe-signature", signature)
        .body(body);
    let status = request.send().await?.status();
    if status.is_success() { Ok(()) } else { Err(NotDelivered::Refused(status.as_u16())) }
}

/// Who listens on all addresses is reached on its own machine's.
fn reachable(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    SocketAddr::new(ip, listening.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_everywhere_is_reached_here() {
        let cases = [
            ("0.0.0.0:8080", "127.0.0.1:8080"),
            ("[::]:8080", "[::1]:8080"),
            ("127.0.0.1:80", "127.0.0.1:80"),
            ("192.0.2.7:443", "192.0.2.7:443"),
        ];
        for (listening, expected) in cases {
            assert_eq!(reachable(listening.parse().unwrap()).to_string(), expected, "{listening}");
        }
    }
}
