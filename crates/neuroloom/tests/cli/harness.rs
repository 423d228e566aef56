//! The real binary in a fresh folder.

#![allow(dead_code, reason = "each test file uses a part of the harness")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use ndarray::{Array2, Array3};
use neuroloom::core::{Activity, NeuronId, Seed};
use neuroloom::io::NamedArray;

/// A fresh folder; the binary runs inside it, so that paths in messages are the same everywhere.
pub struct Folder(tempfile::TempDir);

/// What a command said.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&self.bytes(name)).unwrap()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_neuroloom"));
        command.args(arguments).current_dir(self.0.path()).env("NO_COLOR", "1").env("SOURCE_DATE_EPOCH", "0");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(arguments).output().unwrap())
    }

    /// Runs and insists on success.
    pub fn succeed(&self, arguments: &[&str]) -> Outcome {
        let outcome = self.run(arguments);
        assert_eq!(outcome.code, Some(0), "{arguments:?}\n{}", outcome.stderr);
        outcome
    }

    pub fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// A small noisy recording of a stable linear circuit, as npz with `activity`, `dt_s` and `neuron_ids`.
    pub fn recording(&self, name: &str, n_frames: usize, n_neurons: usize) {
        write_recording(&self.path(name), linear_circuit(n_frames, n_neurons));
    }
}

impl Outcome {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// x(t + 1) = 0.9 x(t) + 0.2 tanh(x of the left neighbour) + noise.
pub fn linear_circuit(n_frames: usize, n_neurons: usize) -> Array2<f32> {
    let mut values = Array2::<f32>::zeros((n_frames, n_neurons));
    for frame in 1..n_frames {
        for neuron in 0..n_neurons {
            let left = values[[frame - 1, (neuron + n_neurons - 1) % n_neurons]];
            let noise = uniform((frame * n_neurons + neuron) as u64);
            values[[frame, neuron]] = 0.9 * values[[frame - 1, neuron]] + 0.2 * left.tanh() + noise;
        }
    }
    values
}

/// Uniform in -1 to 1, a function of its index.
fn uniform(index: u64) -> f32 {
    (Seed(1).nth(index).0 >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
}

pub fn write_recording(path: &Path, values: Array2<f32>) {
    let n_neurons = values.ncols();
    let arrays = [
        ("activity", NamedArray::F32(values.into_dyn().into())),
        ("dt_s", NamedArray::scalar(0.1)),
        ("neuron_ids", NamedArray::Text((0..n_neurons).map(|neuron| format!("n{neuron}")).collect())),
    ];
    neuroloom::io::write_npz(path, &arrays).unwrap();
}

/// An activity in memory with ids 0, 1, ...
pub fn activity(values: Array3<f32>) -> Activity {
    let n_neurons = values.dim().2;
    Activity::new(values, 0.1, NeuronId::numbered(n_neurons)).unwrap()
}

/// The bytes of a npy file of version 1.0 with any header.
pub fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    let padded = format!("{header:<117}\n");
    bytes.extend((padded.len() as u16).to_le_bytes());
    bytes.extend(padded.as_bytes());
    bytes.extend(data);
    bytes
}

/// The bytes of a npz file with one member.
pub fn npz(member: &str, bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file(member, zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(bytes).unwrap();
    archive.finish().unwrap().into_inner()
}

/// Every file below a folder, relative to it, in order.
pub fn files_below(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(one) = folders.pop() {
        for entry in fs::read_dir(&one).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(folder).unwrap().to_string_lossy().into_owned());
            }
        }
    }
    files.sort();
    files
}
