//! Connectomes as matrices: dense arrays and scipy's CSR and CSC files.

use std::path::{Path, PathBuf};

use ndarray::Array2;
use neuroloom_core::{EdgeMask, NeuronId, NeuronTable, Warning};

use crate::Error;
use crate::activity::{stored_names, unique_ids, word};
use crate::array::dtype::Kind;
use crate::array::{ArrayFile, Entry, matrix_f32};
use crate::connectome::merge::RawEdges;
use crate::connectome::{ConnectomeOptions, ImportedConnectome, MatrixOrientation, Nodes, nodes};
use crate::error::noun;

/// Elements of the largest dense matrix that is made from a sparse one (8 GiB).
const LARGEST_DENSE: usize = 1 << 31;

/// A dense weight matrix `W[post, pre]`: the array `key`, else `weight_matrix`, else the only 2-D array; or a
/// scipy CSR or CSC file, whose `A[pre, post]` is transposed.
///
/// An array called `adjacency`, or a file whose array `orientation` says `pre,post`, is transposed as well.
///
/// # Shapes
/// `[post, pre]`, square.
///
/// # Errors
/// [`Error::MissingArray`], [`Error::Ambiguous`], [`Error::Shape`] if it is not square, [`Error::Element`] for
/// a value that is NaN, infinite or beyond f32.
pub fn read_weight_matrix(path: &Path, key: Option<&str>) -> Result<Array2<f32>, Error> {
    let mut file = ArrayFile::open(path)?;
    if key.is_none() && is_sparse(&file) {
        let sparse = Sparse::read(&mut file)?;
        let orientation = orientation(&mut file, MatrixOrientation::Auto, MatrixOrientation::PrePost)?;
        return sparse.into_dense(path, orientation);
    }
    let entry = choose(&file, key)?;
    let matrix = square(&mut file, &entry)?;
    if let Some(((row, column), _)) = matrix.indexed_iter().find(|(_, value)| value.is_nan()) {
        return Err(Error::Element {
            path: path.to_owned(),
            array: entry.name,
            place: format!("[{row}, {column}]"),
            given: "NaN".to_owned(),
            allowed: "finite weights",
        });
    }
    let default = dense_default(&entry);
    Ok(match orientation(&mut file, MatrixOrientation::Auto, default)? {
        MatrixOrientation::PrePost => matrix.reversed_axes().as_standard_layout().into_owned(),
        _ => matrix,
    })
}

/// Whether the file is what `scipy.sparse.save_npz` writes for compressed rows or columns.
pub(crate) fn is_sparse(file: &ArrayFile) -> bool {
    ["indptr", "indices", "shape"].iter().all(|name| file.find(name).is_some())
}

/// Reads a matrix as a connectome.
pub(crate) fn read(path: &Path, options: &ConnectomeOptions) -> Result<ImportedConnectome, Error> {
    let mut file = ArrayFile::open(path)?;
    let mut warnings = Vec::new();
    let (sparse, default) = if options.array.is_none() && is_sparse(&file) {
        (Sparse::read(&mut file)?, MatrixOrientation::PrePost)
    } else {
        let entry = choose(&file, options.array.as_deref())?;
        (Sparse::of_dense(&mut file, &entry, &mut warnings)?, dense_default(&entry))
    };
    let orientation = orientation(&mut file, options.orientation, default)?;
    let n = sparse.n;
    let nodes = match &options.nodes {
        Some(nodes) => nodes::read(nodes, options)?,
        None => named(&mut file, n, &mut warnings)?,
    };
    if nodes.neurons.len() != n {
        return Err(Error::Shape {
            path: path.to_owned(),
            array: "matrix".to_owned(),
            given: format!("[{n}, {n}]"),
            allowed: format!("one row a neuron of the node table, {}", nodes.neurons.len()),
        });
    }
    let merged = sparse.into_edges(orientation).merge(|row| format!("element {row}"));
    nodes.join(path, merged, warnings)
}

fn choose(file: &ArrayFile, key: Option<&str>) -> Result<Entry, Error> {
    file.choose(key, &["weight_matrix", "adjacency"], "weight matrix", |entry| {
        entry.header.dtype.is_number() && entry.header.shape.len() == 2
    })
}

fn square(file: &mut ArrayFile, entry: &Entry) -> Result<Array2<f32>, Error> {
    match entry.header.shape.as_slice() {
        [rows, columns] if rows == columns && *rows > 0 => matrix_f32(file, entry),
        _ => Err(file.shape_error(entry, "[neuron, neuron]")),
    }
}

