//! Where trainings of the weight-manifold family end: places that no first-order change improves, told by a loss written
//! down anew, and no network where nothing is worth its price.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use ndarray::{Array1, Array2, ArrayView2};
use neuroloom_core::{Seed, Silent};
use neuroloom_models::weight_manifold::{
    Autoencoder, AutoencoderConfig, Biases, Centring, Constraint, Criterion, HiddenActivation, Moments,
    SilencingPrice, Solver, Trained, evaluate, train,
};
use neuroloom_sim::{LatentGroup, LatentInputConfig, LatentSpace, draw_latent_inputs};

/// A ring of `fields` neurons at `moments` moments.
fn ring(fields: usize, moments: usize) -> Array2<f64> {
    let group = LatentGroup {
        fields_per_axis: Some(fields),
        sigma: Some(vec![0.2]),
        ..LatentGroup::of(LatentSpace::Ring)
    };
    let config = LatentInputConfig { groups: vec![group], steps: moments, ..LatentInputConfig::default() };
    draw_latent_inputs(&config, Seed(5)).unwrap().train
}

fn small() -> AutoencoderConfig {
    AutoencoderConfig { hidden: 5, gain: Some(1.0), batch: 50, steps: 1500, ..AutoencoderConfig::default() }
}

fn trained(inputs: &Array2<f64>, config: &AutoencoderConfig) -> Trained {
    train(inputs.view(), config, Seed(3), &Silent).unwrap()
}

/// The loss as the documentation writes it, without the price of sizes; one input and one unit at a time.
fn plain_loss(model: &Autoencoder, inputs: ArrayView2<'_, f64>, l2: f64) -> f64 {
    let mut sum = 0.0;
    for x in inputs.rows() {
        let mut output: Vec<f64> = model.output_bias.to_vec();
        for unit in 0..model.n_hidden() {
            let z = model.hidden_bias[unit]
                + model.input_weights.row(unit).iter().zip(x).map(|(weight, x)| weight * x).sum::<f64>();
            let h = if model.activation == HiddenActivation::Relu { z.max(0.0) } else { z };
            for (output, weight) in output.iter_mut().zip(model.output_weights.column(unit)) {
                *output += weight * h;
            }
        }
        sum += 0.5 * output.iter().zip(x).map(|(output, x)| (x - output).powi(2)).sum::<f64>();
    }
    let weights = model.input_weights.iter().chain(&model.output_weights);
    sum / inputs.nrows() as f64 + 0.5 * l2 * weights.map(|weight| weight * weight).sum::<f64>()
}

/// Slope of the plain loss along weight `place` of A (`side` 0) or B (`side` 1).
fn slope(model: &Autoencoder, inputs: ArrayView2<'_, f64>, l2: f64, (side, place): (usize, usize)) -> f64 {
    let at = |change: f64| {
        let mut moved = model.clone();
        let weights = if side == 0 { &mut moved.input_weights } else { &mut moved.output_weights };
        *weights.iter_mut().nth(place).unwrap() += change;
        plain_loss(&moved, inputs, l2)
    };
    (at(1e-5) - at(-1e-5)) / 2e-5
}

/// Every weight: what pulls it, over the price.
fn worst_pull(model: &Autoencoder, inputs: ArrayView2<'_, f64>, (l1, l2): (f64, f64), sign: f64) -> f64 {
    let mut worst = 0.0_f64;
    for (side, weights) in [(0, &model.input_weights), (1, &model.output_weights)] {
        for (place, &weight) in weights.iter().enumerate() {
            let slope = slope(model, inputs, l2, (side, place));
            let left = if weight != 0.0 {
                (slope + l1 * weight.signum()).abs()
            } else if sign > 0.0 {
                // Such a weight can only grow.
                (-slope - l1).max(0.0)
            } else {
                (slope.abs() - l1).max(0.0)
            };
            worst = worst.max(left);
        }
    }
    worst
}

#[test]
fn an_l1_minimum_satisfies_the_subgradient_conditions() {
    let inputs = ring(12, 250);
    let l1 = 2e-4;
    let priced = AutoencoderConfig { l2: 0.0, l1, stationarity: 1e-4, ..small() };
    let relu = AutoencoderConfig { activation: HiddenActivation::Relu, ..priced.clone() };
    let signed = AutoencoderConfig { constraint: Constraint::NonNegative, ..relu.clone() };
    for (config, sign) in [(&priced, 0.0), (&relu, 0.0), (&signed, 1.0)] {
        let found = trained(&inputs, config);
        let worst = worst_pull(&found.model, inputs.view(), (l1, 0.0), sign) / l1;
        let record = &found.training;
        println!(
            "{:?} {:?}: worst pull {worst:.1e} of the price, {record:?}",
            config.activation, config.constraint
        );
        assert!(record.converged && record.criterion == Criterion::Stationarity, "{record:?}");
        assert!(worst < 0.01, "{:?} {:?}: {worst}", config.activation, config.constraint);
        let scores = evaluate((&found.model, record), (inputs.view(), inputs.view()), config).unwrap();
        // A network, with exact zeros, that is worth its price.
        assert!((0.2..1.0).contains(&scores.zero_share), "{}", scores.zero_share);
        assert!(scores.loss_share.unwrap() < 0.9, "{:?}", scores.loss_share);
        let sizes = found.model.input_weights.iter().chain(&found.model.output_weights);
        let loss =
            plain_loss(&found.model, inputs.view(), 0.0) + l1 * sizes.map(|one| one.abs()).sum::<f64>();
        assert!((loss / record.loss.unwrap() - 1.0).abs() < 1e-9, "{loss} {:?}", record.loss);
    }
}

