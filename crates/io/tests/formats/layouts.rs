//! Every layout that `import_connectome` knows, in small files of exactly that layout.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "helpers of tests are tests too")]

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use neuroloom_core::{NeuronId, Silent};
use neuroloom_io::{
    Autapses, CellChoice, EdgeColumns, Error, ImportOptions, ImportSources, Imported, Layout, Proofreading,
    Threshold, import_connectome,
};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        if name.ends_with(".gz") {
            let mut file = GzEncoder::new(std::fs::File::create(&path).unwrap(), Compression::fast());
            file.write_all(text.as_bytes()).unwrap();
            file.finish().unwrap();
        } else {
            std::fs::write(&path, text).unwrap();
        }
        path
    }
}

fn import(sources: &ImportSources, options: &ImportOptions) -> Imported {
    import_connectome(sources, options, &Silent).unwrap()
}

fn of(edges: &[&Path], nodes: &[&Path]) -> ImportSources {
    let owned = |paths: &[&Path]| paths.iter().map(|path| (*path).to_owned()).collect();
    ImportSources { edges: owned(edges), nodes: owned(nodes), ..ImportSources::default() }
}

fn ids(import: &Imported) -> Vec<String> {
    import.connectome.neurons().id().iter().map(ToString::to_string).collect()
}

/// Sender, receiver and number of synapses of each edge.
fn edges(import: &Imported) -> Vec<(String, String, f32)> {
    let (ids, edges) = (ids(import), import.connectome.edges());
    let edge = |edge: usize| {
        let count = edges.syn_count.get(edge).copied().unwrap_or(f32::NAN);
        (ids[edges.pre[edge] as usize].clone(), ids[edges.post[edge] as usize].clone(), count)
    };
    (0..edges.len()).map(edge).collect()
}

fn dropped(import: &Imported, word: &str) -> usize {
    let rows = import.record.rows.dropped.iter().chain(&import.record.nodes.dropped);
    rows.filter(|fate| fate.reason.contains(word)).map(|fate| fate.n).sum()
}

const A: &str = "864691135639004475";
const B: &str = "864691135771677771";
const C: &str = "864691135000000003";

fn edge(pre: &str, post: &str, count: f32) -> (String, String, f32) {
    (pre.to_owned(), post.to_owned(), count)
}

/// What pandas writes of a CAVE query: index column, quoted lists, `t`/`f`.
fn synapses(folder: &Folder, name: &str, rows: &[(u32, &str, &str, u32, char)]) -> PathBuf {
    let mut text = ",id,created,superceded_id,valid,size,pre_pt_supervoxel_id,pre_pt_root_id,post_pt_supervoxel_id,post_pt_root_id,pre_pt_position,post_pt_position,ctr_pt_position\n".to_owned();
    for (index, (id, pre, post, size, valid)) in rows.iter().enumerate() {
        let point = "\"[181250, 191912, 18361]\"";
        text += &format!(
            "{index},{id},2020-11-04 13:02:08.388988+00:00,,{valid},{size},89529934389098311,{pre},89529934389098312,{post},{point},{point},{point}\n"
        );
    }
    folder.write(name, &text)
}

fn cave_nodes(folder: &Folder) -> Vec<PathBuf> {
    let nuclei = format!(
        "id,valid,volume,pt_supervoxel_id,pt_root_id,pt_position\n\
         1,t,300.5,1,{A},\"[100, 200, 10]\"\n2,t,280.0,2,{B},\"[1000 2000 20]\"\n3,t,90.0,3,{C},\"[0, 0, 1]\"\n\
         4,t,1,4,0,\"[0, 0, 0]\"\n5,t,1,5,0,\"[0, 0, 0]\"\n6,t,1,6,77,\"[0, 0, 0]\"\n7,t,1,7,77,\"[0, 0, 0]\"\n"
    );
    let types = format!(
        "id,classification_system,cell_type,pt_root_id,pt_position_x,pt_position_y,pt_position_z\n\
         1,excitatory_neuron,5P_PT,{A},100,200,10\n2,inhibitory_neuron,BC,{B},1000,2000,20\n3,nonneuron,astrocyte,{C},0,0,1\n"
    );
    let proofreading = format!(
        "valid_id,pt_root_id,status_dendrite,status_axon,strategy_dendrite,strategy_axon\n\
         1,{A},t,t,dendrite_extended,axon_fully_extended\n2,{B},True,False,dendrite_clean,none\n"
    );
    vec![
        folder.write("nucleus_detection_v0.csv", &nuclei),
        folder.write("aibs_metamodel_celltypes_v661.csv.gz", &types),
        folder.write("proofreading_status_and_strategy.csv", &proofreading),
    ]
}

