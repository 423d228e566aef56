//! How a run came about: version, command, seed, inputs with their hashes.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Error;
use crate::error::system;

/// How a run came about: `provenance.json`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Provenance {
    /// Version of neuroloom.
    pub version: String,
    /// The command line.
    pub command: String,
    /// Seed of everything random.
    pub seed: u64,
    /// When the run began, UTC.
    pub started: String,
    /// Worker threads; they change the time, not the result.
    pub n_threads: usize,
    /// Files that were read.
    pub inputs: Vec<InputFile>,
    /// Wall-clock seconds of each stage.
    pub seconds: Vec<(String, f64)>,
}

/// A file or folder that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// What it was read as: `recording`, `truth`, ...
    pub role: String,
    /// Its path as given.
    pub path: PathBuf,
    /// SHA-256 of its bytes; of a folder, over the names and hashes of its files.
    pub sha256: String,
    /// Its size in bytes.
    pub n_bytes: u64,
}

impl Provenance {
    /// What is known before the run begins.
    pub fn new(command: &str, seed: u64) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: command.to_owned(),
            seed,
            started: utc(now_s()),
            n_threads: rayon::current_num_threads(),
            ..Self::default()
        }
    }

    /// The input of a role, such as `recording`.
    pub fn input(&self, role: &str) -> Option<&InputFile> {
        self.inputs.iter().find(|input| input.role == role)
    }
}

impl InputFile {
    /// Hashes a file, or every file of a folder.
    ///
    /// # Errors
    /// [`Error::System`] naming the file that cannot be read.
    pub fn read(role: &str, path: &Path) -> Result<Self, Error> {
        let (sha256, n_bytes) = if path.is_dir() { hash_folder(path)? } else { hash_file(path)? };
        Ok(Self { role: role.to_owned(), path: path.to_owned(), sha256, n_bytes })
    }
}

/// SHA-256 of some text, in hexadecimal.
pub(crate) fn hash_text(text: &str) -> String {
    hexadecimal(&Sha256::digest(text.as_bytes()))
}

fn hash_file(path: &Path) -> Result<(String, u64), Error> {
    let mut file = File::open(path).map_err(system("read", path))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    let mut n_bytes = 0;
    loop {
        let n = file.read(&mut buffer).map_err(system("read", path))?;
        if n == 0 {
            return Ok((hexadecimal(&hasher.finalize()), n_bytes));
        }
        hasher.update(&buffer[..n]);
        n_bytes += n as u64;
    }
}

/// The chunks of a large recording are hashed in parallel; their order is that of their names.
fn hash_folder(folder: &Path) -> Result<(String, u64), Error> {
    let mut files = Vec::new();
    list_files(folder, &mut files)?;
    files.sort();
    let hashes: Vec<(String, u64)> =
        files.par_iter().map(|file| hash_file(file)).collect::<Result<_, _>>()?;
    let listing: String = files
        .iter()
        .zip(&hashes)
        .map(|(file, (hash, _))| format!("{hash}  {}\n", file.strip_prefix(folder).unwrap_or(file).display()))
        .collect();
    Ok((hash_text(&listing), hashes.iter().map(|(_, n_bytes)| n_bytes).sum()))
}

fn list_files(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(system("read", folder))? {
        let path = entry.map_err(system("read", folder))?.path();
        if path.is_dir() {
            list_files(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Seconds since 1970; `SOURCE_DATE_EPOCH` (reproducible-builds.org) stands in where it is set.
fn now_s() -> u64 {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    fixed.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

/// `2026-11-22 03:04:05 UTC`; days to date after Hinnant, "chrono-compatible low-level date algorithms".
fn utc(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        // `date -u -d @N`: the epoch, a leap day, the last second of a century year that is a leap year.
        assert_eq!(utc(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(utc(1_709_164_800), "2024-02-29 00:00:00 UTC");
        assert_eq!(utc(978_307_199), "2000-12-31 23:59:59 UTC");
    }

    #[test]
    fn a_folder_is_hashed_with_its_names() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("c")).unwrap();
        fs::write(folder.path().join("c/0"), "abc").unwrap();
        let first = InputFile::read("recording", folder.path()).unwrap();
        fs::rename(folder.path().join("c/0"), folder.path().join("c/1")).unwrap();
        let second = InputFile::read("recording", folder.path()).unwrap();
        assert_eq!((first.n_bytes, second.n_bytes), (3, 3));
        assert_ne!(first.sha256, second.sha256);
        // The standard's example (FIPS 180-2): SHA-256 of "abc".
        assert!(hash_text("abc").starts_with("ba7816bf8f01cfea"));
    }
}
