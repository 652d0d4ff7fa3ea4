//! `daybook serve` and `daybook demo`: the server, until it is told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;

use super::{CommandError, options};
use crate::app::App;
use crate::demo;
use crate::settings::Settings;
use crate::surfaces::router;

/// How long requests in flight get to finish on shutdown.
const GRACE: Duration = Duration::from_secs(10);

pub(super) async fn serve(settings: Settings) -> Result<(), CommandError> {
    let options = options(&settings);
    let app = App::open(settings, options).await?;
    let listener = bind(&app).await?;
    tracing::info!(address = %app.settings.listen, engine = ?app.ledger.engine(), "serving");
    run(app, listener).await
}

pub(super) async fn demo(settings: Settings) -> Result<(), CommandError> {
    let options = options(&settings);
    let app = App::open(settings, options).await?;
    let listener = bind(&app).await?;
    demo::prepare(&app).await?;
    run(app, listener).await
}

async fn bind(app: &App) -> Result<TcpListener, CommandError> {
    let address = app.settings.listen;
    TcpListener::bind(address).await.map_err(CommandError::io(format!("cannot listen on {address}")))
}

/// Serves until SIGINT or SIGTERM, then lets requests, background work and the appender finish.
pub async fn run(app: App, listener: TcpListener) -> Result<(), CommandError> {
    let background = app.start().await;
    if let Ok(address) = listener.local_addr() {
        app.sandbox_webhooks.serve_at(address);
    }
    // With the peer's address, by which the metrics know this machine.
    let routes = router(&app).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, routes).with_graceful_shutdown(told_to_stop());
    let graceful = async { server.await };
    tokio::pin!(graceful);
    let outcome = tokio::select! {
        outcome = &mut graceful => outcome,
        () = async { told_to_stop().await; tokio::time::sleep(GRACE).await } => Ok(()),
    };
    background.stop().await;
    app.ledger.shutdown().await;
    outcome.map_err(CommandError::io("the server failed"))
}

async fn told_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
