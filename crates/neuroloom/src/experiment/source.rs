//! The opened inputs of a fit: recording, truth, connectome, checked against each other before hours are spent.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use ndarray::Array2;
use neuroloom_core::{
    Connectome, Event, FrameShape, FrameSource, FrameWindow, Listener, NeuronId, Recording, Truth, Warning,
};
use neuroloom_io::OpenRecording;
use neuroloom_models::mechanism::{KnownWiring, SolveInputs};
use neuroloom_sim::Preset;

use super::{DataConfig, EvaluationLevel, ExperimentConfig};
use crate::Error;

/// The opened inputs of a fit.
pub struct Source {
    path: PathBuf,
    opened: OpenRecording,
    n_frames: usize,
    truth: Option<Truth>,
    connectome: Option<Connectome>,
    mask: Option<KnownWiring>,
    positions: Option<Array2<f64>>,
    preset: Option<Preset>,
}

/// The frames of a [`Source`] that are used.
pub struct Frames<'a> {
    activity: FrameWindow<'a>,
    drift: Option<FrameWindow<'a>>,
}

impl Source {
    /// Opens the recording and, for a full evaluation, what it is scored against.
    ///
    /// # Errors
    /// [`Error::Io`] naming the file and the place in it, [`Error::Setting`] if the inputs do not fit together.
    pub fn open(data: &DataConfig, level: EvaluationLevel, events: &dyn Listener) -> Result<Self, Error> {
        let Some(path) = data.path.clone() else {
            return Err(Error::Setting {
                key: "data.path",
                given: "absent".to_owned(),
                allowed: "the file of a recording".to_owned(),
            });
        };
        let opened = neuroloom_io::open_recording(&path, &data.read_options())?;
        warn(&opened.warnings, events);
        if opened.activity.shape().n_neurons < 2 {
            return Err(Error::Setting {
                key: "recording",
                given: format!("{} with 1 neuron", path.display()),
                allowed: "2 or more neurons; wiring is between neurons".to_owned(),
            });
        }
        let n_frames = frames_used(opened.activity.shape(), data.frames)?;
        let positions = data.positions.as_deref().map(|path| read_positions(path, &opened)).transpose()?;
        let mut source = Self {
            path,
            opened,
            n_frames,
            truth: None,
            connectome: None,
            mask: None,
            positions,
            preset: None,
        };
        let mask = data.mask.as_deref().map(|path| source.read_connectome(path, events)).transpose()?;
        source.mask = mask.map(|connectome| source.known(&connectome));
        if level == EvaluationLevel::Full {
            source.truth = data.truth.as_deref().map(|path| source.read_truth(path)).transpose()?;
            source.preset = data.truth.as_deref().and_then(published_preset);
            let connectome = data.connectome.as_deref();
            source.connectome = connectome.map(|path| source.read_connectome(path, events)).transpose()?;
        }
        Ok(source)
    }

    /// The file of the recording.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Trials, frames (those used), neurons.
    pub fn shape(&self) -> FrameShape {
        FrameShape { n_frames: self.n_frames, ..self.opened.activity.shape() }
    }

    /// Seconds between two frames.
    pub fn dt_s(&self) -> f64 {
        self.opened.activity.dt_s()
    }

    /// Unit of the activity, where stated.
    pub fn unit(&self) -> Option<&str> {
        self.opened.unit.as_deref()
    }

    /// What the simulation knows, where given.
    pub fn truth(&self) -> Option<&Truth> {
        self.truth.as_ref()
    }

    /// The connectome to score against, where given.
    pub fn connectome(&self) -> Option<&Connectome> {
        self.connectome.as_ref()
    }

    /// Where the neurons are, where given.
    pub fn positions(&self) -> Option<&Array2<f64>> {
        self.positions.as_ref()
    }

    /// What the connectome says about the wiring of the recorded neurons, where one is given. Pairs of which it does
    /// not know both neurons may be connected.
    pub fn known_wiring(&self) -> Option<KnownWiring> {
        self.connectome.as_ref().map(|connectome| self.known(connectome))
    }

    fn known(&self, connectome: &Connectome) -> KnownWiring {
        let ids = self.opened.activity.neuron_ids();
        let place: HashMap<&NeuronId, usize> =
            ids.iter().enumerate().map(|(place, id)| (id, place)).collect();
        let places: Vec<Option<usize>> =
            connectome.neurons().id().iter().map(|id| place.get(id).copied()).collect();
        let mut is_known = vec![false; ids.len()];
        places.iter().flatten().for_each(|&place| is_known[place] = true);
        let n = ids.len();
        let mut known = KnownWiring {
            allowed: Array2::from_shape_fn((n, n), |(post, pre)| !(is_known[post] && is_known[pre])),
            sign: Array2::zeros((n, n)),
        };
        let edges = connectome.edges();
        for edge in 0..edges.len() {
            if let (Some(pre), Some(post)) =
                (places[edges.pre[edge] as usize], places[edges.post[edge] as usize])
            {
                known.allowed[[post, pre]] = true;
                known.sign[[post, pre]] = edges.sign.get(edge).copied().unwrap_or(0);
            }
        }
        known
    }