#[test]
fn cave_tables_are_joined_and_every_row_is_accounted_for() {
    let folder = Folder::new();
    let rows =
        [(7, A, B, 30, 't'), (8, A, B, 12, 't'), (9, B, A, 5, 't'), (10, B, "0", 5, 't'), (11, A, C, 5, 't')];
    let first = synapses(&folder, "connections_table_0.csv.gz", &rows);
    // The second chunk repeats synapse 9 and holds one that is not valid.
    let rows = [(9, B, A, 5, 't'), (12, A, A, 9, 't'), (13, A, B, 1, 'f')];
    let second = synapses(&folder, "connections_table_1.csv", &rows);
    let sources =
        ImportSources { edges: vec![first, second], nodes: cave_nodes(&folder), ..ImportSources::default() };
    let read = import(&sources, &ImportOptions::default());
    assert_eq!(read.record.layout, Layout::Cave.name());
    assert_eq!(ids(&read), [A, B]);
    assert_eq!(edges(&read), [edge(A, A, 1.0), edge(A, B, 2.0), edge(B, A, 1.0)]);
    assert_eq!((read.record.rows.n_read, read.record.rows.n_kept), (8, 4));
    assert_eq!(
        (dropped(&read, "same id"), dropped(&read, "not valid"), dropped(&read, "an end is 0")),
        (1, 1, 1)
    );
    assert_eq!(
        (dropped(&read, "the id is 0"), dropped(&read, "several rows"), dropped(&read, "no neuron")),
        (2, 2, 1)
    );
    let neurons = read.connectome.neurons();
    assert_eq!(neurons.cell_type().unwrap(), ["5P-ET", "BC"]);
    assert_eq!(neurons.position_um().unwrap()[1], [4.0, 8.0, 0.8]);
    assert_eq!(read.connectome.observed().pre_observed.as_deref(), Some([true, false].as_slice()));
    assert_eq!(read.record.n_post_observed, Some(2));
    assert!(read.record.cell_types.iter().any(|one| one.label == "5P_PT" && one.kept == "5P-ET"));
    let sizes = ImportOptions {
        columns: EdgeColumns { weight: Some("size".to_owned()), ..EdgeColumns::default() },
        autapses: Autapses::Drop,
        proofreading: Proofreading::Pre,
        ..ImportOptions::default()
    };
    let read = import(&sources, &sizes);
    assert_eq!((edges(&read), read.connectome.edges().weight.clone()), (vec![edge(A, B, 2.0)], vec![42.0]));
    let both = ImportOptions { proofreading: Proofreading::PreAndPost, ..ImportOptions::default() };
    assert_eq!(ids(&import(&sources, &both)), [A]);
    let all = ImportOptions { cells: Some(CellChoice::All), ..ImportOptions::default() };
    assert_eq!(ids(&import(&sources, &all)), [A, B, C]);
    let list = folder.write("ids.csv", &format!("pt_root_id\n{B}\n"));
    let wanted = ImportSources { ids: Some(list), ..sources };
    assert_eq!(ids(&import(&wanted, &ImportOptions::default())), [B]);
}

#[test]
fn the_static_archive_has_no_header_row() {
    let folder = Folder::new();
    let edges_path =
        folder.write("synapses_pni_2_v1_filtered_view.csv.gz", &format!("7,{A},{B},30\n8,{A},{B},2\n"));
    folder.write(
        "synapses_pni_2_v1_filtered_view_header.csv",
        "name,type\nid,bigint\npre_pt_root_id,bigint\npost_pt_root_id,bigint\nsize,double\n",
    );
    // A point of PostGIS: little endian, type 1001, (100, 200, 10).
    let point = "01e90300000000000000005940000000000000694000000000000024".to_owned() + "40";
    let nuclei =
        folder.write("nucleus_detection_v0_merged.csv.gz", &format!("1,{A},{point}\n2,{B},{point}\n"));
    folder.write(
        "nucleus_detection_v0_merged_header.csv",
        "id,bigint\npt_root_id,bigint\npt_position,geometry\n",
    );
    let read = import(&of(&[&edges_path], &[&nuclei]), &ImportOptions::default());
    assert_eq!((read.record.layout.as_str(), edges(&read)), ("cave", vec![edge(A, B, 2.0)]));
    let position = read.connectome.neurons().position_um().unwrap()[0];
    assert!((position[0] - 0.4).abs() < 1e-12 && (position[2] - 0.4).abs() < 1e-12, "{position:?}");
}

