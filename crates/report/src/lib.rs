//! Placeholder head, replaced by the first code of this crate.