fn dense_default(entry: &Entry) -> MatrixOrientation {
    if entry.name == "adjacency" { MatrixOrientation::PrePost } else { MatrixOrientation::PostPre }
}

/// What the user says, else what the file says, else `default`.
fn orientation(
    file: &mut ArrayFile,
    stated: MatrixOrientation,
    default: MatrixOrientation,
) -> Result<MatrixOrientation, Error> {
    if stated != MatrixOrientation::Auto {
        return Ok(stated);
    }
    let Some(text) = word(file, "orientation")? else { return Ok(default) };
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
    match letters.as_str() {
        "prepost" => Ok(MatrixOrientation::PrePost),
        "postpre" => Ok(MatrixOrientation::PostPre),
        _ => Err(Error::Element {
            path: file.path().to_owned(),
            array: "orientation".to_owned(),
            place: "its only element".to_owned(),
            given: text,
            allowed: "`pre,post` (rows send) or `post,pre` (rows receive)",
        }),
    }
}

fn named(file: &mut ArrayFile, n: usize, warnings: &mut Vec<Warning>) -> Result<Nodes, Error> {
    let path: PathBuf = file.path().to_owned();
    let ids = match stored_names(file)? {
        Some(names) if names.len() == n => {
            let (ids, warning) = unique_ids(names);
            warnings.extend(warning);
            ids
        }
        Some(names) => {
            let given = format!("{} neurons", names.len());
            return Err(Error::Names { path, given, n_neurons: n });
        }
        None => NeuronId::numbered(n),
    };
    let neurons = NeuronTable::new(ids).map_err(noun(&path))?;
    Ok(Nodes { neurons, observed: EdgeMask::default(), warnings: Vec::new() })
}

/// Non-zero elements of a square matrix.
struct Sparse {
    n: usize,
    rows: Vec<u32>,
    columns: Vec<u32>,
    values: Values,
}

enum Values {
    /// Only which elements are not zero is known.
    Pattern,
    Counts(Vec<f32>),
    Weights(Vec<f32>),
}

impl Values {
    fn of(kind: Kind, values: Vec<f32>) -> Self {
        match kind {
            Kind::Bool => Self::Pattern,
            Kind::Signed | Kind::Unsigned if values.iter().all(|&value| value >= 0.0) => Self::Counts(values),
            _ => Self::Weights(values),
        }
    }
}

impl Sparse {
    fn of_dense(file: &mut ArrayFile, entry: &Entry, warnings: &mut Vec<Warning>) -> Result<Self, Error> {
        let matrix = square(file, entry)?;
        let n_missing = matrix.iter().filter(|value| value.is_nan()).count();
        if n_missing > 0 {
            let message = format!("{n_missing} elements of `{}` are NaN and count as no edge", entry.name);
            warnings.push(Warning::new("unobserved-pairs", message));
        }
        let there = || matrix.indexed_iter().filter(|(_, value)| **value != 0.0 && !value.is_nan());
        Ok(Self {
            n: matrix.nrows(),
            rows: there().map(|((row, _), _)| row as u32).collect(),
            columns: there().map(|((_, column), _)| column as u32).collect(),
            values: Values::of(entry.header.dtype.kind, there().map(|(_, &value)| value).collect()),
        })
    }

    /// Compressed rows; a file that says `csc` holds compressed columns and is turned.
    fn read(file: &mut ArrayFile) -> Result<Self, Error> {
        let format = word(file, "format")?.unwrap_or_else(|| "csr".to_owned());
        if format != "csr" && format != "csc" {
            return Err(Error::Content {
                path: file.path().to_owned(),
                given: format!("a scipy sparse matrix in the format `{format}`"),
                allowed: "csr or csc (in Python: matrix.tocsr())",
            });
        }
        let n = sparse_size(file)?;
        let entry = file.require("indptr")?;
        let starts = offsets(file, &entry, n)?;
        let indices_entry = file.require("indices")?;
        let minor = indices(file, &indices_entry, n, starts[n])?;
        let major = (0..n).flat_map(|row| std::iter::repeat_n(row as u32, starts[row + 1] - starts[row]));
        let major: Vec<u32> = major.collect();
        let (rows, columns) = if format == "csr" { (major, minor) } else { (minor, major) };
        let mut sparse = Self { n, rows, columns, values: Values::Pattern };
        if let Some(entry) = file.find("data") {
            let values = file.f32(&entry)?.into_raw_vec_and_offset().0;
            if values.len() != sparse.rows.len() {
                let allowed = format!("[{}], one an index", sparse.rows.len());
                return Err(file.shape_error(&entry, &allowed));
            }
            sparse.keep_nonzero(entry.header.dtype.kind, values);
        }
        Ok(sparse)
    }

