//! Every file format to and from the nouns of neuroloom. With the application the only crate that touches the
//! disk, and the only one that knows a file format; no numerics.
//!
//! | noun | read | write |
//! |---|---|---|
//! | recording | [`open_recording`] (streamed where possible) | [`write_activity`], [`ActivityWriter`] |

mod activity;
mod array;
mod atomic;
mod error;
mod format;
mod table;
mod zarr;

pub use activity::{OpenRecording, Orientation, ReadOptions, Survey, open_recording, survey, write_activity};
pub use array::{NamedArray, read_array, read_field, write_npy, write_npz};
pub use atomic::write_atomic;
pub use error::Error;
pub use zarr::{ActivityHeader, ActivityWriter};
