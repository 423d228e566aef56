use std::sync::LazyLock;

use ndarray::Array2;
use neuroloom_analysis::readout::FoldConfig;
use neuroloom_core::{Circuit, CircuitOrigin, Connectome, EdgeList, NeuronId, NeuronTable, Seed, Silent};
use proptest::prelude::*;
use rand::RngExt;

use super::*;
use crate::Error;
use crate::circuit_vae::directions::CodedCircuits;

const N: usize = 40;
const LATENT: usize = 6;

fn place(neuron: usize) -> [f64; 3] {
    [(neuron % 7) as f64 * 25.0, (neuron / 7) as f64 * 25.0, 0.0]
}

/// A stand-in for a trained decoder: z0 sets density, z1 reciprocity, z2 locality; the rest does nothing.
fn decode(code: &[f64], tilt: &Tilt, seed: Seed) -> Result<Circuit, Error> {
    let mut rng = seed.rng();
    let mut edges = EdgeList::default();
    let distance = |i: usize, j: usize| {
        let (a, b) = (place(i), place(j));
        a.iter().zip(&b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt() / 100.0
    };
    for i in 0..N {
        for j in i + 1..N {
            let own = Tilt {
                density: -2.2 + 0.25 * code[0],
                reciprocity: 1.0 + 0.5 * code[1],
                distance: -0.8 - 0.6 * code[2],
                same_type: 0.0,
            };
            let excess = distance(i, j) - 0.9;
            let same = i % 2 == j % 2;
            let states = tilt.apply(own.apply([0.25; 4], excess, same), excess, same);
            let mut left: f32 = rng.random();
            let state = states
                .iter()
                .position(|p| {
                    left -= p;
                    left < 0.0
                })
                .unwrap_or(0);
            for (bit, pre, post) in [(1, i, j), (2, j, i)] {
                if state & bit != 0 {
                    edges.pre.push(pre as u32);
                    edges.post.push(post as u32);
                }
            }
        }
    }
    let table = NeuronTable::new(NeuronId::numbered(N))?.with_position_um((0..N).map(place).collect())?;
    Ok(Circuit::new(
        Connectome::new(table, edges)?,
        CircuitOrigin { seed: seed.0, ..CircuitOrigin::default() },
    ))
}

fn names() -> Vec<String> {
    TARGETS.map(str::to_owned).to_vec()
}

struct Fitted {
    space: CodeSpace,
    circuits: Vec<Circuit>,
}

static FITTED: LazyLock<Fitted> = LazyLock::new(|| {
    let mut rng = Seed(1).rng();
    // Roughly normal: sums of uniform numbers.
    let mut normal = || (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0;
    let codes = Array2::from_shape_simple_fn((200, LATENT), &mut normal);
    let circuits: Vec<Circuit> = (0..200)
        .map(|row| decode(&codes.row(row).to_vec(), &Tilt::default(), Seed(5).nth(row as u64)).unwrap())
        .collect();
    let values: Vec<f64> = circuits.iter().flat_map(measure_targets).collect();
    let metrics = Array2::from_shape_vec((200, TARGETS.len()), values).unwrap();
    let size = Array2::from_shape_fn((200, 2), |(row, k)| if k == 0 { N as f64 } else { metrics[[row, 0]] });
    let coded = CodedCircuits { codes: codes.view(), metrics: metrics.view(), size: size.view() };
    let space = CodeSpace::fit(&names(), &coded, &FoldConfig::default()).unwrap();
    Fitted { space, circuits }
});

fn generator() -> Generator<'static> {
    Generator { decode: &decode, measure: &measure_targets }
}

fn curve(controller: Controller, metric: &str, n_beyond: usize) -> ControlCurve {
    let space = &FITTED.space;
    let training: Vec<&Circuit> = FITTED.circuits.iter().collect();
    let config = CurveConfig { n_values: 5, n_beyond, n_draws: 48, ..CurveConfig::default() };
    let metric = space.metric(metric).unwrap();
    control_curve(controller, (&generator(), space), metric, (&config, &training), (Seed(3), &Silent))
        .unwrap()
}

#[test]
fn the_closed_loop_reaches_what_is_asked_for() {
    for metric in TARGETS {
        let found = curve(Controller::ClosedLoopTilt, metric, 0);
        assert!(found.spearman >= 0.95, "{metric}: {} {:?}", found.spearman, found.reached);
        assert!(found.relative_error <= 0.05, "{metric}: {}", found.relative_error);
        assert!((found.slope - 1.0).abs() < 0.15, "{metric}: {}", found.slope);
    }
}

#[test]
fn on_what_the_code_holds_every_controller_follows_and_the_loop_is_nearest() {
    let metric = "reciprocity";
    let error = |controller: Controller| {
        let found = curve(controller, metric, 0);
        assert!(found.spearman >= 0.9, "{}: {}", controller.name(), found.spearman);
        assert!(found.mean_absolute_error_sd < found.unsteered_error_sd + 0.5, "{}", controller.name());
        let untilted = found.points.iter().all(|point| point.outcome.tilt.is_none());
        assert!(controller == Controller::ClosedLoopTilt || untilted);
        found.relative_error
    };
    let closed = error(Controller::ClosedLoop);
    assert!(closed <= 0.05, "{closed}");
    for open in [Controller::Line, Controller::LineOrth, Controller::LineMahalanobis, Controller::Gradient] {
        assert!(error(open) >= 0.5 * closed);
    }
}

#[test]
fn several_targets_are_met_at_once_and_held_metrics_stay() {
    let space = &FITTED.space;
    let target = |name: &str, value| Target { metric: space.metric(name).unwrap(), value };
    let low = space.metrics()[0].low;
    let targets = [target("edges", low), target("reciprocity", 0.45)];
    let training: Vec<&Circuit> = FITTED.circuits.iter().collect();
    let request = Request { start: space.mean_code(), targets: &targets, held: &[] };
    let config = SteeringConfig::default();
    let (outcome, circuits) = synthesize(
        Controller::ClosedLoop,
        (&generator(), space),
        &request,
        (&config, &training, 64),
        Seed(7),
    )
    .unwrap();
    assert_eq!(circuits.len(), 64);
    for one in &outcome.targets {
        assert!(one.relative_error < 0.05, "{one:?}");
    }
    assert!(outcome.tilt.is_none() && outcome.novelty.unique == 1.0, "{outcome:?}");
    assert!(outcome.novelty.nearest_training > 0.0 && (0.0..=1.0).contains(&outcome.prior_percentile));
    // Reciprocity alone, edges held.
    let held = [space.metric("edges").unwrap()];
    let targets = [target("reciprocity", 0.5)];
    let request = Request { start: space.mean_code(), targets: &targets, held: &held };
    let (outcome, _) = synthesize(
        Controller::ClosedLoop,
        (&generator(), space),
        &request,
        (&config, &training, 64),
        Seed(8),
    )
    .unwrap();
    let edges = outcome.side_effects.iter().find(|(name, _)| name == "edges").unwrap().1;
    assert!(edges.abs() < 0.4 && outcome.targets[0].relative_error < 0.06, "{outcome:?}");
}

#[test]
fn a_probed_space_follows_the_decoder_where_training_circuits_mislead() {
    // Training circuits whose edges go with the last number, which the decoder does not use.
    let known = &FITTED.space;
    let (codes, mut metrics) = (known.training_codes().to_owned(), known.training_metrics().to_owned());
    let edges = &known.metrics()[0];
    metrics.column_mut(0).assign(&(&codes.column(LATENT - 1) * edges.sd + edges.mean));
    let size = Array2::from_elem((codes.nrows(), 2), 1.0);
    let coded = CodedCircuits { codes: codes.view(), metrics: metrics.view(), size: size.view() };
    let misled = CodeSpace::fit(&names(), &coded, &FoldConfig::default()).unwrap();
    let probed = misled.clone().probed(&generator(), Seed(2)).unwrap();
    let error = |space: &CodeSpace| {
        let targets = [Target { metric: 0, value: space.metrics()[0].high }];
        let request = Request { start: space.mean_code(), targets: &targets, held: &[] };
        let how = (&SteeringConfig::default(), &[][..], 64);
        let model = (&generator(), space);
        let (outcome, _) = synthesize(Controller::ClosedLoop, model, &request, how, Seed(3)).unwrap();
        outcome.targets[0].relative_error
    };
    let (without, with) = (error(&misled), error(&probed));
    assert!(with < 0.05 && without > 0.1, "{with} {without}");
}

#[test]
fn the_line_meets_its_own_prediction_exactly() {
    let space = &FITTED.space;
    let targets = [Target { metric: 0, value: space.metrics()[0].high }, Target { metric: 1, value: 0.3 }];
    let request = Request { start: space.mean_code(), targets: &targets, held: &[] };
    let run = |controller, targets: &[Target]| {
        let request = Request { targets, ..request };
        steer(controller, (&generator(), space), &request, (&SteeringConfig::default(), None), Seed(1))
            .unwrap()
    };
    let one = run(Controller::Line, &targets[..1]);
    assert!((one.expected[0] - targets[0].value).abs() < 1e-9);
    let both = run(Controller::LineOrth, &targets);
    for (expected, target) in both.expected.iter().zip(&targets) {
        assert!(
            (expected - target.value).abs() < 1e-5 * target.value.abs().max(1.0),
            "{expected} {target:?}"
        );
    }
    // For one target the two are the same step.
    let orth = run(Controller::LineOrth, &targets[..1]);
    for (a, b) in one.code.iter().zip(&orth.code) {
        assert!((a - b).abs() < 1e-6);
    }
}

#[test]
fn a_reservoir_score_is_a_target_like_any_other() {
    use crate::circuit_vae::reservoir::{ReservoirConfig, Signs, Task, measure_scores};
    // Short runs: the test is about the path, not about the score.
    let config = ReservoirConfig {
        n_seeds: 1,
        train: 300,
        test: 200,
        signs: Signs::Unsigned,
        ..ReservoirConfig::default()
    };
    let measure = measure_scores(&config, &[Task::MemoryCapacity], Seed(4));
    let codes =
        Array2::from_shape_fn((60, LATENT), |(row, k)| ((row * (3 + 2 * k) + k) % 13) as f64 / 4.0 - 1.5);
    let values: Vec<f64> = (0..60)
        .map(|row| {
            measure(&decode(&codes.row(row).to_vec(), &Tilt::default(), Seed(6).nth(row as u64)).unwrap())[0]
        })
        .collect();
    let metrics = Array2::from_shape_vec((60, 1), values).unwrap();
    let size = Array2::from_elem((60, 2), 1.0);
    let coded = CodedCircuits { codes: codes.view(), metrics: metrics.view(), size: size.view() };
    let space = CodeSpace::fit(&["memory_capacity".to_owned()], &coded, &FoldConfig::default()).unwrap();
    let generator = Generator { decode: &decode, measure: &measure };
    let model = &space.metrics()[0];
    let targets = [Target { metric: 0, value: 0.5 * (model.mean + model.high) }];
    let request = Request { start: space.mean_code(), targets: &targets, held: &[] };
    let config =
        SteeringConfig { max_evaluations: 5, n_draws: 8, polish_draws: 0, ..SteeringConfig::default() };
    let (outcome, _) =
        synthesize(Controller::ClosedLoopTilt, (&generator, &space), &request, (&config, &[], 24), Seed(9))
            .unwrap();
    assert!(outcome.targets[0].relative_error < 0.1, "{outcome:?}");
}

#[test]
fn the_surrogate_knows_what_the_code_holds() {
    let surrogate = Surrogate::fit(&FITTED.space, &SurrogateConfig::default(), Seed(1)).unwrap();
    assert!(surrogate.r2_held_out()[0] > 0.7, "{:?}", surrogate.r2_held_out());
    assert_eq!(surrogate, Surrogate::fit(&FITTED.space, &SurrogateConfig::default(), Seed(1)).unwrap());
}

#[test]
fn each_regressor_finds_the_number_that_sets_the_edges() {
    use crate::circuit_vae::directions::{AttributionConfig, Regressor, attribute_metrics};
    let config = AttributionConfig { max_circuits: 60, max_background: 30, ..AttributionConfig::default() };
    for regressor in Regressor::ALL {
        let found = attribute_metrics(&FITTED.space, regressor, &config, Seed(1)).unwrap();
        let edges = found.attributions[0].mean_absolute();
        assert!(found.r2[0] > 0.6, "{regressor:?} {:?}", found.r2);
        assert!(edges.iter().skip(3).all(|other| *other < 0.5 * edges[0]), "{regressor:?} {edges}");
        let ratio = found.entanglement.participation_ratio[0];
        assert!((1.0..=6.0).contains(&ratio), "{regressor:?} {ratio}");
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let with = |n_threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| curve(Controller::ClosedLoop, "reciprocity", 0))
    };
    LazyLock::force(&FITTED);
    assert_eq!(with(1), with(3));
}

