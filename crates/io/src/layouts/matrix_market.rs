//! Matrix Market coordinate files: rows send, columns receive, positions from 1. Neurons are numbered from 0
//! unless a node table is given. Several files are several quantities of one connectome; neuroloom notes in a
//! comment which one (`%neuroloom quantity=syn_count kind=chemical`).

use std::collections::BTreeMap;
use std::io::BufRead;
use std::path::Path;

use neuroloom_core::NeuronId;

use super::Imported;
use super::assembled::Assembled;
use super::edge_list::text;
use super::options::ImportSources;
use crate::Error;
use crate::connectome::{ConnectomeOptions, RawEdges, read_nodes};
use crate::error::io_error;

pub(super) fn read(sources: &ImportSources) -> Result<Imported, Error> {
    let mut edges: BTreeMap<(String, u32, u32), Values> = BTreeMap::new();
    let mut n = 0;
    for path in &sources.edges {
        let matrix = Matrix::read(path)?;
        n = n.max(matrix.n);
        for (pre, post, value) in matrix.entries {
            let values = edges.entry((matrix.kind.clone(), pre, post)).or_default();
            values.add(matrix.quantity, value);
        }
    }
    let first = sources.edges.first().cloned().unwrap_or_default();
    let mut assembled = Assembled { ids: NeuronId::numbered(n), ..Assembled::default() };
    if let Some(path) = sources.nodes.first() {
        let nodes = read_nodes(path, &ConnectomeOptions::default())?;
        if nodes.neurons.len() != n {
            return Err(Error::Shape {
                path: first,
                array: "matrix".to_owned(),
                given: format!("[{n}, {n}]"),
                allowed: format!("one row a neuron of the node table, {}", nodes.neurons.len()),
            });
        }
        assembled.ids = nodes.neurons.id().to_vec();
        assembled.cell_type = nodes.neurons.cell_type().map(<[String]>::to_vec);
        assembled.position_um = nodes.neurons.position_um().map(<[[f64; 3]]>::to_vec);
        assembled.observed = nodes.observed;
    }
    assembled.edges = raw(edges);
    assembled.into_imported(&first)
}

#[derive(Default)]
struct Values {
    syn_count: Option<f32>,
    weight: Option<f32>,
    sign: Option<f32>,
}

impl Values {
    fn add(&mut self, quantity: Quantity, value: f32) {
        match quantity {
            Quantity::Pattern => {}
            Quantity::SynCount => *self.syn_count.get_or_insert(0.0) += value,
            Quantity::Weight => *self.weight.get_or_insert(0.0) += value,
            Quantity::Sign => self.sign = Some(value),
        }
    }
}

fn raw(edges: BTreeMap<(String, u32, u32), Values>) -> RawEdges {
    let ends = edges.keys().map(|&(_, pre, post)| (Some(pre), Some(post))).collect();
    let column = |value: fn(&Values) -> Option<f32>| {
        let any = edges.values().any(|values| value(values).is_some());
        any.then(|| edges.values().map(|values| value(values).unwrap_or(0.0)).collect::<Vec<f32>>())
    };
    let has_kinds = edges.keys().any(|(kind, _, _)| !kind.is_empty());
    RawEdges {
        ends,
        syn_count: column(|values| values.syn_count),
        weight: column(|values| values.weight),
        sign: column(|values| values.sign).map(|signs| signs.iter().map(|sign| *sign as i8).collect()),
        kind: has_kinds.then(|| edges.keys().map(|(kind, _, _)| kind.clone()).collect()),
    }
}

/// What the values of a matrix are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Pattern,
    SynCount,
    Weight,
    Sign,
}

struct Matrix {
    n: usize,
    kind: String,
    quantity: Quantity,
    entries: Vec<(u32, u32, f32)>,
}

