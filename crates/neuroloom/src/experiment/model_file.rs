//! A fitted mechanism on disk and back, bit for bit: what an interrupted run continues from.

use std::collections::BTreeMap;
use std::path::Path;

use ndarray::{Array1, Array2, ArrayD, Ix1, Ix2};
use neuroloom_analysis::spline::Beyond;
use neuroloom_core::NeuronId;
use neuroloom_io::Precision;
use neuroloom_models::mechanism::{
    FitSummary, Identifiability, Mechanism, NeuronTypes, Target, Tensors, TransferFunction, UpdateFunctions,
};
use serde::{Deserialize, Serialize};

use crate::Error;

const LINEAR: &str = "linear";
const CONSTANT: &str = "constant";

/// What is neither an array of the model nor a floating-point number: integers and words survive JSON.
#[derive(Serialize, Deserialize)]
struct Facts {
    neuron_ids: Vec<NeuronId>,
    n_types: usize,
    update_knots: usize,
    /// Whether phi goes on with its slope beyond the recorded range, or stays flat.
    update_beyond: String,
    weak_senders: Vec<usize>,
    excluded: Vec<usize>,
    target: Target,
    n_equations: usize,
    n_available: usize,
    transfer_steps: usize,
    notes: Vec<String>,
}

/// Writes the model as safetensors in f64.
pub(crate) fn write(path: &Path, mechanism: &Mechanism) -> Result<(), Error> {
    let Tensors { mut arrays, mut metadata } = mechanism.to_tensors();
    let fit = &mechanism.fit;
    let numbers = vec![
        mechanism.dt_s,
        mechanism.types.silhouette,
        mechanism.identifiability.condition_number,
        fit.ridge,
        fit.update_penalty,
        fit.start_width,
        fit.residual_fraction,
        fit.activity_std,
    ];
    arrays.insert("resume.numbers".to_owned(), Array1::from(numbers).into_dyn());
    let tried =
        mechanism.types.silhouette_by_k.iter().flat_map(|&(k, score)| [k as f64, score]).collect::<Vec<_>>();
    arrays.insert("types.silhouette_by_k".to_owned(), Array1::from(tried).into_dyn());
    let facts = serde_json::to_string(&facts(mechanism)).map_err(|error| damaged(path, error.to_string()))?;
    metadata.insert("resume.facts".to_owned(), facts);
    let content = neuroloom_io::Tensors { tensors: arrays, metadata };
    Ok(neuroloom_io::write_safetensors(path, &content, Precision::F64)?)
}

/// Reads back what [`write`] wrote.
pub(crate) fn read(path: &Path) -> Result<Mechanism, Error> {
    let neuroloom_io::Tensors { tensors: arrays, metadata } = neuroloom_io::read_safetensors(path)?;
    let stored = Stored { path, arrays };
    let text =
        metadata.get("resume.facts").ok_or_else(|| damaged(path, "metadata `resume.facts` is missing"))?;
    let facts: Facts = serde_json::from_str(text).map_err(|error| damaged(path, error.to_string()))?;
    let numbers = stored.vector("resume.numbers")?;
    let [
        dt_s,
        silhouette,
        condition_number,
        ridge,
        update_penalty,
        start_width,
        residual_fraction,
        activity_std,
    ] = numbers[..]
    else {
        return Err(damaged(path, "tensor `resume.numbers` must hold 8 numbers"));
    };
    let tried = stored.vector("types.silhouette_by_k")?;
    Ok(Mechanism {
        dt_s,
        weight_matrix: stored.matrix("weight_matrix")?,
        standard_error: stored.matrix("standard_error")?,
        transfer: TransferFunction {
            knots: stored.vector("transfer.knots")?,
            coefficients: stored.vector("transfer.coefficients")?,
        },
        update: UpdateFunctions {
            lower: stored.vector("update.lower")?,
            upper: stored.vector("update.upper")?,
            n_knots: facts.update_knots,
            coefficients: stored.matrix("update.coefficients")?,
            self_coupling: stored.vector("update.self_coupling")?,
            beyond: if facts.update_beyond == LINEAR { Beyond::Linear } else { Beyond::Constant },
        },
        types: NeuronTypes {
            label: stored.vector("types.label")?.into_iter().map(|label| label as u32).collect(),
            n_types: facts.n_types,
            silhouette,
            silhouette_by_k: tried.chunks_exact(2).map(|pair| (pair[0] as usize, pair[1])).collect(),
            embedding: stored.matrix("types.embedding")?,
            grid: stored.vector("types.grid")?,
            profile: stored.matrix("types.profile")?,
        },
        identifiability: Identifiability {
            singular_values: stored.vector("identifiability.singular_values")?,
            condition_number,
            weak_senders: facts.weak_senders,
            sender_error: stored.vector("identifiability.sender_error")?,
            excluded: facts.excluded,
        },
        fit: FitSummary {
            target: facts.target,
            n_equations: facts.n_equations,
            n_available: facts.n_available,
            ridge,
            update_penalty,
            start_width,
            transfer_steps: facts.transfer_steps,
            residual_fraction,
            activity_std,
            notes: facts.notes,
        },
        neuron_ids: facts.neuron_ids,
    })
}

fn facts(mechanism: &Mechanism) -> Facts {
    let fit = &mechanism.fit;
    Facts {
        neuron_ids: mechanism.neuron_ids.clone(),
        n_types: mechanism.types.n_types,
        update_knots: mechanism.update.n_knots,
        update_beyond: if mechanism.update.beyond == Beyond::Linear { LINEAR } else { CONSTANT }.to_owned(),
        weak_senders: mechanism.identifiability.weak_senders.clone(),
        excluded: mechanism.identifiability.excluded.clone(),
        target: fit.target,
        n_equations: fit.n_equations,
        n_available: fit.n_available,
        transfer_steps: fit.transfer_steps,
        notes: fit.notes.clone(),
    }
}

/// The arrays of a model file.
struct Stored<'a> {
    path: &'a Path,
    arrays: BTreeMap<String, ArrayD<f64>>,
}

impl Stored<'_> {
    fn vector(&self, name: &str) -> Result<Vec<f64>, Error> {
        let array = self.array(name)?.clone().into_dimensionality::<Ix1>();
        array.map(|array| array.to_vec()).map_err(|_| self.shape(name, "one axis"))
    }

    fn matrix(&self, name: &str) -> Result<Array2<f64>, Error> {
        let array = self.array(name)?.clone().into_dimensionality::<Ix2>();
        array.map_err(|_| self.shape(name, "two axes"))
    }

    fn array(&self, name: &str) -> Result<&ArrayD<f64>, Error> {
        self.arrays.get(name).ok_or_else(|| damaged(self.path, format!("tensor `{name}` is missing")))
    }

    fn shape(&self, name: &str, allowed: &str) -> Error {
        damaged(self.path, format!("tensor `{name}` must have {allowed}"))
    }
}

fn damaged(path: &Path, reason: impl Into<String>) -> Error {
    Error::Artefact { path: path.to_owned(), reason: reason.into() }
}