#[test]
fn ids_that_were_floats_are_refused() {
    let folder = Folder::new();
    let path = folder.write("s.csv", "id,pre_pt_root_id,post_pt_root_id\n1,8.646911356390045e17,5\n");
    let error =
        import_connectome(&ImportSources::of_edges(&path), &ImportOptions::default(), &Silent).unwrap_err();
    assert!(
        matches!(&error, Error::MangledId { row: 2, column, .. } if column == "pre_pt_root_id"),
        "{error}"
    );
    let path = folder.write("t.csv", "id,pre_pt_root_id,post_pt_root_id\n1,2,5\n2,3\n");
    let error =
        import_connectome(&ImportSources::of_edges(&path), &ImportOptions::default(), &Silent).unwrap_err();
    assert!(matches!(error, Error::Ragged { row: 3, .. }), "{error}");
}

#[test]
fn a_download_that_was_cut_short_is_named() {
    let folder = Folder::new();
    let rows: Vec<(u32, &str, &str, u32, char)> = (0..5000).map(|id| (id, A, B, 1, 't')).collect();
    let path = synapses(&folder, "s.csv.gz", &rows);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let error =
        import_connectome(&ImportSources::of_edges(&path), &ImportOptions::default(), &Silent).unwrap_err();
    assert!(error.to_string().contains("cut short"), "{error}");
}

#[test]
fn phase_1_keeps_the_first_of_two_rows() {
    let folder = Folder::new();
    let synapses = folder.write(
        "soma_subgraph_synapses_spines_v185.csv",
        "id,pre_root_id,post_root_id,cleft_vx,ctr_pos_x_vx,ctr_pos_y_vx,ctr_pos_z_vx,spine_vol_um3\n\
         1484,648518346349539437,648518346349531254,798,1,2,3,0.13\n\
         1485,648518346349539437,648518346349531254,100,1,2,3,0.1\n",
    );
    let valence = folder.write(
        "soma_valence_v185.csv",
        "pt_root_id,cell_type,pt_position\n648518346349539437,e,[91369 57808 1582]\n\
         648518346349531254,i,[80000 57808 1000]\n648518346349531254,i,[80000 57808 1000]\n",
    );
    let read = import(&of(&[&synapses], &[&valence]), &ImportOptions::default());
    assert_eq!(read.record.layout, "microns-phase1");
    assert_eq!(edges(&read), [edge("648518346349539437", "648518346349531254", 2.0)]);
    assert_eq!(read.connectome.neurons().cell_type().unwrap(), ["excitatory", "inhibitory"]);
    assert_eq!(dropped(&read, "earlier row"), 1);
    assert_eq!(read.connectome.neurons().position_um().unwrap()[0][2], 63.28);
}

#[test]
fn flywire_rows_are_neuropils() {
    let folder = Folder::new();
    let text = "pre_root_id,post_root_id,neuropil,syn_count,nt_type\n\
        720575940623224444,720575940630066007,AL_L,3,ACH\n720575940623224444,720575940630066007,LH_L,4,ACH\n\
        720575940630066007,720575940623224444,LH_L,6,GABA\n";
    let connections = folder.write("connections.csv.gz", text);
    let classes = folder.write(
        "classification.csv.gz",
        "root_id,flow,super_class,class,side\n720575940623224444,intrinsic,central,ALPN,left\n720575940630066007,intrinsic,optic,,left\n",
    );
    let places = folder.write(
        "coordinates.csv.gz",
        "root_id,position,supervoxel_id\n720575940623224444,[418064 160440 4760],1\n",
    );
    let sources = of(&[&connections], &[&classes, &places]);
    let strengths = |least: f32, threshold: Threshold| {
        let options = ImportOptions { least_synapses: least, threshold, ..ImportOptions::default() };
        import(&sources, &options).connectome.edges().syn_count.clone()
    };
    assert_eq!(strengths(0.0, Threshold::Pair), [7.0, 6.0]);
    // 3 + 4 synapses pass a threshold of 5 as a pair; as rows neither does.
    assert_eq!(strengths(5.0, Threshold::Pair), [7.0, 6.0]);
    assert_eq!(strengths(5.0, Threshold::Row), [6.0]);
    let read = import(&sources, &ImportOptions::default());
    assert_eq!(read.record.layout, "flywire");
    assert_eq!(read.connectome.neurons().cell_type().unwrap(), ["central", "optic"]);
    let position = read.connectome.neurons().position_um().unwrap();
    assert_eq!(position[0][2], 4.76);
    assert!(position[1][0].is_nan());
}

