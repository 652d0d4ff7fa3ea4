//! Who calls: the request's id, the principal behind its credentials, and what operations need to know of both.

use axum::extract::{FromRequestParts, Request};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::auth::{Principal, Scope, jwt};
use crate::billing::now_of;
use crate::failure::Failure;
use crate::operations::{Call, Processor};
use crate::settings::TenantSettings;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Characters of a request id or an idempotency key that are taken from outside: Stripe's limit for its keys.
const MAX_HEADER_CHARS: usize = 255;

/// The request's id: the caller's own where it sent a plain one, else a new one.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Gives every request an id, in and out.
pub async fn assign_request_id(mut request: Request, next: Next) -> Response {
    let given = request.headers().get(&REQUEST_ID).and_then(|value| value.to_str().ok());
    let id = match given {
        Some(id)
            if !id.is_empty() && id.len() <= MAX_HEADER_CHARS && id.bytes().all(|byte| byte.is_ascii_graphic()) =>
        {
            id.to_owned()
        }
        Some(_) | None => store::ids::prefixed("req_"),
    };
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// A recognised caller. Extracting it is what makes a route require credentials.
#[derive(Debug, Clone)]
pub struct Caller {
    pub principal: Principal,
    now: Timestamp,
    request_id: String,
    idempotency_key: Option<String>,
    route: String,
    processor: Processor,
}

impl Caller {
    /// Refuses a caller that lacks a scope.
    pub fn require(&self, scope: Scope) -> Result<(), Failure> {
        if self.principal.scopes.allow(scope) { Ok(()) } else { Err(Failure::Forbidden { needed: scope.as_str() }) }
    }

    /// The tenant's time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What an operation is told, for a request with this body.
    pub fn call(&self, body: &[u8]) -> Call {
        let request_hash = || {
            let mut hash = Sha256::new();
            hash.update(self.route.as_bytes());
            hash.update([0]);
            hash.update(body);
            hex::encode(hash.finalize())
        };
        Call {
            tenant: self.principal.tenant.clone(),
            actor: self.principal.actor.clone(),
            request_id: self.request_id.clone(),
            now: self.now,
            idempotency: self.idempotency_key.clone().map(|key| (key, request_hash())),
            processor: self.processor,
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let header = parts.headers.get(AUTHORIZATION).ok_or(Failure::Unauthenticated)?;
        let text = header.to_str().map_err(|_| Failure::WrongCredentials)?;
        let principal = recognise(app, text).await?.ok_or(Failure::WrongCredentials)?;
        let request_id = parts.extensions.get::<RequestId>().map_or_else(String::new, |id| id.0.clone());
        let idempotency_key = match parts.headers.get(&IDEMPOTENCY_KEY) {
            None => None,
            Some(value) => Some(checked_key(value)?),
        };
        let route = format!("{} {}", parts.method, parts.uri.path());
        let now = now_of(&app.ledger, &principal.tenant).await?;
        let processor = app.settings.tenant(&principal.tenant).map_or(Processor::Sandbox, TenantSettings::drives);
        Ok(Self { principal, now, request_id, idempotency_key, route, processor })
    }
}

fn checked_key(value: &HeaderValue) -> Result<String, Failure> {
    match value.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= MAX_HEADER_CHARS => Ok(key.to_owned()),
        Ok(_) | Err(_) => Err(Failure::invalid("Idempotency-Key", None, "1 to 255 visible characters")),
    }
}

/// `Bearer <api key>`, `Bearer <token>` or `JWT <token>`.
async fn recognise(app: &App, authorization: &str) -> Result<Option<Principal>, Failure> {
    let Some((scheme, credentials)) = authorization.split_once(' ') else { return Ok(None) };
    let credentials = credentials.trim();
    let now_s = app.ledger.clock().now().as_second();
    let token = || jwt::recognise(credentials, &app.settings.secrets.jwt_secret, now_s).ok();
    if scheme.eq_ignore_ascii_case("JWT") {
        return Ok(token());
    }
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Ok(None);
    }
    match app.keys.recognise(credentials).await? {
        Some(principal) => Ok(Some(principal)),
        None => Ok(token()),
    }
}
