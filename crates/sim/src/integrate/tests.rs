//! Hand-worked examples, agreement with a naive f64 loop, and independence of threads and blocks.

use std::sync::atomic::{AtomicUsize, Ordering};

use ndarray::{ArrayView1, Axis, array};
use neuroloom_core::{Activation, AssemblyType, Modulation, ModulationMode, TransferKind};
use proptest::prelude::*;

use super::*;
use crate::{AssemblyConfig, ConnectivityConfig, GivenArrays, Preset, TypeSet, WeightLaw, build_truth};

/// Keeps all frames.
#[derive(Default)]
struct Kept {
    states: Vec<Array2<f32>>,
    drift: Vec<Array2<f32>>,
}

impl FrameSink for Kept {
    fn accept(
        &mut self,
        states: &mut Array2<f32>,
        drift: Option<&mut Array2<f32>>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.states.push(states.to_owned());
        self.drift.extend(drift.map(|drift| drift.to_owned()));
        Ok(())
    }
}

impl Kept {
    fn all(blocks: &[Array2<f32>]) -> Array2<f32> {
        let views: Vec<_> = blocks.iter().map(|block| block.view()).collect();
        ndarray::concatenate(Axis(0), &views).unwrap()
    }
}

fn frames(truth: &Truth, integration: &Integration) -> (Array2<f32>, Array2<f32>) {
    let mut kept = Kept::default();
    let integration = Integration { drift: DriftRecording::Record, ..integration.clone() };
    simulate(truth, &integration, Seed(42), &mut kept, &Silent).unwrap();
    (Kept::all(&kept.states), Kept::all(&kept.drift))
}

fn drawn(config: &AssemblyConfig) -> Truth {
    build_truth(config, GivenArrays::default(), Seed(42)).unwrap()
}

fn pair(weight_matrix: Array2<f32>, types: Vec<AssemblyType>, transfer: TransferKind) -> Truth {
    Truth {
        weight_matrix,
        cell_type: vec![0, 1],
        types,
        transfer,
        activation: Activation::Tanh,
        modulation: None,
        noise_std: 0.0,
        dt_s: 0.01,
    }
}

fn std(frames: &Array2<f32>) -> f64 {
    frames.mapv(f64::from).std(0.0)
}

#[test]
fn two_neurons_two_steps_by_hand() {
    // Neuron 1 hears neuron 0 with W = 0.5; g = 10; types (s, c) = (1, 1) and (2, 1); x = (1, 0).
    // drift_0 = -1 + tanh 1 = -0.2384058; drift_1 = 10 * 0.5 * tanh 1 = 3.8079708
    // x(1) = (0.9976159, 0.0380797)
    // tanh x(1) = (0.7605917, 0.0380613)
    // drift_0 = -0.9976159 + 0.7605917 = -0.2370242
    // drift_1 = -0.0380797 + 2 * 0.0380613 + 5 * 0.7605917 = 3.8410013
    // x(2) = (0.9952457, 0.0764897)
    let types = vec![AssemblyType::default(), AssemblyType { self_coupling: 2.0, ..AssemblyType::default() }];
    let truth = pair(array![[0.0, 0.0], [0.5, 0.0]], types, TransferKind::Shared);
    let states = rollout(&truth, &[1.0, 0.0], 2).unwrap();
    let expected = array![[1.0, 0.0], [0.9976159, 0.0380797], [0.9952457, 0.0764897]];
    assert!((&states - &expected).iter().all(|error| error.abs() < 5e-7), "{states}");
}

#[test]
fn sender_and_receiver_widths_by_hand() {
    let types = vec![
        AssemblyType { width: 2.0, ..AssemblyType::default() },
        AssemblyType { width: 4.0, ..AssemblyType::default() },
    ];
    let weights = array![[0.0, 1.0], [0.5, 0.0]];
    // Sender: x_1 hears tanh(1/2) of neuron 0: dx_1 = -0 + 0 + 10 * 0.5 * 0.4621172 = 2.3105858.
    let sender = pair(weights.clone(), types.clone(), TransferKind::Sender);
    let states = rollout(&sender, &[1.0, 0.0], 1).unwrap();
    assert!((states[[1, 1]] - 0.023_105_858).abs() < 1e-7, "{states}");
    // Receiver: neuron 1 hears tanh(1/4) - 1 ln 2 / 50 = 0.2449187 - 0.0138629 = 0.2310557, times 5.
    let receiver = pair(weights, types, TransferKind::Receiver);
    let states = rollout(&receiver, &[1.0, 0.0], 1).unwrap();
    assert!((states[[1, 1]] - 0.011_552_787).abs() < 1e-7, "{states}");
}

