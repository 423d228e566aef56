//! From results to the data of a report.

mod evaluated;
mod generated;
mod view;

pub(super) use evaluated::evaluated;
pub(super) use view::view;
