//! From results to the data of a report.

mod atlas;
mod computed;
mod evaluated;
mod explored;
mod generated;
mod reconstructed;
mod synthesized;
mod view;

pub(super) use atlas::atlas;
pub(super) use computed::computed;
pub(super) use evaluated::evaluated;
pub(super) use explored::explored;
pub(super) use synthesized::synthesized;
pub(super) use view::view;
