//! One npz that `scipy.sparse.load_npz` opens, with the neurons and the other columns of the edges beside it.

use std::path::Path;

use ndarray::{Array1, Array2};
use neuroloom_core::Connectome;

use super::integers;
use crate::connectome::check_ids;
use crate::layouts::sorted;
use crate::{Error, NamedArray, write_npz};

/// Array by which a reader knows that the file holds a whole connectome.
pub(crate) const MARK: &str = "neuroloom_connectome";

pub(super) fn write(path: &Path, connectome: &Connectome) -> Result<(), Error> {
    let (neurons, observed) = (connectome.neurons(), connectome.observed());
    check_ids(path, neurons.id())?;
    let edges = sorted(connectome.edges());
    let n = neurons.len();
    let mut starts = vec![0_i64; n + 1];
    edges.pre.iter().for_each(|&pre| starts[pre as usize + 1] += 1);
    (0..n).for_each(|row| starts[row + 1] += starts[row]);
    let i64s = |values: Vec<i64>| NamedArray::I64(Array1::from(values).into_dyn().into());
    let f32s = |values: &[f32]| NamedArray::F32(Array1::from(values.to_vec()).into_dyn().into());
    let flags = |flags: &[bool]| NamedArray::Bool(Array1::from(flags.to_vec()).into_dyn().into());
    let word = |text: &str| NamedArray::Word(text.to_owned());
    // scipy adds repeated elements up, so that kinds of edges are summed there and kept apart here.
    let data = match (edges.weight.is_empty(), edges.syn_count.is_empty()) {
        (false, _) => f32s(&edges.weight),
        (true, false) => f32s(&edges.syn_count),
        (true, true) => f32s(&vec![1.0; edges.len()]),
    };
    let ids = match integers(neurons.id()) {
        Some(ids) => i64s(ids),
        None => NamedArray::Text(neurons.id().iter().map(ToString::to_string).collect()),
    };
    let mut arrays = vec![
        ("indptr", i64s(starts)),
        ("indices", i64s(edges.post.iter().map(|&post| i64::from(post)).collect())),
        ("shape", i64s(vec![n as i64, n as i64])),
        ("format", word("csr")),
        ("data", data),
        ("orientation", word("pre,post")),
        ("neuron_ids", ids),
        (MARK, word("1")),
    ];
    arrays.extend(neurons.cell_type().map(|types| ("cell_type", NamedArray::Text(types.to_vec()))));
    if let Some(positions) = neurons.position_um() {
        let matrix = Array2::from_shape_fn((n, 3), |(row, axis)| positions[row][axis]);
        arrays.push(("position_um", NamedArray::F64(matrix.into_dyn().into())));
    }
    arrays.extend(observed.pre_observed.as_ref().map(|all| ("pre_observed", flags(all))));
    arrays.extend(observed.post_observed.as_ref().map(|all| ("post_observed", flags(all))));
    for (name, column) in [("edge_n_syn", &edges.syn_count), ("edge_weight", &edges.weight)] {
        if !column.is_empty() {
            arrays.push((name, f32s(column)));
        }
    }
    if !edges.sign.is_empty() {
        arrays.push(("edge_sign", i64s(edges.sign.iter().map(|&sign| i64::from(sign)).collect())));
    }
    if !edges.kind.is_empty() {
        arrays.push(("edge_kind", NamedArray::Text(edges.kind.clone())));
    }
    write_npz(path, &arrays)
}
