//! Files that appear whole or not at all: written beside their place, then renamed into it.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::Error;
use crate::error::io_error;

/// Writes a whole file; a crash leaves either the old file or the new one, never half of one.
///
/// # Errors
/// [`Error::Io`] if the folder cannot be written to.
///
/// # Examples
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("evaluation.json");
/// neuroloom_io::write_atomic(&path, b"{}")?;
/// assert_eq!(std::fs::read(&path)?, b"{}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes).map_err(io_error("write", path))?;
    file.commit()
}

/// A file under construction; dropped without [`AtomicFile::commit`] it disappears.
pub(crate) struct AtomicFile {
    writer: Option<BufWriter<File>>,
    temporary: PathBuf,
    path: PathBuf,
}

impl AtomicFile {
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
        let temporary = temporary_name(path);
        let file = File::create(&temporary).map_err(io_error("write", path))?;
        let writer = BufWriter::with_capacity(1 << 18, file);
        Ok(Self { writer: Some(writer), temporary, path: path.to_owned() })
    }

    pub(crate) fn commit(mut self) -> Result<(), Error> {
        if let Some(mut writer) = self.writer.take() {
            writer.flush().map_err(io_error("write", &self.path))?;
        }
        fs::rename(&self.temporary, &self.path).map_err(io_error("write", &self.path))
    }

    fn writer(&mut self) -> io::Result<&mut BufWriter<File>> {
        self.writer.as_mut().ok_or_else(|| io::Error::other("the file is closed"))
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer()?.flush()
    }
}

impl io::Seek for AtomicFile {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.writer()?.seek(to)
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        // After a commit the temporary name is gone and this does nothing.
        drop(self.writer.take());
        let _ = fs::remove_file(&self.temporary);
    }
}

/// A hidden name in the same folder (a rename across file systems is a copy), unique to process and call.
fn temporary_name(path: &Path) -> PathBuf {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}-{call}.tmp", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_abandoned_file_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_atomic(&path, b"old").unwrap();
        let mut half = AtomicFile::create(&path).unwrap();
        half.write_all(b"half").unwrap();
        drop(half);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let error = write_atomic(Path::new("no/such/folder/a.txt"), b"").unwrap_err();
        assert!(error.to_string().contains("no/such/folder/a.txt"), "{error}");
        assert!(error.hint().is_some());
    }
}
