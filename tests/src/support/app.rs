//! Daybook served on a real socket, with a clock that only the test moves, and a client that speaks to it.

use std::collections::BTreeMap;
use std::path::Path;

use api::app::{App, Background};
use api::auth::Scopes;
use api::auth::keys::{NewKey, create};
use api::settings::Settings;
use api::stripe::signature;
use api::surfaces::router;
use domain::id::TenantId;
use jiff::Timestamp;
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;
use store::{Clock, Options};
use testbed::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The webhook secret of every tenant in tests.
pub const WEBHOOK_SECRET: &str = "whsec_of_the_tests";
/// The moment at which the tests' clock stands.
pub const NOW: &str = "2024-01-15T10:30:00Z";

pub struct TestApp {
    pub app: App,
    pub base: String,
    /// A key of the coaching tenant with all scopes.
    pub key: String,
    client: reqwest::Client,
    background: Option<Background>,
    server: JoinHandle<()>,
    _folder: TempDir,
}

/// An answer read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }
}

pub fn tenant() -> TenantId {
    TenantId::parse("coaching").expect("a tenant")
}

/// A key of the coaching tenant with these scopes.
pub async fn key_with(app: &TestApp, scopes: &str) -> String {
    let new = NewKey { tenant: tenant(), scopes: Scopes::parse(scopes), premium: false, rate_limit: None };
    create(&app.app.ledger, &new).await.expect("a key")
}

impl TestApp {
    /// Serves the ledger at a URL, with projector and reactor running.
    pub async fn start(url: &str) -> Self {
        Self::start_with(url, &[]).await
    }

    /// The same under further settings, as environment variables.
    pub async fn start_with(url: &str, further: &[(&str, &str)]) -> Self {
        Self::start_at(url, further, NOW).await
    }

    /// The same with the clock at another moment, such as that of a ledger which was left.
    pub async fn start_at(url: &str, further: &[(&str, &str)], now: &str) -> Self {
        api::tls::install_provider();
        let folder = testbed::temp_dir().expect("a temporary folder");
        let variables: BTreeMap<String, String> = [
            ("DATABASE_URL", url),
            ("STRIPE_WEBHOOK_SECRET", WEBHOOK_SECRET),
            ("DAYBOOK_DATA_DIR", &folder.path().to_string_lossy()),
        ]
        .iter()
        .chain(further)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
        let settings = Settings::from_sources(Path::new("no-such-daybook.toml"), &variables).expect("settings");
        let now: Timestamp = now.parse().expect("an instant");
        let mut options = Options::new([7; 32]);
        options.clock = Clock::fixed(now);
        let app = App::open(settings, options).await.expect("the ledger opens");
        let scopes = Scopes::parse("full ledger:admin");
        let new = NewKey { tenant: tenant(), scopes, premium: false, rate_limit: None };
        let key = create(&app.ledger, &new).await.expect("a key");
        let background = app.start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let routes = router(&app).into_make_service_with_connect_info::<std::net::SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.expect("the server runs") });
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { app, base, key, client, background: Some(background), server, _folder: folder }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body.to_string())).await
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<String>) -> Answer {
        let mut request = self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.key);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        read(request.send().await.expect("an answer")).await
    }

    /// A request as it is, without the key.
    pub async fn raw(&self, request: impl FnOnce(&reqwest::Client, &str) -> reqwest::RequestBuilder) -> Answer {
        read(request(&self.client, &self.base).send().await.expect("an answer")).await
    }

    /// Delivers a body as Stripe would.
    pub async fn deliver(&self, body: &[u8]) -> Answer {
        let now_s = self.app.ledger.clock().now().as_second();
        self.deliver_signed(body, &[&signature::sign(WEBHOOK_SECRET, body, now_s)]).await
    }

    /// Delivers a body with these `Stripe-Signature` headers.
    pub async fn deliver_signed(&self, body: &[u8], headers: &[&str]) -> Answer {
        let mut request = self.client.post(format!("{}/webhooks/stripe", self.base)).body(body.to_vec());
        for header in headers {
            request = request.header("stripe-signature", *header);
        }
        read(request.send().await.expect("an answer")).await
    }

    /// Waits until everything in the log has been reacted to and projected.
    pub async fn settle(&self) {
        let mut finished = self.app.reactor.finished();
        loop {
            let head = self.app.ledger.head().await.expect("a head");
            finished.wait_for(|position| *position >= head).await.expect("the reactor runs");
            if self.app.ledger.head().await.expect("a head") == head {
                let deadline = std::time::Duration::from_mins(1);
                assert!(self.app.positions.wait_for(&[], head, deadline).await, "the projections reach {head}");
                return;
            }
        }
    }

    /// Ends the background work, so that the test says when the log is reacted to and projected.
    pub async fn rest(&mut self) {
        if let Some(background) = self.background.take() {
            background.stop().await;
        }
    }

    /// Ends it as a crash would: nothing is finished and nothing given back.
    pub fn kill(mut self) {
        self.server.abort();
        if let Some(background) = self.background.take() {
            background.abort();
        }
    }

    /// Stops serving and lets everything finish.
    pub async fn stop(mut self) {
        self.server.abort();
        self.rest().await;
        self.app.ledger.shutdown().await;
    }
}

async fn read(response: Response) -> Answer {
    let status = response.status();
    let headers = response.headers().clone();
    let text = response.text().await.expect("a body");
    Answer { status, headers, text }
}
