//! A mechanism as named arrays and text, and back, bit for bit.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2, ArrayD, ArrayView1, Ix1, Ix2};
use neuroloom_analysis::spline::Beyond;
use neuroloom_core::NeuronId;
use serde::{Deserialize, Serialize};

use super::{
    FitSummary, Identifiability, KnotSpacing, Mechanism, Modulation, NeuronTypes, TransferFunction,
    TransferFunctions, UpdateFunctions,
};
use crate::mechanism::{Target, UpdateChoice};
use crate::{Error, Tensors};

const FACTS: &str = "resume.facts";
const NUMBERS: &str = "resume.numbers";

/// What is neither an array of the model nor a floating-point number: integers and words survive JSON.
#[derive(Serialize, Deserialize)]
struct Facts {
    neuron_ids: Vec<NeuronId>,
    n_types: usize,
    n_sender_classes: usize,
    update_knots: usize,
    /// Whether phi goes on with its slope beyond the recorded range, or stays flat.
    update_goes_on: bool,
    modulation_frames: Option<usize>,
    weak_senders: Vec<usize>,
    excluded: Vec<usize>,
    target: Target,
    #[serde(default)]
    update: UpdateChoice,
    n_equations: usize,
    n_available: usize,
    transfer_steps: usize,
    notes: Vec<String>,
}

impl Mechanism {
    /// The model as named arrays and text; [`Mechanism::from_tensors`] gives the same model back.
    ///
    /// # Errors
    /// [`Error::Tensor`] if the metadata cannot be written as JSON.
    pub fn to_tensors(&self) -> Result<Tensors, Error> {
        let facts = serde_json::to_string(&self.facts())
            .map_err(|error| Error::Tensor { name: FACTS.to_owned(), problem: error.to_string() })?;
        let names: Vec<String> = self.neuron_ids.iter().map(ToString::to_string).collect();
        let metadata = BTreeMap::from([
            ("family".to_owned(), "mechanism".to_owned()),
            ("dt_s".to_owned(), self.dt_s.to_string()),
            ("neuron_ids".to_owned(), names.join("\n")),
            ("orientation".to_owned(), "weight_matrix[post, pre]".to_owned()),
            (FACTS.to_owned(), facts),
        ]);
        Ok(Tensors { arrays: self.arrays(), metadata })
    }

    /// The model that [`Mechanism::to_tensors`] wrote.
    ///
    /// # Errors
    /// [`Error::Tensor`] naming what is missing or has the wrong shape.
    pub fn from_tensors(tensors: &Tensors) -> Result<Self, Error> {
        let stored = Stored(tensors);
        let facts = stored.facts()?;
        let numbers = stored.vector(NUMBERS)?;
        let [dt_s, silhouette, condition_number, ridge, update_penalty, start_width, residual, std] =
            numbers[..]
        else {
            return Err(wrong(NUMBERS, "must hold 8 numbers"));
        };
        let tried = stored.vector("types.silhouette_by_k")?;
        Ok(Self {
            dt_s,
            weight_matrix: stored.matrix("weight_matrix")?,
            standard_error: stored.matrix("standard_error")?,
            transfer: stored.transfer(facts.n_sender_classes)?,
            update: stored.update(&facts)?,
            modulation: match facts.modulation_frames {
                Some(n_frames) => Some(Modulation { values: stored.matrix("modulation.values")?, n_frames }),
                None => None,
            },
            types: NeuronTypes {
                label: stored.labels("types.label")?,
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
                update: facts.update,
                n_equations: facts.n_equations,
                n_available: facts.n_available,
                ridge,
                update_penalty,
                start_width,
                transfer_steps: facts.transfer_steps,
                residual_fraction: residual,
                activity_std: std,
                notes: facts.notes,
            },
            neuron_ids: facts.neuron_ids,
        })
    }

    fn arrays(&self) -> BTreeMap<String, ArrayD<f64>> {
        let mut arrays = BTreeMap::new();
        let mut put = |name: &str, array: ArrayD<f64>| arrays.insert(name.to_owned(), array);
        put("weight_matrix", self.weight_matrix.clone().into_dyn());
        put("standard_error", self.standard_error.clone().into_dyn());
        put("transfer.knots", table(self.transfer.functions.iter().map(|one| &one.knots)));
        put("transfer.coefficients", table(self.transfer.functions.iter().map(|one| &one.coefficients)));
        put("transfer.receiver_class", labels(&self.transfer.receiver_class));
        put("transfer.sender_class", labels(&self.transfer.sender_class));
        put("update.lower", vector(&self.update.lower));
        put("update.upper", vector(&self.update.upper));
        put("update.self_coupling", vector(&self.update.self_coupling));
        put("update.coefficients", self.update.coefficients.clone().into_dyn());
        if let KnotSpacing::Dense { center, scale } = self.update.spacing {
            put("update.dense_knots", vector(&[center, scale]));
        }
        if let Some(modulation) = &self.modulation {
            put("modulation.values", modulation.values.clone().into_dyn());
        }
        put("types.label", labels(&self.types.label));
        put("types.embedding", self.types.embedding.clone().into_dyn());
        put("types.grid", vector(&self.types.grid));
        put("types.profile", self.types.profile.clone().into_dyn());
        let tried = self.types.silhouette_by_k.iter().flat_map(|&(k, score)| [k as f64, score]);
        put("types.silhouette_by_k", vector(&tried.collect::<Vec<_>>()));
        put("identifiability.singular_values", vector(&self.identifiability.singular_values));
        put("identifiability.sender_error", vector(&self.identifiability.sender_error));
        put(NUMBERS, vector(&self.numbers()));
        arrays
    }

