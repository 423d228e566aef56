//! What is written in a format of others is read back as the same connectome.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests are tests too")]

use std::path::{Path, PathBuf};

use neuroloom_core::{Connectome, EdgeList, EdgeMask, NeuronId, NeuronTable, Silent};
use neuroloom_io::{
    ExportFormat, ImportOptions, ImportSources, export_connectome, import_connectome, inspect,
};
use proptest::prelude::*;

fn place(folder: &Path, format: ExportFormat) -> PathBuf {
    folder.join(match format {
        ExportFormat::Npz => "circuit.npz",
        ExportFormat::GraphMl => "circuit.graphml",
        ExportFormat::NodeLink => "circuit.json",
        _ => "circuit",
    })
}

/// Writes and reads; both in a fresh folder.
fn there_and_back(connectome: &Connectome, format: ExportFormat) -> Connectome {
    let folder = tempfile::tempdir().unwrap();
    let path = place(folder.path(), format);
    export_connectome(&path, connectome, format).unwrap();
    import_connectome(&ImportSources::of_edges(&path), &ImportOptions::default(), &Silent).unwrap().connectome
}

/// NaN positions are equal to themselves here.
fn text(connectome: &Connectome) -> String {
    format!("{connectome:?}")
}

fn connectomes() -> impl Strategy<Value = Connectome> {
    let edge = (0_u32..6, 0_u32..6, 0_u8..50, -9.0_f32..9.0, -1_i8..=1, prop::bool::ANY);
    let columns = (prop::bool::ANY, prop::bool::ANY, prop::bool::ANY, prop::bool::ANY, prop::bool::ANY);
    (prop::collection::vec(edge, 0..20), columns, prop::bool::ANY).prop_map(
        |(mut rows, (counts, weights, signs, kinds, known), named)| {
            rows.sort_by_key(|row| (row.0, row.1, kinds && row.5));
            rows.dedup_by_key(|row| (row.0, row.1, kinds && row.5));
            let ids = (0..6_i64).map(|row| match named {
                true => NeuronId::Name(format!("A{row} <&\"' µ")),
                false => NeuronId::Integer(864_691_135_639_004_475 + row),
            });
            let mut neurons = NeuronTable::new(ids.collect()).unwrap();
            let mut observed = EdgeMask::default();
            if known {
                let types = ["5P-ET", "", "a,b", "x y", "<t>", "µ"].map(str::to_owned);
                neurons = neurons.with_cell_type(types.to_vec()).unwrap();
                let mut positions: Vec<[f64; 3]> =
                    (0..6).map(|row| [f64::from(row) / 3.0, -1.5, 1e3]).collect();
                positions[2] = [f64::NAN; 3];
                neurons = neurons.with_position_um(positions).unwrap();
                observed.pre_observed = Some(vec![true, false, true, true, false, true]);
            }
            let edges = EdgeList {
                pre: rows.iter().map(|row| row.0).collect(),
                post: rows.iter().map(|row| row.1).collect(),
                syn_count: column(counts, &rows, |row| f32::from(row.2)),
                weight: column(weights, &rows, |row| row.3),
                sign: column(signs, &rows, |row| row.4),
                kind: column(kinds, &rows, |row| if row.5 { "electrical" } else { "chemical" }.to_owned()),
            };
            Connectome::new(neurons, edges).unwrap().with_observed(observed)
        },
    )
}

type Row = (u32, u32, u8, f32, i8, bool);

fn column<T>(present: bool, rows: &[Row], value: impl Fn(&Row) -> T) -> Vec<T> {
    if present { rows.iter().map(value).collect() } else { Vec::new() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_format_keeps_everything(connectome in connectomes()) {
        for (name, format) in ExportFormat::ALL {
            // Without an edge there is no attribute of edges, so there is nothing to tell their columns by.
            if connectome.edges().is_empty() {
                continue;
            }
            prop_assert_eq!(text(&there_and_back(&connectome, *format)), text(&connectome), "{}", name);
        }
    }
}

/// Folder, and whether the formats that are text are tried too.
const SHARED: &[(&str, bool)] = &[
    ("fly_compass_hemibrain", true),
    ("fly_larva_brain_winding2023", false),
    ("fly_larva_motor_circuit_zarin2019", true),
    ("mouse_cerebellum_mf_grc_nguyen2023", true),
    ("mouse_v1_l23_microns_phase1", true),
    ("worm_cook2019_hermaphrodite", true),
    ("worm_witvliet2021_development/stage1", true),
    ("zebrafish_oculomotor_vishwanathan2024", true),
    ("rat_s1_microcircuit_bbp_model", false),
];

#[test]
fn shared_connectomes_survive_every_format() {
    let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if !data.is_dir() {
        eprintln!("skipped: {} is not there", data.display());
        return;
    }
    let slow = std::env::var_os("RUN_SLOW_TESTS").is_some();
    for (folder, every) in SHARED {
        let sources = ImportSources::of_edges(&data.join(folder));
        let read = import_connectome(&sources, &ImportOptions::default(), &Silent).unwrap();
        for (name, format) in ExportFormat::ALL {
            let columnar = matches!(format, ExportFormat::Parquet | ExportFormat::Npz | ExportFormat::Sonata);
            if columnar || *every || slow {
                assert!(
                    text(&there_and_back(&read.connectome, *format)) == text(&read.connectome),
                    "{folder} {name}"
                );
            }
        }
    }
}

#[test]
fn an_export_can_be_inspected() {
    let neurons = NeuronTable::new(NeuronId::numbered(3)).unwrap();
    let edges =
        EdgeList { pre: vec![0, 1], post: vec![1, 2], syn_count: vec![2.0, 5.0], ..EdgeList::default() };
    let connectome = Connectome::new(neurons, edges).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for format in [ExportFormat::Csv, ExportFormat::Parquet, ExportFormat::Npz] {
        let path = place(folder.path(), format);
        export_connectome(&path, &connectome, format).unwrap();
        let found = inspect(&path, &Default::default()).unwrap();
        assert_eq!((found.n_neurons, found.n_edges), (Some(3), Some(2)), "{format:?}");
    }
}
