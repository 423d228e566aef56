//! The nouns of neuroloom: what every other crate speaks.
//!
//! | noun | what it is |
//! |---|---|
//! | [`Connectome`] | neurons and the directed synaptic edges between them |
//! | [`Circuit`], [`CircuitSet`] | neurons cut out of a connectome with the edges among them; train, validation, test |
//! | [`Activity`] | a recording: `[trial, time, neuron]` in f32, NaN = missing |
//! | [`FrameSource`] | anything that hands out frames of a recording, in memory or streamed |
//! | [`Truth`] | what a simulation knows and a recording does not: wiring, types, functions |
//! | [`TimeSplit`] | which frames train and which are held out |
//! | [`Seed`] | one number, split by purpose |
//! | [`Event`] | what numerics tell the outside while they run |
//!
//! **Absent by design:** no disk, no threads, no global state.
//!
//! Orientation is in the names: [`Connectome::adjacency`] is `A[pre, post]`,
//! [`Connectome::weight_matrix`] is `W[post, pre]`.
//!
//! # Examples
//! ```
//! use ndarray::array;
//! use neuroloom_core::{Activity, FrameSource, NeuronId};
//!
//! // Three frames of two neurons, 10 ms apart; one sample is missing.
//! let values = array![[0.0, 1.0], [0.5, f32::NAN], [1.0, 1.2]];
//! let names = vec![NeuronId::from("AVAL"), NeuronId::from("AVAR")];
//! let activity = Activity::from_frames(values, 0.01, names)?;
//! assert_eq!(activity.shape().n_frames, 3);
//! assert_eq!(activity.n_missing(), 1);
//! # Ok::<(), neuroloom_core::Error>(())
//! ```

mod activity;
mod cell_type;
mod circuit;
mod connectome;
mod error;
mod event;
mod neuron;
mod seed;
mod split;
mod truth;

pub use activity::{Activity, FrameShape, FrameSource, FrameWindow, Recording};
pub use cell_type::{
    CanonicalType, CellClass, LabelMapping, VOCABULARY, canonical_cell_type, canonicalise_cell_types,
    describe_cell_types,
};
pub use circuit::{Circuit, CircuitOrigin, CircuitPart, CircuitSet};
pub use connectome::{Connectome, EdgeList, EdgeMask, Synapses};
pub use error::Error;
pub use event::{Event, Listener, Silent, Warning};
pub use neuron::{NeuronId, NeuronTable};
pub use seed::Seed;
pub use split::TimeSplit;
pub use truth::{Activation, AssemblyType, Modulation, ModulationMode, TransferKind, Truth};
