//! The shared data sets, where they are there: counts as their README files state them.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests are tests too")]

use std::path::{Path, PathBuf};

use neuroloom_core::NeuronId;
use neuroloom_io::{
    ConnectomeOptions, ContentKind, EdgeColumns, Error, ReadOptions, inspect, open_recording,
    read_connectome, read_field, read_weight_matrix,
};

/// `None`, with a message, on machines without the shared data.
fn data() -> Option<PathBuf> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if folder.is_dir() {
        return Some(folder.to_owned());
    }
    eprintln!("skipped: {} is not there", folder.display());
    None
}

/// Folder, neurons, edges, synapses as the README files say.
const CONNECTOMES: &[(&str, usize, usize, Option<f64>)] = &[
    ("fly_compass_hemibrain", 152, 9_722, Some(129_473.0)),
    ("fly_larva_brain_winding2023", 3_591, 119_010, Some(376_091.0)),
    ("fly_larva_motor_circuit_zarin2019", 230, 4_222, None),
    ("mouse_cerebellum_mf_grc_nguyen2023", 5_023, 12_387, Some(12_387.0)),
    ("mouse_v1_l23_microns_phase1", 453, 1_736, Some(1_961.0)),
    ("mouse_v1_minnie65_excitatory_cells", 56_209, 0, None),
    ("rat_s1_microcircuit_bbp_model", 6_719, 836_167, None),
    ("zebrafish_oculomotor_vishwanathan2024", 609, 10_665, Some(19_838.0)),
];

#[test]
fn connectomes_have_the_stated_sizes() {
    let Some(data) = data() else { return };
    for &(folder, n_neurons, n_edges, n_synapses) in CONNECTOMES {
        let import = read_connectome(&data.join(folder), &ConnectomeOptions::default()).unwrap();
        assert_eq!(import.connectome.neurons().len(), n_neurons, "{folder}");
        assert_eq!(import.connectome.edges().len(), n_edges, "{folder}");
        let sum = import.connectome.edges().syn_count.iter().map(|&count| f64::from(count)).sum::<f64>();
        assert_eq!(sum, n_synapses.unwrap_or(0.0), "{folder}");
        assert_eq!((import.summary.n_dangling, import.summary.n_merged), (0, 0), "{folder}");
    }
}

#[test]
fn kinds_types_and_autapses_are_seen() {
    let Some(data) = data() else { return };
    let worm =
        read_connectome(&data.join("worm_cook2019_hermaphrodite"), &ConnectomeOptions::default()).unwrap();
    assert_eq!(worm.connectome.neurons().len(), 473);
    assert_eq!(worm.connectome.of_kind("chemical").unwrap().edges().len(), 4_879);
    assert_eq!(worm.connectome.of_kind("electrical").unwrap().edges().len(), 2_883);
    assert!(worm.warnings.iter().any(|warning| warning.code == "position-unit"));
    let mouse =
        read_connectome(&data.join("mouse_v1_l23_microns_phase1"), &ConnectomeOptions::default()).unwrap();
    assert_eq!(mouse.summary.n_self_edges, 2);
    let neurons = mouse.connectome.neurons();
    assert_eq!(neurons.id()[0], NeuronId::Integer(648_518_346_349_540_057));
    // 415440 nm
    assert_eq!(neurons.position_um().unwrap()[0][0], 415.44);
    let rat =
        read_connectome(&data.join("rat_s1_microcircuit_bbp_model"), &ConnectomeOptions::default()).unwrap();
    let types = rat.connectome.neurons().cell_type().unwrap();
    // Chandelier cells (CHC) target only excitatory cells: rows send.
    let edges = rat.connectome.edges();
    let chandelier =
        edges.pre.iter().zip(&edges.post).filter(|(pre, _)| types[**pre as usize].contains("CHC"));
    assert!(chandelier.clone().count() > 0);
    for (_, post) in chandelier {
        assert!(
            ["TPC", "UPC", "BPC", "IPC", "HPC", "SSC"].iter().any(|one| types[*post as usize].contains(one))
        );
    }
}