/// One Euler step in f64, straight from the definition.
fn naive_drift(truth: &Truth, x: ArrayView1<f64>, frame: Option<usize>) -> Vec<f64> {
    let n = truth.n_neurons();
    let kind = |neuron: usize| truth.cell_type[neuron] as usize;
    (0..n)
        .map(|i| {
            let sum: f64 = (0..n)
                .map(|j| f64::from(truth.weight_matrix[[i, j]]) * truth.transfer(kind(i), kind(j), x[j]))
                .sum();
            let (scale, input) = match (&truth.modulation, frame) {
                (None, _) => (1.0, 0.0),
                (Some(field), frame) => {
                    let value =
                        frame.map_or(0.0, |frame| f64::from(field.values[[field.slice_at(frame), i]]));
                    match field.mode {
                        ModulationMode::Multiplicative => (value, 0.0),
                        ModulationMode::Additive => (1.0, value),
                    }
                }
            };
            truth.update(kind(i), x[i]) + truth.types[kind(i)].gain * scale * sum + input
        })
        .collect()
}

/// Size of the terms that a drift is summed from: what rounding in f32 scales with.
fn rounding_scale(truth: &Truth, x: ArrayView1<f64>, i: usize) -> f64 {
    let kind = |neuron: usize| truth.cell_type[neuron] as usize;
    let terms = x
        .iter()
        .enumerate()
        .map(|(j, &x)| (f64::from(truth.weight_matrix[[i, j]]) * truth.transfer(kind(i), kind(j), x)).abs());
    let own = &truth.types[kind(i)];
    own.gain * terms.sum::<f64>() + own.decay * x[i].abs() + own.self_coupling
}

/// The stored drift is that of the stored state, and the next state follows from it.
fn assert_follows_the_definition(truth: &Truth, burn_in: usize) {
    let integration = Integration { n_frames: 600, burn_in, n_threads: 1, ..Integration::default() };
    let (states, drift) = frames(truth, &integration);
    for frame in (0..600).step_by(37) {
        let x = states.row(frame).mapv(f64::from);
        let expected = naive_drift(truth, x.view(), Some(frame));
        for (neuron, expected) in expected.into_iter().enumerate() {
            let got = f64::from(drift[[frame, neuron]]);
            let allowed = 4e-7 * rounding_scale(truth, x.view(), neuron);
            assert!((got - expected).abs() < allowed, "frame {frame} neuron {neuron}: {got} {expected}");
            if truth.noise_std == 0.0 {
                let step = (truth.dt_s as f32).mul_add(drift[[frame, neuron]], states[[frame, neuron]]);
                assert_eq!(step, states[[frame + 1, neuron]]);
            }
        }
    }
}

fn small(config: AssemblyConfig) -> Truth {
    drawn(&AssemblyConfig { n_neurons: 150, ..config })
}

#[test]
fn every_transfer_and_activation_follows_the_definition() {
    for preset in [Preset::Baseline, Preset::Sparse, Preset::Noise, Preset::Transmitters, Preset::Receptors] {
        assert_follows_the_definition(&small(preset.config()), 10);
    }
    for activation in [Activation::Relu, Activation::Sigmoid] {
        // A rectifier grows without bound unless the coupling is weak.
        let weak = AssemblyType { gain: 0.5, threshold: 0.3, offset: 0.2, ..AssemblyType::default() };
        let config = AssemblyConfig {
            activation,
            types: TypeSet::Custom(vec![weak]),
            transfer: TransferKind::Sender,
            ..AssemblyConfig::default()
        };
        assert_follows_the_definition(&small(config), 10);
    }
}

#[test]
fn neurons_of_one_type_may_be_scattered() {
    let mut truth = small(Preset::Receptors.config());
    truth.cell_type = (0..150).map(|neuron| neuron % 4).collect();
    assert_follows_the_definition(&truth, 10);
}