    /// Zeros that are stored explicitly are no edges.
    fn keep_nonzero(&mut self, kind: Kind, values: Vec<f32>) {
        let keep: Vec<bool> = values.iter().map(|&value| value != 0.0 && !value.is_nan()).collect();
        let mut kept = keep.iter();
        self.rows.retain(|_| kept.next().copied().unwrap_or(true));
        let mut kept = keep.iter();
        self.columns.retain(|_| kept.next().copied().unwrap_or(true));
        let values = values.into_iter().filter(|&value| value != 0.0 && !value.is_nan()).collect();
        self.values = Values::of(kind, values);
    }

    fn into_edges(self, orientation: MatrixOrientation) -> RawEdges {
        let (pre, post) = match orientation {
            MatrixOrientation::PrePost => (self.rows, self.columns),
            _ => (self.columns, self.rows),
        };
        let ends = pre.into_iter().zip(post).map(|(pre, post)| (Some(pre), Some(post))).collect();
        let (syn_count, weight) = match self.values {
            Values::Pattern => (None, None),
            Values::Counts(counts) => (Some(counts), None),
            Values::Weights(weights) => (None, Some(weights)),
        };
        RawEdges { ends, syn_count, weight, ..RawEdges::default() }
    }

    fn into_dense(self, path: &Path, orientation: MatrixOrientation) -> Result<Array2<f32>, Error> {
        let n = self.n;
        if n.checked_mul(n).is_none_or(|n_elements| n_elements > LARGEST_DENSE) {
            return Err(Error::TooLarge {
                path: path.to_owned(),
                what: "the dense matrix".to_owned(),
                given: format!("{n} x {n}"),
                allowed: format!("{LARGEST_DENSE} elements"),
            });
        }
        let edges = self.into_edges(orientation);
        let mut matrix = Array2::zeros((n, n));
        for (row, ends) in edges.ends.iter().enumerate() {
            if let (Some(pre), Some(post)) = *ends {
                let values = edges.weight.as_ref().or(edges.syn_count.as_ref());
                matrix[[post as usize, pre as usize]] += values.map_or(1.0, |values| values[row]);
            }
        }
        Ok(matrix)
    }
}

fn sparse_size(file: &mut ArrayFile) -> Result<usize, Error> {
    let entry = file.require("shape")?;
    let shape: Vec<i64> = file.i64(&entry)?.into_raw_vec_and_offset().0;
    match shape.as_slice() {
        &[rows, columns] if rows == columns && rows > 0 && rows <= i64::from(u32::MAX) => Ok(rows as usize),
        _ => Err(Error::Shape {
            path: file.path().to_owned(),
            array: "sparse matrix".to_owned(),
            given: format!("{shape:?}"),
            allowed: "[neuron, neuron]".to_owned(),
        }),
    }
}

/// Where each row starts among the indices: `n + 1` numbers from 0 that never fall.
fn offsets(file: &mut ArrayFile, entry: &Entry, n: usize) -> Result<Vec<usize>, Error> {
    let offsets = file.i64(entry)?.into_raw_vec_and_offset().0;
    if offsets.len() != n + 1 {
        return Err(file.shape_error(entry, &format!("[{}], one more than rows", n + 1)));
    }
    let bad = (0..=n).find(|&row| {
        let least = if row == 0 { 0 } else { offsets[row - 1] };
        offsets[row] < least || (row == 0 && offsets[0] != 0)
    });
    match bad {
        None => Ok(offsets.into_iter().map(|offset| offset as usize).collect()),
        Some(row) => Err(Error::Element {
            path: file.path().to_owned(),
            array: entry.name.clone(),
            place: format!("index {row}"),
            given: offsets[row].to_string(),
            allowed: "offsets that start at 0 and never fall",
        }),
    }
}

fn indices(file: &mut ArrayFile, entry: &Entry, n: usize, n_stored: usize) -> Result<Vec<u32>, Error> {
    if entry.header.shape != [n_stored] {
        return Err(file.shape_error(entry, &format!("[{n_stored}], the last element of indptr")));
    }
    let indices = file.i64(entry)?.into_raw_vec_and_offset().0;
    match indices.iter().position(|&index| index < 0 || index >= n as i64) {
        None => Ok(indices.into_iter().map(|index| index as u32).collect()),
        Some(place) => Err(Error::Element {
            path: file.path().to_owned(),
            array: entry.name.clone(),
            place: format!("index {place}"),
            given: indices[place].to_string(),
            allowed: "positions within the shape of the matrix",
        }),
    }
}
