//! Known dynamics: neural assemblies whose wiring and functions are the ground truth (Allier, Heinrich,
//! Schneider and Saalfeld 2026, arXiv 2602.13325).
//!
//! dx_i/dt = -c_i x_i + b_i + s_i f(x_i) + g_i Omega_i(t) sum_j W_ij psi_ij(x_j), Euler steps of `dt_s`, then
//! `noise_std` N(0, 1) per step.
//!
//! | part | what it does |
//! |---|---|
//! | [`AssemblyConfig`], [`Preset`] | describe a circuit; the presets are the published experiments |
//! | [`build_truth`] | draws wiring, types and external field |
//! | [`simulate`] | integrates from a random start and hands over the frames in blocks |
//! | [`simulate_tissue`] | draws a cortex-like connectome with known rules, not its activity |
//! | [`draw_latent_inputs`] | draws populations tuned to latents on a ring, interval, square, cylinder or torus |
//! | [`rollout`], [`unseen_state`] | what a learned mechanism is compared with |
//!
//! **Absent by design:** no disk, nothing about models that are fitted.
//!
//! # Examples
//! ```
//! use neuroloom_core::{Seed, Silent};
//! use neuroloom_sim::{FrameSink, GivenArrays, Integration, Preset, build_truth, simulate};
//! use ndarray::Array2;
//!
//! struct Largest(f32);
//! impl FrameSink for Largest {
//!     fn accept(
//!         &mut self,
//!         states: &mut Array2<f32>,
//!         _drift: Option<&mut Array2<f32>>,
//!     ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//!         self.0 = states.iter().fold(self.0, |largest, x| largest.max(x.abs()));
//!         Ok(())
//!     }
//! }
//!
//! let mut config = Preset::Baseline.config();
//! config.n_neurons = 50;
//! let truth = build_truth(&config, GivenArrays::default(), Seed(42))?;
//! let mut largest = Largest(0.0);
//! let integration = Integration { n_frames: 200, burn_in: 100, ..Integration::default() };
//! simulate(&truth, &integration, Seed(42), &mut largest, &Silent)?;
//! assert!(largest.0 > 0.5 && largest.0 < 500.0);
//! # Ok::<(), neuroloom_sim::Error>(())
//! ```

mod assembly;
mod connectivity;
mod curve;
mod dense;
mod error;
mod exchange;
mod integrate;
mod latent_inputs;
mod layout;
mod modulation;
mod neurons;
mod recurrent;
mod signal;
mod sparse;
mod tissue;
mod worker;

pub use assembly::{AssemblyConfig, GivenArrays, Preset, TypeSet, build_truth};
pub use connectivity::{ConnectivityConfig, SignRule, WeightLaw};
pub use error::Error;
pub use integrate::{DriftRecording, FrameSink, Integration, rollout, simulate, unseen_state};
pub use latent_inputs::{
    CentreLayout, LatentAxis, LatentDistribution, LatentGroup, LatentInputConfig, LatentInputs, LatentSpace,
    TunedNeuron, draw_latent_inputs,
};
pub use modulation::{GeneratedField, ModulationConfig, ModulationSource};
pub use signal::SignalInput;
pub use tissue::{SurrogateTissue, SynapseList, TissueConfig, TissueFactors, TissueType, simulate_tissue};
