//! Weights from a file or folder of any kind, and what it was taken for.

use std::path::{Path, PathBuf};

use neuroloom_core::{Connectome, Synapses};
use neuroloom_io::{ConnectomeOptions, WeightArrays};
use neuroloom_models::weight_manifold::Weights;
use serde::{Deserialize, Serialize};

use super::config::WeightExperiment;
use super::subject::Subject;
use super::training::subject_of;
use super::truth_table::{self, TruthOptions};
use crate::Error;
use crate::experiment::{Artefact, RunDir};

/// Names under which frameworks store the weights of a first layer.
const INPUT_NAMES: [&str; 12] = [
    "input_weights",
    "A",
    "encoder.weight",
    "encoder.0.weight",
    "fc1.weight",
    "w_in",
    "W_in",
    "W1",
    "w1",
    "weight_ih",
    "rnn.weight_ih_l0",
    "matrix",
];
/// Names under which frameworks store the weights of a second layer.
const OUTPUT_NAMES: [&str; 10] = [
    "output_weights",
    "B",
    "decoder.weight",
    "decoder.0.weight",
    "fc2.weight",
    "w_out",
    "W_out",
    "W2",
    "w2",
    "readout.weight",
];
/// Names of square matrices W[post, pre].
const CIRCUIT_NAMES: [&str; 5] = ["weight_matrix", "W", "weights", "recurrent.weight", "rnn.weight_hh_l0"];

/// Which axis of a stored matrix receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ArrayLayout {
    /// `[out, in]`: rows receive, as in PyTorch.
    #[default]
    OutIn,
    /// `[in, out]`: rows send, as in Keras and in `x @ W`.
    InOut,
}

/// What is read, as stated by the user.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct SourceOptions {
    /// Name of the input weights.
    pub input: Option<String>,
    /// Name of the output weights.
    pub output: Option<String>,
    /// Which axis of a stored matrix receives.
    pub layout: ArrayLayout,
    /// Cell types whose neurons are points; empty = all. Features are always those of all neurons.
    pub cell_types: Vec<String>,
    /// A table with the latent of each neuron.
    pub truth: Option<PathBuf>,
    /// How its columns are read.
    pub truth_columns: TruthOptions,
}

/// Reads weights: a run folder, a connectome, or arrays.
///
/// # Errors
/// [`Error::Io`] or [`Error::Folder`] naming what is not there and what is.
pub fn open(path: &Path, options: &SourceOptions) -> Result<Subject, Error> {
    let mut subject = if path.is_dir() { of_folder(path, options)? } else { of_file(path, options)? };
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    subject.name = if subject.name.is_empty() { name } else { format!("{} ({name})", subject.name) };
    if let Some(table) = &options.truth {
        subject.truth = Some(truth_table::read(table, &options.truth_columns, &subject.neurons)?);
    }
    if !options.cell_types.is_empty() {
        choose(&mut subject, path, &options.cell_types)?;
    }
    Ok(subject)
}

fn of_folder(path: &Path, options: &SourceOptions) -> Result<Subject, Error> {
    let (config, wiring) = (path.join(Artefact::Config.name()), path.join(Artefact::Wiring.name()));
    if let Ok(text) = std::fs::read_to_string(&config)
        && let Ok(experiment) = WeightExperiment::parse(&text)
    {
        let run = RunDir::open(path)?;
        if run.has(Artefact::Model) {
            return subject_of(&experiment, &run);
        }
    }
    if wiring.is_file() {
        return of_file(&wiring, options);
    }
    of_connectome(path)
}

fn of_file(path: &Path, options: &SourceOptions) -> Result<Subject, Error> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let is_edges = [".parquet", ".csv", ".csv.gz", ".tsv"].iter().any(|ending| name.ends_with(ending))
        && neuroloom_io::read_columns(path).is_ok_and(|columns| {
            let has = |wanted: &[&str]| {
                columns.iter().any(|(name, _)| wanted.contains(&name.to_ascii_lowercase().as_str()))
            };
            has(&["pre", "pre_root_id", "bodyid_pre", "source"])
                && has(&["post", "post_root_id", "bodyid_post", "target"])
        });
    if is_edges {
        return of_connectome(path);
    }
    let arrays = match neuroloom_io::read_weight_arrays(path) {
        // A scipy sparse matrix has no two-dimensional member.
        Err(neuroloom_io::Error::Empty { .. }) if name.ends_with(".npz") => return of_connectome(path),
        read => read?,
    };
    if options.input.is_none()
        && options.output.is_none()
        && let Some(circuit) = CIRCUIT_NAMES.iter().find(|name| is_square(&arrays, name))
    {
        return Ok(of_circuit(circuit, &arrays, options.layout));
    }
    of_layers(path, &arrays, options)
}

fn is_square(arrays: &WeightArrays, name: &str) -> bool {
    arrays.matrices.get(name).is_some_and(|matrix| matrix.nrows() == matrix.ncols())
}