    /// Share of the samples that are missing; reads the recording once.
    ///
    /// # Errors
    /// [`Error::Core`] if a frame cannot be read.
    pub fn missing_fraction(&self) -> Result<f64, Error> {
        let frames = self.frames()?;
        let survey = neuroloom_io::survey(&frames.activity)?;
        let shape = self.shape();
        Ok(survey.n_missing as f64 / (shape.n_trials * shape.n_frames * shape.n_neurons) as f64)
    }

    /// The published experiment that the recording repeats, where that is known.
    pub fn preset(&self) -> Option<Preset> {
        self.preset
    }

    /// The frames used.
    ///
    /// # Errors
    /// [`Error::Core`] if the stored drift is shorter than the activity.
    pub fn frames(&self) -> Result<Frames<'_>, Error> {
        let window = |source| FrameWindow::new(source, 0..self.n_frames);
        Ok(Frames {
            activity: window(self.opened.activity.as_ref())?,
            drift: self.opened.drift.as_deref().map(window).transpose()?,
        })
    }

    /// What the solver is given: the frames used, and what is known beforehand.
    pub fn inputs<'a>(&'a self, frames: &'a Frames<'_>) -> SolveInputs<'a> {
        SolveInputs { recording: frames.recording(), known: self.mask.as_ref(), positions: self.positions() }
    }

    fn read_truth(&self, path: &Path) -> Result<Truth, Error> {
        let truth = neuroloom_io::read_truth(path)?;
        let n_neurons = self.opened.activity.shape().n_neurons;
        if truth.n_neurons() == n_neurons {
            return Ok(truth);
        }
        Err(Error::Setting {
            key: "truth",
            given: format!("{} with {} neurons", path.display(), truth.n_neurons()),
            allowed: format!("the truth of the same {n_neurons} neurons as in {}", self.path.display()),
        })
    }

    fn read_connectome(&self, path: &Path, events: &dyn Listener) -> Result<Connectome, Error> {
        let imported = neuroloom_io::read_connectome(path, &neuroloom_io::ConnectomeOptions::default())?;
        warn(&imported.warnings, events);
        let known: HashSet<&NeuronId> = imported.connectome.neurons().id().iter().collect();
        let ids = self.opened.activity.neuron_ids();
        let n_matched = ids.iter().filter(|id| known.contains(id)).count();
        if n_matched < 2 {
            return Err(Error::Setting {
                key: "connectome",
                given: format!(
                    "{}, which names {}",
                    path.display(),
                    some(imported.connectome.neurons().id())
                ),
                allowed: format!("a connectome with at least 2 neurons of the recording: {}", some(ids)),
            });
        }
        if n_matched < ids.len() {
            let message = format!(
                "{n_matched} of the {} recorded neurons are in the connectome `{}`; nothing is known of the others",
                ids.len(),
                path.display()
            );
            events.emit(Event::Warning(Warning::new("unmatched-neurons", message)));
        }
        Ok(imported.connectome)
    }
}

impl Frames<'_> {
    /// What the solver learns from.
    pub fn recording(&self) -> Recording<'_> {
        let drift = self.drift.as_ref().map(|drift| drift as &dyn FrameSource);
        Recording { activity: &self.activity, drift }
    }
}

fn read_positions(path: &Path, opened: &OpenRecording) -> Result<Array2<f64>, Error> {
    let positions = neuroloom_io::read_positions(path)?;
    let n_neurons = opened.activity.shape().n_neurons;
    if positions.nrows() == n_neurons {
        return Ok(positions);
    }
    Err(Error::Setting {
        key: "positions",
        given: format!("{} with {} rows", path.display(), positions.nrows()),
        allowed: format!("one row for each of the {n_neurons} neurons of the recording, in its order"),
    })
}

/// `simulate` and `run` leave their config beside the truth, or one folder up.
fn published_preset(truth: &Path) -> Option<Preset> {
    let folder = truth.parent()?;
    let configs = [folder.join("config.toml"), folder.join("../config.toml")];
    let config = configs.iter().find(|path| path.is_file())?;
    ExperimentConfig::load(config).ok()?.simulate?.published()
}

fn frames_used(shape: FrameShape, wanted: Option<usize>) -> Result<usize, Error> {
    match wanted {
        Some(wanted) if wanted == 0 || wanted > shape.n_frames => Err(Error::Setting {
            key: "frames",
            given: wanted.to_string(),
            allowed: format!("1 to {}, the frames of the recording", shape.n_frames),
        }),
        Some(wanted) => Ok(wanted),
        None => Ok(shape.n_frames),
    }
}

fn warn(warnings: &[Warning], events: &dyn Listener) {
    warnings.iter().for_each(|warning| events.emit(Event::Warning(warning.clone())));
}

/// The first few ids, for a message.
fn some(ids: &[NeuronId]) -> String {
    let first: Vec<String> = ids.iter().take(4).map(ToString::to_string).collect();
    let rest = if ids.len() > first.len() { ", ..." } else { "" };
    format!("{}{rest}", first.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_beyond_the_recording_are_refused() {
        let shape = FrameShape { n_trials: 1, n_frames: 8, n_neurons: 2 };
        assert_eq!(frames_used(shape, Some(8)).unwrap(), 8);
        assert_eq!(frames_used(shape, None).unwrap(), 8);
        assert!(frames_used(shape, Some(9)).unwrap_err().to_string().contains("1 to 8"));
    }
}
