//! Writing a set of circuits.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::file::properties::WriterProperties;
use arrow_array::{
    ArrayRef, BooleanArray, Float32Array, Float64Array, Int8Array, Int64Array, RecordBatch, StringArray,
};
use neuroloom_core::{Circuit, CircuitSet, Connectome, NeuronId};

use super::{CIRCUITS, EDGES, NODES};
use crate::Error;
use crate::atomic::AtomicFile;
use crate::error::{corrupt, io_error};
use crate::table::is_mangled;

/// A row group is closed at the end of the circuit that fills it.
const ROWS_PER_GROUP: usize = 20_000;

type Columns = Vec<(&'static str, ArrayRef)>;

/// Writes a set of circuits into a folder; [`super::read_circuit_set`] gives back the same set, and
/// [`super::open_circuit_set`] single circuits of it.
///
/// # Errors
/// [`Error::Io`] if the folder cannot be written to, [`Error::Content`] if there is no circuit or the circuits do not
/// have the same columns, [`Error::MangledId`] for an id that could not be read back.
///
/// # Examples
/// ```
/// use neuroloom_core::{Circuit, CircuitOrigin, CircuitSet, Connectome, EdgeList, NeuronId, NeuronTable};
/// let neurons = NeuronTable::new(NeuronId::numbered(2))?;
/// let edges = EdgeList { pre: vec![0], post: vec![1], syn_count: vec![3.0], ..EdgeList::default() };
/// let circuit = Circuit::new(Connectome::new(neurons, edges)?, CircuitOrigin::default());
/// let set = CircuitSet::unsplit(vec![circuit]);
/// let folder = tempfile::tempdir()?;
/// neuroloom_io::write_circuit_set(folder.path(), &set)?;
/// assert_eq!(neuroloom_io::open_circuit_set(folder.path())?.circuit(0)?, set.circuits()[0]);
/// assert_eq!(neuroloom_io::read_circuit_set(folder.path())?, set);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_circuit_set(folder: &Path, set: &CircuitSet) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(io_error("write", folder))?;
    check(folder, set)?;
    let circuits = set.circuits();
    let node_groups = groups(circuits.iter().map(Circuit::n_neurons));
    let edge_groups = groups(circuits.iter().map(Circuit::n_edges));
    write_table(&folder.join(NODES), &node_groups, |range| node_columns(circuits, range))?;
    write_table(&folder.join(EDGES), &edge_groups, |range| edge_columns(circuits, range))?;
    let whole = 0..set.len();
    // The index last: a folder with an index is whole.
    let one = std::slice::from_ref(&whole);
    write_table(&folder.join(CIRCUITS), one, |_| index_columns(set, &node_groups, &edge_groups))
}

type Range = std::ops::Range<usize>;

/// Consecutive circuits of a row group.
fn groups(sizes: impl Iterator<Item = usize>) -> Vec<Range> {
    let (mut groups, mut start, mut n_rows, mut end) = (Vec::new(), 0, 0, 0);
    for size in sizes {
        n_rows += size;
        end += 1;
        if n_rows >= ROWS_PER_GROUP {
            groups.push(start..end);
            (start, n_rows) = (end, 0);
        }
    }
    if start < end {
        groups.push(start..end);
    }
    groups
}

fn write_table(path: &Path, groups: &[Range], columns: impl Fn(Range) -> Columns) -> Result<(), Error> {
    let failed = corrupt(path, "Parquet");
    let level = ZstdLevel::try_new(3).map_err(&failed)?;
    let settings = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
    let batch = |range: Range| RecordBatch::try_from_iter(columns(range)).map_err(corrupt(path, "Parquet"));
    let schema = batch(0..0)?.schema();
    let mut writer =
        ArrowWriter::try_new(AtomicFile::create(path)?, schema, Some(settings)).map_err(&failed)?;
    for range in groups {
        writer.write(&batch(range.clone())?).map_err(&failed)?;
        writer.flush().map_err(&failed)?;
    }
    writer.into_inner().map_err(&failed)?.commit()
}

