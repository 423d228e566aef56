//! The run folder: which file of a run stands where. Its schema is `docs/run-folder.md`.

use std::fs;
use std::path::{Path, PathBuf};

use neuroloom_io::write_atomic;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;
use crate::error::system;

/// A file or folder of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Artefact {
    /// The complete, checked experiment.
    Config,
    /// Version, command, seed, inputs with their hashes, times.
    Provenance,
    /// Which stages are finished, on which inputs, with which warnings.
    Stages,
    /// Simulated activity.
    Activity,
    /// What the simulation knows.
    Truth,
    /// The closed form that training starts from.
    SolvedModel,
    /// The state of a training run between two steps.
    Checkpoint,
    /// The loss over the steps.
    Training,
    /// The fitted model.
    Model,
    /// W, its standard errors, neuron ids and types for numpy.
    Wiring,
    /// Every score.
    Evaluation,
    /// The circuits of a code: an own copy.
    Circuits,
    /// A surrogate tissue that circuits were cut out of.
    Tissue,
    /// Circuits generated with the neurons of the test circuits.
    Generated,
    /// Sets of circuits beside each other.
    Comparison,
    /// The loss of a code over the epochs.
    Epochs,
    /// Codes of all circuits.
    CodeTable,
    /// Directions of metrics in a code.
    DirectionTable,
    /// SHAP values of metrics.
    AttributionTable,
    /// Directions, attributions, maps.
    Directions,
    /// Circuits on demand: what was asked and what came.
    Synthesis,
    /// The same, one row a value asked.
    ControlTable,
    /// Scores of circuits as reservoirs.
    Reservoir,
    /// The same, one row a circuit.
    ReservoirTable,
    /// phi and psi as formulas, with their Pareto fronts.
    Formulas,
    /// The same for a paper.
    FormulasLatex,
    /// Partial trouble.
    Warnings,
    /// The strongest edges by name.
    WeightTable,
    /// Neuron and type.
    TypeTable,
    /// Every statistic of a wiring diagram.
    Measures,
    /// The same, one row an input.
    MeasureTable,
    /// Statistics of each neuron.
    NeuronMeasureTable,
    /// Statistics beside null models.
    NullTable,
    /// Weights of an autoencoder for numpy.
    Weights,
    /// What each input neuron is tuned to.
    Latents,
    /// Where each neuron stands on the manifold.
    Coordinates,
    /// Every run of a study.
    StudyRuns,
    /// The cases of a study, one row each.
    StudyTable,
    /// Scores against damage.
    StressTable,
    /// The numbers behind the figures.
    Exploration,
    /// One SVG a figure.
    Figures,
    /// The page.
    Report,
    /// One JSON object a line: step, loss, seconds.
    Metrics,
    /// What happened, with times.
    Log,
}

impl Artefact {
    /// Its place inside the run folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Config => "config.toml",
            Self::Provenance => "provenance.json",
            Self::Stages => "stages.json",
            Self::Activity => "data/activity.zarr",
            Self::Truth => "data/truth.npz",
            Self::SolvedModel => "checkpoints/solved.safetensors",
            Self::Checkpoint => "checkpoints/train.safetensors",
            Self::Training => "tables/training.json",
            Self::Model => "model.safetensors",
            Self::Wiring => "wiring.npz",
            Self::Evaluation => "evaluation.json",
            Self::Circuits => "data/circuits",
            Self::Tissue => "data/tissue",
            Self::Generated => "data/generated",
            Self::Comparison => "comparison.json",
            Self::Epochs => "tables/epochs.json",
            Self::CodeTable => "tables/codes.csv",
            Self::DirectionTable => "tables/directions.csv",
            Self::AttributionTable => "tables/shap.csv",
            Self::Directions => "directions.json",
            Self::Synthesis => "synthesis.json",
            Self::ControlTable => "tables/control.csv",
            Self::Reservoir => "reservoir.json",
            Self::ReservoirTable => "tables/reservoir.csv",
            Self::Formulas => "formulas.json",
            Self::FormulasLatex => "tables/formulas.tex",
            Self::Warnings => "warnings.json",
            Self::WeightTable => "tables/weights.csv",
            Self::TypeTable => "tables/types.csv",
            Self::Measures => "measures.json",
            Self::MeasureTable => "tables/measures.csv",
            Self::NeuronMeasureTable => "tables/neurons.csv",
            Self::NullTable => "tables/nulls.csv",
            Self::Weights => "weights.npz",
            Self::Latents => "tables/latents.csv",
            Self::Coordinates => "tables/coordinates.csv",
            Self::StudyRuns => "tables/runs.json",
            Self::StudyTable => "tables/study.csv",
            Self::StressTable => "tables/stress.csv",
            Self::Exploration => "tables/exploration.json",
            Self::Figures => "figures",
            Self::Report => "report.html",
            Self::Metrics => "metrics.jsonl",
            Self::Log => "log.txt",
        }
    }
}

