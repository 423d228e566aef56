//! Populations driven by latent variables on a ring, interval, square, cylinder or torus.
//!
//! A group of latents z has neurons of its own, with receptive fields centred at c_i:
//!
//! x_i(z) = amplitude exp(-sum_a d_a(z, c_i)^2 / sigma_a^2), d_a the distance along axis a
//!
//! There is no factor 2 in the exponent. Latents are independent: v_0 ~ U[0, 1), v_t = v_(t-1) + N(0, 1) / sqrt(tau),
//! wrapped on a circle (v mod 1) and reflected on a segment (|2 v mod 2 - 1|); tau = 0 draws every step anew.
//!
//! This is the input task of the first author's public code (github.com/msf235/network_analysis, 2019-2020), which
//! is very probably but not certainly the generator of Farrell, Recanatesi, Reid, Mihalas and Shea-Brown (2021). One
//! difference is meant: each axis has its own sigma (there, the last latent's is used for all).

mod config;
mod draw;
mod space;

pub use config::{CentreLayout, LatentDistribution, LatentGroup, LatentInputConfig};
pub use draw::{LatentInputs, TunedNeuron, draw_latent_inputs};
pub use space::{LatentAxis, LatentSpace};
