//! Circuits from codes of the prior, with the neurons of real circuits, and the baseline that they must beat.

use ndarray::Array2;
use neuroloom_analysis::graph::FittedBlocks;
use neuroloom_core::{
    Circuit, CircuitOrigin, CircuitPart, CircuitSet, Connectome, EdgeList, EdgeMask, NeuronId, NeuronTable,
    Seed,
};
use neuroloom_models::circuit_vae::synthesize::Tilt;
use neuroloom_models::circuit_vae::{CircuitVae, DyadTable, Form};
use rand::RngExt;
use rayon::prelude::*;

use crate::Error;

/// Name of the fitted baseline in tables.
pub(super) const FITTED: &str = "fitted DCSBM + distance + reciprocity";

/// The circuits that everything is compared with: the test part, all others where it is too small.
pub(super) fn reference(set: &CircuitSet) -> Vec<Circuit> {
    let test: Vec<Circuit> = set.of_part(CircuitPart::Test).cloned().collect();
    if test.len() >= neuroloom_analysis::graph::comparison::LEAST_CIRCUITS {
        return test;
    }
    set.circuits().to_vec()
}

/// A number of a standard normal.
fn normal(rng: &mut impl RngExt) -> f32 {
    // Box and Muller; 1 - u is never 0.
    let (radius, angle) = (1.0 - rng.random::<f64>(), rng.random::<f64>());
    ((-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()) as f32
}

/// A code of the prior.
pub(super) fn prior_code(model: &CircuitVae, seed: Seed) -> Vec<f32> {
    let mut rng = seed.split("code").rng();
    (0..model.config().latent).map(|_| normal(&mut rng)).collect()
}

/// Mean codes of circuits, `[circuit, latent]`.
///
/// # Errors
/// What the model says of a circuit.
pub(super) fn codes<'a>(
    model: &CircuitVae,
    circuits: impl IntoIterator<Item = &'a Circuit>,
) -> Result<Array2<f64>, Error> {
    let circuits: Vec<&Circuit> = circuits.into_iter().collect();
    let encode = |circuit: &&Circuit| Ok(model.encode(&model.example(circuit)?)?.mean);
    let means: Vec<Vec<f32>> =
        circuits.par_iter().map(encode).collect::<Result<_, neuroloom_models::Error>>()?;
    let shape = (means.len(), model.config().latent);
    Ok(Array2::from_shape_fn(shape, |(row, column)| f64::from(means[row][column])))
}

/// Draws a circuit from a code: with the neurons, positions and observation mask of `like` where the model is told of
/// neurons, else with neurons of its own.
///
/// # Errors
/// What the model says.
pub(super) fn decode(
    model: &CircuitVae,
    code: &[f32],
    like: &Circuit,
    seed: Seed,
) -> Result<Circuit, neuroloom_models::Error> {
    if model.config().form == Form::Slots {
        return model.generate(code, None, seed);
    }
    let conditions = model.example(like)?.conditions;
    let drawn = model.generate(code, Some(&conditions), seed)?;
    let given = like.connectome();
    let edges = observable(drawn.connectome().edges(), given.observed());
    let connectome = Connectome::new(given.neurons().clone(), edges)?.with_observed(given.observed().clone());
    Ok(Circuit::new(connectome, drawn.origin().clone()))
}

/// As [`decode`], with the probabilities of the decoder tilted.
///
/// # Errors
/// What the model says.
pub(super) fn decode_tilted(
    model: &CircuitVae,
    (code, tilt): (&[f32], &Tilt),
    like: &Circuit,
    seed: Seed,
) -> Result<Circuit, neuroloom_models::Error> {
    if tilt.is_none() {
        return decode(model, code, like, seed);
    }
    let slots = model.config().form == Form::Slots;
    let told = if slots { None } else { Some(model.example(like)?.conditions) };
    let table = model.dyads(code, told.as_ref())?;
    let edges = tilted_edges(&table, tilt, seed);
    let origin =
        CircuitOrigin { method: "circuit-vae tilted".to_owned(), seed: seed.0, ..CircuitOrigin::default() };
    if slots {
        let labels = model.vocabulary().labels();
        let types =
            table.conditions().cell_type.iter().map(|&code| labels[usize::from(code)].clone()).collect();
        let neurons = NeuronTable::new(NeuronId::numbered(table.n_neurons()))?.with_cell_type(types)?;
        return Ok(Circuit::new(Connectome::new(neurons, edges)?, origin));
    }
    let given = like.connectome();
    let edges = observable(&edges, given.observed());
    let connectome = Connectome::new(given.neurons().clone(), edges)?.with_observed(given.observed().clone());
    Ok(Circuit::new(connectome, origin))
}