/// The folder of one run.
#[derive(Debug, Clone)]
pub struct RunDir {
    root: PathBuf,
}

impl RunDir {
    /// Makes the folder, or takes it as it is.
    ///
    /// # Errors
    /// [`Error::Folder`] if a file stands in its place, [`Error::System`] if it cannot be made.
    pub fn create(root: &Path) -> Result<Self, Error> {
        if root.exists() && !root.is_dir() {
            return Err(Error::Folder {
                path: root.to_owned(),
                problem: "the output must be a folder, but a file stands there".to_owned(),
                hint: "choose another --out, or move the file away".to_owned(),
            });
        }
        fs::create_dir_all(root).map_err(system("create", root))?;
        Ok(Self { root: root.to_owned() })
    }

    /// An existing run.
    ///
    /// # Errors
    /// [`Error::Folder`] if there is no run in it.
    pub fn open(root: &Path) -> Result<Self, Error> {
        let run = Self { root: root.to_owned() };
        if run.has(Artefact::Provenance) {
            return Ok(run);
        }
        let problem = if root.is_dir() {
            "no run in this folder: provenance.json is missing"
        } else {
            "no such folder"
        };
        Err(Error::Folder {
            path: root.to_owned(),
            problem: problem.to_owned(),
            hint:
                "give the folder that `neuroloom infer`, `run`, `demo` or `train circuits` wrote with --out"
                    .to_owned(),
        })
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where an artefact stands.
    pub fn path(&self, artefact: Artefact) -> PathBuf {
        self.root.join(artefact.name())
    }

    /// Whether an artefact is there.
    pub fn has(&self, artefact: Artefact) -> bool {
        self.path(artefact).exists()
    }

    /// Where an artefact stands, its folder made.
    ///
    /// # Errors
    /// [`Error::System`] if the folder cannot be made.
    pub fn place(&self, artefact: Artefact) -> Result<PathBuf, Error> {
        let path = self.path(artefact);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(system("create", folder))?;
        }
        Ok(path)
    }

    /// Writes text whole or not at all.
    ///
    /// # Errors
    /// [`Error::System`] or [`Error::Io`] naming the file.
    pub fn write_text(&self, artefact: Artefact, text: &str) -> Result<(), Error> {
        Ok(write_atomic(&self.place(artefact)?, text.as_bytes())?)
    }

    /// Writes indented JSON whole or not at all.
    ///
    /// # Errors
    /// As [`RunDir::write_text`].
    pub fn write_json<T: Serialize>(&self, artefact: Artefact, value: &T) -> Result<(), Error> {
        let text = serde_json::to_string_pretty(value).map_err(|error| self.damaged(artefact, &error))?;
        self.write_text(artefact, &(text + "\n"))
    }

    /// Reads JSON.
    ///
    /// # Errors
    /// [`Error::System`] if the file cannot be read, [`Error::Artefact`] if it is damaged.
    pub fn read_json<T: DeserializeOwned>(&self, artefact: Artefact) -> Result<T, Error> {
        let path = self.path(artefact);
        let text = fs::read_to_string(&path).map_err(system("read", &path))?;
        serde_json::from_str(&text).map_err(|error| self.damaged(artefact, &error))
    }

    /// Reads JSON if it is there.
    ///
    /// # Errors
    /// As [`RunDir::read_json`].
    pub fn read_json_if_any<T: DeserializeOwned>(&self, artefact: Artefact) -> Result<Option<T>, Error> {
        self.has(artefact).then(|| self.read_json(artefact)).transpose()
    }

    fn damaged(&self, artefact: Artefact, error: &serde_json::Error) -> Error {
        Error::Artefact { path: self.path(artefact), reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_the_place_of_the_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("taken");
        fs::write(&file, "x").unwrap();
        assert!(matches!(RunDir::create(&file), Err(Error::Folder { .. })));
        assert!(RunDir::open(folder.path()).is_err());
    }

    #[test]
    fn json_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunDir::create(folder.path()).unwrap();
        assert_eq!(run.read_json_if_any::<Vec<u32>>(Artefact::Exploration).unwrap(), None);
        run.write_json(Artefact::Exploration, &vec![1_u32, 2]).unwrap();
        assert_eq!(run.read_json_if_any::<Vec<u32>>(Artefact::Exploration).unwrap(), Some(vec![1, 2]));
    }
}
