//! What a circuit computes when it is used as a reservoir: random input in, linear readout out, nothing trained inside.
//!
//! x_t = (1 - a) x_(t-1) + a tanh(W' x_(t-1) + w_in u_t + b), W = rho A / radius(A): `A[pre, post]`, so neuron j is driven
//! by column j. A holds signs by presynaptic neuron (excitatory +, inhibitory -) if asked for.
//!
//! | score | task | good | chance |
//! |---|---|---|---|
//! | `memory_capacity` | the input of 1 to 2N steps ago | N at most | 0 (finite-sample bias is subtracted) |
//! | `narma10_nrmse` | a nonlinear moving average of order 10 | 0 | 1 |
//! | `mackey_glass_nrmse_h` | a chaotic series h steps ahead | 0 | 1 |
//! | `mackey_glass_divergence` | steps of its own forecast until the error is 0.4 sd | large | 0 to 1 |
//! | `waveform_accuracy` | sine or square, at every step | 1 | 0.5 |
//! | `parity_accuracy` | exclusive or of the inputs of 1 and 2 steps ago | 1 | 0.5 |
//! | `kernel_rank`, `generalisation_rank` | states after different, after alike inputs | N, small | - |
//! | `lyapunov` | growth of a disturbance a step | below 0, near it | - |
//!
//! A score says something about a wiring only beside the [`controls`] that share what is not in question. The settings
//! are ours; no published ones could be read.
//!
//! # Examples
//! ```
//! use neuroloom_core::Seed;
//! use neuroloom_models::circuit_vae::reservoir::{Reservoir, ReservoirConfig, Task, Wiring, score};
//! let edges = (0..20_u32).flat_map(|pre| [(pre, (pre + 1) % 20), (pre, (pre + 7) % 20)]).collect();
//! let reservoir = Reservoir::new(&Wiring::unsigned(20, edges), &ReservoirConfig::default())?;
//! let scores = score(&reservoir, &ReservoirConfig { n_seeds: 2, ..Default::default() }, &[Task::MemoryCapacity], Seed(1))?;
//! assert!(scores.mean("memory_capacity").is_some_and(|capacity| capacity > 3.0));
//! # Ok::<(), neuroloom_models::Error>(())
//! ```

mod config;
pub mod controls;
mod readout;
mod scores;
pub mod sequences;
mod series;
mod states;
pub mod structure_function;
mod tasks;
mod wiring;

#[cfg(test)]
mod tests;

pub use config::{Activation, ReservoirConfig};
pub use scores::{Scores, measure_scores, score, score_circuits};
pub use series::{mackey_glass, narma10};
pub use states::{Drive, Reservoir, Scaling};
pub use tasks::{Task, larger_is_better};
pub use wiring::{Signs, Strength, Wiring};