#[test]
fn adam_alone_is_not_at_a_minimum_and_says_so() {
    let inputs = ring(12, 250);
    let config = AutoencoderConfig {
        l2: 0.0,
        l1: 2e-4,
        activation: HiddenActivation::Relu,
        polish: 0,
        rounds: 1,
        ..small()
    };
    let record = trained(&inputs, &config).training;
    let left = record.stationarity.unwrap();
    assert!(left > 10.0 * config.stationarity, "{left}");
    assert!(!record.converged && record.criterion == Criterion::Balance, "{record:?}");
}

#[test]
fn an_l2_minimum_of_a_relu_network_has_no_slope() {
    let inputs = ring(12, 250);
    let config =
        AutoencoderConfig { l2: 1e-3, activation: HiddenActivation::Relu, stationarity: 1e-4, ..small() };
    let found = trained(&inputs, &config);
    assert!(found.training.converged, "{:?}", found.training);
    let weights = found.model.input_weights.iter().chain(&found.model.output_weights);
    let largest = weights.fold(0.0_f64, |most, weight| most.max(weight.abs()));
    let worst = worst_pull(&found.model, inputs.view(), (0.0, 1e-3), 0.0) / (1e-3 * largest);
    assert!(worst < 0.01, "{worst}");
}

#[test]
fn above_the_silencing_price_there_is_no_network_and_that_is_the_minimum() {
    let inputs = ring(12, 250);
    let moments = Moments::of(inputs.view(), Centring::Raw).unwrap();
    let at = |l1: f64| AutoencoderConfig { l2: 0.0, l1, steps: 20_000, ..small() };
    let price = SilencingPrice::of(&moments, &at(1.0)).unwrap().unwrap();
    for activation in [HiddenActivation::Identity, HiddenActivation::Relu] {
        let steps = if activation == HiddenActivation::Relu { 1500 } else { 20_000 };
        let config = AutoencoderConfig {
            biases: Biases::Off,
            activation,
            steps,
            // Prices a little above the bound need long to silence a large start.
            ..at(2.0 * price.none_pays_from)
        };
        let found = trained(&inputs, &config);
        let scores =
            evaluate((&found.model, &found.training), (inputs.view(), inputs.view()), &config).unwrap();
        assert_eq!(scores.zero_share, 1.0, "{activation:?}");
        assert!((scores.loss_share.unwrap() - 1.0).abs() < 1e-12, "{activation:?} {:?}", scores.loss_share);
        assert!(found.training.converged && found.training.stationarity.unwrap() < 1e-9, "{activation:?}");
    }
    // L2 says it exactly.
    let largest = moments.spectrum().unwrap().values[0];
    for (share, expected) in [(0.99, false), (1.01, true)] {
        let config = AutoencoderConfig { l2: share * largest, ..small() };
        let found = trained(&inputs, &config);
        assert_eq!(found.model.input_weights.iter().all(|weight| *weight == 0.0), expected, "{share}");
    }
}

#[test]
fn the_imbalance_of_a_flow_fades_at_twice_the_price() {
    let inputs = ring(20, 1000);
    for l2 in [1e-3, 1e-4] {
        let config = AutoencoderConfig {
            hidden: 10,
            l2,
            rate: 0.1,
            steps: 20_000,
            solver: Solver::GradientFlow,
            ..small()
        };
        let decay = trained(&inputs, &config).training.balance_decay.unwrap();
        println!("{l2}: rate {:.8}, law {:.8}", decay.rate, decay.law);
        assert_eq!(decay.law, 2.0 * l2);
        assert!((decay.rate / decay.law - 1.0).abs() < 0.01, "{l2}: {decay:?}");
    }
    // Two prices have no common rate.
    let unequal = AutoencoderConfig {
        l2: 1e-3,
        l2_output: Some(2e-3),
        steps: 10,
        solver: Solver::GradientFlow,
        ..small()
    };
    assert_eq!(trained(&inputs, &unequal).training.balance_decay, None);
}

#[test]
fn rows_of_a_trained_network_do_not_depend_on_threads() {
    let inputs = ring(12, 600);
    let config = AutoencoderConfig {
        l2: 0.0,
        l1: 2e-4,
        activation: HiddenActivation::Relu,
        steps: 200,
        rounds: 1,
        polish: 200,
        ..small()
    };
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| trained(&inputs, &config)).model;
        let rows: Vec<Array1<f64>> =
            found.input_weights.rows().into_iter().map(|row| row.to_owned()).collect();
        (rows, found.output_weights)
    };
    assert_eq!(run(1), run(2));
}
