//! What a file holds, as neuroloom understands it.

mod content;

use std::collections::BTreeMap;
use std::path::Path;

use neuroloom_core::{NeuronId, Warning};
use serde::Serialize;

use crate::connectome::{ImportSummary, ImportedConnectome};
use crate::error::noun;
use crate::{Error, OpenRecording, ReadOptions, Survey, survey};

/// Ids shown as examples.
const SHOWN_IDS: usize = 5;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ContentKind {
    /// A recording.
    Activity,
    /// Neurons and edges.
    Connectome,
    /// A node table alone.
    Neurons,
    /// What a simulation knows.
    Truth,
    /// Arrays of which none is clearly a recording.
    Arrays,
}

/// One array of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArraySummary {
    /// Its name.
    pub name: String,
    /// Its dtype, as the file spells it.
    pub dtype: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// `C` (last axis fastest) or `F`.
    pub order: &'static str,
}

/// A recording in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecordingSummary {
    /// Independent repeats.
    pub n_trials: usize,
    /// Frames a trial.
    pub n_frames: usize,
    /// Neurons.
    pub n_neurons: usize,
    /// Seconds between two frames; `None` if neither the file nor the user says.
    pub dt_s: Option<f64>,
    /// Unit of the values, where stated.
    pub unit: Option<String>,
    /// Whether the exact drift is stored too.
    pub has_drift: bool,
    /// What is missing or flat.
    pub survey: Survey,
}

/// A connectome in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConnectomeSummary {
    /// Neurons.
    pub n_neurons: usize,
    /// Sum of the synapse counts; `None` if no edge has one.
    pub n_synapses: Option<f64>,
    /// Edges of each kind, where kinds are stated.
    pub n_edges_by_kind: BTreeMap<String, usize>,
    /// Number of different cell types, where stated.
    pub n_cell_types: Option<usize>,
    /// Whether soma positions are known.
    pub has_positions: bool,
    /// What the import kept and what it did not.
    pub import: ImportSummary,
}

/// Neuron ids in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IdSummary {
    /// `integers`, `names` or `mixed`.
    pub kind: &'static str,
    /// How many.
    pub n: usize,
    /// The first few.
    pub first: Vec<String>,
}

/// All that [`inspect`] found out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inspection {
    /// What the file is.
    pub kind: ContentKind,
    /// Neurons of the recording or the connectome.
    pub n_neurons: Option<usize>,
    /// Edges of the connectome.
    pub n_edges: Option<usize>,
    /// Sum of its synapse counts, where edges have them.
    pub n_synapses: Option<f64>,
    /// The arrays it holds (npz, npy, Zarr).
    pub arrays: Vec<ArraySummary>,
    /// The array that is read as a recording.
    pub chosen_array: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The recording, if it is one.
    pub recording: Option<RecordingSummary>,
    /// The connectome, if it is one.
    pub connectome: Option<ConnectomeSummary>,
    /// The ids of the neurons.
    pub ids: Option<IdSummary>,
    /// Partial trouble.
    pub warnings: Vec<Warning>,
}

/// Says what was understood of a file or folder; nothing is changed. A recording is read once as a whole.
///
/// # Errors
/// As [`crate::open_recording`] and [`crate::read_connectome`]; a missing time step and several possible arrays
/// are warnings here.
///
/// # Examples
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("a.csv");
/// std::fs::write(&path, "time_s,AVAL,AVAR\n0,1,NA\n0.6,1,0.5\n")?;
/// let inspection = neuroloom_io::inspect(&path, &Default::default())?;
/// let recording = inspection.recording.ok_or("no recording")?;
/// assert_eq!((recording.n_frames, recording.survey.n_missing), (2, 1));
/// assert_eq!(recording.survey.constant_neurons, ["AVAL", "AVAR"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn inspect(path: &Path, options: &ReadOptions) -> Result<Inspection, Error> {
    content::inspect(path, options)
}

impl Inspection {
    fn new(kind: ContentKind, arrays: Vec<ArraySummary>) -> Self {
        let (recording, connectome) = (None, None);
        let (chosen_array, reason, ids) = (None, None, None);
        let (n_neurons, n_edges, n_synapses) = (None, None, None);
        Self {
            kind,
            n_neurons,
            n_edges,
            n_synapses,
            arrays,
            chosen_array,
            reason,
            recording,
            connectome,
            ids,
            warnings: Vec::new(),
        }
    }

    fn with_recording(
        mut self,
        path: &Path,
        opened: OpenRecording,
        dt_s: Option<f64>,
    ) -> Result<Self, Error> {
        let shape = opened.activity.shape();
        let survey = survey(&*opened.activity).map_err(noun(path))?;
        self.warnings.extend(opened.warnings);
        self.warnings.extend(survey.warnings());
        self.ids = Some(IdSummary::of(opened.activity.neuron_ids()));
        self.chosen_array = opened.array;
        self.n_neurons = Some(shape.n_neurons);
        self.recording = Some(RecordingSummary {
            n_trials: shape.n_trials,
            n_frames: shape.n_frames,
            n_neurons: shape.n_neurons,
            dt_s,
            unit: opened.unit,
            has_drift: opened.drift.is_some(),
            survey,
        });
        Ok(self)
    }

    fn with_connectome(mut self, import: ImportedConnectome) -> Self {
        let (neurons, edges) = (import.connectome.neurons(), import.connectome.edges());
        let mut n_edges_by_kind = BTreeMap::new();
        for kind in &edges.kind {
            *n_edges_by_kind.entry(kind.clone()).or_default() += 1;
        }
        let cell_types = neurons.cell_type().map(|types| {
            types.iter().filter(|one| !one.is_empty()).collect::<std::collections::BTreeSet<_>>().len()
        });
        let n_synapses = edges.syn_count.iter().map(|&count| f64::from(count)).sum();
        let n_synapses = (!edges.syn_count.is_empty()).then_some(n_synapses);
        self.ids = Some(IdSummary::of(neurons.id()));
        (self.n_neurons, self.n_edges) = (Some(neurons.len()), Some(edges.len()));
        self.n_synapses = n_synapses;
        self.connectome = Some(ConnectomeSummary {
            n_neurons: neurons.len(),
            n_synapses,
            n_edges_by_kind,
            n_cell_types: cell_types,
            has_positions: neurons.position_um().is_some(),
            import: import.summary,
        });
        self.warnings.extend(import.warnings);
        self
    }
}

impl IdSummary {
    fn of(ids: &[NeuronId]) -> Self {
        let n_integers = ids.iter().filter(|id| matches!(id, NeuronId::Integer(_))).count();
        let kind = match n_integers {
            0 => "names",
            n if n == ids.len() => "integers",
            _ => "mixed",
        };
        Self { kind, n: ids.len(), first: ids.iter().take(SHOWN_IDS).map(NeuronId::to_string).collect() }
    }
}
