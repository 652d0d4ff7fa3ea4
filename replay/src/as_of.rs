//! `daybook replay as-of`: a stream's state as of a position or a recorded time, folded by the domain's own `evolve`.
//! Sealed fields stay sealed.

use domain::account::Account;
use domain::catalogue_entry::CatalogueEntry;
use domain::customer::Customer;
use domain::dunning::Dunning;
use domain::id::TenantId;
use domain::invoice::Invoice;
use domain::issued::Decider;
use domain::payment::Payment;
use domain::payout::Payout;
use domain::processor_call::ProcessorCall;
use domain::sandbox::Sandbox;
use domain::stripe_event::StripeEvent;
use domain::subscription::Subscription;
use domain::tenant_settings::TenantSettings;
use domain::usage::UsageLog;
use jiff::Timestamp;
use serde::Serialize;
use store::{AsOf, Ledger};

use crate::error::ReplayError;

/// Every aggregate type with the fold of its streams.
const KINDS: [Kind; 13] = [
    Kind::Customer,
    Kind::Subscription,
    Kind::Invoice,
    Kind::Payment,
    Kind::Dunning,
    Kind::StripeEvent,
    Kind::CatalogueEntry,
    Kind::TenantSettings,
    Kind::Account,
    Kind::Usage,
    Kind::Sandbox,
    Kind::Payout,
    Kind::ProcessorCall,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Customer,
    Subscription,
    Invoice,
    Payment,
    Dunning,
    StripeEvent,
    CatalogueEntry,
    TenantSettings,
    Account,
    Usage,
    Sandbox,
    Payout,
    ProcessorCall,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Customer => Customer::TYPE,
            Self::Subscription => Subscription::TYPE,
            Self::Invoice => Invoice::TYPE,
            Self::Payment => Payment::TYPE,
            Self::Dunning => Dunning::TYPE,
            Self::StripeEvent => StripeEvent::TYPE,
            Self::CatalogueEntry => CatalogueEntry::TYPE,
            Self::TenantSettings => TenantSettings::TYPE,
            Self::Account => Account::TYPE,
            Self::Usage => UsageLog::TYPE,
            Self::Sandbox => Sandbox::TYPE,
            Self::Payout => Payout::TYPE,
            Self::ProcessorCall => ProcessorCall::TYPE,
        }
    }
}

/// One aggregate's events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    tenant: TenantId,
    kind: Kind,
    id: String,
}

impl Stream {
    /// Reads `tenant/type/id`, or `type/id` where the tenant is named beside it.
    pub fn parse(text: &str, tenant: Option<&str>) -> Result<Self, ReplayError> {
        let malformed = || ReplayError::MalformedStream(text.to_owned());
        let parts: Vec<&str> = text.split('/').collect();
        let (tenant, kind, id) = match (parts.as_slice(), tenant) {
            ([kind, id], Some(tenant)) => (tenant, *kind, *id),
            ([named, kind, id], None) => (*named, *kind, *id),
            ([named, kind, id], Some(tenant)) if *named == tenant => (tenant, *kind, *id),
            _ => return Err(malformed()),
        };
        let known = KINDS.into_iter().find(|known| known.as_str() == kind).ok_or_else(|| {
            let known = KINDS.map(Kind::as_str).join(", ");
            ReplayError::UnknownType { name: kind.to_owned(), known }
        })?;
        let tenant = TenantId::parse(tenant).map_err(|_| malformed())?;
        if id.is_empty() {
            return Err(malformed());
        }
        Ok(Self { tenant, kind: known, id: id.to_owned() })
    }
}

impl std::fmt::Display for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.tenant, self.kind.as_str(), self.id)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Position(i64),
    RecordedAt(Timestamp),
}

/// A stream as it was.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StreamState {
    pub stream: String,
    /// Of the last event that the state has taken in.
    pub sequence: i64,
    pub state: serde_json::Value,
}

/// The stream's state with all of its events up to the moment.
pub async fn as_of(ledger: &Ledger, stream: &Stream, moment: Moment) -> Result<StreamState, ReplayError> {
    if let Moment::Position(position) = moment {
        let head = ledger.head().await?;
        if position > head {
            return Err(ReplayError::BeyondHead { position, head });
        }
    }
    let (sequence, state) = match stream.kind {
        Kind::Customer => load::<Customer>(ledger, stream, moment).await,
        Kind::Subscription => load::<Subscription>(ledger, stream, moment).await,
        Kind::Invoice => load::<Invoice>(ledger, stream, moment).await,
        Kind::Payment => load::<Payment>(ledger, stream, moment).await,
        Kind::Dunning => load::<Dunning>(ledger, stream, moment).await,
        Kind::StripeEvent => load::<StripeEvent>(ledger, stream, moment).await,
        Kind::CatalogueEntry => load::<CatalogueEntry>(ledger, stream, moment).await,
        Kind::TenantSettings => load::<TenantSettings>(ledger, stream, moment).await,
        Kind::Account => load::<Account>(ledger, stream, moment).await,
        Kind::Usage => load::<UsageLog>(ledger, stream, moment).await,
        Kind::Sandbox => load::<Sandbox>(ledger, stream, moment).await,
        Kind::Payout => load::<Payout>(ledger, stream, moment).await,
        Kind::ProcessorCall => load::<ProcessorCall>(ledger, stream, moment).await,
    }?;
    if sequence > 0 {
        return Ok(StreamState { stream: stream.to_string(), sequence, state });
    }
    let first = ledger.read_stream(&stream.tenant, stream.kind.as_str(), &stream.id, 0, 1).await?;
    Err(match first.first() {
        Some(entry) => ReplayError::NotYet { stream: stream.to_string(), position: entry.position },
        None => ReplayError::UnknownStream(stream.to_string()),
    })
}

async fn load<A: Decider>(
    ledger: &Ledger,
    stream: &Stream,
    moment: Moment,
) -> Result<(i64, serde_json::Value), ReplayError> {
    let at = match moment {
        Moment::Position(position) => AsOf::Position(position),
        Moment::RecordedAt(instant) => AsOf::RecordedAt(instant.as_microsecond()),
    };
    let loaded = ledger.load_at::<A>(&stream.tenant, &stream.id, at).await?;
    Ok((loaded.sequence, serde_json::to_value(loaded.state.as_ref())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_named_with_its_tenant_once() {
        let cases = [
            ("coaching/customer/cus_1", None, Ok("coaching/customer/cus_1")),
            ("customer/cus_1", Some("coaching"), Ok("coaching/customer/cus_1")),
            ("coaching/stripe_event/evt_1", Some("coaching"), Ok("coaching/stripe_event/evt_1")),
            ("coaching/invoice/in_1", Some("skincare"), Err("expected tenant/type/id")),
            ("customer/cus_1", None, Err("expected tenant/type/id")),
            ("customer/", Some("coaching"), Err("expected tenant/type/id")),
            ("coaching/customer/cus_1/x", None, Err("expected tenant/type/id")),
            ("cus_1", Some("coaching"), Err("expected tenant/type/id")),
            ("client/cus_1", Some("coaching"), Err("no aggregate type \"client\"; there are customer, subscription")),
        ];
        for (text, tenant, expected) in cases {
            match (Stream::parse(text, tenant).map(|stream| stream.to_string()), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(error), Err(hint)) => assert!(error.to_string().contains(hint), "{text}: {error}"),
                (found, expected) => panic!("{text}: {found:?} is not {expected:?}"),
            }
        }
    }
}
