//! Theorems and recovery of the weight-manifold family: trained weights against the closed form, latents against the truth.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use ndarray::{Array2, ArrayView2};
use neuroloom_core::{Seed, Silent};
use neuroloom_models::weight_manifold::{
    Autoencoder, AutoencoderConfig, Centring, ClosedForm, Constraint, Corruption, EmbeddingMethod,
    ExtractConfig, HiddenActivation, ManifoldScores, Moments, NeuronTruth, Penalty, Reading, Recipe, Solver,
    StressConfig, StressSubject, Trained, Weights, score, stress, train,
};
use neuroloom_sim::{LatentGroup, LatentInputConfig, LatentInputs, LatentSpace, draw_latent_inputs};

fn inputs(spaces: &[LatentSpace], fields: Option<usize>) -> (LatentInputConfig, LatentInputs) {
    let group = |&space: &LatentSpace| LatentGroup { fields_per_axis: fields, ..LatentGroup::of(space) };
    let config =
        LatentInputConfig { groups: spaces.iter().map(group).collect(), ..LatentInputConfig::default() };
    let inputs = draw_latent_inputs(&config, Seed(7)).unwrap();
    (config, inputs)
}

fn trained(inputs: &LatentInputs, config: &AutoencoderConfig) -> Trained {
    train(inputs.train.view(), config, Seed(3), &Silent).unwrap()
}

fn relative_error(found: &Array2<f64>, expected: &Array2<f64>) -> f64 {
    let norm = |matrix: &Array2<f64>| matrix.iter().map(|value| value * value).sum::<f64>().sqrt();
    norm(&(found - expected)) / norm(expected)
}

fn input_gram(model: &Autoencoder) -> Array2<f64> {
    model.input_weights.t().dot(&model.input_weights)
}

fn read(
    model: Autoencoder,
    (config, inputs): (&LatentInputConfig, &LatentInputs),
    extract: &ExtractConfig,
) -> Vec<ManifoldScores> {
    let weights = Weights { outgoing: Some(model.input_weights), incoming: Some(model.output_weights) };
    let truth = NeuronTruth::of_inputs(&inputs.neurons, &config.groups);
    let points = weights.points(extract, Seed(1)).unwrap();
    let reading = Reading::of(points.view(), extract, Seed(1)).unwrap();
    let scored = reading
        .manifolds
        .iter()
        .map(|one| score((points.view(), one), Some(&truth), extract, Seed(1)).unwrap());
    scored.collect()
}

fn value(scores: &ManifoldScores, name: &str) -> f64 {
    scores.agreement.iter().find(|score| score.name == name).unwrap_or_else(|| panic!("{name}")).value
}

fn theorem(inputs: ArrayView2<'_, f64>, penalty: &Penalty, hidden: usize) -> ClosedForm {
    ClosedForm::solve(&Moments::of(inputs, Centring::Raw).unwrap(), penalty, hidden).unwrap()
}

#[test]
fn training_reaches_the_closed_form() {
    let (_, ring) = inputs(&[LatentSpace::Ring], None);
    for (solver, l2) in [(Solver::Lbfgs, 1e-4), (Solver::Lbfgs, 1e-3), (Solver::Adam, 1e-3)] {
        let config =
            AutoencoderConfig { solver, l2, gain: Some(1.0), steps: 3000, ..AutoencoderConfig::default() };
        let found = trained(&ring, &config);
        let expected = theorem(ring.train.view(), &found.training.penalty, 50);
        let error = relative_error(&input_gram(&found.model), &expected.input_gram());
        println!(
            "{solver:?} {l2}: A'A {error:.1e}, asymmetry {:.1e}, {} steps",
            found.model.asymmetry(),
            found.training.steps
        );
        assert!(error < 0.01 && found.training.converged, "{solver:?} {l2}: {error}");
        assert!(found.model.asymmetry() < 0.05);
    }
}

