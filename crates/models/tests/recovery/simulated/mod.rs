//! Circuits whose wiring is known, simulated: what the recovery tests fit.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use ndarray::Array2;
use neuroloom_core::{Activity, NeuronId, Recording, Seed, Silent, Truth};
use neuroloom_models::mechanism::{
    Evaluation, EvaluationInputs, Mechanism, SolveConfig, Target, evaluate, solve,
};
use neuroloom_sim::{
    AssemblyConfig, ConnectivityConfig, DriftRecording, FrameSink, GivenArrays, Integration, build_truth,
    simulate,
};

struct Collected(Vec<f32>, Vec<f32>);

impl FrameSink for Collected {
    fn accept(
        &mut self,
        states: &mut Array2<f32>,
        drift: Option<&mut Array2<f32>>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.0.extend(states.iter());
        self.1.extend(drift.iter().flat_map(|drift| drift.iter()));
        Ok(())
    }
}

/// A circuit, its recording, and its drift at the same frames.
pub(crate) struct Simulated {
    pub(crate) truth: Truth,
    pub(crate) activity: Activity,
    pub(crate) drift: Activity,
}

impl Simulated {
    pub(crate) fn new(config: &AssemblyConfig) -> Self {
        Self::of(build_truth(config, GivenArrays::default(), Seed(3)).unwrap(), config)
    }

    /// A circuit that was built before.
    pub(crate) fn of(truth: Truth, config: &AssemblyConfig) -> Self {
        let integration = Integration { drift: DriftRecording::Record, ..config.integration() };
        let mut frames = Collected(Vec::new(), Vec::new());
        simulate(&truth, &integration, Seed(3), &mut frames, &Silent).unwrap();
        let n = config.n_neurons;
        let wrap = |values: Vec<f32>| {
            let frames = Array2::from_shape_vec((values.len() / n, n), values).unwrap();
            Activity::from_frames(frames, truth.dt_s, NeuronId::numbered(n)).unwrap()
        };
        Self { activity: wrap(frames.0), drift: wrap(frames.1), truth }
    }

    /// The baseline assembly: (neurons, frames), noise of each step, share of connections that are there.
    pub(crate) fn baseline((n_neurons, n_frames): (usize, usize), noise_std: f64, filling: f64) -> Self {
        let connectivity = ConnectivityConfig { filling_factor: filling, ..ConnectivityConfig::default() };
        let usual = AssemblyConfig::default();
        Self::new(&AssemblyConfig { n_neurons, n_frames, noise_std, connectivity, ..usual })
    }

    pub(crate) fn recording(&self) -> Recording<'_> {
        Recording { activity: &self.activity, drift: Some(&self.drift) }
    }

    pub(crate) fn solve(&self, target: Target) -> Mechanism {
        let config = SolveConfig { target, ..SolveConfig::default() };
        solve(self.recording(), &config, Seed(5), &Silent).unwrap()
    }

    pub(crate) fn evaluate(&self, mechanism: &Mechanism) -> Evaluation {
        let config = SolveConfig { target: mechanism.fit.target, ..SolveConfig::default() };
        let inputs = EvaluationInputs {
            recording: self.recording(),
            truth: Some(&self.truth),
            connectome: None,
            config: &config,
            seed: Seed(5),
        };
        evaluate(mechanism, &inputs, &Silent).unwrap().0
    }
}