/// Tables whose names or columns must be pointed at.
#[test]
fn tables_of_types_pairs_and_networks_open() {
    let Some(data) = data() else { return };
    let named = |name: &str| Some(name.to_owned());
    let columns = EdgeColumns::default();
    let types = ConnectomeOptions {
        nodes: Some(data.join("fly_optic_lobe_flyvis_types/cell_types.csv.gz")),
        ..ConnectomeOptions::default()
    };
    let path = data.join("fly_optic_lobe_flyvis_types/edges_by_column_offset.csv.gz");
    let flyvis = read_connectome(&path, &types).unwrap();
    assert_eq!((flyvis.connectome.neurons().len(), flyvis.summary.n_rows), (65, 2_140));
    let edges = flyvis.connectome.edges();
    let pairs: std::collections::BTreeSet<_> = edges.pre.iter().zip(&edges.post).collect();
    assert_eq!(pairs.len(), 605);
    let options = ConnectomeOptions {
        columns: EdgeColumns { syn_count: named("n_syn_total"), ..columns.clone() },
        ..ConnectomeOptions::default()
    };
    let path = data.join("fly_optic_lobe_flywire_types_matsliah2024/type_edges.csv.gz");
    let flywire = read_connectome(&path, &options).unwrap();
    assert_eq!(flywire.summary.n_edges, 72_954);
    let options = ConnectomeOptions {
        columns: EdgeColumns {
            pre: named("pre_stimulated"),
            post: named("post_responding"),
            weight: named("n_obs_wt"),
            ..columns.clone()
        },
        ..ConnectomeOptions::default()
    };
    let path = data.join("worm_functional_atlas_randi2023/wt_pairs.csv.gz");
    assert_eq!(read_connectome(&path, &options).unwrap().summary.n_rows, 25_345);
    let options = ConnectomeOptions {
        columns: EdgeColumns { kind: named("network"), ..columns },
        ..ConnectomeOptions::default()
    };
    let path = data.join("benchmark_fmri_feedback_sanchezromero2019/ground_truth_edges.csv");
    let networks = read_connectome(&path, &options).unwrap();
    assert!(!networks.connectome.of_kind("Network1_amp").unwrap().edges().is_empty());
}

#[test]
fn worm_stages_open() {
    let Some(data) = data() else { return };
    for (stage, n_neurons) in [(1, 187), (6, 216)] {
        let folder = data.join(format!("worm_witvliet2021_development/stage{stage}"));
        let import = read_connectome(&folder, &ConnectomeOptions::default()).unwrap();
        assert_eq!(import.connectome.neurons().len(), n_neurons);
    }
}

#[test]
fn worm_recordings_open_as_they_are() {
    let Some(data) = data() else { return };
    for uid in ["2022-07-26-31", "2022-07-26-38", "2022-07-27-31", "2022-07-27-38", "2022-07-27-45"] {
        let path = data.join(format!("worm_activity_dag2023/{uid}.npz"));
        // Three arrays could be meant: the error lists them, inspect lists everything.
        let error = open_recording(&path, &ReadOptions::default()).map(|_| ()).unwrap_err();
        assert!(matches!(error, Error::Ambiguous { count: 3, .. }), "{error}");
        assert_eq!(inspect(&path, &ReadOptions::default()).unwrap().kind, ContentKind::Arrays);
        let options = ReadOptions {
            array: Some("traces_zscored".to_owned()),
            dt_s: Some(0.6),
            ..ReadOptions::default()
        };
        let read = open_recording(&path, &options).unwrap();
        let shape = read.activity.shape();
        assert_eq!((shape.n_trials, shape.n_frames), (1, 800));
        // The README counts the names without doubt; `?` marks a doubtful one.
        let named = |id: &&NeuronId| !id.to_string().starts_with("column_") && !id.to_string().contains('?');
        let n_named = read.activity.neuron_ids().iter().filter(named).count();
        assert!((87..=107).contains(&n_named), "{uid}: {n_named}");
        assert!(read.activity.neuron_ids().contains(&NeuronId::from("AVAL")));
    }
}

#[test]
fn assemblies_and_networks_open() {
    let Some(data) = data() else { return };
    for name in ["baseline", "sparse_5_percent", "transmitters"] {
        let path = data.join(format!("allier2026_assemblies/{name}.npz"));
        assert_eq!(read_weight_matrix(&path, None).unwrap().dim(), (1000, 1000));
    }
    let movie = data.join("allier2026_assemblies/modulation_movie.npz");
    assert_eq!(read_field(&movie, None).unwrap().dim(), (257, 32, 32));
    let path = data.join("benchmark_fmri_feedback_sanchezromero2019/bold_first20.npz");
    let options =
        ReadOptions { array: Some("Network4_amp".to_owned()), dt_s: Some(2.0), ..ReadOptions::default() };
    let shape = open_recording(&path, &options).unwrap().activity.shape();
    assert_eq!((shape.n_trials, shape.n_frames, shape.n_neurons), (20, 500, 10));
}

#[test]
fn everything_that_is_there_can_be_inspected() {
    let Some(data) = data() else { return };
    for folder in std::fs::read_dir(data).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(&folder).unwrap() {
            let file = file.unwrap().path();
            let name = file.to_string_lossy().into_owned();
            if name.ends_with(".npz") || name.ends_with(".csv.gz") {
                let result = inspect(&file, &ReadOptions::default());
                // Tables of other things are refused with a sentence, never with a panic.
                let told = result.map_or_else(|error| error.to_string(), |found| format!("{:?}", found.kind));
                eprintln!("{name}: {told}");
            }
        }
    }
}