/// A file that pandas (pyarrow) wrote: `reference/layout_golden.py`.
#[test]
fn flywire_as_feather_is_flywire_as_text() {
    let golden = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"));
    let path = golden.join("flywire_connections.feather");
    let read = import(&ImportSources::of_edges(&path), &ImportOptions::default());
    assert_eq!(read.record.layout, "flywire");
    let (one, other) = ("720575940623224444", "720575940630066007");
    assert_eq!(edges(&read), [edge(one, other, 7.0), edge(other, one, 6.0)]);
    let rows = ImportOptions { least_synapses: 5.0, threshold: Threshold::Row, ..ImportOptions::default() };
    assert_eq!(edges(&import(&ImportSources::of_edges(&path), &rows)), [edge(other, one, 6.0)]);
}

#[test]
fn a_folder_of_other_tables_still_gives_its_edges() {
    let folder = Folder::new();
    // Sorted before the edges, and no chunk of them.
    folder.write("cell_types.csv", "cell_type,stride_u,stride_v,bias\nR1,1,1,3.5\n");
    folder.write("edges_by_column_offset.csv", "pre,post,du,n_syn\nR1,L1,0,40\nR1,L2,0,46\nR1,L1,1,2\n");
    let read = import(&ImportSources::of_edges(folder.0.path()), &ImportOptions::default());
    assert_eq!(edges(&read), [edge("R1", "L1", 42.0), edge("R1", "L2", 46.0)]);
}

#[test]
fn hemibrain_weights_are_synapses() {
    let folder = Folder::new();
    let edges_path = folder
        .write("traced-total-connections.csv", "bodyId_pre,bodyId_post,weight\n5813047157,634608104,21\n");
    let nodes = folder.write(
        "traced-neurons.csv",
        "bodyId,type,instance\n5813047157,PEN_b(PEN2),\"PEN_b(PB06b)_L2\"\n634608104,,\n",
    );
    let read = import(&of(&[&edges_path], &[&nodes]), &ImportOptions::default());
    assert_eq!(
        (read.record.layout.as_str(), edges(&read)),
        ("hemibrain", vec![edge("5813047157", "634608104", 21.0)])
    );
    assert!(read.connectome.edges().weight.is_empty());
    assert_eq!(read.connectome.neurons().cell_type().unwrap()[0], "PEN_b(PEN2)");
}

#[test]
fn edge_lists_of_networkx_and_snap() {
    let folder = Folder::new();
    for (name, text) in [
        ("a.txt", "# comment\nAVAL DA1 3\nDA1 DA1 1\n"),
        ("b.tsv", "AVAL\tDA1\t3\nDA1\tDA1\t1\n"),
        ("c.edgelist.txt", "AVAL DA1 {'weight': 3}\nDA1 DA1 {'weight': 1}\n"),
    ] {
        let path = folder.write(name, text);
        let options = ImportOptions { layout: Some(Layout::EdgeList), ..ImportOptions::default() };
        let read = import(&ImportSources::of_edges(&path), &options);
        assert_eq!(edges(&read), [edge("AVAL", "DA1", 3.0), edge("DA1", "DA1", 1.0)], "{name}");
        assert_eq!(import(&ImportSources::of_edges(&path), &ImportOptions::default()), read, "{name}");
    }
}