impl Matrix {
    fn read(path: &Path) -> Result<Self, Error> {
        let mut matrix = Self { n: 0, kind: String::new(), quantity: Quantity::Weight, entries: Vec::new() };
        let mut symmetric = false;
        let mut sized = false;
        for (number, line) in text(path)?.lines().enumerate() {
            let line = line.map_err(io_error("read", path))?;
            let row = number + 1;
            if number == 0 {
                symmetric = matrix.banner(path, &line)?;
            } else if let Some(comment) = line.strip_prefix('%') {
                matrix.comment(comment);
            } else if line.trim().is_empty() {
                continue;
            } else if !sized {
                matrix.size(path, row, &line)?;
                sized = true;
            } else {
                let (pre, post, value) = matrix.entry(path, row, &line)?;
                matrix.entries.push((pre, post, value));
                if symmetric && pre != post {
                    matrix.entries.push((post, pre, value));
                }
            }
        }
        if !sized {
            return Err(Error::Empty {
                path: path.to_owned(),
                what: "the file has no line of sizes".to_owned(),
            });
        }
        Ok(matrix)
    }

    /// The first line; whether the matrix is symmetric.
    fn banner(&mut self, path: &Path, line: &str) -> Result<bool, Error> {
        let words: Vec<String> = line.split_whitespace().map(str::to_lowercase).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ["%%matrixmarket", "matrix", "coordinate", field, symmetry] = words.as_slice() else {
            return Err(not_allowed(path, 1, line, "%%MatrixMarket matrix coordinate FIELD SYMMETRY"));
        };
        self.quantity = match *field {
            "integer" => Quantity::SynCount,
            "real" => Quantity::Weight,
            "pattern" => Quantity::Pattern,
            _ => return Err(not_allowed(path, 1, field, "integer, real or pattern")),
        };
        match *symmetry {
            "general" => Ok(false),
            "symmetric" => Ok(true),
            _ => Err(not_allowed(path, 1, symmetry, "general or symmetric")),
        }
    }

    fn comment(&mut self, comment: &str) {
        let Some(words) = comment.strip_prefix("neuroloom ") else { return };
        for word in words.splitn(2, ' ') {
            match word.split_once('=') {
                Some(("quantity", "syn_count")) => self.quantity = Quantity::SynCount,
                Some(("quantity", "weight")) => self.quantity = Quantity::Weight,
                Some(("quantity", "sign")) => self.quantity = Quantity::Sign,
                Some(("kind", kind)) => kind.clone_into(&mut self.kind),
                _ => {}
            }
        }
    }

    fn size(&mut self, path: &Path, row: usize, line: &str) -> Result<(), Error> {
        let numbers: Vec<usize> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        match numbers.as_slice() {
            &[rows, columns, n_entries] if rows == columns && rows > 0 => {
                self.n = rows;
                // A damaged size must not reserve the memory of the machine.
                self.entries.reserve(n_entries.min(1 << 24));
                Ok(())
            }
            _ => Err(not_allowed(path, row, line, "rows, columns (as many) and entries")),
        }
    }

    fn entry(&self, path: &Path, row: usize, line: &str) -> Result<(u32, u32, f32), Error> {
        let mut words = line.split_whitespace();
        let mut place = || {
            let place: usize = words.next()?.parse().ok()?;
            (1..=self.n).contains(&place).then(|| place as u32 - 1)
        };
        let ends = place().zip(place());
        let value = match self.quantity {
            Quantity::Pattern => Some(1.0),
            _ => words.next().and_then(|word| word.parse().ok()).filter(|value: &f32| value.is_finite()),
        };
        let allowed = format!("sender and receiver from 1 to {}, and a finite value", self.n);
        match (ends, value) {
            (Some((pre, post)), Some(value)) => Ok((pre, post, value)),
            _ => Err(not_allowed(path, row, line, &allowed)),
        }
    }
}

fn not_allowed(path: &Path, row: usize, given: &str, allowed: &str) -> Error {
    Error::Cell {
        path: path.to_owned(),
        row,
        column: "(line)".to_owned(),
        given: given.to_owned(),
        allowed: allowed.to_owned(),
    }
}
