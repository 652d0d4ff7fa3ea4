//! `daybook ingest`: Stripe events from a file, through the same code as the webhook.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Instant;

use domain::id::TenantId;
use futures::StreamExt;
use futures::stream;
use serde_json::value::RawValue;

use super::CommandError;
use crate::app::App;
use crate::failure::Failure;
use crate::operations::stripe_events::{MAX_EVENT_BYTES, receive_stripe_event};

/// Events in flight at once: enough to fill the group commit.
const CONCURRENT: usize = 64;

/// What an ingested file came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Ingested {
    pub accepted: u64,
    /// The place in the file and the reason of each event that was not taken.
    pub refused: Vec<(u64, String)>,
}

pub(super) async fn ingest(app: &App, file: &Path, tenant: &TenantId) -> Result<(), CommandError> {
    let started = Instant::now();
    let ingested = ingest_file(app, file, tenant).await?;
    app.drain().await?;
    app.ledger.shutdown().await;
    for (place, reason) in &ingested.refused {
        eprintln!("event {place}: {reason}");
    }
    println!("{} events accepted, {} refused, in {:.1?}", ingested.accepted, ingested.refused.len(), started.elapsed());
    if ingested.refused.is_empty() {
        Ok(())
    } else {
        Err(CommandError::Usage(format!("{} events were refused", ingested.refused.len())))
    }
}

/// Takes in every event of a file: one a line, a JSON array, or Stripe's list object `{"object": "list", "data": […]}`.
pub async fn ingest_file(app: &App, file: &Path, tenant: &TenantId) -> Result<Ingested, CommandError> {
    let context = || format!("cannot read {}", file.display());
    let opened = std::fs::File::open(file).map_err(CommandError::io(context()))?;
    let mut reader = BufReader::new(opened);
    let events = match read_whole(&mut reader).map_err(CommandError::io(context()))? {
        Form::Lines(lines) => lines,
        Form::Json(text) => split(&text)?,
    };
    let mut ingested = Ingested::default();
    let mut running = stream::iter((1_u64..).zip(events))
        .map(|(place, body)| async move { (place, take(app, tenant, &body).await) })
        .buffered(CONCURRENT);
    while let Some((place, outcome)) = running.next().await {
        match outcome {
            Ok(()) => ingested.accepted += 1,
            Err(Failure::Unavailable) => {
                return Err(CommandError::Usage(format!(
                    "the database went away at event {place}; run it again, nothing is doubled"
                )));
            }
            Err(failure) => ingested.refused.push((place, failure.to_string())),
        }
    }
    Ok(ingested)
}

async fn take(app: &App, tenant: &TenantId, body: &str) -> Result<(), Failure> {
    if body.len() > MAX_EVENT_BYTES {
        return Err(Failure::TooLarge { limit_bytes: MAX_EVENT_BYTES });
    }
    receive_stripe_event(&app.ledger, tenant, None, body.as_bytes()).await.map(|_| ())
}

enum Form {
    Lines(Vec<String>),
    Json(String),
}

/// The first line tells: a whole event is a file of lines, anything else is one JSON document.
fn read_whole(reader: &mut impl BufRead) -> std::io::Result<Form> {
    let mut first = String::new();
    while first.trim().is_empty() {
        if reader.read_line(&mut first)? == 0 {
            return Ok(Form::Lines(Vec::new()));
        }
    }
    let is_event = serde_json::from_str::<Typed>(&first).is_ok_and(|typed| typed.object.as_deref() != Some("list"));
    if !is_event {
        reader.read_to_string(&mut first)?;
        return Ok(Form::Json(first));
    }
    let mut lines = vec![first.trim().to_owned()];
    for line in reader.lines() {
        let line = line?;
        if !line.trim().is_empty() {
            lines.push(line.trim().to_owned());
        }
    }
    Ok(Form::Lines(lines))
}

#[derive(serde::Deserialize)]
struct Typed {
    object: Option<String>,
}

#[derive(serde::Deserialize)]
struct List<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

fn split(text: &str) -> Result<Vec<String>, CommandError> {
    let array = serde_json::from_str::<Vec<&RawValue>>(text);
    let list = || serde_json::from_str::<List<'_>>(text).map(|list| list.data);
    let single = || serde_json::from_str::<&RawValue>(text).map(|event| vec![event]);
    let values = array.or_else(|_| list()).or_else(|_| single()).map_err(|error| {
        CommandError::Usage(format!(
            "the file is neither events a line, nor an array, nor Stripe's list object: {error}"
        ))
    })?;
    Ok(values.into_iter().map(|value| value.get().to_owned()).collect())
}
