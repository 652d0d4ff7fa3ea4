//! What the appender presumes of the log when it writes a batch without asking first.
//!
//! Nobody else writes most of the time, and callers mostly know where their streams stand. So the appender remembers
//! where its last batch left the head and plans the next one as if every stream, id and name stood as its callers
//! believe. The engine then writes it on two conditions: the head row is still the one remembered, and no unique index
//! objects, be it to a stream that went on, an id, a key or a claim that exists. Where one fails nothing is written,
//! and the batch goes the long way, which asks under the head lock and lets single members drop out (rule L2).

use crate::append::Expectation;
use crate::batch::{self, Asked, Candidate, Plan};
use crate::facts::{Facts, Head};

/// Batches that go the long way after presuming failed several times in a row: other processes are writing too.
const LONG_WAY: u32 = 64;
/// Failures in a row that make it so.
const MISSES: u32 = 3;

#[derive(Debug, Default)]
pub struct Presumption {
    head: Option<Head>,
    misses: u32,
    long_way: u32,
}

impl Presumption {
    /// The presumed head and the batch planned on it; `None` where it must go the long way. Until `held` says that it
    /// was written, nothing is presumed.
    pub fn plan<'a>(
        &mut self,
        members: &[Candidate<'a>],
        asked: &Asked<'a>,
        now: impl FnOnce() -> i64,
    ) -> Option<(Head, Plan<'a>)> {
        if self.long_way > 0 {
            self.long_way -= 1;
            return None;
        }
        let head = self.head.take().filter(|_| members.iter().all(|member| can_be_presumed(*member)))?;
        let facts = Facts::assemble(&asked.questions, Vec::new());
        let plan = batch::plan(members, asked, facts, head, now());
        if plan.rows.is_empty() { None } else { Some((head, plan)) }
    }

    /// The batch was written and left the head there.
    pub fn held(&mut self, head: Head) {
        self.misses = 0;
        self.head = Some(head);
    }

    /// The batch was not written.
    pub fn failed(&mut self) {
        self.misses += 1;
        if self.misses >= MISSES {
            (self.misses, self.long_way) = (0, LONG_WAY);
        }
    }

    /// The long way found or left the head there.
    pub fn know(&mut self, head: Head) {
        self.head = Some(head);
    }
}

/// Whether nothing about a member has to be looked up: an attempt that may have been committed, a number to be given
/// out, a name to be given back, and a stream that was decided on and is not written to are, since no index objects where
/// that one went on. A refusal's record has no place among conditions.
fn can_be_presumed(Candidate { append, attempted }: Candidate<'_>) -> bool {
    let is_written = |stream: &Expectation| append.drafts.iter().any(|draft| draft.key == stream.key);
    !attempted
        && append.placeholders.is_empty()
        && append.releases.is_empty()
        && append.refused.is_none()
        && append.streams.iter().all(is_written)
}
