//! Opening npy and npz files: what is in them, and one array at a time.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use ndarray::{ArrayD, IxDyn, ShapeBuilder};
use zip::{CompressionMethod, ZipArchive};

use crate::Error;
use crate::array::npy::Header;
use crate::error::{corrupt, io_error};

/// Elements decoded at a time.
const BLOCK: usize = 1 << 16;

/// No deflated stream can expand more than this, whatever the archive claims.
const LARGEST_DEFLATE_RATIO: u64 = 1032;

/// One array of a file, not yet read.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) header: Header,
    /// Where its first element lies in the file, if it is not compressed.
    pub(crate) data_at: Option<u64>,
    index: usize,
}

impl Entry {
    /// Name, dtype and shape for a message.
    pub(crate) fn describe(&self) -> String {
        format!("{} {:?} {}", self.name, self.header.shape, self.header.dtype)
    }
}

/// An open npy or npz file.
pub(crate) struct ArrayFile {
    path: PathBuf,
    entries: Vec<Entry>,
    /// `None` for a npy file.
    archive: Option<ZipArchive<BufReader<File>>>,
}

impl ArrayFile {
    /// Opens by content: a zip archive is a npz whatever it is called.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let mut file = BufReader::new(File::open(path).map_err(io_error("read", path))?);
        let len = file.seek(SeekFrom::End(0)).map_err(io_error("read", path))?;
        file.seek(SeekFrom::Start(0)).map_err(io_error("read", path))?;
        if len == 0 {
            return Err(Error::Empty {
                path: path.to_owned(),
                what: "the file is empty (0 bytes)".to_owned(),
            });
        }
        let mut magic = [0_u8; 4];
        let known = file.read_exact(&mut magic).is_ok();
        file.seek(SeekFrom::Start(0)).map_err(io_error("read", path))?;
        if known && &magic == b"\x93NUM" {
            return Self::open_npy(path, &mut file, len);
        }
        if magic[0] == 0x80 && path.extension().is_some_and(|extension| extension != "zip") {
            // Protocol mark of Python's pickle: np.save(allow_pickle=True) falls back to it, and so do users.
            return Err(Error::Pickled { path: path.to_owned(), array: "the whole file".to_owned() });
        }
        Self::open_npz(path, file, len)
    }

    fn open_npy(path: &Path, file: &mut BufReader<File>, len: u64) -> Result<Self, Error> {
        let header = Header::read(file, path, len)?;
        let data_at = Some(header.len as u64);
        let entry = Entry { name: "array".to_owned(), header, data_at, index: 0 };
        Ok(Self { path: path.to_owned(), entries: vec![entry], archive: None })
    }

    fn open_npz(path: &Path, file: BufReader<File>, len: u64) -> Result<Self, Error> {
        let mut archive = ZipArchive::new(file).map_err(corrupt(path, "npz"))?;
        let mut entries = Vec::new();
        for index in 0..archive.len() {
            let mut member = archive.by_index(index).map_err(corrupt(path, "npz"))?;
            let name = member.name().map_err(corrupt(path, "npz"))?.into_owned();
            let Some(name) = name.strip_suffix(".npy") else { continue };
            let stored = member.compression() == CompressionMethod::Stored;
            let start = member.data_start().filter(|_| stored);
            let size = member.size().min(len.saturating_mul(LARGEST_DEFLATE_RATIO));
            let header = Header::read(&mut member, path, size)?;
            let data_at = start.map(|start| start + header.len as u64);
            entries.push(Entry { name: name.to_owned(), header, data_at, index });
        }
        if entries.is_empty() {
            return Err(Error::Empty {
                path: path.to_owned(),
                what: "the archive holds no array".to_owned(),
            });
        }
        Ok(Self { path: path.to_owned(), entries, archive: Some(archive) })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(crate) fn find(&self, name: &str) -> Option<Entry> {
        self.entries.iter().find(|entry| entry.name == name).cloned()
    }

    /// The array of that name, or an error that lists what there is.
    pub(crate) fn require(&self, name: &str) -> Result<Entry, Error> {
        self.find(name).ok_or_else(|| Error::MissingArray {
            path: self.path.clone(),
            wanted: name.to_owned(),
            present: self.entries.iter().map(Entry::describe).collect::<Vec<_>>().join(", "),
        })
    }

    /// The array `key`; without one the first of `defaults` that exists, else the only one that `fits`.
    pub(crate) fn choose(
        &self,
        key: Option<&str>,
        defaults: &[&str],
        purpose: &'static str,
        fits: impl Fn(&Entry) -> bool,
    ) -> Result<Entry, Error> {
        if let Some(key) = key {
            return self.require(key);
        }
        if let Some(entry) = defaults.iter().find_map(|name| self.find(name)) {
            return Ok(entry);
        }
        let candidates: Vec<&Entry> = self.entries.iter().filter(|entry| fits(entry)).collect();
        match candidates.as_slice() {
            [only] => Ok((*only).clone()),
            [] => self.require(defaults.first().unwrap_or(&purpose)),
            many => Err(Error::Ambiguous {
                path: self.path.clone(),
                purpose,
                count: many.len(),
                candidates: many.iter().map(|entry| entry.describe()).collect::<Vec<_>>().join(", "),
            }),
        }
    }

    pub(crate) fn shape_error(&self, entry: &Entry, allowed: &str) -> Error {
        Error::Shape {
            path: self.path.clone(),
            array: entry.name.clone(),
            given: format!("{:?}", entry.header.shape),
            allowed: allowed.to_owned(),
        }
    }

    /// As f32; integers and doubles are converted, NaN stays, infinite values are errors.
    pub(crate) fn f32(&mut self, entry: &Entry) -> Result<ArrayD<f32>, Error> {
        self.check(entry, entry.header.dtype.is_number(), "any float, integer or bool")?;
        let (path, name) = (self.path.clone(), entry.name.clone());
        let decode = |bytes: &[u8], values: &mut Vec<f32>| {
            let start = values.len();
            values.resize(start + bytes.len() / entry.header.dtype.size, 0.0);
            entry.header.dtype.decode_f32(bytes, &mut values[start..]).map_err(|(index, given)| {
                let place = format!("index {:?}", unravel(start + index, &entry.header));
                let allowed = "a finite number within the range of f32, or NaN for missing";
                Error::Element { path: path.clone(), array: name.clone(), place, given, allowed }
            })
        };
        let values = self.elements(entry, decode)?;
        self.shaped(entry, values)
    }

    /// As f64.
    pub(crate) fn f64(&mut self, entry: &Entry) -> Result<ArrayD<f64>, Error> {
        self.check(entry, entry.header.dtype.is_number(), "any float, integer or bool")?;
        let dtype = &entry.header.dtype;
        let values = self.elements(entry, |bytes, values| {
            values.extend(bytes.chunks_exact(dtype.size).map(|cell| dtype.number(cell)));
            Ok(())
        })?;
        self.shaped(entry, values)
    }

    /// As 64-bit integers; only from integer dtypes, never through a float.
    pub(crate) fn i64(&mut self, entry: &Entry) -> Result<ArrayD<i64>, Error> {
        self.check(entry, entry.header.dtype.is_integer(), "any integer")?;
        let (path, name) = (self.path.clone(), entry.name.clone());
        let dtype = &entry.header.dtype;
        let values = self.elements(entry, |bytes, values| {
            for cell in bytes.chunks_exact(dtype.size) {
                values.push(dtype.integer(cell).ok_or_else(|| Error::Element {
                    path: path.clone(),
                    array: name.clone(),
                    place: format!("index {}", values.len()),
                    given: dtype.number(cell).to_string(),
                    allowed: "integers that fit 64 signed bits",
                })?);
            }
            Ok(())
        })?;
        self.shaped(entry, values)
    }

    /// As text; from `U` and `S` dtypes.
    pub(crate) fn text(&mut self, entry: &Entry) -> Result<ArrayD<String>, Error> {
        self.check(entry, entry.header.dtype.is_text(), "text (U or S)")?;
        let dtype = &entry.header.dtype;
        if dtype.size == 0 {
            return self.shaped(entry, vec![String::new(); entry.header.n_elements().min(BLOCK)]);
        }
        let (path, name) = (self.path.clone(), entry.name.clone());
        let values = self.elements(entry, |bytes, values| {
            for cell in bytes.chunks_exact(dtype.size) {
                values.push(dtype.text(cell).ok_or_else(|| Error::Element {
                    path: path.clone(),
                    array: name.clone(),
                    place: format!("index {}", values.len()),
                    given: "no valid text".to_owned(),
                    allowed: "Unicode text",
                })?);
            }
            Ok(())
        })?;
        self.shaped(entry, values)
    }

    fn check(&self, entry: &Entry, fits: bool, allowed: &str) -> Result<(), Error> {
        let (path, array) = (self.path.clone(), entry.name.clone());
        match entry.header.dtype.kind {
            super::dtype::Kind::Object => Err(Error::Pickled { path, array }),
            _ if fits => Ok(()),
            _ => {
                let given = entry.header.dtype.to_string();
                Err(Error::Dtype { path, array, given, allowed: allowed.to_owned() })
            }
        }
    }

    /// Reads block by block, so that memory is the result and one block.
    fn elements<T>(
        &mut self,
        entry: &Entry,
        mut decode: impl FnMut(&[u8], &mut Vec<T>) -> Result<(), Error>,
    ) -> Result<Vec<T>, Error> {
        let path = self.path.clone();
        let (n, size) = (entry.header.n_elements(), entry.header.dtype.size);
        let mut reader = self.reader(entry)?;
        let mut values = Vec::with_capacity(n);
        let mut block = vec![0; BLOCK.min(n) * size];
        while values.len() < n {
            let bytes = &mut block[..BLOCK.min(n - values.len()) * size];
            reader.read_exact(bytes).map_err(|error| Error::Corrupt {
                path: path.clone(),
                format: "npy",
                reason: format!("`{}` ends after {} of {n} elements ({error})", entry.name, values.len()),
            })?;
            decode(bytes, &mut values)?;
        }
        // The checksum of a zip member is compared when its end is reached.
        reader.read(&mut [0; 1]).map_err(corrupt(&path, "npz"))?;
        Ok(values)
    }

    /// A reader that stands at the first element.
    fn reader(&mut self, entry: &Entry) -> Result<Box<dyn Read + '_>, Error> {
        let path = self.path.clone();
        let skip = entry.header.len as u64;
        let Some(archive) = &mut self.archive else {
            let mut file = File::open(&path).map_err(io_error("read", &path))?;
            file.seek(SeekFrom::Start(skip)).map_err(io_error("read", &path))?;
            return Ok(Box::new(file));
        };
        let mut member = archive.by_index(entry.index).map_err(corrupt(&path, "npz"))?;
        std::io::copy(&mut (&mut member).take(skip), &mut std::io::sink()).map_err(corrupt(&path, "npz"))?;
        Ok(Box::new(member))
    }

    fn shaped<T: Clone>(&self, entry: &Entry, values: Vec<T>) -> Result<ArrayD<T>, Error> {
        let shape = IxDyn(&entry.header.shape).set_f(entry.header.fortran);
        let array =
            ArrayD::from_shape_vec(shape, values).map_err(|_| self.shape_error(entry, "a smaller array"))?;
        Ok(if entry.header.fortran { array.as_standard_layout().into_owned() } else { array })
    }
}

/// Index along each axis of the element that lies at `position` in the file.
fn unravel(mut position: usize, header: &Header) -> Vec<usize> {
    let mut index = vec![0; header.shape.len()];
    let axes: Vec<usize> = (0..header.shape.len()).collect();
    let fastest_first: Vec<usize> = if header.fortran { axes } else { axes.into_iter().rev().collect() };
    for axis in fastest_first {
        index[axis] = position % header.shape[axis];
        position /= header.shape[axis];
    }
    index
}
