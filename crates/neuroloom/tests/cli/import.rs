//! `neuroloom import`, `export`, and `inspect` of what they write.

use std::path::Path;

use serde_json::Value;

use crate::harness::Folder;

const EDGES: &str = "pre,post,n_syn\nAVAL,DA1,3\nAVAL,DA1,2\nDA1,DA1,1\nAVAL,gone,7\n";
const NODES: &str = "node_id,cell_type\nAVAL,interneuron\nDA1,motor\n";

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_plain_table_needs_no_layout() {
    let folder = Folder::new();
    folder.write("edges.csv", EDGES);
    folder.write("nodes.csv", NODES);
    let outcome =
        folder.succeed(&["import", "--edges", "edges.csv", "--nodes", "nodes.csv", "--out", "circuit"]);
    assert!(outcome.stdout.contains("4 read, 3 kept, 1 dropped"), "{}", outcome.stdout);
    assert!(outcome.stderr.contains("not in the node table (row 5: AVAL -> gone)"), "{}", outcome.stderr);
    let found = json(&folder.succeed(&["inspect", "circuit", "--json"]).stdout);
    assert_eq!((found["n_neurons"].as_u64(), found["n_edges"].as_u64()), (Some(2), Some(2)));
    assert_eq!(found["n_synapses"].as_f64(), Some(6.0));
    let record = folder.json("circuit/import.json");
    assert_eq!(record["import"]["layout"], "table");
    assert_eq!(record["import"]["rows"]["dropped"][0]["n"], 1);
}

#[test]
fn every_format_goes_out_and_comes_back() {
    let folder = Folder::new();
    folder.write("edges.csv", EDGES);
    folder.write("nodes.csv", NODES);
    folder.succeed(&["import", "--edges", "edges.csv", "--nodes", "nodes.csv", "--out", "circuit"]);
    for format in ["csv", "parquet", "npz", "graphml", "node-link", "mtx", "sonata"] {
        let extension = match format {
            "npz" | "graphml" => format!(".{format}"),
            "node-link" => ".json".to_owned(),
            _ => String::new(),
        };
        let out = format!("out_{format}{extension}");
        folder.succeed(&["export", "circuit", "--to", format, "--out", &out]);
        let back = format!("back_{format}");
        folder.succeed(&["import", "--edges", &out, "--out", &back]);
        for file in ["nodes.csv.gz", "edges.csv.gz"] {
            let (before, after) =
                (folder.bytes(&format!("circuit/{file}")), folder.bytes(&format!("{back}/{file}")));
            assert_eq!(before, after, "{format} {file}");
        }
    }
}

#[test]
fn the_same_import_gives_the_same_bytes_for_any_number_of_threads() {
    let folder = Folder::new();
    let row = |row: u64| format!("{row},{},{},{}\n", 100 + row * 7 % 61, 100 + row * 11 % 53, row % 5);
    let text: String = (0..40_000).map(row).collect();
    folder.write("synapses.csv", format!("id,pre_pt_root_id,post_pt_root_id,size\n{text}"));
    for threads in ["1", "2"] {
        let out = format!("circuit{threads}");
        let weights = ["--weight-column", "size", "--threads", threads, "--out", &out];
        folder.succeed(&[["import", "--edges", "synapses.csv"].as_slice(), &weights].concat());
    }
    assert_eq!(folder.bytes("circuit1/edges.csv.gz"), folder.bytes("circuit2/edges.csv.gz"));
}

#[test]
fn mistakes_are_explained() {
    let folder = Folder::new();
    folder.write("float.csv", "pre,post\n6.48518346349540057e17,5\n");
    let outcome = folder.run(&["import", "--edges", "float.csv", "--out", "circuit"]);
    assert_eq!(outcome.code, Some(1));
    assert!(
        outcome.stderr.contains("row 2, column `pre`") && outcome.stderr.contains("hint:"),
        "{}",
        outcome.stderr
    );
    assert!(!folder.path("circuit").exists());
    assert_eq!(folder.run(&["import", "--out", "circuit"]).code, Some(1));
    assert_eq!(folder.run(&["import", "--layout", "nonsense", "--out", "circuit"]).code, Some(2));
}