#[test]
fn matrix_market_node_link_and_pivot_tables() {
    let folder = Folder::new();
    let path = folder.write(
        "a.mtx",
        "%%MatrixMarket matrix coordinate integer general\n% made by scipy\n3 3 2\n1 2 4\n3 1 1\n",
    );
    let read = import(&ImportSources::of_edges(&path), &ImportOptions::default());
    assert_eq!(edges(&read), [edge("0", "1", 4.0), edge("2", "0", 1.0)]);
    let path = folder.write(
        "a.json",
        r#"{"directed": true, "multigraph": false, "graph": {}, "nodes": [{"id": 864691135639004475, "cell_type": "x"}, {"id": "B"}], "links": [{"source": 864691135639004475, "target": "B", "n_syn": 2}]}"#,
    );
    let read = import(&ImportSources::of_edges(&path), &ImportOptions::default());
    assert_eq!(read.connectome.neurons().id()[0], NeuronId::Integer(864_691_135_639_004_475));
    assert_eq!(edges(&read), [edge(A, "B", 2.0)]);
    let path = folder.write("pivot.csv", "pre_pt,1,2,3\n1,0,4,0\n2,0,0,0\n3,1,,0\n");
    let read = import(&ImportSources::of_edges(&path), &ImportOptions::default());
    assert_eq!(
        (read.record.layout.as_str(), edges(&read)),
        ("matrix", vec![edge("1", "2", 4.0), edge("3", "1", 1.0)])
    );
}

#[test]
fn graphml_of_igraph_and_networkx() {
    let folder = Folder::new();
    let path = folder.write(
        "a.graphml",
        r#"<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <key id="d0" for="node" attr.name="cell_type" attr.type="string"/><key id="d1" for="edge" attr.name="weight" attr.type="double"/>
  <graph edgedefault="directed"><node id="A&amp;B"><data key="d0">in &lt;ter&gt; &#65;</data></node><node id="864691135639004475"/>
  <edge source="A&amp;B" target="864691135639004475"><data key="d1">-0.5</data></edge></graph></graphml>"#,
    );
    let read = import(&ImportSources::of_edges(&path), &ImportOptions::default());
    assert_eq!(ids(&read), ["A&B", A]);
    assert_eq!(read.connectome.neurons().cell_type().unwrap(), ["in <ter> A", ""]);
    assert_eq!(read.connectome.edges().weight, [-0.5]);
    let path = folder.write("b.graphml", "<graphml><graph><node id=\"a\"/>");
    let error =
        import_connectome(&ImportSources::of_edges(&path), &ImportOptions::default(), &Silent).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
}

/// Files that pandas (PyTables) and h5py wrote: `reference/layout_golden.py`.
#[test]
fn hdf5_of_conntility_and_sonata() {
    let golden = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"));
    let path = golden.join("conntility.h5");
    let read = import(&ImportSources::of_edges(&path), &ImportOptions::default());
    assert_eq!(read.record.layout, "conntility");
    assert_eq!(edges(&read), [edge(A, B, 2.0), edge(B, C, 1.0), edge(C, A, 5.0)]);
    assert_eq!(read.connectome.neurons().cell_type().unwrap(), ["5P-ET", "23P", "6P-IT"]);
    assert_eq!(read.connectome.neurons().position_um().unwrap()[2], [3.0, 0.003, 0.04]);
    let full = ImportOptions { group: Some("full".to_owned()), ..ImportOptions::default() };
    assert_eq!(import(&ImportSources::of_edges(&path), &full).connectome.edges().syn_count, [2.0, 1.0]);
    let sonata = of(&[&golden.join("sonata_edges.h5")], &[&golden.join("sonata_nodes.h5")]);
    let read = import(&sonata, &ImportOptions::default());
    assert_eq!(edges(&read), [edge("0", "1", 3.0), edge("2", "0", 1.0)]);
    assert_eq!(read.connectome.neurons().cell_type().unwrap(), ["L5_TPC", "L4_BC", "L5_TPC"]);
    assert_eq!(read.connectome.edges().weight, [0.5, -1.0]);
}

#[test]
fn an_unknown_layout_says_what_was_looked_for() {
    let folder = Folder::new();
    let path = folder.write("a.csv", "sender\n1\n");
    let error =
        import_connectome(&ImportSources::of_edges(&path), &ImportOptions::default(), &Silent).unwrap_err();
    assert!(matches!(error, Error::UnknownLayout { .. }) && error.hint().is_some(), "{error}");
}
