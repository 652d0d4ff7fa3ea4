//! How much gets done by many callers at once, each doing the next thing as soon as the last is done?

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::Fault;
use crate::http_client::Connection;
use crate::rates::Latencies;

/// Calls `one` with the caller's number and the number of its call until the time is up. Gives the calls done and
/// the time they took; the first fault ends it.
pub async fn hammer<F, R>(callers: usize, time: Duration, one: F) -> Result<(u64, Duration), Fault>
where
    F: Fn(usize, usize) -> R + Clone + Send + 'static,
    R: Future<Output = Result<(), Fault>> + Send,
{
    let started = Instant::now();
    let mut running = JoinSet::new();
    for caller in 0..callers {
        let one = one.clone();
        running.spawn(async move {
            let mut done = 0;
            while started.elapsed() < time {
                one(caller, done).await?;
                done += 1;
            }
            Ok::<usize, Fault>(done)
        });
    }
    let mut calls = 0;
    while let Some(done) = running.join_next().await {
        calls += u64::try_from(done??)?;
    }
    Ok((calls, started.elapsed()))
}

/// Calls `one` with each number below `count`, so many at a time.
pub async fn each<F, R>(count: usize, callers: usize, one: F) -> Result<(), Fault>
where
    F: Fn(usize) -> R + Clone + Send + 'static,
    R: Future<Output = Result<(), Fault>> + Send,
{
    let next = Arc::new(AtomicUsize::new(0));
    let mut running = JoinSet::new();
    for _ in 0..callers {
        let (one, next) = (one.clone(), Arc::clone(&next));
        running.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return Ok::<(), Fault>(());
                }
                one(number).await?;
            }
        });
    }
    while let Some(done) = running.join_next().await {
        done??;
    }
    Ok(())
}

/// Whole requests as bytes, and the server they are for.
#[derive(Debug, Clone)]
pub struct Requests {
    pub address: SocketAddr,
    pub bytes: Arc<Vec<Vec<u8>>>,
    pub connections: usize,
}

/// When a load of requests ends.
#[derive(Debug, Clone, Copy)]
pub enum Until {
    EachSentOnce,
    /// Over and over until the time is up.
    Over(Duration),
}

/// What came of a load of requests.
#[derive(Debug, Default)]
pub struct Answered {
    /// Answers with a 2xx status.
    pub succeeded: u64,
    pub failed: u64,
    pub elapsed: Duration,
    pub latencies: Latencies,
    /// The first failure, for the person who looks for its reason.
    pub first_failure: Option<String>,
}

impl Answered {
    /// Two loads as one.
    pub fn and(self, other: Self) -> Self {
        Self {
            succeeded: self.succeeded + other.succeeded,
            failed: self.failed + other.failed,
            elapsed: self.elapsed + other.elapsed,
            latencies: self.latencies.merged(other.latencies),
            first_failure: self.first_failure.or(other.first_failure),
        }
    }
}

/// Sends requests on keep-alive connections, one in flight on each.
pub async fn send(requests: &Requests, until: Until) -> Result<Answered, Fault> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut connections = Vec::with_capacity(requests.connections);
    for _ in 0..requests.connections {
        connections.push(Connection::open(requests.address).await?);
    }
    let started = Instant::now();
    let mut running = JoinSet::new();
    for connection in connections {
        running.spawn(send_on(connection, requests.clone(), until, started, Arc::clone(&next)));
    }
    let mut total = Answered::default();
    let mut micros = Vec::new();
    while let Some(done) = running.join_next().await {
        let (answered, of_connection) = done??;
        micros.extend(of_connection);
        total = total.and(answered);
    }
    Ok(Answered { elapsed: started.elapsed(), latencies: Latencies::new(micros), ..total })
}

async fn send_on(
    mut connection: Connection,
    requests: Requests,
    until: Until,
    started: Instant,
    next: Arc<AtomicUsize>,
) -> Result<(Answered, Vec<u32>), Fault> {
    let mut answered = Answered::default();
    let mut micros = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let index = match until {
            Until::EachSentOnce => number,
            Until::Over(time) if started.elapsed() >= time => return Ok((answered, micros)),
            Until::Over(_) => number % requests.bytes.len().max(1),
        };
        let Some(request) = requests.bytes.get(index) else { return Ok((answered, micros)) };
        let sent = Instant::now();
        let failure = match connection.send(request).await {
            Ok(answer) if answer.is_success() => None,
            Ok(answer) => Some(format!("{}: {}", answer.status, answer.text())),
            Err(error) => {
                connection = Connection::open(requests.address).await?;
                Some(error.to_string())
            }
        };
        micros.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
        match failure {
            None => answered.succeeded += 1,
            Some(failure) => {
                answered.failed += 1;
                answered.first_failure.get_or_insert(failure);
            }
        }
    }
}
