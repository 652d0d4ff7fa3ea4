//! How far the projections of this process are known to be, for answers that must show what was just written.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;

/// A handle on the projections' positions. Cheap to clone; one for each who waits.
#[derive(Debug, Clone)]
pub struct Positions {
    receiver: watch::Receiver<Reached>,
}

/// What each projection has taken in, and whether it is going on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reached(BTreeMap<String, Progress>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub position: i64,
    /// False for one that is paused or waits to be rebuilt; nobody waits for it.
    pub goes_on: bool,
}

impl Positions {
    pub(crate) fn channel() -> (watch::Sender<Reached>, Self) {
        let (sender, receiver) = watch::channel(Reached::default());
        (sender, Self { receiver })
    }

    /// Waits until the named projections, or all where none is named, have taken in a position; at most this long.
    /// Those that are paused are not waited for. Answers whether it was reached.
    pub async fn wait_for(&self, names: &[&str], position: i64, at_most: Duration) -> bool {
        let mut receiver = self.receiver.clone();
        let reached = receiver.wait_for(|reached| reached.has_passed(names, position));
        tokio::time::timeout(at_most, reached).await.is_ok_and(|outcome| outcome.is_ok())
    }

    /// The lowest position among the projections that go on; `None` before any is known.
    pub fn minimum(&self) -> Option<i64> {
        self.receiver.borrow().minimum()
    }

    /// The position of one projection, as far as this process knows.
    pub fn of(&self, name: &str) -> Option<Progress> {
        self.receiver.borrow().0.get(name).copied()
    }
}

impl Reached {
    pub(crate) fn new(progress: impl IntoIterator<Item = (String, Progress)>) -> Self {
        Self(progress.into_iter().collect())
    }

    pub(crate) fn set(&mut self, name: &str, progress: Progress) {
        self.0.insert(name.to_owned(), progress);
    }

    fn minimum(&self) -> Option<i64> {
        self.0.values().filter(|progress| progress.goes_on).map(|progress| progress.position).min()
    }

    fn has_passed(&self, names: &[&str], position: i64) -> bool {
        let passed = |progress: &Progress| !progress.goes_on || progress.position >= position;
        if names.is_empty() {
            // Before the first checkpoints were read nothing is known of any.
            return !self.0.is_empty() && self.0.values().all(passed);
        }
        names.iter().all(|name| self.0.get(*name).is_some_and(passed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Case<'a> = (&'a [(&'a str, i64, bool)], &'a [&'a str], i64, bool);

    fn reached(of: &[(&str, i64, bool)]) -> Reached {
        Reached::new(
            of.iter().map(|(name, position, goes_on)| {
                ((*name).to_owned(), Progress { position: *position, goes_on: *goes_on })
            }),
        )
    }

    #[test]
    fn paused_projections_are_not_waited_for() {
        let cases: &[Case<'_>] = &[
            (&[], &[], 1, false),
            (&[], &["a"], 1, false),
            (&[("a", 5, true), ("b", 4, true)], &[], 5, false),
            (&[("a", 5, true), ("b", 5, true)], &[], 5, true),
            (&[("a", 5, true), ("b", 1, false)], &[], 5, true),
            (&[("a", 5, true), ("b", 1, true)], &["a"], 5, true),
            (&[("a", 5, true), ("b", 1, true)], &["a", "b"], 5, false),
            (&[("a", 5, true)], &["unknown"], 5, false),
        ];
        for (of, names, position, expected) in cases {
            assert_eq!(reached(of).has_passed(names, *position), *expected, "{of:?} {names:?} {position}");
        }
        assert_eq!(reached(&[("a", 5, true), ("b", 1, false)]).minimum(), Some(5));
        assert_eq!(reached(&[]).minimum(), None);
    }

    #[tokio::test]
    async fn a_wait_ends_when_the_position_is_reached_or_the_time_is_up() {
        let (sender, positions) = Positions::channel();
        assert!(!positions.wait_for(&["a"], 3, Duration::ZERO).await);
        let waiting = positions.clone();
        let wait = tokio::spawn(async move { waiting.wait_for(&["a"], 3, Duration::from_mins(1)).await });
        sender.send_replace(reached(&[("a", 3, true)]));
        assert!(wait.await.unwrap());
    }
}
