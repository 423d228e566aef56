//! Every file format to and from the nouns of neuroloom. With the application the only crate that touches the
//! disk, and the only one that knows a file format; no numerics.
//!
//! | noun | read | write |
//! |---|---|---|
//! | connectome | [`read_connectome`], [`read_weight_matrix`], [`import_connectome`] (any layout, streamed) | [`write_connectome`], [`export_connectome`] |
//! | set of circuits | [`read_circuit_set`], [`open_circuit_set`] (one by one) | [`write_circuit_set`] |
//! | recording | [`open_recording`] (streamed where possible) | [`write_activity`], [`ActivityWriter`] |
//! | truth of a simulation | [`read_truth`] | [`write_truth`] |
//! | arrays | [`read_array`], [`read_field`] | [`write_npz`], [`write_npy`] |
//! | weights of any network | [`read_weight_arrays`] (npz, safetensors, ONNX, CSV) | |
//! | fitted model | [`read_safetensors`] | [`write_safetensors`] |
//! | anything | [`inspect`] | [`write_atomic`] |
//!
//! Formats are told apart by content, then by extension. Ids are 64-bit integers or names and never pass through
//! a float; pickled arrays are never opened; writing the same content twice gives the same bytes.
//!
//! # Examples
//! ```
//! use neuroloom_core::FrameSource;
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("worm.csv");
//! std::fs::write(&path, "time_s,AVAL,AVAR\n0.0,1.5,NA\n0.6,1.25,0.5\n")?;
//! let recording = neuroloom_io::open_recording(&path, &Default::default())?;
//! assert_eq!(recording.activity.shape().n_frames, 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod activity;
mod array;
mod atomic;
mod cave_tables;
mod circuit_set;
mod connectome;
mod error;
mod export;
mod format;
mod hdf5;
mod inspect;
mod layouts;
mod positions;
mod rows;
mod safetensors;
mod table;
mod truth;
mod weights;
mod zarr;

pub use activity::{OpenRecording, Orientation, ReadOptions, Survey, open_recording, survey, write_activity};
pub use array::{NamedArray, read_array, read_field, write_npy, write_npz};
pub use atomic::write_atomic;
pub use cave_tables::{CaveSynapses, CaveTissue, write_cave_tables};
pub use circuit_set::{CircuitSetFile, open_circuit_set, read_circuit_set, write_circuit_set};
pub use connectome::{
    ConnectomeOptions, EdgeColumns, ImportSummary, ImportedConnectome, MatrixOrientation, read_connectome,
    read_weight_matrix, write_connectome,
};
pub use error::Error;
pub use export::{ExportFormat, export_connectome};
pub use inspect::{
    ArraySummary, ConnectomeSummary, ContentKind, IdSummary, Inspection, RecordingSummary, inspect,
};
pub use layouts::{
    Autapses, CellChoice, ImportOptions, ImportRecord, ImportSources, Imported, Labels, Layout, Proofreading,
    RepeatedIds, RowCounts, RowFate, Threshold, import_connectome,
};
pub use positions::read_positions;
pub use safetensors::{Precision, Tensors, read_safetensors, write_safetensors};
pub use truth::{read_truth, write_truth};
pub use weights::{WeightArrays, read_columns, read_weight_arrays};
pub use zarr::{ActivityHeader, ActivityWriter};