#[test]
fn unequal_prices_share_the_norm_as_the_theorem_says() {
    let (_, ring) = inputs(&[LatentSpace::Ring], Some(30));
    let config = AutoencoderConfig {
        hidden: 20,
        l2: 4e-3,
        l2_output: Some(1e-3),
        solver: Solver::Lbfgs,
        gain: Some(0.5),
        ..AutoencoderConfig::default()
    };
    let found = trained(&ring, &config);
    let expected = theorem(ring.train.view(), &found.training.penalty, 20);
    let error = relative_error(&input_gram(&found.model), &expected.input_gram());
    assert!(error < 1e-4, "{error}");
    // |A| / |B| = (lam_B / lam_A)^(1/2) = 1/2
    let norm = |matrix: &Array2<f64>| matrix.iter().map(|value| value * value).sum::<f64>().sqrt();
    let ratio = norm(&found.model.input_weights) / norm(&found.model.output_weights);
    assert!((ratio - 0.5).abs() < 1e-4, "{ratio}");
    let last = found.training.history.last().unwrap().loss;
    assert!((last / expected.loss - 1.0).abs() < 1e-8, "{last} {}", expected.loss);
}

#[test]
fn an_activity_price_has_its_own_closed_form() {
    let (_, ring) = inputs(&[LatentSpace::Ring], Some(30));
    let config = AutoencoderConfig {
        hidden: 20,
        l2: 0.0,
        l2_output: Some(1e-3),
        activity: 1e-2,
        solver: Solver::Lbfgs,
        gain: Some(0.01),
        ..AutoencoderConfig::default()
    };
    let found = trained(&ring, &config);
    let expected = theorem(ring.train.view(), &found.training.penalty, 20);
    let outputs = found.model.output_weights.dot(&found.model.output_weights.t());
    let error = relative_error(&outputs, &expected.output_gram());
    assert!(error < 1e-2, "{error}");
    let last = found.training.history.last().unwrap().loss;
    assert!((last / expected.loss - 1.0).abs() < 1e-4, "{last} {}", expected.loss);
}

#[test]
fn the_balance_decays_as_the_flow_says() {
    // d/dt (A A' - B'B) = -2 lam (A A' - B'B): over t = steps * rate the distance shrinks by exp(-2 lam t).
    let (_, ring) = inputs(&[LatentSpace::Ring], Some(20));
    let (l2, rate, steps) = (0.01, 0.02, 5000);
    let config = AutoencoderConfig {
        hidden: 10,
        l2,
        rate,
        steps,
        solver: Solver::GradientFlow,
        gain: Some(1.0),
        ..AutoencoderConfig::default()
    };
    let run = |steps: usize| {
        let model = trained(&ring, &AutoencoderConfig { steps, ..config.clone() }).model;
        model.input_weights.dot(&model.input_weights.t())
            - model.output_weights.t().dot(&model.output_weights)
    };
    let (first, last) = (run(1), run(steps));
    let norm = |matrix: &Array2<f64>| matrix.iter().map(|value| value * value).sum::<f64>().sqrt();
    let (found, expected) = (norm(&last) / norm(&first), (-2.0 * l2 * rate * (steps - 1) as f64).exp());
    println!("balance {found:.6}, exp(-2 lam t) {expected:.6}");
    assert!((found / expected - 1.0).abs() < 2e-3, "{found} {expected}");
}

#[test]
fn priced_sizes_and_signs_are_kept_exactly() {
    let (_, ring) = inputs(&[LatentSpace::Ring], Some(40));
    let base = AutoencoderConfig { hidden: 20, gain: Some(0.5), steps: 6000, ..AutoencoderConfig::default() };
    let zeros = |model: &Autoencoder| {
        let weights = model.input_weights.iter().chain(&model.output_weights);
        weights.filter(|weight| **weight == 0.0).count() as f64 / (2 * 20 * 40) as f64
    };
    for solver in [Solver::Proximal, Solver::Adam] {
        let sparse = trained(&ring, &AutoencoderConfig { l2: 0.0, l1: 5e-5, solver, ..base.clone() });
        println!(
            "{solver:?}: zeros {:.2}, balance {:?}",
            zeros(&sparse.model),
            sparse.training.balance_error
        );
        // Some weights are exactly zero, and the network is not.
        assert!((0.2..0.95).contains(&zeros(&sparse.model)), "{solver:?}");
        let positive =
            AutoencoderConfig { l2: 1e-4, constraint: Constraint::NonNegative, solver, ..base.clone() };
        let positive = trained(&ring, &positive).model;
        assert!(positive.input_weights.iter().chain(&positive.output_weights).all(|weight| *weight >= 0.0));
        let dale =
            trained(&ring, &AutoencoderConfig { constraint: Constraint::Dale, solver, ..base.clone() }).model;
        for column in dale.input_weights.columns() {
            let signs: Vec<f64> =
                column.iter().filter(|weight| **weight != 0.0).map(|weight| weight.signum()).collect();
            assert!(signs.windows(2).all(|pair| pair[0] == pair[1]), "{solver:?}");
        }
    }
    let tied = trained(
        &ring,
        &AutoencoderConfig { constraint: Constraint::Tied, solver: Solver::Adam, steps: 300, ..base },
    );
    assert_eq!(tied.model.asymmetry(), 0.0);
}