#[test]
fn requests_that_make_no_sense_are_refused() {
    let space = &FITTED.space;
    let run = |start: &[f64], targets: &[Target]| {
        let request = Request { start, targets, held: &[] };
        steer(Controller::Line, (&generator(), space), &request, (&SteeringConfig::default(), None), Seed(1))
    };
    let fine = [Target { metric: 0, value: 100.0 }];
    assert!(run(space.mean_code(), &fine).is_ok());
    assert!(run(&[0.0; 2], &fine).is_err());
    assert!(run(space.mean_code(), &[]).is_err());
    assert!(run(space.mean_code(), &[fine[0], fine[0]]).is_err());
    assert!(run(space.mean_code(), &[Target { metric: 99, value: 1.0 }]).is_err());
    assert!(run(space.mean_code(), &[Target { metric: 0, value: f64::NAN }]).is_err());
    assert_eq!(Controller::parse("line-orth"), Some(Controller::LineOrth));
    assert_eq!(Controller::ALL.map(|one| Controller::parse(one.name())), Controller::ALL.map(Some));
}

#[test]
fn distance_is_0_for_the_same_wiring_in_another_order_and_grows_with_change() {
    let one = &FITTED.circuits[0];
    let reversed = {
        let edges = one.connectome().edges();
        let turn = |ends: &[u32]| ends.iter().map(|&end| N as u32 - 1 - end).collect();
        let edges = EdgeList { pre: turn(&edges.pre), post: turn(&edges.post), ..EdgeList::default() };
        let table = NeuronTable::new(NeuronId::numbered(N)).unwrap();
        Circuit::new(Connectome::new(table, edges).unwrap(), CircuitOrigin::default())
    };
    assert_eq!(wiring_distance(one, &reversed), 0.0);
    let few = {
        let mut edges = one.connectome().edges().clone();
        edges.pre.truncate(edges.pre.len() - 2);
        edges.post.truncate(edges.post.len() - 2);
        let table = NeuronTable::new(NeuronId::numbered(N)).unwrap();
        Circuit::new(Connectome::new(table, edges).unwrap(), CircuitOrigin::default())
    };
    let (near, far) = (wiring_distance(one, &few), wiring_distance(one, &FITTED.circuits[1]));
    assert!(near > 0.0 && near < far, "{near} {far}");
}

proptest! {
    #[test]
    fn a_tilt_keeps_probabilities_and_moves_them_the_right_way(
        weights in prop::array::uniform4(0.01..1.0_f32), density in -3.0..3.0_f64, reciprocity in -3.0..3.0_f64
    ) {
        let total: f32 = weights.iter().sum();
        let states = weights.map(|weight| weight / total);
        let tilt = Tilt { density, reciprocity, ..Tilt::default() };
        let found = tilt.apply(states, 0.5, true);
        prop_assert!((found.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        // Odds ratios are what the tilt says, for each state against none.
        let log_odds = |p: [f32; 4], state: usize| f64::from(p[state] / p[0]).ln();
        prop_assert!((log_odds(found, 1) - log_odds(states, 1) - density).abs() < 1e-3);
        prop_assert!((log_odds(found, 3) - log_odds(states, 3) - 2.0 * density - reciprocity).abs() < 1e-3);
        // Swapping the neurons swaps the states.
        let swapped = tilt.apply([states[0], states[2], states[1], states[3]], 0.5, true);
        prop_assert!((swapped[1] - found[2]).abs() < 1e-6);
    }
}
