//! Group commit (rule L2): one thread takes what is queued and writes it as one batch, while the next one gathers.
//! There is no timer: an idle ledger writes at once, a busy one in larger batches. The thread is its own so that a
//! batch never waits behind the work of the callers that the last one woke.
//!
//! Of a batch whose commit was not answered nothing is said until the log has been asked (rule L3).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};

use crate::append::{Append, Outcome};
use crate::batch::Candidate;
use crate::clock::Clock;
use crate::engine::{Backend, Failed, Transacted};
use crate::error::StoreError;
use crate::ledger::raise;

/// Events in one batch. Beyond a thousand a transaction gains nothing and its callers wait longer.
const BATCH_EVENTS: usize = 1024;
/// Bytes of payload in one batch, for the memory of the one parameter it becomes.
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// Bytes that may wait, for the memory of the process.
const QUEUE_BYTES: usize = 64 * 1024 * 1024;
/// Pauses between the attempts at a batch while the database is away. After the last, callers are told.
const PAUSES: [Duration; 3] = [Duration::from_millis(20), Duration::from_millis(100), Duration::from_millis(400)];
/// The longest a shutdown waits for the queue.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(15);
/// Pause between looks at a database that has not yet said whether a batch was committed.
const RESOLVE_PAUSE: Duration = Duration::from_millis(250);

#[derive(Debug)]
pub struct Appender {
    sender: mpsc::UnboundedSender<Message>,
    load: Arc<Load>,
    queue_events: usize,
    closed: AtomicBool,
}

#[derive(Debug)]
enum Message {
    Member(Member),
    Drain(oneshot::Sender<()>),
}

#[derive(Debug)]
struct Member {
    append: Arc<Append>,
    /// Absent where nobody waits.
    reply: Option<oneshot::Sender<Outcome>>,
    attempted: bool,
    _share: Share,
}

impl Member {
    fn weight(&self) -> usize {
        self.append.drafts.len().max(1)
    }

    fn answer(self, outcome: Outcome) {
        if let Some(reply) = self.reply {
            // A caller that went away needs no answer.
            let _gone = reply.send(outcome);
        }
    }

    fn is_awaited(&self) -> bool {
        self.reply.as_ref().is_some_and(|reply| !reply.is_closed())
    }
}

/// What is queued or being written.
#[derive(Debug, Default)]
struct Load {
    events: AtomicUsize,
    bytes: AtomicUsize,
}

/// A member's part of the load, given back when it has been answered.
#[derive(Debug)]
struct Share {
    load: Arc<Load>,
    events: usize,
    bytes: usize,
}

