//! The whole gradient against differences, in both forms and with a mask and counts.
#![allow(clippy::unwrap_used, reason = "tests")]

use neuroloom_core::{EdgeMask, Seed};
use rand::RngExt;

use super::objective::{Batch, Charge, Losses, losses_of};
use crate::circuit_vae::config::{CircuitVaeConfig, Form, Strengths, TrainingConfig};
use crate::circuit_vae::example::{GraphExample, NodeConditions, Vocabulary};
use crate::circuit_vae::model::CircuitVae;
use crate::circuit_vae::prepared::Prepared;
use crate::circuit_vae::summary::SUMMARY;

fn example(seed: u64) -> GraphExample {
    let mut rng = Seed(seed).rng();
    let n = 14 + seed as usize;
    let mut circuit = GraphExample {
        conditions: NodeConditions {
            cell_type: (0..n).map(|row| 1 + (row % 2) as u16).collect(),
            position: (0..n).map(|_| [0, 1, 2].map(|_| rng.random::<f32>() - 0.5)).collect(),
        },
        ..GraphExample::default()
    };
    for pre in 0..n as u32 {
        for post in 0..n as u32 {
            if pre != post && rng.random::<f32>() < 0.2 {
                circuit.edges.push((pre, post));
                circuit.syn_count.push(1.0 + (3.0 * rng.random::<f32>()).floor());
            }
        }
    }
    if seed == 1 {
        let pre_observed = Some((0..n).map(|row| row % 3 != 0).collect::<Vec<bool>>());
        let kept: Vec<usize> =
            (0..circuit.edges.len()).filter(|&edge| !circuit.edges[edge].0.is_multiple_of(3)).collect();
        circuit.edges = kept.iter().map(|&edge| circuit.edges[edge]).collect();
        circuit.syn_count = kept.iter().map(|&edge| circuit.syn_count[edge]).collect();
        circuit.observed = EdgeMask { pre_observed, post_observed: None };
    }
    circuit
}

#[test]
fn the_gradient_is_the_slope_of_the_loss() {
    for form in [Form::Conditional, Form::Slots] {
        let config = CircuitVaeConfig {
            form,
            latent: 3,
            width: 16,
            pair_width: 16,
            slots: 20,
            strengths: Strengths::Counted,
            training: TrainingConfig { beta: 0.7, free_bits: 0.0, ..TrainingConfig::default() },
            ..CircuitVaeConfig::default()
        };
        let vae = CircuitVae::untrained(&config, Vocabulary::of_labels(["a", "b"]), Seed(4)).unwrap();
        let prepared: Vec<Prepared> =
            (0..3).map(|seed| Prepared::new(&example(seed), config.strengths)).collect();
        let circuits: Vec<&Prepared> = prepared.iter().collect();
        let seeds: Vec<Seed> = (0..3).map(|k| Seed(9).nth(k)).collect();
        let batch = Batch { config: &config, network: vae.network(), circuits: &circuits, seeds: &seeds };
        let mut gradient = vec![0.0; vae.n_parameters()];
        let charge = Charge { beta: 0.7, free: 0.0, summary: [0.5; SUMMARY] };
        let losses = batch.gradient((vae.parameters(), &mut gradient), charge).unwrap();
        assert!(losses.summary > 0.0);
        let bound = losses_of(&config, vae.network(), vae.parameters(), &prepared, Seed(9)).unwrap();
        assert_eq!(Losses { summary: 0.0, ..losses }, bound);
        let value = |parameters: &[f32]| {
            let losses = batch.gradient((parameters, &mut vec![0.0; parameters.len()]), charge).unwrap();
            (losses.nll() + losses.summary + 0.7 * losses.total_kl()) / losses.n_pairs as f64
        };
        // Each array moves in a random direction of its own.
        for entry in vae.network().layout().entries() {
            let mut rng = Seed(5).split(&entry.name).rng();
            let direction: Vec<f32> =
                entry.range.clone().map(|_| if rng.random::<bool>() { 1.0 } else { -1.0 }).collect();
            let step = 2e-3 / (direction.len() as f32).sqrt();
            let moved = |by: f32| {
                let mut parameters = vae.parameters().to_vec();
                for (value, direction) in parameters[entry.range.clone()].iter_mut().zip(&direction) {
                    *value += by * step * direction;
                }
                value(&parameters)
            };
            let difference = (moved(1.0) - moved(-1.0)) / (2.0 * f64::from(step));
            let slope: f64 = gradient[entry.range.clone()]
                .iter()
                .zip(&direction)
                .map(|(gradient, direction)| f64::from(gradient * direction))
                .sum();
            let scale = gradient[entry.range.clone()].iter().map(|g| f64::from(g.abs())).sum::<f64>();
            let error = (difference - slope).abs();
            assert!(error < 0.02 * scale + 2e-4, "{form:?} {}: {difference} {slope} {scale}", entry.name);
        }
    }
}
