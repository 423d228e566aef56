//! Which format a path holds: by its first bytes where they tell, else by its extension.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use crate::Error;
use crate::error::io_error;

/// Formats that hold arrays or tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Zarr,
    Numpy,
    Parquet,
    Csv,
}

const ALLOWED: &str = ".zarr .npz .npy .csv .csv.gz .tsv .parquet";

impl Format {
    /// Looks at what is there.
    pub(crate) fn of_existing(path: &Path) -> Result<Self, Error> {
        let metadata = fs::metadata(path).map_err(io_error("read", path))?;
        if metadata.is_dir() {
            return Self::of_folder(path);
        }
        if metadata.len() == 0 {
            return Err(Error::Empty {
                path: path.to_owned(),
                what: "the file is empty (0 bytes)".to_owned(),
            });
        }
        let mut magic = [0; 6];
        let mut file = File::open(path).map_err(io_error("read", path))?;
        let n = file.read(&mut magic).map_err(io_error("read", path))?;
        match &magic[..n] {
            magic if magic.starts_with(b"PAR1") || magic == b"ARROW1" => Ok(Self::Parquet),
            magic if magic.starts_with(b"PK\x03\x04") || magic == b"\x93NUMPY" => Ok(Self::Numpy),
            _ => Self::of_name(path),
        }
    }

    /// By extension, for a file that is to be written.
    pub(crate) fn of_name(path: &Path) -> Result<Self, Error> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let ends = |extensions: &[&str]| extensions.iter().any(|extension| name.ends_with(extension));
        match () {
            () if ends(&[".zarr"]) => Ok(Self::Zarr),
            () if ends(&[".npz", ".npy"]) => Ok(Self::Numpy),
            () if ends(&[".parquet", ".pq"]) => Ok(Self::Parquet),
            () if ends(&[".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz"]) => Ok(Self::Csv),
            () => Err(Error::UnknownFormat { path: path.to_owned(), allowed: ALLOWED }),
        }
    }

    fn of_folder(path: &Path) -> Result<Self, Error> {
        if path.join("zarr.json").is_file() {
            return Ok(Self::Zarr);
        }
        let given = if path.join(".zgroup").is_file() || path.join(".zarray").is_file() {
            "a Zarr folder of version 2"
        } else {
            "a folder without zarr.json"
        };
        let allowed = "a file, or a Zarr folder of version 3 (it has a zarr.json)";
        Err(Error::Content { path: path.to_owned(), given: given.to_owned(), allowed })
    }
}