impl Drop for Share {
    fn drop(&mut self) {
        self.load.events.fetch_sub(self.events, Ordering::Relaxed);
        self.load.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Appender {
    pub fn start(
        backend: Arc<Backend>,
        clock: Clock,
        head: Arc<watch::Sender<i64>>,
        queue_events: usize,
    ) -> Result<Self, StoreError> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let writer = Writer { backend, clock, head, receiver, drained: Vec::new() };
        let no_thread = |error: std::io::Error| StoreError::Unavailable(format!("the appender's thread: {error}"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(no_thread)?;
        let thread = std::thread::Builder::new().name("appender".to_owned());
        thread.spawn(move || runtime.block_on(writer.run())).map_err(no_thread)?;
        Ok(Self { sender, load: Arc::new(Load::default()), queue_events, closed: AtomicBool::new(false) })
    }

    /// Queues an append and waits for its outcome. A caller that stops waiting may still find it written.
    pub async fn append(&self, append: Arc<Append>) -> Result<Outcome, StoreError> {
        let (reply, outcome) = oneshot::channel();
        self.queue(append, Some(reply))?;
        outcome.await.map_err(|_| StoreError::Unavailable("the appender has stopped".to_owned()))
    }

    /// Queues an append that nobody waits for; where there is no room it is dropped.
    pub fn append_if_room(&self, append: Append) {
        // Best effort by design: what is recorded this way decides nothing.
        let _dropped = self.queue(Arc::new(append), None);
    }

    /// Waits until all that is queued has been written, and refuses what comes later.
    pub async fn drain(&self) {
        self.closed.store(true, Ordering::SeqCst);
        let (done, drained) = oneshot::channel();
        if self.sender.send(Message::Drain(done)).is_ok() {
            // An error means that the thread has ended, which is what is waited for; a database that is away is not
            // waited for.
            let _ended = tokio::time::timeout(DRAIN_TIMEOUT, drained).await;
        }
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    fn queue(&self, append: Arc<Append>, reply: Option<oneshot::Sender<Outcome>>) -> Result<(), StoreError> {
        if self.closed.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("the ledger is shutting down".to_owned()));
        }
        let (events, bytes) = (append.drafts.len().max(1), append.bytes);
        let share = Share { load: self.load.clone(), events, bytes };
        let queued_events = self.load.events.fetch_add(events, Ordering::Relaxed);
        let queued_bytes = self.load.bytes.fetch_add(bytes, Ordering::Relaxed);
        // An append larger than the whole queue goes through an empty one.
        let full = queued_events + events > self.queue_events || queued_bytes + bytes > QUEUE_BYTES;
        if full && queued_events > 0 {
            return Err(StoreError::Overloaded);
        }
        let member = Member { append, reply, attempted: false, _share: share };
        let sent = self.sender.send(Message::Member(member));
        sent.map_err(|_| StoreError::Unavailable("the appender has stopped".to_owned()))
    }
}

/// The thread's side.
struct Writer {
    backend: Arc<Backend>,
    clock: Clock,
    head: Arc<watch::Sender<i64>>,
    receiver: mpsc::UnboundedReceiver<Message>,
    drained: Vec<oneshot::Sender<()>>,
}

impl Writer {
    async fn run(mut self) {
        // Members of a batch whose commit was not answered.
        let mut unresolved: Vec<Member> = Vec::new();
        loop {
            let resolving = !unresolved.is_empty();
            let Some(batch) = self.gather(std::mem::take(&mut unresolved)).await else { return };
            unresolved = self.write(batch).await;
            unresolved.retain(Member::is_awaited);
            if resolving && !unresolved.is_empty() {
                tokio::time::sleep(RESOLVE_PAUSE).await;
            }
        }
    }

    /// The next batch; `None` when everybody has let go of the ledger or it has been drained.
    async fn gather(&mut self, mut batch: Vec<Member>) -> Option<Vec<Member>> {
        if batch.is_empty() && self.drained.is_empty() {
            let message = self.receiver.recv().await?;
            self.take(message, &mut batch);
        }
        let mut events: usize = batch.iter().map(Member::weight).sum();
        let mut bytes: usize = batch.iter().map(|member| member.append.bytes).sum();
        while events < BATCH_EVENTS && bytes < BATCH_BYTES {
            let Ok(message) = self.receiver.try_recv() else { break };
            self.take(message, &mut batch);
            events += batch.last().map_or(0, Member::weight);
            bytes += batch.last().map_or(0, |member| member.append.bytes);
        }
        if batch.is_empty() && !self.drained.is_empty() {
            for drained in self.drained.drain(..) {
                let _gone = drained.send(());
            }
            return None;
        }
        Some(batch)
    }

    fn take(&mut self, message: Message, batch: &mut Vec<Member>) {
        match message {
            Message::Member(member) => batch.push(member),
            Message::Drain(done) => self.drained.push(done),
        }
    }

    /// Writes a batch and answers its members; returns those of whom it is not known whether they were written.
    async fn write(&self, mut batch: Vec<Member>) -> Vec<Member> {
        let mut pauses = PAUSES.iter();
        loop {
            let error = match self.transact(&batch).await {
                Ok(transacted) => {
                    raise(&self.head, transacted.head.position);
                    for (member, outcome) in batch.into_iter().zip(transacted.outcomes) {
                        member.answer(outcome);
                    }
                    return Vec::new();
                }
                Err(Failed::AtCommit(error)) => {
                    for member in &mut batch {
                        member.attempted = true;
                    }
                    error
                }
                Err(Failed::Before(error @ (StoreError::Unavailable(_) | StoreError::Overloaded))) => error,
                Err(Failed::Before(error)) => return self.write_alone(batch, &error).await,
            };
            tracing::warn!(%error, members = batch.len(), "a batch was not written; trying again");
            let Some(pause) = pauses.next() else { return give_up(batch, &error) };
            tokio::time::sleep(*pause).await;
        }
    }

    async fn transact(&self, batch: &[Member]) -> Result<Transacted, Failed> {
        let candidates: Vec<_> =
            batch.iter().map(|member| Candidate { append: &member.append, attempted: member.attempted }).collect();
        self.backend.transact(&candidates, &self.clock).await
    }

    /// The database refuses some member for good: each is tried alone, so that only that one fails.
    async fn write_alone(&self, batch: Vec<Member>, error: &StoreError) -> Vec<Member> {
        let single = batch.len() == 1;
        let mut unresolved = Vec::new();
        for member in batch {
            if single {
                tracing::error!(%error, "an append was refused by the database");
                if member.attempted {
                    // An earlier try may have been committed: that is found out before it is answered (rule L3).
                    unresolved.push(member);
                } else {
                    member.answer(Outcome::Failed(error.to_string()));
                }
            } else {
                unresolved.extend(Box::pin(self.write(vec![member])).await);
            }
        }
        unresolved
    }
}

/// Tells those that were certainly not written; returns the others.
fn give_up(batch: Vec<Member>, error: &StoreError) -> Vec<Member> {
    let (unresolved, not_written): (Vec<_>, Vec<_>) = batch.into_iter().partition(|member| member.attempted);
    for member in not_written {
        member.answer(Outcome::Unavailable(error.to_string()));
    }
    unresolved
}
