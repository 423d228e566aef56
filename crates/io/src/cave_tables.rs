//! Tables with the columns of a CAVE export, for tissue that was simulated.

use std::fs;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use neuroloom_core::Connectome;

use crate::Error;
use crate::atomic::AtomicFile;
use crate::error::{corrupt, io_error};

/// Micrometres of a voxel along each axis.
const VOXEL_UM: [f64; 3] = [0.004, 0.004, 0.04];

/// Synapses, one row each; the columns are equally long.
#[derive(Debug, Clone, Copy)]
pub struct CaveSynapses<'a> {
    /// Sending neuron, position in the table.
    pub pre: &'a [u32],
    /// Receiving neuron, position in the table.
    pub post: &'a [u32],
    /// Cleft size in voxels.
    pub size_vx: &'a [u32],
    /// Place of the cleft in micrometres.
    pub position_um: &'a [[f64; 3]],
    /// Which synapses are written.
    pub keep: &'a [bool],
}

/// A tissue to be written as CAVE tables.
#[derive(Debug, Clone, Copy)]
pub struct CaveTissue<'a> {
    /// Neurons with ids, types, positions and the mask of proofread axons; its edges are not used.
    pub connectome: &'a Connectome,
    /// Whether each neuron is excitatory.
    pub excitatory: &'a [bool],
    /// The synapses.
    pub synapses: CaveSynapses<'a>,
}

/// Writes `synapses_pni_2.csv.gz`, `nucleus_detection_v0.csv`, `aibs_metamodel_celltypes_v661.csv` and
/// `proofreading_status_and_strategy.csv` with the columns of the MICrONS tables (split positions, voxels of
/// 4 x 4 x 40 nm). What a simulation does not know (bounding boxes, supervoxels) is 0.
///
/// # Errors
/// [`Error::Io`] if the folder cannot be written to.
pub fn write_cave_tables(folder: &Path, tissue: &CaveTissue<'_>) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(io_error("write", folder))?;
    write_synapses(&folder.join("synapses_pni_2.csv.gz"), tissue)?;
    write_nuclei(&folder.join("nucleus_detection_v0.csv"), tissue)?;
    write_types(&folder.join("aibs_metamodel_celltypes_v661.csv"), tissue)?;
    write_proofreading(&folder.join("proofreading_status_and_strategy.csv"), tissue)
}

const SYNAPSE_COLUMNS: [&str; 17] = [
    "id",
    "valid",
    "size",
    "pre_pt_supervoxel_id",
    "pre_pt_root_id",
    "post_pt_supervoxel_id",
    "post_pt_root_id",
    "pre_pt_position_x",
    "pre_pt_position_y",
    "pre_pt_position_z",
    "post_pt_position_x",
    "post_pt_position_y",
    "post_pt_position_z",
    "ctr_pt_position_x",
    "ctr_pt_position_y",
    "ctr_pt_position_z",
    "created",
];

fn write_synapses(path: &Path, tissue: &CaveTissue<'_>) -> Result<(), Error> {
    let (synapses, ids) = (&tissue.synapses, tissue.connectome.neurons().id());
    let rows = (0..synapses.pre.len()).filter(|&row| synapses.keep[row]).map(|row| {
        let center = voxels(synapses.position_um[row]);
        // The two sides of a cleft are a few tens of nanometres from its centre.
        let beside = |shift: i64| [center[0] + shift, center[1], center[2]];
        let mut cells = vec![(row + 1).to_string(), "t".to_owned(), synapses.size_vx[row].to_string()];
        for neuron in [synapses.pre[row], synapses.post[row]] {
            cells.extend(["0".to_owned(), ids[neuron as usize].to_string()]);
        }
        for place in [beside(-10), beside(10), center] {
            cells.extend(place.map(|axis| axis.to_string()));
        }
        cells.push("2026-01-01 00:00:00+00:00".to_owned());
        cells
    });
    let zipped = GzEncoder::new(AtomicFile::create(path)?, Compression::fast());
    let writer = write_rows(path, csv::Writer::from_writer(zipped), &SYNAPSE_COLUMNS, rows)?;
    writer.finish().map_err(io_error("write", path))?.commit()
}