#[test]
fn external_fields_follow_the_definition() {
    for mode in [ModulationMode::Multiplicative, ModulationMode::Additive] {
        let mut truth = small(Preset::Transmitters.config());
        let values = Array2::from_shape_fn((7, 150), |(slice, neuron)| (slice * neuron % 5) as f32 * 0.3);
        truth.modulation = Some(Modulation { mode, values, n_frames: 600, positions: None });
        assert_follows_the_definition(&truth, 25);
    }
}

#[test]
fn the_field_is_zero_during_the_burn_in() {
    // Uncoupled, types (s, c) with s <= c decay to 0; a coupled network of this strength does not.
    let mut truth = small(Preset::Baseline.config());
    let quiet = AssemblyType { self_coupling: 0.5, ..AssemblyType::default() };
    truth.types = vec![quiet; 4];
    let values = Array2::ones((1, 150));
    truth.modulation =
        Some(Modulation { mode: ModulationMode::Multiplicative, values, n_frames: 10, positions: None });
    let state = unseen_state(&truth, 2_000, Seed(1)).unwrap();
    assert!(state.iter().all(|x| x.abs() < 1e-3));
    truth.modulation = None;
    let state = unseen_state(&truth, 2_000, Seed(1)).unwrap();
    assert!(state.iter().any(|x| x.abs() > 0.1));
}

#[test]
fn rollout_agrees_with_a_naive_loop() {
    let truth = small(Preset::Transmitters.config());
    let start = unseen_state(&truth, 100, Seed(5)).unwrap();
    let states = rollout(&truth, &start, 100).unwrap();
    let mut x: ndarray::Array1<f64> = start.iter().map(|&x| f64::from(x)).collect();
    for frame in 0..=100 {
        let error = x.iter().zip(states.row(frame)).map(|(a, b)| (a - f64::from(*b)).abs());
        assert!(error.fold(0.0, f64::max) < 2e-5, "frame {frame}");
        x = &x + &(0.01 * ndarray::Array1::from(naive_drift(&truth, x.view(), Some(frame))));
    }
}

#[test]
fn threads_and_blocks_change_nothing() {
    for preset in [Preset::Noise, Preset::Sparse, Preset::Receptors] {
        let truth = drawn(&AssemblyConfig { n_neurons: 700, ..preset.config() });
        let run = |n_threads, block_frames| {
            let integration =
                Integration { n_frames: 700, burn_in: 33, n_threads, block_frames, ..Integration::default() };
            frames(&truth, &integration)
        };
        let alone = run(1, 1000);
        assert_eq!(alone.0.dim(), (701, 700));
        for (n_threads, block_frames) in [(2, 1000), (3, 1000), (2, 97), (1, 64)] {
            assert!(run(n_threads, block_frames) == alone, "{preset:?} {n_threads} {block_frames}");
        }
    }
}

#[test]
fn activity_has_the_published_spread() {
    // std(x) about 7.4 without noise and 45 with noise of 7.2 per step, N = 1000.
    let integration = Integration { n_frames: 4_000, burn_in: 1_000, ..Integration::default() };
    let quiet = frames(&drawn(&Preset::Baseline.config()), &integration).0;
    assert!((std(&quiet) - 7.4).abs() < 1.0, "{}", std(&quiet));
    let noisy = frames(&drawn(&Preset::Noise.config()), &integration).0;
    assert!((std(&noisy) - 45.0).abs() < 3.0, "{}", std(&noisy));
}

#[test]
fn measurement_noise_does_not_enter_the_dynamics() {
    let truth = small(Preset::Baseline.config());
    let clean = Integration { n_frames: 300, ..Integration::default() };
    let noisy = Integration { measurement_noise_std: 0.5, ..clean.clone() };
    let mut kept = Kept::default();
    simulate(&truth, &noisy, Seed(42), &mut kept, &Silent).unwrap();
    let difference = &Kept::all(&kept.states) - &frames(&truth, &clean).0;
    assert!((std(&difference) - 0.5).abs() < 0.01);
    let both = Integration { drift: DriftRecording::Record, ..noisy };
    let error = simulate(&truth, &both, Seed(42), &mut kept, &Silent).unwrap_err();
    assert!(matches!(error, Error::Config { key: "drift", .. }));
}

