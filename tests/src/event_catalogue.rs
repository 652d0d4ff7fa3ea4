//! `docs/events.md` lists every event with an example, made from the golden files; it is compared, so it cannot rot.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

const OPENING: &str = "# Events\n\nEvery event of the ledger, with the payload of its newest version. This page is made from \
`tests/golden/` and compared in a test (`tests/src/event_catalogue.rs`).\n\nThe envelope around a payload (position, stream, \
sequence, times, actor, cause, hash) is described in `docs/adr/0001-event-envelope-and-fat-events.md`. `at` is business time; `change` \
names the event and what only it has; `after` is the whole aggregate after it, absent where nothing changed. Amounts end in \
`_minor` and are in minor units of the currency beside them. Text that starts with `v1:` is sealed.\n\nWhat says nothing is left out: \
a field that is absent is null, empty, zero or false; an absent `origin` is `daybook`, an absent `collection` \
`charge_automatically`, an absent `usage` `licensed`, an absent `billing` `in_advance`, an absent `source` `request`. Of a tenant's \
policies, absent ones are `second`, `clamp`, `keep_while_dunning`, `canceled`, `withhold` and `line`, and no webhooks of the sandbox.\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn catalogue() -> String {
    let mut files: Vec<PathBuf> = std::fs::read_dir(root().join("tests/golden"))
        .expect("the golden files")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    let mut text = OPENING.to_owned();
    for file in files {
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let (event, version) = name.split_once(".v").expect("Event.v1.json");
        let payload: Value = serde_json::from_str(&std::fs::read_to_string(&file).expect("text")).expect("JSON");
        let pretty = serde_json::to_string_pretty(&payload).expect("JSON");
        write!(text, "\n## {event}, version {version}\n\n```json\n{pretty}\n```\n").expect("text");
    }
    text
}

#[test]
fn the_catalogue_of_events_is_true() {
    let expected = catalogue();
    let page = root().join("docs/events.md");
    if std::fs::read_to_string(&page).unwrap_or_default() != expected {
        let fresh = root().join("target/events.md");
        std::fs::write(&fresh, &expected).expect("the fresh page is written");
        panic!("docs/events.md is out of date: copy target/events.md over it");
    }
}
