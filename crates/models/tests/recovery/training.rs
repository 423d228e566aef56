//! The gradient route: a known circuit is found from a random start, a run that was interrupted ends with the same
//! bits, and a solved start loses nothing.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::sync::Mutex;

use crate::simulated::Simulated;
use neuroloom_core::{Event, Listener, Seed, Silent};
use neuroloom_models::Error;
use neuroloom_models::mechanism::{
    Checkpoints, ClusteringConfig, ConnectivityScores, DescentConfig, KnownWiring, Mechanism, NoCheckpoints,
    Signs, SolveConfig, Start, Target, Tensors, TrainConfig, TrainInputs, Trained, Wiring, train,
};

impl Simulated {
    fn inputs(&self) -> TrainInputs<'_> {
        TrainInputs { recording: self.recording(), solved: None, known: None, positions: None }
    }

    fn train(&self, config: &TrainConfig) -> Trained {
        train(&self.inputs(), (config, &drift_targets()), Seed(5), &NoCheckpoints, &Silent).unwrap()
    }

    fn connectivity(&self, mechanism: &Mechanism) -> ConnectivityScores {
        self.evaluate(mechanism).connectivity.unwrap()
    }
}

fn drift_targets() -> SolveConfig {
    SolveConfig { target: Target::Drift, ..SolveConfig::default() }
}

fn short(start: Start) -> TrainConfig {
    TrainConfig {
        start,
        width: 16,
        descent: DescentConfig { batch: 8, epochs: 4, steps_per_epoch: 15, ..DescentConfig::default() },
        ..TrainConfig::default()
    }
}

#[test]
fn a_random_start_finds_the_wiring_far_above_the_null() {
    let simulated = Simulated::baseline((50, 4000), 1.0, 1.0);
    let config = TrainConfig {
        start: Start::Random,
        width: 24,
        descent: DescentConfig {
            batch: 16,
            epochs: 8,
            steps_per_epoch: 400,
            rate_weights: 1e-2,
            rate_functions: 2e-3,
            rate_embedding: 3e-3,
            ..DescentConfig::default()
        },
        clustering: ClusteringConfig { every: 4, ..ClusteringConfig::default() },
        ..TrainConfig::default()
    };
    let trained = simulated.train(&config);
    let evaluation = simulated.evaluate(&trained.mechanism);
    let connectivity = evaluation.connectivity.unwrap();
    let found = connectivity.r2_linear_fit.unwrap();
    assert!(found > 0.95, "{connectivity:?}\n{:?}", trained.history.points.last());
    for baseline in evaluation.baselines.unwrap().connectivity {
        assert!(baseline.r2_linear_fit.unwrap_or(0.0) < 0.6 * found, "{baseline:?}");
    }
    let (first, last) = (trained.history.points[0], trained.history.points[trained.history.points.len() - 1]);
    assert!(last.held_out < 0.02 && last.held_out < 0.2 * first.held_out, "{first:?} {last:?}");
}

#[test]
fn a_solved_start_loses_nothing() {
    let simulated = Simulated::baseline((50, 4000), 1.0, 1.0);
    let solved = simulated.solve(Target::Drift);
    let inputs = TrainInputs { solved: Some(&solved), ..simulated.inputs() };
    let trained =
        train(&inputs, (&short(Start::Solve), &drift_targets()), Seed(5), &NoCheckpoints, &Silent).unwrap();
    let (before, after) = (simulated.connectivity(&solved), simulated.connectivity(&trained.mechanism));
    assert!(after.r2_linear_fit.unwrap() >= before.r2_linear_fit.unwrap() - 1e-6, "{before:?} {after:?}");
    // The networks were drawn to the closed form: the first loss is near the last of a long run.
    assert!(trained.history.points[0].held_out < 0.05, "{:?}", trained.history.points[0]);
}