fn index_columns(set: &CircuitSet, node_groups: &[Range], edge_groups: &[Range]) -> Columns {
    let circuits = set.circuits();
    let count = |of: fn(&Circuit) -> usize| -> ArrayRef {
        Arc::new(circuits.iter().map(|circuit| of(circuit) as i64).collect::<Int64Array>())
    };
    let center = |axis: usize| -> ArrayRef {
        Arc::new(
            circuits
                .iter()
                .map(|circuit| circuit.origin().center_um.map(|at| at[axis]))
                .collect::<Float64Array>(),
        )
    };
    let group = |groups: &[Range]| -> ArrayRef {
        let rows =
            groups.iter().enumerate().flat_map(|(group, range)| range.clone().map(move |_| group as i64));
        Arc::new(rows.collect::<Int64Array>())
    };
    let part = set.part().iter().map(|part| Some(part.name())).collect::<StringArray>();
    let method =
        circuits.iter().map(|circuit| Some(circuit.origin().method.as_str())).collect::<StringArray>();
    let seeds =
        circuits.iter().map(|circuit| Some(circuit.origin().seed.to_string())).collect::<StringArray>();
    vec![
        ("circuit", Arc::new((0..set.len() as i64).collect::<Int64Array>())),
        ("part", Arc::new(part)),
        ("n_neurons", count(Circuit::n_neurons)),
        ("n_edges", count(Circuit::n_edges)),
        ("method", Arc::new(method)),
        // As text: a seed may need all 64 bits, which readers that know no unsigned integers would lose.
        ("seed", Arc::new(seeds)),
        ("center_x_um", center(0)),
        ("center_y_um", center(1)),
        ("center_z_um", center(2)),
        (
            "radius_um",
            Arc::new(circuits.iter().map(|circuit| circuit.origin().radius_um).collect::<Float64Array>()),
        ),
        ("node_group", group(node_groups)),
        ("edge_group", group(edge_groups)),
    ]
}

