//! Which recording is read, and what it is scored against.

use std::path::PathBuf;

use neuroloom_io::{Orientation, ReadOptions};
use serde::{Deserialize, Serialize};

use crate::Error;

/// Which recording is read, and what it is scored against; section `[data]`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, clap::Args)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct DataConfig {
    /// The recording: .npz, .npy, .csv, .csv.gz, .parquet or .zarr; time x neuron, NaN = missing
    #[arg(value_name = "FILE", required = true)]
    pub path: Option<PathBuf>,
    /// Which array of the file, where it holds several
    #[arg(long, value_name = "KEY")]
    pub array: Option<String>,
    /// Seconds between two frames, where the file does not say
    #[arg(long = "dt", value_name = "SECONDS", allow_negative_numbers = true)]
    #[serde(alias = "dt")]
    pub dt_s: Option<f64>,
    #[allow(
        rustdoc::invalid_html_tags,
        reason = "the text is also that of --help, where <stem> is a place holder"
    )]
    /// A table naming the neurons (columns `index` and `label`); else <stem>_neurons.csv beside the recording
    #[arg(long, value_name = "CSV")]
    pub names: Option<PathBuf>,
    /// Which axis is time, where the file does not say
    #[arg(long, value_name = "ORIENTATION", value_parser = super::kebab::orientation())]
    pub orientation: Option<FrameOrientation>,
    /// Use only the first N frames of each trial
    #[arg(long, value_name = "N")]
    pub frames: Option<usize>,
    /// What a simulation knows (truth.npz): score wiring, types, functions and rollout against it
    #[arg(long, value_name = "FILE")]
    pub truth: Option<PathBuf>,
    /// A folder with edges.csv(.gz) and nodes.csv(.gz), or one edge file: score the wiring against it, matched
    /// by name
    #[arg(long, value_name = "DIR")]
    pub connectome: Option<PathBuf>,
    /// Only edges of this connectome may exist, where it knows both neurons: a folder or one edge file, matched by
    /// name
    #[arg(long, value_name = "DIR")]
    pub mask: Option<PathBuf>,
    /// Where the neurons are: npz or npy [neuron, 2 or 3], or a table with columns x, y (z); tells how an external
    /// field is shared between Omega and W
    #[arg(long, value_name = "FILE")]
    pub positions: Option<PathBuf>,
}

/// Which axis of a recording is time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrameOrientation {
    /// Rows are frames, unless the file says otherwise.
    #[default]
    Auto,
    /// Rows are frames.
    TimeByNeuron,
    /// Rows are neurons.
    NeuronByTime,
}

impl DataConfig {
    /// How `io` shall read the recording.
    pub fn read_options(&self) -> ReadOptions {
        ReadOptions {
            array: self.array.clone(),
            dt_s: self.dt_s,
            names: self.names.clone(),
            orientation: match self.orientation.unwrap_or_default() {
                FrameOrientation::Auto => Orientation::Auto,
                FrameOrientation::TimeByNeuron => Orientation::TimeByNeuron,
                FrameOrientation::NeuronByTime => Orientation::NeuronByTime,
            },
        }
    }

    /// Checks the numbers.
    ///
    /// # Errors
    /// [`Error::Setting`] naming the key, what was given and what is allowed.
    pub fn check(&self) -> Result<(), Error> {
        if let Some(dt_s) = self.dt_s.filter(|dt_s| !(dt_s.is_finite() && *dt_s > 0.0)) {
            return Err(Error::Setting {
                key: "dt",
                given: dt_s.to_string(),
                allowed: "seconds, above 0".to_owned(),
            });
        }
        match self.frames {
            Some(0) => {
                Err(Error::Setting { key: "frames", given: "0".to_owned(), allowed: "1 or more".to_owned() })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn paths_mut(&mut self) -> [Option<&mut PathBuf>; 6] {
        [
            self.path.as_mut(),
            self.names.as_mut(),
            self.truth.as_mut(),
            self.connectome.as_mut(),
            self.mask.as_mut(),
            self.positions.as_mut(),
        ]
    }
}