#[test]
fn absent_edges_stay_absent_and_signs_stay_given() {
    let simulated = Simulated::baseline((30, 1500), 1.0, 0.3);
    let allowed = simulated.truth.weight_matrix.mapv(|weight| weight != 0.0);
    let sign = simulated.truth.weight_matrix.mapv(|weight| if weight < 0.0 { -1 } else { 1 });
    let known = KnownWiring { allowed: allowed.clone(), sign };
    for wiring in [Wiring::Masked, Wiring::Sparse] {
        let config = TrainConfig { wiring, signs: Signs::Given, ..short(Start::Random) };
        let inputs = TrainInputs { known: Some(&known), ..simulated.inputs() };
        let fit = train(&inputs, (&config, &drift_targets()), Seed(5), &NoCheckpoints, &Silent).unwrap();
        let weights = &fit.mechanism.weight_matrix;
        let scale = weights
            .iter()
            .zip(&simulated.truth.weight_matrix)
            .fold(0.0, |sum, (w, t)| sum + w * f64::from(*t));
        for ((place, weight), truth) in weights.indexed_iter().zip(&simulated.truth.weight_matrix) {
            assert!(allowed[place] || *weight == 0.0, "{place:?} {weight}");
            // The gauge may turn all signs at once.
            assert!(weight * f64::from(*truth) * scale.signum() >= 0.0, "{place:?} {weight} {truth}");
        }
    }
    let inputs = simulated.inputs();
    let config = TrainConfig { wiring: Wiring::Masked, ..short(Start::Random) };
    let refused = train(&inputs, (&config, &drift_targets()), Seed(5), &NoCheckpoints, &Silent);
    assert!(matches!(refused, Err(Error::Config { key: "wiring", .. })));
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let simulated = Simulated::baseline((40, 1500), 1.0, 1.0);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| simulated.train(&short(Start::Random)))
    };
    let (one, two) = (with(1), with(2));
    assert_eq!(one.history, two.history);
    assert_eq!(one.mechanism.to_tensors().unwrap(), two.mechanism.to_tensors().unwrap());
}

/// Keeps the state after every step and stops the run after some.
#[derive(Default)]
struct Memory {
    state: Mutex<Option<Tensors>>,
    steps: Mutex<u64>,
    stop_after: u64,
}

impl Checkpoints for Memory {
    fn load(&self) -> Result<Option<Tensors>, Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.state.lock().unwrap().clone())
    }

    fn due(&self) -> bool {
        *self.steps.lock().unwrap() += 1;
        true
    }

    fn save(&self, state: &Tensors) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        // A file of f32 gives back what f32 holds.
        let mut single = state.clone();
        single.arrays.values_mut().for_each(|array| array.mapv_inplace(|value| f64::from(value as f32)));
        *self.state.lock().unwrap() = Some(single);
        Ok(())
    }
}

impl Listener for Memory {
    fn emit(&self, _event: Event) {}

    fn cancelled(&self) -> bool {
        self.stop_after > 0 && *self.steps.lock().unwrap() >= self.stop_after
    }
}

#[test]
fn interrupted_and_resumed_ends_with_the_same_bits() {
    let simulated = Simulated::baseline((20, 1500), 1.0, 1.0);
    let config = TrainConfig {
        clustering: ClusteringConfig { every: 1, max_types: 4, ..ClusteringConfig::default() },
        descent: DescentConfig { forget_every: 2, ..short(Start::Random).descent },
        signs: Signs::Dale,
        ..short(Start::Random)
    };
    let whole = simulated.train(&config);
    for stop_after in [1, 15, 17, 31, 59] {
        let memory = Memory { stop_after, ..Memory::default() };
        let broken =
            train(&simulated.inputs(), (&config, &drift_targets()), Seed(5), &memory, &memory).unwrap_err();
        assert!(matches!(broken, Error::Interrupted { stage: "train" }));
        let resumed =
            train(&simulated.inputs(), (&config, &drift_targets()), Seed(5), &memory, &Silent).unwrap();
        assert_eq!(
            resumed.mechanism.to_tensors().unwrap(),
            whole.mechanism.to_tensors().unwrap(),
            "after {stop_after} steps"
        );
        assert_eq!(resumed.history, whole.history, "after {stop_after} steps");
    }
}