fn node_columns(circuits: &[Circuit], range: Range) -> Columns {
    let has_names = circuits
        .iter()
        .any(|circuit| circuit.connectome().neurons().id().iter().any(|id| matches!(id, NeuronId::Name(_))));
    let chosen = || circuits[range.clone()].iter().map(Circuit::connectome);
    let ids = || chosen().flat_map(|one| one.neurons().id());
    let mut columns: Columns = vec![("circuit", owners(circuits, &range, Circuit::n_neurons))];
    columns.push(if has_names {
        ("node_id", Arc::new(ids().map(|id| Some(id.to_string())).collect::<StringArray>()))
    } else {
        let integer = |id: &NeuronId| if let NeuronId::Integer(id) = id { *id } else { 0 };
        ("node_id", Arc::new(ids().map(integer).collect::<Int64Array>()))
    });
    let first = circuits[0].connectome();
    if first.neurons().cell_type().is_some() {
        let names = chosen().flat_map(|one| one.neurons().cell_type().unwrap_or_default());
        columns.push(("cell_type", Arc::new(names.map(|name| Some(name.as_str())).collect::<StringArray>())));
    }
    if first.neurons().position_um().is_some() {
        for (axis, name) in ["x_um", "y_um", "z_um"].into_iter().enumerate() {
            let along = chosen().flat_map(|one| one.neurons().position_um().unwrap_or_default());
            columns.push((name, Arc::new(along.map(|at| at[axis]).collect::<Float64Array>())));
        }
    }
    type Flags = fn(&Connectome) -> &Option<Vec<bool>>;
    let flags: [(&'static str, Flags); 2] = [
        ("pre_observed", |one| &one.observed().pre_observed),
        ("post_observed", |one| &one.observed().post_observed),
    ];
    for (name, of) in flags.into_iter().filter(|(_, of)| of(first).is_some()) {
        let all = chosen().flat_map(|one| of(one).as_deref().unwrap_or_default());
        columns.push((name, Arc::new(all.map(|&flag| Some(flag)).collect::<BooleanArray>())));
    }
    columns
}

fn edge_columns(circuits: &[Circuit], range: Range) -> Columns {
    let chosen = || circuits[range.clone()].iter().map(|circuit| circuit.connectome().edges());
    let any = |filled: fn(&neuroloom_core::EdgeList) -> bool| {
        circuits.iter().any(|circuit| filled(circuit.connectome().edges()))
    };
    let mut columns: Columns = vec![
        ("circuit", owners(circuits, &range, Circuit::n_edges)),
        (
            "pre",
            Arc::new(chosen().flat_map(|one| &one.pre).map(|&end| i64::from(end)).collect::<Int64Array>()),
        ),
        (
            "post",
            Arc::new(chosen().flat_map(|one| &one.post).map(|&end| i64::from(end)).collect::<Int64Array>()),
        ),
    ];
    if any(|one| !one.syn_count.is_empty()) {
        columns.push((
            "syn_count",
            Arc::new(chosen().flat_map(|one| &one.syn_count).copied().collect::<Float32Array>()),
        ));
    }
    if any(|one| !one.sign.is_empty()) {
        columns.push(("sign", Arc::new(chosen().flat_map(|one| &one.sign).copied().collect::<Int8Array>())));
    }
    if any(|one| !one.weight.is_empty()) {
        columns.push((
            "weight",
            Arc::new(chosen().flat_map(|one| &one.weight).copied().collect::<Float32Array>()),
        ));
    }
    if any(|one| !one.kind.is_empty()) {
        let kinds = chosen().flat_map(|one| &one.kind).map(|kind| Some(kind.as_str()));
        columns.push(("kind", Arc::new(kinds.collect::<StringArray>())));
    }
    columns
}

/// The circuit of each row.
fn owners(circuits: &[Circuit], range: &Range, size: fn(&Circuit) -> usize) -> ArrayRef {
    let rows = range.clone().flat_map(|one| std::iter::repeat_n(one as i64, size(&circuits[one])));
    Arc::new(rows.collect::<Int64Array>())
}

/// The circuits have the same columns and ids that can be read back.
fn check(folder: &Path, set: &CircuitSet) -> Result<(), Error> {
    let content = |given: String, allowed| Error::Content { path: folder.to_owned(), given, allowed };
    let Some(first) = set.circuits().first() else {
        return Err(content("a set without circuits".to_owned(), "one circuit or more"));
    };
    let wanted_nodes = node_shape(first);
    let with_edges = || set.circuits().iter().filter(|circuit| circuit.n_edges() > 0);
    let wanted_edges = with_edges().next().map(edge_shape);
    for (place, circuit) in set.circuits().iter().enumerate() {
        let edges_differ = circuit.n_edges() > 0 && Some(edge_shape(circuit)) != wanted_edges;
        if node_shape(circuit) != wanted_nodes || edges_differ {
            let given = format!("circuit {place} with other columns than the circuits before it");
            return Err(content(
                given,
                "circuits that all have or all lack types, positions, counts, signs, weights",
            ));
        }
        let ids = circuit.connectome().neurons().id();
        if let Some((row, id)) = ids.iter().enumerate().find(|(_, id)| is_mangled(&id.to_string())) {
            let (path, column) = (folder.join(NODES), "node_id".to_owned());
            return Err(Error::MangledId { path, row, column, given: id.to_string() });
        }
    }
    Ok(())
}

fn node_shape(circuit: &Circuit) -> [bool; 4] {
    let (neurons, observed) = (circuit.connectome().neurons(), circuit.connectome().observed());
    [
        neurons.cell_type().is_some(),
        neurons.position_um().is_some(),
        observed.pre_observed.is_some(),
        observed.post_observed.is_some(),
    ]
}

fn edge_shape(circuit: &Circuit) -> [bool; 4] {
    let edges = circuit.connectome().edges();
    [&edges.syn_count.is_empty(), &edges.sign.is_empty(), &edges.weight.is_empty(), &edges.kind.is_empty()]
        .map(|absent| !absent)
}
