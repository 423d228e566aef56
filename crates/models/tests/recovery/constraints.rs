//! What is known of the wiring helps: a mask, signs and a price on edges, each beside the free fit. And one phi for
//! all neurons, where they are alike and where they are not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use crate::simulated::Simulated;
use ndarray::Array2;
use neuroloom_analysis::metrics::regression::linear_fit;
use neuroloom_core::{AssemblyType, Seed, Silent};
use neuroloom_models::Error;
use neuroloom_models::mechanism::{
    KnownWiring, Mechanism, Signs, SolveConfig, SolveInputs, Target, TransferChoice, UpdateChoice, solve,
};
use neuroloom_sim::{AssemblyConfig, ConnectivityConfig, SignRule, TypeSet};

/// 40 neurons, a fifth of the edges, process noise, Dale's law.
fn sparse() -> Simulated {
    let signs = SignRule::Dale { excitatory_fraction: 0.5 };
    let connectivity = ConnectivityConfig { filling_factor: 0.2, signs, ..ConnectivityConfig::default() };
    Simulated::new(&AssemblyConfig {
        n_neurons: 40,
        n_frames: 3000,
        noise_std: 0.15,
        burn_in: 200,
        connectivity,
        ..AssemblyConfig::default()
    })
}

fn known(simulated: &Simulated) -> KnownWiring {
    let weights = &simulated.truth.weight_matrix;
    KnownWiring {
        allowed: weights.mapv(|w| w != 0.0),
        sign: weights.mapv(|w| (w.signum() * w.abs().ceil()) as i8),
    }
}

/// Process noise is in the differences, so that there is something to gain.
fn config() -> SolveConfig {
    SolveConfig { target: Target::Difference, transfer: TransferChoice::Shared, ..SolveConfig::default() }
}

fn fit(simulated: &Simulated, config: &SolveConfig, known: Option<&KnownWiring>) -> Mechanism {
    let inputs = SolveInputs { recording: simulated.recording(), known, positions: None };
    solve(inputs, config, Seed(5), &Silent).unwrap()
}

fn r2(simulated: &Simulated, mechanism: &Mechanism) -> f64 {
    let flat = |matrix: Array2<f64>| matrix.iter().copied().collect::<Vec<f64>>();
    let truth = flat(simulated.truth.weight_matrix.mapv(f64::from));
    linear_fit(&truth, &flat(mechanism.weight_matrix.clone())).unwrap().r2_linear_fit
}

#[test]
fn each_constraint_holds_and_helps() {
    let simulated = sparse();
    let known = known(&simulated);
    let free = r2(&simulated, &fit(&simulated, &config(), None));
    assert!(free < 0.97, "nothing to gain: {free}");

    let masked = fit(&simulated, &config(), Some(&known));
    let absent = || known.allowed.indexed_iter().filter(|(_, allowed)| !**allowed).map(|(place, _)| place);
    assert!(absent().all(|place| masked.weight_matrix[place] == 0.0));
    assert!(absent().filter(|place| place.0 != place.1).all(|place| masked.standard_error[place] == 0.0));
    let of_mask = r2(&simulated, &masked);
    assert!(1.0 - of_mask < 0.5 * (1.0 - free), "{of_mask} {free}");

    let given = fit(&simulated, &SolveConfig { signs: Signs::Given, ..config() }, Some(&known));
    assert!(given.weight_matrix.iter().zip(&known.sign).all(|(&w, &sign)| w * f64::from(sign) >= 0.0));
    assert!(r2(&simulated, &given) > of_mask - 1e-3, "{} {of_mask}", r2(&simulated, &given));

    let dale = fit(&simulated, &SolveConfig { signs: Signs::Dale, ..config() }, None);
    for sender in dale.weight_matrix.columns() {
        assert!(sender.iter().all(|&w| w >= 0.0) || sender.iter().all(|&w| w <= 0.0));
    }
    assert!(1.0 - r2(&simulated, &dale) < 0.9 * (1.0 - free), "{} {free}", r2(&simulated, &dale));

    let priced = fit(&simulated, &SolveConfig { l1: 0.15, ..config() }, None);
    let kept = priced.weight_matrix.iter().filter(|&&w| w != 0.0).count();
    assert!(kept < 40 * 39 * 2 / 3, "{kept}");
    assert!(1.0 - r2(&simulated, &priced) < 0.9 * (1.0 - free), "{} {free}", r2(&simulated, &priced));
}

#[test]
fn signs_that_nobody_gives_are_refused() {
    let simulated = Simulated::baseline((12, 300), 0.0, 1.0);
    let inputs = SolveInputs::from(simulated.recording());
    let config = SolveConfig { signs: Signs::Given, ..config() };
    assert!(matches!(solve(inputs, &config, Seed(1), &Silent), Err(Error::Config { key: "signs", .. })));
}

#[test]
fn one_phi_is_right_only_where_neurons_are_alike() {
    let of = |types: TypeSet| {
        Simulated::new(&AssemblyConfig {
            n_neurons: 40,
            n_frames: 3000,
            noise_std: 1.0,
            burn_in: 200,
            types,
            ..AssemblyConfig::default()
        })
    };
    let shared = |simulated: &Simulated| {
        let config = SolveConfig { target: Target::Drift, update: UpdateChoice::Shared, ..config() };
        fit(simulated, &config, None)
    };
    let alike = of(TypeSet::Custom(vec![AssemblyType::default()]));
    let mechanism = shared(&alike);
    assert!(r2(&alike, &mechanism) > 0.999, "{}", r2(&alike, &mechanism));
    assert_eq!(mechanism.types.n_types, 1);
    let first = mechanism.update_curve(0).unwrap();
    let last = mechanism.update_curve(39).unwrap();
    assert!([-5.0, -0.3, 0.0, 2.0].iter().all(|&x| first.value(x) == last.value(x)));
    assert!((first.value(5.0) - first.value(0.0) - (5.0_f64.tanh() - 5.0)).abs() < 0.05);
    let four = of(TypeSet::Four);
    let own = fit(&four, &SolveConfig { target: Target::Drift, ..config() }, None);
    assert!(r2(&four, &shared(&four)) < r2(&four, &own) - 1e-4);
}
