//! Circuits from codes as circuits have them, with the neurons of real circuits, and the baseline that they must beat.

use ndarray::Array2;
use neuroloom_analysis::graph::FittedBlocks;
use neuroloom_core::{Circuit, CircuitPart, CircuitSet, Connectome, EdgeList, EdgeMask, Seed};
use neuroloom_models::circuit_vae::synthesize::Tilt;
use neuroloom_models::circuit_vae::{CircuitVae, Form};
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
/// neurons, else with neurons of its own. The tilt acts on the probabilities of the decoder.
///
/// # Errors
/// What the model says.
pub(super) fn decode(
    model: &CircuitVae,
    (code, tilt): (&[f32], &Tilt),
    like: &Circuit,
    seed: Seed,
) -> Result<Circuit, neuroloom_models::Error> {
    if model.config().form == Form::Slots {
        return model.generate_tilted(code, None, tilt, seed);
    }
    let conditions = model.example(like)?.conditions;
    let drawn = model.generate_tilted(code, Some(&conditions), tilt, seed)?;
    let given = like.connectome();
    let edges = observable(drawn.connectome().edges(), given.observed());
    let connectome = Connectome::new(given.neurons().clone(), edges)?.with_observed(given.observed().clone());
    Ok(Circuit::new(connectome, drawn.origin().clone()))
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

/// `per_circuit` circuits from codes of the distribution of codes for each given one.
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
        decode(model, (&model.draw_code(seed), &Tilt::default()), &like[job % like.len()], seed)
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