fn write_nuclei(path: &Path, tissue: &CaveTissue<'_>) -> Result<(), Error> {
    let columns = [
        "id",
        "valid",
        "volume",
        "pt_supervoxel_id",
        "pt_root_id",
        "pt_position_x",
        "pt_position_y",
        "pt_position_z",
    ];
    let rows = neurons(tissue).map(|(row, id, place)| {
        let mut cells = vec![(row + 1).to_string(), "t".to_owned(), "0".to_owned(), "0".to_owned(), id];
        cells.extend(place);
        cells
    });
    write_plain(path, &columns, rows)
}

fn write_types(path: &Path, tissue: &CaveTissue<'_>) -> Result<(), Error> {
    let columns = [
        "id",
        "valid",
        "classification_system",
        "cell_type",
        "pt_supervoxel_id",
        "pt_root_id",
        "pt_position_x",
        "pt_position_y",
        "pt_position_z",
    ];
    let names = tissue.connectome.neurons().cell_type().unwrap_or_default();
    let rows = neurons(tissue).map(|(row, id, place)| {
        let class = if tissue.excitatory[row] { "excitatory_neuron" } else { "inhibitory_neuron" };
        let name = names.get(row).cloned().unwrap_or_default();
        let mut cells =
            vec![(row + 1).to_string(), "t".to_owned(), class.to_owned(), name, "0".to_owned(), id];
        cells.extend(place);
        cells
    });
    write_plain(path, &columns, rows)
}

fn write_proofreading(path: &Path, tissue: &CaveTissue<'_>) -> Result<(), Error> {
    let columns = [
        "id",
        "valid",
        "pt_supervoxel_id",
        "pt_root_id",
        "valid_id",
        "status_dendrite",
        "status_axon",
        "strategy_dendrite",
        "strategy_axon",
    ];
    let traced = tissue.connectome.observed().pre_observed.as_deref();
    let rows = neurons(tissue).map(|(row, id, _)| {
        let traced = traced.is_none_or(|traced| traced[row]);
        let (status, strategy) = if traced { ("t", "axon_fully_extended") } else { ("f", "none") };
        let words = ["t", status, "dendrite_clean", strategy].map(str::to_owned);
        let mut cells = vec![(row + 1).to_string(), "t".to_owned(), "0".to_owned(), id.clone(), id];
        cells.extend(words);
        cells
    });
    write_plain(path, &columns, rows)
}

/// Row, root id and position in voxels.
fn neurons<'a>(tissue: &'a CaveTissue<'_>) -> impl Iterator<Item = (usize, String, [String; 3])> + 'a {
    let table = tissue.connectome.neurons();
    let places = table.position_um();
    table.id().iter().enumerate().map(move |(row, id)| {
        let place = places.map_or([0.0; 3], |places| places[row]);
        (row, id.to_string(), voxels(place).map(|axis| axis.to_string()))
    })
}

fn voxels(position_um: [f64; 3]) -> [i64; 3] {
    std::array::from_fn(|axis| (position_um[axis] / VOXEL_UM[axis]).round() as i64)
}

fn write_plain(path: &Path, columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<(), Error> {
    let file = AtomicFile::create(path)?;
    write_rows(path, csv::Writer::from_writer(file), columns, rows)?.commit()
}

fn write_rows<W: std::io::Write>(
    path: &Path,
    mut writer: csv::Writer<W>,
    columns: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<W, Error> {
    let failed = corrupt(path, "CSV");
    writer.write_record(columns).map_err(&failed)?;
    for row in rows {
        writer.write_record(&row).map_err(&failed)?;
    }
    writer.into_inner().map_err(|error| failed(error.into_error().into()))
}