/// One draw a pair, so that circuits of neighbouring codes differ by the code.
fn tilted_edges(table: &DyadTable, tilt: &Tilt, seed: Seed) -> EdgeList {
    let (n, told) = (table.n_neurons(), table.conditions());
    let distance = |one: usize, other: usize| match told.position.is_empty() {
        true => 0.0,
        false => {
            let squares =
                told.position[one].iter().zip(&told.position[other]).map(|(a, b)| f64::from(a - b).powi(2));
            squares.sum::<f64>().sqrt()
        }
    };
    let pairs = || (0..n).flat_map(|one| (one + 1..n).map(move |other| (one, other)));
    let n_pairs = (n * n.saturating_sub(1) / 2).max(1) as f64;
    let mean = pairs().map(|(one, other)| distance(one, other)).sum::<f64>() / n_pairs;
    let mut rng = seed.split("tilted").rng();
    let mut edges = EdgeList::default();
    for (one, other) in pairs() {
        let same = told.cell_type[one] == told.cell_type[other];
        let [none, forth, back, _] = tilt.apply(table.states(one, other), distance(one, other) - mean, same);
        let draw: f32 = rng.random();
        let (is_forth, is_back) = match draw {
            draw if draw < none => (false, false),
            draw if draw < none + forth => (true, false),
            draw if draw < none + forth + back => (false, true),
            _ => (true, true),
        };
        for (is_edge, pre, post) in [(is_forth, one, other), (is_back, other, one)] {
            if is_edge {
                edges.pre.push(pre as u32);
                edges.post.push(post as u32);
            }
        }
    }
    edges
}

/// Only edges that could have been seen.
fn observable(edges: &EdgeList, observed: &EdgeMask) -> EdgeList {
    let seen = |flags: &Option<Vec<bool>>, end: u32| flags.as_ref().is_none_or(|flags| flags[end as usize]);
    let kept: Vec<usize> = (0..edges.len())
        .filter(|&edge| {
            seen(&observed.pre_observed, edges.pre[edge]) && seen(&observed.post_observed, edges.post[edge])
        })
        .collect();
    edges.select(&kept)
}

/// `per_circuit` circuits from codes of the prior for each given one.
///
/// # Errors
/// What the model says.
pub(super) fn generate(
    model: &CircuitVae,
    like: &[Circuit],
    (per_circuit, seed): (usize, Seed),
) -> Result<Vec<Circuit>, Error> {
    let jobs = like.len() * per_circuit;
    let one = |job: usize| {
        let seed = seed.nth(job as u64);
        decode(model, &prior_code(model, seed), &like[job % like.len()], seed)
    };
    Ok((0..jobs).into_par_iter().map(one).collect::<Result<_, neuroloom_models::Error>>()?)
}

/// As many circuits of the fitted baseline for each given one; the baseline sees the training part alone.
///
/// # Errors
/// [`Error::Analysis`] where there is nothing to fit.
pub(super) fn baseline(
    set: &CircuitSet,
    like: &[Circuit],
    (per_circuit, seed): (usize, Seed),
) -> Result<Vec<Circuit>, Error> {
    let training: Vec<&Circuit> = set.of_part(CircuitPart::Train).collect();
    let fitted = FittedBlocks::fit(&training)?;
    let jobs = like.len() * per_circuit;
    let one = |job: usize| fitted.sample(like[job % like.len()].connectome(), seed.nth(job as u64));
    Ok((0..jobs).into_par_iter().map(one).collect::<Result<_, neuroloom_analysis::Error>>()?)
}