fn of_circuit(name: &str, arrays: &WeightArrays, layout: ArrayLayout) -> Subject {
    let matrix = arrays.matrices[name].clone();
    let matrix = if layout == ArrayLayout::InOut { matrix.reversed_axes() } else { matrix };
    let n = matrix.nrows();
    let names = arrays.neurons.clone().filter(|names| names.len() == n);
    Subject {
        name: String::new(),
        neurons: names.unwrap_or_else(|| (0..n).map(|neuron| neuron.to_string()).collect()),
        cell_types: Vec::new(),
        truth: None,
        chosen: None,
        recipe: None,
        notes: vec![format!("Array `{name}` was taken for the circuit W[post, pre] of {n} neurons.")],
        weights: Weights::of_circuit(matrix),
    }
}

fn of_layers(path: &Path, arrays: &WeightArrays, options: &SourceOptions) -> Result<Subject, Error> {
    let receiving = |name: &String| {
        let matrix = arrays.matrices[name].clone();
        // Arrays written by this program say which axis is which by their name.
        let own = name == "input_weights" || name == "output_weights";
        if options.layout == ArrayLayout::InOut && !own { matrix.reversed_axes() } else { matrix }
    };
    let (input, output) = (
        find(path, arrays, options.input.as_ref(), &INPUT_NAMES)?,
        find(path, arrays, options.output.as_ref(), &OUTPUT_NAMES)?,
    );
    let only = arrays.matrices.keys().next().filter(|_| arrays.matrices.len() == 1).cloned();
    let input = input.or_else(|| if output.is_none() { only } else { None });
    if input.is_none() && output.is_none() {
        return Err(Error::Folder {
            path: path.to_owned(),
            problem: format!("no array has a name that is known; there are: {}", listed(arrays)),
            hint: "name them: --input NAME, --output NAME (a neuron is a column of the input weights)"
                .to_owned(),
        });
    }
    let mut notes = Vec::new();
    let mut describe = |role: &str, name: &Option<String>| {
        if let Some(name) = name {
            let (rows, columns) = receiving(name).dim();
            notes.push(format!(
                "Array `{name}` was taken for the {role} weights [{rows} receive, {columns} send]."
            ));
        }
    };
    describe("input", &input);
    describe("output", &output);
    let weights =
        Weights { outgoing: input.as_ref().map(&receiving), incoming: output.as_ref().map(&receiving) };
    let n = weights
        .outgoing
        .as_ref()
        .map(ndarray::Array2::ncols)
        .or(weights.incoming.as_ref().map(ndarray::Array2::nrows));
    Ok(Subject {
        name: String::new(),
        neurons: (0..n.unwrap_or(0)).map(|neuron| neuron.to_string()).collect(),
        cell_types: Vec::new(),
        truth: None,
        chosen: None,
        recipe: None,
        notes,
        weights,
    })
}

fn find(
    path: &Path,
    arrays: &WeightArrays,
    given: Option<&String>,
    names: &[&str],
) -> Result<Option<String>, Error> {
    match given {
        Some(name) if arrays.matrices.contains_key(name) => Ok(Some(name.clone())),
        Some(name) => Err(Error::Folder {
            path: path.to_owned(),
            problem: format!("no matrix `{name}`; there are: {}", listed(arrays)),
            hint: "take one of these names".to_owned(),
        }),
        None => {
            Ok(names.iter().find(|name| arrays.matrices.contains_key(**name)).map(|name| (*name).to_owned()))
        }
    }
}

fn listed(arrays: &WeightArrays) -> String {
    let shapes = arrays.matrices.iter().map(|(name, matrix)| format!("{name} {:?}", matrix.shape()));
    shapes.chain(arrays.others.iter().cloned()).collect::<Vec<_>>().join(", ")
}

fn of_connectome(path: &Path) -> Result<Subject, Error> {
    let read = neuroloom_io::read_connectome(path, &ConnectomeOptions::default())?;
    let connectome: Connectome = read.connectome;
    let neurons = connectome.neurons();
    let n = neurons.len();
    Ok(Subject {
        name: String::new(),
        neurons: neurons.id().iter().map(ToString::to_string).collect(),
        cell_types: neurons.cell_type().map(<[String]>::to_vec).unwrap_or_default(),
        truth: None,
        chosen: None,
        recipe: None,
        notes: vec![format!("A connectome of {n} neurons and {} edges.", connectome.edges().len())],
        weights: Weights::of_circuit(connectome.weight_matrix(Synapses::Weight).mapv(f64::from)),
    })
}

fn choose(subject: &mut Subject, path: &Path, cell_types: &[String]) -> Result<(), Error> {
    let is_wanted = |one: &String| cell_types.iter().any(|wanted| wanted.eq_ignore_ascii_case(one));
    let rows: Vec<usize> =
        (0..subject.cell_types.len()).filter(|&row| is_wanted(&subject.cell_types[row])).collect();
    if rows.is_empty() {
        let mut present = subject.cell_types.clone();
        present.sort();
        present.dedup();
        let there = if present.is_empty() { "no cell types".to_owned() } else { present.join(", ") };
        return Err(Error::Folder {
            path: path.to_owned(),
            problem: format!("no neuron has the cell type {}; there are: {there}", cell_types.join(" or ")),
            hint: "take one of these with --cell-type, or leave it out".to_owned(),
        });
    }
    subject.notes.push(format!("Points are the {} neurons of type {}.", rows.len(), cell_types.join(", ")));
    subject.chosen = Some(rows);
    Ok(())
}
