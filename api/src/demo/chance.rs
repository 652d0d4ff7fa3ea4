//! The demo's only source of variety: a seeded generator, so that every run tells the same stories. Never used for
//! secrets.

use jiff::{SignedDuration, Timestamp};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Characters of an id after its prefix, as the ledger's own ids have.
const ID_CHARS: usize = 24;

/// SplitMix64: small, well distributed, and the same on every machine.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// A generator of its own for each combination of parts, so that one story does not depend on another's length.
    pub fn new(parts: &[u64]) -> Self {
        let mut mixed = Self(0);
        for part in parts {
            mixed.0 = mixed.next() ^ part;
        }
        mixed
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// From 0 to one less than the bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        u64::try_from((u128::from(self.next()) * u128::from(bound)) >> 64).unwrap_or(0)
    }

    /// True so many times in a thousand.
    pub fn permille(&mut self, times: u64) -> bool {
        self.below(1000) < times
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let index = self.below(u64::try_from(from.len()).unwrap_or(0));
        from.get(usize::try_from(index).unwrap_or(0))
    }

    /// One of several by weight.
    pub fn weighted<'a, T>(&mut self, from: &'a [T], weight: impl Fn(&T) -> u64) -> Option<&'a T> {
        let mut left = self.below(from.iter().map(&weight).sum());
        from.iter().find(|candidate| {
            let own = weight(candidate);
            let found = left < own;
            left = left.saturating_sub(own);
            found
        })
    }

    /// `cus_` and 24 letters and digits.
    pub fn id(&mut self, prefix: &str) -> String {
        let mut id = prefix.to_owned();
        id.extend((0..ID_CHARS).filter_map(|_| self.pick(BASE62)).copied().map(char::from));
        id
    }

    /// So many seconds, the first bound included and the second not.
    pub fn seconds(&mut self, from: i64, to: i64) -> SignedDuration {
        let span = u64::try_from(to.saturating_sub(from)).unwrap_or(0);
        SignedDuration::from_secs(from.saturating_add(i64::try_from(self.below(span)).unwrap_or(0)))
    }

    pub fn minutes(&mut self, from: i64, to: i64) -> SignedDuration {
        self.seconds(from * 60, to * 60)
    }

    pub fn days(&mut self, from: i64, to: i64) -> SignedDuration {
        self.seconds(from * 86_400, to * 86_400)
    }

    /// A second between two instants.
    pub fn between(&mut self, from: Timestamp, to: Timestamp) -> Timestamp {
        later(from, self.seconds(0, to.as_second() - from.as_second()))
    }
}

/// An instant moved on; the calendar's end is the last one there is.
pub fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_tells_the_same_story_every_time() {
        let mut chance = Chance::new(&[2, 3]);
        let rolls: Vec<u64> = (0..6).map(|_| chance.below(6)).collect();
        let mut again = Chance::new(&[2, 3]);
        assert_eq!((0..6).map(|_| again.below(6)).collect::<Vec<_>>(), rolls);
        assert_eq!(chance.id("cus_"), again.id("cus_"));
        assert_ne!(Chance::new(&[3, 2]).id("cus_"), Chance::new(&[2, 3]).id("cus_"));
    }

    #[test]
    fn weights_are_kept_and_nothing_is_picked_from_nothing() {
        let mut chance = Chance::new(&[7]);
        let heavy = (0..1000).filter(|_| chance.weighted(&[1_u64, 3], |weight| *weight) == Some(&3)).count();
        assert!((700..800).contains(&heavy), "{heavy} of 1000");
        assert_eq!(chance.pick::<u64>(&[]), None);
        assert_eq!(chance.weighted::<u64>(&[], |weight| *weight), None);
    }
}
