//! The list of events: the newest first, from a place on in either direction.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, refuse};
use super::objects::Objects;
use super::params::{text, whole};

impl Objects {
    pub fn list_events(&self, query: &Value) -> Outcome {
        let since = whole(&query["created"], "gte").unwrap_or(i64::MIN);
        let limit = usize::try_from(whole(query, "limit").unwrap_or(10)).expect("a limit");
        let place = |id: &str| {
            let found = self.events.iter().position(|event| event["id"] == id);
            found.ok_or_else(|| Box::new(Answer::invalid("resource_missing", "starting_after", "No such event")))
        };
        let is_asked_for = |event: &&Value| event["created"].as_i64().is_some_and(|created| created >= since);
        let (mut data, has_more): (Vec<Value>, bool) =
            match (text(query, "starting_after"), text(query, "ending_before")) {
                (Some(_), Some(_)) => {
                    return refuse(Answer::invalid("", "starting_after", "Only one place can be given."));
                }
                // Upwards from an event: the ones next to it, still the newest first.
                (None, Some(id)) => {
                    let newer: Vec<Value> =
                        self.events[place(id)? + 1..].iter().filter(is_asked_for).cloned().collect();
                    let has_more = newer.len() > limit;
                    (newer.into_iter().take(limit).collect(), has_more)
                }
                (after, None) => {
                    let end = after.map_or(Ok(self.events.len()), place)?;
                    let older: Vec<Value> = self.events[..end].iter().filter(is_asked_for).cloned().collect();
                    let first = older.len().saturating_sub(limit);
                    (older[first..].to_vec(), first > 0)
                }
            };
        data.reverse();
        Ok(json!({"object": "list", "url": "/v1/events", "data": data, "has_more": has_more}))
    }
}
