//! The real binary in a fresh folder.

#![allow(dead_code, reason = "each test file uses a part of the harness")]
#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use ndarray::Array2;
use neuroloom::core::Seed;
use neuroloom::io::NamedArray;

/// A fresh folder; the binary runs inside it, so that paths in messages are the same everywhere.
pub(crate) struct Folder(tempfile::TempDir);

/// What a command said.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_slice(&self.bytes(name)).unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_neuroloom"));
        command.args(arguments).current_dir(self.0.path()).env("NO_COLOR", "1").env("SOURCE_DATE_EPOCH", "0");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::of(self.command(arguments).output().unwrap())
    }

    /// Runs and insists on success.
    pub(crate) fn succeed(&self, arguments: &[&str]) -> Outcome {
        let outcome = self.run(arguments);
        assert_eq!(outcome.code, Some(0), "{arguments:?}\n{}", outcome.stderr);
        outcome
    }

    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// A small noisy recording of a stable linear circuit, as npz with `activity`, `dt_s` and `neuron_ids`.
    pub(crate) fn recording(&self, name: &str, n_frames: usize, n_neurons: usize) {
        write_recording(&self.path(name), linear_circuit(n_frames, n_neurons));
    }
}

impl Outcome {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// x(t + 1) = 0.9 x(t) + 0.2 tanh(x of the left neighbour) + noise.
pub(crate) fn linear_circuit(n_frames: usize, n_neurons: usize) -> Array2<f32> {
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

pub(crate) fn write_recording(path: &Path, values: Array2<f32>) {
    let n_neurons = values.ncols();
    let arrays = [
        ("activity", NamedArray::F32(values.into_dyn().into())),
        ("dt_s", NamedArray::scalar(0.1)),
        ("neuron_ids", NamedArray::Text((0..n_neurons).map(|neuron| format!("n{neuron}")).collect())),
    ];
    neuroloom::io::write_npz(path, &arrays).unwrap();
}

/// The bytes of a npy file of version 1.0 with any header.
pub(crate) fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    let padded = format!("{header:<117}\n");
    bytes.extend((padded.len() as u16).to_le_bytes());
    bytes.extend(padded.as_bytes());
    bytes.extend(data);
    bytes
}

/// The bytes of a npz file with one member: a zip archive without compression (PKWARE APPNOTE 6.3, 4.3).
pub(crate) fn npz(member: &str, bytes: &[u8]) -> Vec<u8> {
    let (name, size) = (member.as_bytes(), bytes.len() as u32);
    let mut shared = 20_u16.to_le_bytes().to_vec(); // version needed
    shared.extend([0; 4]); // flags, method: stored
    shared.extend([0, 0, 0x21, 0]); // 1980-01-01
    shared.extend(crc32(bytes).to_le_bytes());
    shared.extend(size.to_le_bytes());
    shared.extend(size.to_le_bytes());
    shared.extend((name.len() as u16).to_le_bytes());
    shared.extend([0; 2]); // no extra field
    let mut archive = [b"PK\x03\x04", &shared[..], name, bytes].concat();
    let directory = archive.len() as u32;
    archive.extend([b"PK\x01\x02\x14\x00", &shared[..], &[0; 14], name].concat());
    let directory_size = archive.len() as u32 - directory;
    archive.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    archive.extend(directory_size.to_le_bytes());
    archive.extend(directory.to_le_bytes());
    archive.extend([0; 2]);
    archive
}

/// The checksum of zip, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(
            sum ^ u32::from(byte),
            |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 },
        )
    })
}

/// Every file below a folder, relative to it, in order.
pub(crate) fn files_below(folder: &Path) -> Vec<String> {
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
