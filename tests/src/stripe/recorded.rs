//! The recorded events of `tests/data/stripe`, made unique where recordings share an id.

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/stripe")
}

/// One recorded event: its id and its body.
#[derive(Debug, Clone)]
pub struct Recorded {
    pub id: String,
    pub body: Vec<u8>,
}

/// The 1,387 recordings, each under an id of its own.
pub fn recordings() -> Vec<Recorded> {
    let text = std::fs::read_to_string(folder().join("events.jsonl")).expect("the recordings");
    let mut seen: HashMap<String, u32> = HashMap::new();
    text.lines()
        .map(|line| {
            let line: Value = serde_json::from_str(line).expect("a line of JSON");
            let mut event = line["event"].clone();
            let id = event["id"].as_str().expect("an id").to_owned();
            let repetition = seen.entry(id.clone()).or_default();
            *repetition += 1;
            let id = if *repetition == 1 { id } else { format!("{id}_{repetition}") };
            event["id"] = Value::from(id.clone());
            Recorded { id, body: event.to_string().into_bytes() }
        })
        .collect()
}

/// One event of each of today's types.
pub fn current_types() -> Vec<Recorded> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder().join("current-types"))
        .expect("the folder of current types")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.file_name().is_some_and(|name| name != "event-types.json" && name != "README.md"))
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let body = std::fs::read(&path).expect("an event");
            let event: Value = serde_json::from_slice(&body).expect("JSON");
            let id = event["id"].as_str().expect("an id").to_owned();
            Recorded { id, body }
        })
        .collect()
}