#[test]
fn a_ring_is_read_where_weights_have_a_price_and_only_there() {
    let (config, ring) = inputs(&[LatentSpace::Ring], None);
    let extract = ExtractConfig::default();
    let priced = trained(&ring, &AutoencoderConfig::default()).model;
    let scores = &read(priced, (&config, &ring), &extract)[0];
    let shown = scores.agreement.iter().find(|score| score.name == "ring_resultant").unwrap();
    assert!(shown.value >= 0.99 && shown.null_most < 0.6, "{shown:?}");
    let unpaid = AutoencoderConfig { l2: 0.0, gain: Some(1.0), steps: 1000, ..AutoencoderConfig::default() };
    for seed in 0..2 {
        let model = train(ring.train.view(), &unpaid, Seed(seed), &Silent).unwrap().model;
        let found = value(&read(model, (&config, &ring), &extract)[0], "ring_resultant");
        assert!(found <= 0.4, "seed {seed}: {found}");
    }
    let relu = AutoencoderConfig {
        activation: HiddenActivation::Relu,
        gain: Some(1.0),
        steps: 1500,
        rounds: 1,
        polish: 0,
        ..AutoencoderConfig::default()
    };
    let found = value(&read(trained(&ring, &relu).model, (&config, &ring), &extract)[0], "ring_resultant");
    assert!(found >= 0.99, "relu: {found}");
}

#[test]
fn every_way_to_few_coordinates_shows_the_angle() {
    let (config, ring) = inputs(&[LatentSpace::Ring], Some(60));
    let model = trained(&ring, &AutoencoderConfig { l2: 1e-3, ..AutoencoderConfig::default() }).model;
    use EmbeddingMethod::{Isomap, Laplacian, Mds, Pca, Tsne, Umap};
    for method in [Isomap, Laplacian, Pca, Mds, Tsne, Umap] {
        let extract = ExtractConfig { method, shuffles: 2, ..ExtractConfig::default() };
        let scores = &read(model.clone(), (&config, &ring), &extract)[0];
        let shown = scores.agreement.iter().find(|score| score.name == "ring_resultant").unwrap();
        assert!(shown.value > 0.9 && shown.null_most < 0.6, "{method:?}: {shown:?}");
    }
}

#[test]
fn sheets_and_groups_are_read() {
    let relative = AutoencoderConfig {
        hidden: 100,
        l2: 0.01,
        penalty_unit: neuroloom_models::weight_manifold::PenaltyUnit::LargestEigenvalue,
        ..AutoencoderConfig::default()
    };
    let (config, square) = inputs(&[LatentSpace::Square], None);
    let extract = ExtractConfig { shuffles: 3, ..ExtractConfig::default() };
    let found =
        value(&read(trained(&square, &relative).model, (&config, &square), &extract)[0], "procrustes_r2");
    assert!(found >= 0.99, "square: {found}");
    let (config, torus) = inputs(&[LatentSpace::Torus], None);
    let extract = ExtractConfig { neighbours: Some(12), ..extract };
    let scores = read(trained(&torus, &relative).model, (&config, &torus), &extract);
    let (geodesic, straight) =
        (value(&scores[0], "geodesic_spearman"), value(&scores[0], "euclidean_spearman"));
    assert!(geodesic >= 0.98 && straight < 0.5, "torus: {geodesic} {straight}");
    let (config, two) = inputs(&[LatentSpace::Ring, LatentSpace::Interval], Some(60));
    let biased = AutoencoderConfig {
        biases: neuroloom_models::weight_manifold::Biases::On,
        ..AutoencoderConfig::default()
    };
    let extract = ExtractConfig { neighbours: Some(5), ..extract };
    let scores = read(trained(&two, &biased).model, (&config, &two), &extract);
    assert_eq!(scores.len(), 2);
    assert!(scores.iter().all(|one| one.purity == Some(1.0) && one.n_known == 60));
    assert!(value(&scores[0], "ring_resultant").max(value(&scores[1], "procrustes_r2")) > 0.99);
}