#[test]
fn divergence_is_an_error_that_names_step_and_neuron() {
    // x <- x (1 + 0.01 * 1e4): grows by 101 a step from 1, beyond 3.4e38 after 20 steps.
    let explosive = AssemblyType { decay: -1e4, ..AssemblyType::default() };
    let truth = pair(Array2::zeros((2, 2)), vec![AssemblyType::default(), explosive], TransferKind::Shared);
    let error = rollout(&truth, &[1.0, 1.0], 100).unwrap_err();
    // 101^n > 3.4e38 at n = 20 (2 * 20 = 40); the drift, 1e4 times larger, is beyond it two steps earlier.
    assert!(matches!(error, Error::Diverged { steps: 18, burn_in: 0, neuron: 1 }), "{error}");
    assert!(error.hint().is_some());
}

/// Asks to stop after a number of polls.
struct Impatient(AtomicUsize);

impl Listener for Impatient {
    fn emit(&self, _event: Event) {}

    fn cancelled(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) >= 3
    }
}

#[test]
fn an_interrupted_run_has_handed_over_its_finished_blocks() {
    let truth = small(Preset::Baseline.config());
    let integration = Integration { n_frames: 500, burn_in: 10, block_frames: 50, ..Integration::default() };
    let mut kept = Kept::default();
    let events = Impatient(AtomicUsize::new(0));
    let error = simulate(&truth, &integration, Seed(42), &mut kept, &events).unwrap_err();
    assert!(matches!(error, Error::Interrupted));
    // One block of burn-in, then two of 50 frames, the same as in a full run.
    let full = frames(&truth, &integration).0;
    assert_eq!(Kept::all(&kept.states), full.slice(s![..100, ..]));
}

/// A disk that is full.
struct Full;

impl FrameSink for Full {
    fn accept(
        &mut self,
        _states: &mut Array2<f32>,
        _drift: Option<&mut Array2<f32>>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Err("no space left".into())
    }
}

#[test]
fn bad_requests_are_refused() {
    let truth = small(Preset::Baseline.config());
    let integration = Integration { n_frames: 5, ..Integration::default() };
    assert!(matches!(simulate(&truth, &integration, Seed(1), &mut Full, &Silent), Err(Error::Sink(_))));
    let empty = Integration { block_frames: 0, ..integration.clone() };
    let error = simulate(&truth, &empty, Seed(1), &mut Full, &Silent).unwrap_err();
    assert!(matches!(error, Error::Config { key: "block_frames", .. }));
    assert!(matches!(rollout(&truth, &[0.0; 3], 5), Err(Error::Shape { .. })));
    let mut start = [0.0; 150];
    start[7] = f32::NAN;
    assert!(matches!(rollout(&truth, &start, 5), Err(Error::Entry { place, .. }) if place == [7]));
    let broken = Truth { cell_type: vec![0; 149], ..truth };
    assert!(matches!(rollout(&broken, &[0.0; 149], 5), Err(Error::Truth(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Naming the neurons in another order moves the columns of the result and changes nothing else.
    #[test]
    fn relabelling_neurons_permutes_the_frames(n in 2_usize..40, shift in 1_usize..40) {
        let config = AssemblyConfig {
            n_neurons: n,
            types: TypeSet::Custom(vec![AssemblyType { width: 2.0, ..AssemblyType::default() }; 2]),
            connectivity: ConnectivityConfig { law: WeightLaw::Gaussian, ..ConnectivityConfig::default() },
            ..AssemblyConfig::default()
        };
        let truth = drawn(&config);
        let order: Vec<usize> = (0..n).map(|neuron| (neuron + shift) % n).collect();
        let moved = Truth {
            weight_matrix: truth.weight_matrix.select(Axis(0), &order).select(Axis(1), &order),
            cell_type: order.iter().map(|&neuron| truth.cell_type[neuron]).collect(),
            ..truth.clone()
        };
        let start: Vec<f32> = (0..n).map(|neuron| neuron as f32 * 0.1 - 1.0).collect();
        let moved_start: Vec<f32> = order.iter().map(|&neuron| start[neuron]).collect();
        let expected = rollout(&truth, &start, 50).unwrap().select(Axis(1), &order);
        let got = rollout(&moved, &moved_start, 50).unwrap();
        prop_assert!((&expected - &got).iter().all(|error| error.abs() < 1e-4));
    }
}
