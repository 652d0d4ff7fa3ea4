//! Which values are left out of stored payloads? Those that a reader fills in by itself when a field is absent: zero,
//! false and the first word of an enumeration. Absence and optional fields are serde's own.

/// Whether a field may be absent, because absence is read back as this value.
pub fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
