//! `/metrics`: who may read it? Its figures are of all tenants, so no tenant's key opens it. With a `metrics_token` whoever
//! has that may; without one only those who ask on this machine, and not through a proxy on it.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

use crate::app::App;
use crate::failure::RETRY_AFTER_S;

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What a proxy adds to a request that came from elsewhere.
const FORWARDED: [&str; 4] = ["forwarded", "via", "x-forwarded-for", "x-real-ip"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Admission {
    Granted,
    TokenNeeded,
    NotFromHere,
}

pub(super) async fn scrape(State(app): State<App>, request: Request) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    match admission(app.settings.metrics_token.as_deref(), peer, request.headers()) {
        Admission::Granted => {}
        Admission::TokenNeeded => {
            let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
            return (StatusCode::UNAUTHORIZED, challenge, "metrics_token is needed as a bearer token\n")
                .into_response();
        }
        Admission::NotFromHere => {
            let reason =
                "metrics are for this machine only; with the setting metrics_token they can be read from others\n";
            return (StatusCode::FORBIDDEN, reason).into_response();
        }
    }
    match app.metrics.scrape(&app).await {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            tracing::warn!(%error, "metrics could not be read");
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, RETRY_AFTER_S.to_string())]).into_response()
        }
    }
}

fn admission(token: Option<&str>, peer: Option<IpAddr>, headers: &HeaderMap) -> Admission {
    if let Some(token) = token {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let granted = bool::from(given.as_bytes().ct_eq(token.as_bytes()));
        return if granted { Admission::Granted } else { Admission::TokenNeeded };
    }
    let here = peer.is_some_and(|peer| peer.to_canonical().is_loopback());
    let forwarded = FORWARDED.iter().any(|name| headers.contains_key(*name));
    if here && !forwarded { Admission::Granted } else { Admission::NotFromHere }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: Option<&str> = Some("a long enough token");

    #[test]
    fn a_token_or_this_machine_opens_the_metrics() {
        type Case<'a> = (Option<&'a str>, Option<&'a str>, &'a [(&'static str, &'a str)], Admission);
        let right = ("authorization", "Bearer a long enough token");
        let cases: [Case<'_>; 13] = [
            (None, Some("127.0.0.1"), &[], Admission::Granted),
            (None, Some("::1"), &[], Admission::Granted),
            (None, Some("::ffff:127.0.0.1"), &[], Admission::Granted),
            (None, Some("192.0.2.1"), &[], Admission::NotFromHere),
            (None, None, &[], Admission::NotFromHere),
            (None, Some("127.0.0.1"), &[("x-forwarded-for", "192.0.2.1")], Admission::NotFromHere),
            (None, Some("127.0.0.1"), &[("forwarded", "for=192.0.2.1")], Admission::NotFromHere),
            (None, Some("192.0.2.1"), &[right], Admission::NotFromHere),
            (TOKEN, Some("127.0.0.1"), &[], Admission::TokenNeeded),
            (TOKEN, Some("192.0.2.1"), &[("authorization", "Bearer another")], Admission::TokenNeeded),
            (TOKEN, Some("192.0.2.1"), &[("authorization", "a long enough token")], Admission::TokenNeeded),
            (TOKEN, Some("192.0.2.1"), &[right], Admission::Granted),
            (TOKEN, None, &[right, ("via", "1.1 proxy")], Admission::Granted),
        ];
        for (token, peer, given, expected) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in given {
                headers.insert(*name, value.parse().unwrap());
            }
            let peer = peer.map(|peer| peer.parse().unwrap());
            assert_eq!(admission(token, peer, &headers), expected, "{token:?} {peer:?} {given:?}");
        }
    }
}