#[test]
fn damage_lowers_the_score_where_it_should() {
    let (config, ring) = inputs(&[LatentSpace::Ring], None);
    let model = trained(&ring, &AutoencoderConfig::default()).model;
    let weights = Weights { outgoing: Some(model.input_weights), incoming: Some(model.output_weights) };
    let truth = NeuronTruth::of_inputs(&ring.neurons, &config.groups);
    let tried = StressConfig { corruptions: vec![Corruption::Noise, Corruption::Deletion], draws: 10 };
    let subject = StressSubject { weights: &weights, truth: Some(&truth), recipe: None };
    let curves = stress(subject, (&tried, &ExtractConfig::default()), Seed(1), &Silent).unwrap();
    let at = |curve: usize, level: f64| {
        let found = curves[curve].points.iter().find(|point| point.level == level);
        found.and_then(|point| point.mean).unwrap()
    };
    println!(
        "noise {:.3} {:.3}, deletion {:.3}, null {:.3}",
        at(0, 0.7),
        at(0, 1.0),
        at(1, 0.3),
        curves[0].null
    );
    assert!(at(0, 0.7) > 0.9 && at(0, 1.0) < 0.9, "{} {}", at(0, 0.7), at(0, 1.0));
    assert!(at(1, 0.3) >= 0.98, "{}", at(1, 0.3));
    assert!(curves[0].null < 0.5);
}

#[test]
fn noise_on_the_inputs_hides_the_ring_once_its_variance_is_above_the_price() {
    let (config, ring) = inputs(&[LatentSpace::Ring], None);
    let truth = NeuronTruth::of_inputs(&ring.neurons, &config.groups);
    let tried = StressConfig { corruptions: vec![Corruption::InputNoise], draws: 3 };
    let extract = ExtractConfig { shuffles: 3, ..ExtractConfig::default() };
    let squares = ring.train.iter().map(|value| value * value).sum::<f64>();
    let rms = (squares / ring.train.len() as f64).sqrt();
    let score_of = |l2: f64| {
        let model = AutoencoderConfig { l2, ..AutoencoderConfig::default() };
        let network = trained(&ring, &model).model;
        let weights =
            Weights { outgoing: Some(network.input_weights), incoming: Some(network.output_weights) };
        let recipe = Recipe { inputs: config.clone(), model };
        let subject = StressSubject { weights: &weights, truth: Some(&truth), recipe: Some(&recipe) };
        let points = stress(subject, (&tried, &extract), Seed(1), &Silent).unwrap().remove(0).points;
        let read = points.iter().map(|point| (point.level * rms, point.mean.unwrap()));
        read.collect::<Vec<(f64, f64)>>()
    };
    for l2 in [1e-4_f64, 1e-3] {
        let (below, above): (Vec<_>, Vec<_>) =
            score_of(l2).into_iter().partition(|(noise, _)| noise * noise < 0.8 * l2);
        assert!(below.iter().all(|(_, score)| *score > 0.99), "{l2}: {below:?}");
        let drowned = above.iter().filter(|(noise, _)| noise * noise > 2.5 * l2);
        assert!(drowned.clone().count() > 0, "{l2}: {above:?}");
        assert!(drowned.clone().all(|(_, score)| *score < 0.7), "{l2}: {above:?}");
    }
    let weights = Weights { outgoing: Some(Array2::zeros((5, 100))), incoming: None };
    let subject = StressSubject { weights: &weights, truth: None, recipe: None };
    let refused = stress(subject, (&tried, &extract), Seed(1), &Silent).unwrap_err();
    assert!(refused.to_string().contains("input-noise"), "{refused}");
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let (config, ring) = inputs(&[LatentSpace::Ring], Some(40));
    let settings = AutoencoderConfig {
        solver: Solver::Adam,
        gain: Some(1.0),
        steps: 200,
        rounds: 1,
        ..AutoencoderConfig::default()
    };
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let model = trained(&ring, &settings).model;
            let scores = read(model.clone(), (&config, &ring), &ExtractConfig::default());
            (model, scores)
        })
    };
    assert_eq!(run(1), run(2));
}