    fn numbers(&self) -> [f64; 8] {
        [
            self.dt_s,
            self.types.silhouette,
            self.identifiability.condition_number,
            self.fit.ridge,
            self.fit.update_penalty,
            self.fit.start_width,
            self.fit.residual_fraction,
            self.fit.activity_std,
        ]
    }

    fn facts(&self) -> Facts {
        Facts {
            neuron_ids: self.neuron_ids.clone(),
            n_types: self.types.n_types,
            n_sender_classes: self.transfer.n_sender_classes,
            update_knots: self.update.n_knots,
            update_goes_on: self.update.beyond == Beyond::Linear,
            modulation_frames: self.modulation.as_ref().map(|modulation| modulation.n_frames),
            weak_senders: self.identifiability.weak_senders.clone(),
            excluded: self.identifiability.excluded.clone(),
            target: self.fit.target,
            update: self.fit.update,
            n_equations: self.fit.n_equations,
            n_available: self.fit.n_available,
            transfer_steps: self.fit.transfer_steps,
            notes: self.fit.notes.clone(),
        }
    }
}

/// The arrays of a stored model.
struct Stored<'a>(&'a Tensors);

impl Stored<'_> {
    fn facts(&self) -> Result<Facts, Error> {
        let text = self.0.metadata.get(FACTS).ok_or_else(|| wrong(FACTS, "is missing"))?;
        serde_json::from_str(text).map_err(|error| wrong(FACTS, error.to_string()))
    }

    fn transfer(&self, n_sender_classes: usize) -> Result<TransferFunctions, Error> {
        let (knots, coefficients) = (self.matrix("transfer.knots")?, self.matrix("transfer.coefficients")?);
        let functions: Vec<TransferFunction> = knots
            .rows()
            .into_iter()
            .zip(coefficients.rows())
            .map(|(knots, coefficients)| TransferFunction {
                knots: filled(knots),
                coefficients: filled(coefficients),
            })
            .collect();
        let transfer = TransferFunctions {
            receiver_class: self.labels("transfer.receiver_class")?,
            sender_class: self.labels("transfer.sender_class")?,
            n_sender_classes: n_sender_classes.max(1),
            functions,
        };
        let largest = |labels: &[u32]| labels.iter().copied().max().unwrap_or(0) as usize;
        let places = (largest(&transfer.receiver_class) + 1) * transfer.n_sender_classes;
        if largest(&transfer.sender_class) >= transfer.n_sender_classes || places > transfer.functions.len() {
            return Err(wrong("transfer.knots", "has fewer functions than there are classes"));
        }
        Ok(transfer)
    }

    fn update(&self, facts: &Facts) -> Result<UpdateFunctions, Error> {
        let spacing = match self.0.arrays.contains_key("update.dense_knots") {
            false => KnotSpacing::Equal,
            true => match self.vector("update.dense_knots")?[..] {
                [center, scale] => KnotSpacing::Dense { center, scale },
                _ => return Err(wrong("update.dense_knots", "must hold 2 numbers")),
            },
        };
        Ok(UpdateFunctions {
            lower: self.vector("update.lower")?,
            upper: self.vector("update.upper")?,
            n_knots: facts.update_knots,
            spacing,
            coefficients: self.matrix("update.coefficients")?,
            self_coupling: self.vector("update.self_coupling")?,
            beyond: if facts.update_goes_on { Beyond::Linear } else { Beyond::Constant },
        })
    }

    fn labels(&self, name: &str) -> Result<Vec<u32>, Error> {
        Ok(self.vector(name)?.into_iter().map(|label| label as u32).collect())
    }

    fn vector(&self, name: &str) -> Result<Vec<f64>, Error> {
        let array = self.array(name)?.clone().into_dimensionality::<Ix1>();
        array.map(|array| array.to_vec()).map_err(|_| wrong(name, "must have one axis"))
    }

    fn matrix(&self, name: &str) -> Result<Array2<f64>, Error> {
        let array = self.array(name)?.clone().into_dimensionality::<Ix2>();
        array.map_err(|_| wrong(name, "must have two axes"))
    }

    fn array(&self, name: &str) -> Result<&ArrayD<f64>, Error> {
        self.0.arrays.get(name).ok_or_else(|| wrong(name, "is missing"))
    }
}

fn wrong(name: &str, problem: impl Into<String>) -> Error {
    Error::Tensor { name: name.to_owned(), problem: problem.into() }
}

fn vector(values: &[f64]) -> ArrayD<f64> {
    Array1::from(values.to_vec()).into_dyn()
}

fn labels(values: &[u32]) -> ArrayD<f64> {
    values.iter().map(|&one| f64::from(one)).collect::<Array1<f64>>().into_dyn()
}

/// A row up to its padding.
fn filled(row: ArrayView1<'_, f64>) -> Vec<f64> {
    row.iter().copied().take_while(|value| !value.is_nan()).collect()
}

/// One row a function, shorter ones padded with NaN.
fn table<'a>(rows: impl Iterator<Item = &'a Vec<f64>>) -> ArrayD<f64> {
    let rows: Vec<&Vec<f64>> = rows.collect();
    let width = rows.iter().map(|row| row.len()).max().unwrap_or(0);
    Array2::from_shape_fn((rows.len(), width), |(row, column)| {
        rows[row].get(column).copied().unwrap_or(f64::NAN)
    })
    .into_dyn()
}
