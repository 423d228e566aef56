//! `neuroloom simulate tissue`, `sample` and `compare` of sets.

use crate::harness::{Folder, files_below};

const TISSUE: &[&str] = &["simulate", "tissue", "--neurons", "900", "--out", "tissue"];
const SAMPLE: &[&str] = &[
    "sample",
    "tissue/complete",
    "--circuits",
    "40",
    "--neurons",
    "30..40",
    "--split",
    "0.6,0,0.4",
    "--max-overlap",
    "0.9",
    "--out",
    "set",
];

fn sampled() -> Folder {
    let folder = Folder::new();
    folder.succeed(TISSUE);
    folder.succeed(SAMPLE);
    folder
}

#[test]
fn a_tissue_is_labelled_synthetic_and_can_be_read() {
    let folder = Folder::new();
    let outcome = folder.succeed(&[TISSUE, &["--json"]].concat());
    let summary: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&summary["synthetic"], &summary["n_neurons"]), (&true.into(), &900.into()));
    assert!(
        String::from_utf8(folder.bytes("tissue/SYNTHETIC.md")).unwrap().contains("Nothing here was measured")
    );
    let read = |name: &str| neuroloom::io::read_connectome(&folder.path(name), &Default::default()).unwrap();
    let (complete, observed) = (read("tissue/complete"), read("tissue/observed"));
    assert_eq!(complete.connectome.edges().len() as u64, summary["n_edges"].as_u64().unwrap());
    assert!(observed.connectome.observed().pre_observed.is_some());
    let cave = files_below(&folder.path("tissue/cave"));
    assert_eq!(cave.len(), 4, "{cave:?}");
}

#[test]
fn a_sample_is_split_in_space_and_depends_on_the_seed_alone() {
    let folder = sampled();
    let set = neuroloom::io::read_circuit_set(&folder.path("set")).unwrap();
    assert_eq!(set.len(), 40);
    assert!(set.circuits().iter().all(|circuit| (30..=40).contains(&circuit.n_neurons())));
    let described = folder.json("set/sample.json");
    assert_eq!(described["summary"]["n_shared_train_test"], 0);
    let again: Vec<&str> =
        SAMPLE[..SAMPLE.len() - 1].iter().copied().chain(["again", "--threads", "1"]).collect();
    folder.succeed(&again);
    for name in ["circuits.parquet", "nodes.parquet", "edges.parquet"] {
        assert_eq!(folder.bytes(&format!("set/{name}")), folder.bytes(&format!("again/{name}")), "{name}");
    }
}

#[test]
fn a_set_is_like_its_other_part_and_unlike_a_random_graph() {
    let folder = sampled();
    let outcome =
        folder.succeed(&["compare", "set", "set", "--null", "erdos-renyi", "--out", "compared", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let columns = found["columns"].as_array().unwrap();
    let labels: Vec<&str> = columns.iter().map(|column| column["label"].as_str().unwrap()).collect();
    assert_eq!(labels, ["set", "floor: training part", "null: erdos-renyi"]);
    let score = |place: usize, name: &str| columns[place]["difference"][name].as_f64().unwrap();
    assert!(score(2, "pgd_directed") > score(1, "pgd_directed"));
    assert!(score(2, "classifier_auroc") > 0.9);
    assert_eq!(columns[0]["pgd_interval"]["n_subsamples"], 10);
    let page = String::from_utf8(folder.bytes("compared/report.html")).unwrap();
    assert!(page.contains("Can the sets be told apart?") && page.contains("floor: training part"));
    assert!(folder.path("compared/figures/set_scores.svg").is_file());
    assert_eq!(folder.json("compared/comparison.json"), found);
}

#[test]
fn a_set_is_measured_circuit_by_circuit() {
    let folder = sampled();
    let outcome = folder.succeed(&["measure", "set", "--out", "measured"]);
    assert!(outcome.stdout.contains("40 circuits") || outcome.stderr.contains("40 circuits"));
    let table = String::from_utf8(folder.bytes("measured/tables/measures.csv")).unwrap();
    assert_eq!(table.lines().count(), 41);
    assert!(table.lines().next().unwrap().contains("excitatory_fraction"));
    let all = folder.json("measured/measures.json");
    let set = neuroloom::io::read_circuit_set(&folder.path("set")).unwrap();
    for (one, circuit) in all.as_array().unwrap().iter().zip(set.circuits()) {
        assert_eq!(one["measures"]["n_neurons"].as_f64().unwrap() as usize, circuit.n_neurons());
    }
    folder.succeed(&["measure", "set", "--out", "again", "--threads", "1"]);
    assert_eq!(folder.bytes("measured/measures.json"), folder.bytes("again/measures.json"));
}

#[test]
fn samplers_answer_to_the_names_of_other_tools() {
    let folder = Folder::new();
    folder.succeed(TISSUE);
    let with = |sampler: &str, out: &str| {
        let common = ["--circuits", "10", "--neurons", "20..30", "--max-overlap", "1", "--split", "1,0,0"];
        let arguments = ["sample", "tissue/complete", "--sampler", sampler, "--out", out];
        folder.succeed(&[&arguments[..], &common].concat());
        folder.bytes(&format!("{out}/nodes.parquet"))
    };
    for (own, alias) in [("cube", "box"), ("nearest", "knn"), ("hops", "khop")] {
        assert_eq!(with(own, own), with(alias, alias), "{alias}");
    }
}

#[test]
fn neurons_with_an_output_stand_for_traced_axons() {
    let folder = Folder::new();
    // 0 and 1 send; 2 only receives; 3 sends to itself alone, which says nothing of its axon.
    std::fs::create_dir(folder.path("brain")).unwrap();
    folder.write("brain/nodes.csv", "id,type\n0,e\n1,e\n2,e\n3,e\n");
    folder.write("brain/edges.csv", "pre,post\n0,1\n0,2\n1,2\n3,3\n2,2\n0,3\n");
    let sample = ["sample", "brain", "--sampler", "uniform", "--separate", "none", "--split", "1,0,0"];
    let common = ["--circuits", "1", "--neurons", "4", "--max-overlap", "1", "--out"];
    let masked = |flags: &[&str], out: &str| {
        folder.succeed(&[&sample[..], flags, &common, &[out]].concat());
        let set = neuroloom::io::read_circuit_set(&folder.path(out)).unwrap();
        set.circuits()[0].connectome().observed().pre_observed.clone()
    };
    assert_eq!(masked(&["--traced", "with-outputs"], "set"), Some(vec![true, true, false, false]));
    assert_eq!(masked(&[], "all"), None);
}

#[test]
fn what_cannot_be_sampled_or_compared_says_why() {
    let folder = sampled();
    let wrong = |arguments: &[&str]| {
        let outcome = folder.run(arguments);
        assert_ne!(outcome.code, Some(0), "{arguments:?}");
        outcome.stderr
    };
    assert!(wrong(&["sample", "tissue/complete", "--neurons", "700..800", "--out", "x"]).contains("part"));
    assert!(wrong(&["sample", "tissue/complete", "--sampler", "sphere", "--out", "x"]).contains("cylinder"));
    assert!(wrong(&["sample", "tissue/complete", "--split", "0.5,0.5", "--out", "x"]).contains("allowed: 3"));
    assert!(wrong(&["compare", "tissue/complete", "set"]).contains("circuits.parquet"));
    assert!(wrong(&["simulate", "tissue", "--proofread", "2", "--out", "x"]).contains("proofread"));
}