/// What the README files of the shared data state: arguments, neurons, edges, synapses.
const SHARED: &[(&[&str], u64, u64, Option<f64>)] = &[
    (&["--edges", "fly_compass_hemibrain"], 152, 9_722, Some(129_473.0)),
    (&["--edges", "fly_larva_brain_winding2023"], 3_591, 119_010, Some(376_091.0)),
    (&["--edges", "fly_larva_motor_circuit_zarin2019"], 230, 4_222, None),
    (
        &[
            "--edges",
            "fly_optic_lobe_flyvis_types/edges_by_column_offset.csv.gz",
            "--nodes",
            "fly_optic_lobe_flyvis_types/cell_types.csv.gz",
            "--kind-column",
            "none",
        ],
        65,
        605,
        Some(f64::NAN),
    ),
    (
        &[
            "--edges",
            "fly_optic_lobe_flywire_types_matsliah2024/type_edges.csv.gz",
            "--count-column",
            "n_syn_total",
        ],
        0,
        72_954,
        Some(f64::NAN),
    ),
    (&["--edges", "mouse_cerebellum_mf_grc_nguyen2023"], 5_023, 12_387, Some(12_387.0)),
    (&["--edges", "mouse_v1_l23_microns_phase1"], 453, 1_736, Some(1_961.0)),
    (
        &[
            "--edges",
            "mouse_v1_l23_microns_phase1/synapses.csv.gz",
            "--nodes",
            "mouse_v1_l23_microns_phase1/nodes.csv.gz",
        ],
        453,
        1_736,
        Some(1_961.0),
    ),
    (&["--nodes", "mouse_v1_minnie65_excitatory_cells/nodes.csv.gz"], 56_209, 0, None),
    (&["--edges", "rat_s1_microcircuit_bbp_model"], 6_719, 836_167, None),
    (&["--edges", "worm_cook2019_hermaphrodite"], 473, 7_762, Some(f64::NAN)),
    (&["--edges", "worm_witvliet2021_development/stage1"], 187, 0, Some(f64::NAN)),
    (&["--edges", "worm_witvliet2021_development/stage6"], 216, 0, Some(f64::NAN)),
    (&["--edges", "zebrafish_oculomotor_vishwanathan2024"], 609, 10_665, Some(19_838.0)),
    (
        &[
            "--edges",
            "worm_functional_atlas_randi2023/funatlas.npz",
            "--array",
            "chem_syn",
            "--orientation",
            "post-pre",
        ],
        300,
        0,
        Some(f64::NAN),
    ),
    (&["--edges", "allier2026_assemblies/baseline.npz"], 1_000, 0, Some(f64::NAN)),
];

#[test]
fn shared_connectomes_are_imported_by_one_command_each() {
    let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if !data.is_dir() {
        eprintln!("skipped: {} is not there", data.display());
        return;
    }
    let folder = Folder::new();
    for (arguments, n_neurons, n_edges, n_synapses) in SHARED {
        // A word with a slash or of a folder is a path; 0 and NaN stand for a number that no README states.
        let place = |word: &&str| {
            let path = data.join(word);
            if path.exists() { path.display().to_string() } else { (*word).to_owned() }
        };
        let mut words = vec!["import".to_owned()];
        words.extend(arguments.iter().map(place));
        words.extend(["--out".to_owned(), "circuit".to_owned(), "--format".to_owned(), "parquet".to_owned()]);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        folder.succeed(&words);
        let found = json(&folder.succeed(&["inspect", "circuit", "--json"]).stdout);
        if *n_neurons > 0 {
            assert_eq!(found["n_neurons"].as_u64(), Some(*n_neurons), "{arguments:?}");
        }
        if *n_edges > 0 || arguments[0] == "--nodes" {
            assert_eq!(found["n_edges"].as_u64(), Some(*n_edges), "{arguments:?}");
        }
        if n_synapses.is_none_or(|n| !n.is_nan()) {
            assert_eq!(found["n_synapses"].as_f64(), *n_synapses, "{arguments:?}");
        }
    }
}
