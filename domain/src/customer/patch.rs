//! What a caller changes of a customer's profile: each field is left, cleared or set. It is laid over the profile as it
//! stands when the change is decided, so callers that name different fields do not undo each other.

use super::event::Profile;
use super::state::Customer;
use crate::money::Currency;
use crate::refusal::Refusal;
use crate::sealed::{BlindIndex, Sealed};

/// What becomes of one field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Patch<T> {
    #[default]
    Unchanged,
    Cleared,
    Set(T),
}

/// An address as it is stored: sealed, and to be found by its index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    pub sealed: Sealed,
    pub index: BlindIndex,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfilePatch {
    pub email: Patch<Email>,
    pub first_name: Patch<Sealed>,
    pub last_name: Patch<Sealed>,
    pub name: Patch<Sealed>,
    pub phone: Patch<Sealed>,
    pub company: Patch<Sealed>,
    pub address: Patch<Sealed>,
    pub country: Patch<String>,
    pub currency: Patch<Currency>,
    /// Whole, since the domain cannot read it; a caller that names single keys has merged them with what it saw.
    pub metadata: Patch<Sealed>,
    pub acquisition_source: Patch<String>,
}

/// The customer as it was when a request was made, in what a request is made from and the domain alone cannot redo:
/// sealed metadata is merged by whoever can unseal it, and names are claimed and given back beside the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub email_index: Option<BlindIndex>,
    pub claimed_email: Option<BlindIndex>,
    pub metadata: Option<Sealed>,
}

impl<T> Patch<T> {
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Unchanged => Patch::Unchanged,
            Self::Cleared => Patch::Cleared,
            Self::Set(value) => Patch::Set(change(value)),
        }
    }

    pub fn as_ref(&self) -> Patch<&T> {
        match self {
            Self::Unchanged => Patch::Unchanged,
            Self::Cleared => Patch::Cleared,
            Self::Set(value) => Patch::Set(value),
        }
    }

    pub fn is_unchanged(&self) -> bool {
        matches!(self, Self::Unchanged)
    }

    fn over(self, field: &mut Option<T>) {
        match self {
            Self::Unchanged => {}
            Self::Cleared => *field = None,
            Self::Set(value) => *field = Some(value),
        }
    }
}

impl<T> From<Option<T>> for Patch<T> {
    /// Of a whole: what it lacks is cleared.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Cleared, Self::Set)
    }
}

impl ProfilePatch {
    /// The profile with the changes.
    pub fn over(&self, profile: &Profile) -> Profile {
        let mut changed = profile.clone();
        self.email.as_ref().map(|email| email.sealed.clone()).over(&mut changed.email);
        self.email.as_ref().map(|email| email.index.clone()).over(&mut changed.email_index);
        self.first_name.clone().over(&mut changed.first_name);
        self.last_name.clone().over(&mut changed.last_name);
        self.name.clone().over(&mut changed.name);
        self.phone.clone().over(&mut changed.phone);
        self.company.clone().over(&mut changed.company);
        self.address.clone().over(&mut changed.address);
        self.country.clone().over(&mut changed.country);
        self.currency.clone().over(&mut changed.currency);
        self.metadata.clone().over(&mut changed.metadata);
        self.acquisition_source.clone().over(&mut changed.acquisition_source);
        changed
    }

    /// Refuses a patch whose request was made from what is no longer so.
    pub(super) fn check(&self, seen: &Seen, now: &Customer) -> Result<(), Refusal> {
        let superseded = |what: &str| Err(Refusal::Superseded { what: what.to_owned() });
        let now = now.seen();
        if !self.email.is_unchanged()
            && (&now.email_index, &now.claimed_email) != (&seen.email_index, &seen.claimed_email)
        {
            return superseded("the e-mail address");
        }
        if !self.metadata.is_unchanged() && now.metadata != seen.metadata {
            return superseded("the metadata");
        }
        Ok(())
    }
}

impl From<Profile> for ProfilePatch {
    /// A patch after which the profile is this one.
    fn from(profile: Profile) -> Self {
        let Profile {
            email,
            email_index,
            first_name,
            last_name,
            name,
            phone,
            company,
            address,
            country,
            currency,
            metadata,
            acquisition_source,
        } = profile;
        let email = email.zip(email_index).map(|(sealed, index)| Email { sealed, index });
        Self {
            email: email.into(),
            first_name: first_name.into(),
            last_name: last_name.into(),
            name: name.into(),
            phone: phone.into(),
            company: company.into(),
            address: address.into(),
            country: country.into(),
            currency: currency.into(),
            metadata: metadata.into(),
            acquisition_source: acquisition_source.into(),
        }
    }
}
