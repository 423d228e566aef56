//! `neuroloom measure`.

use crate::harness::{Folder, files_below};

/// A ring with mutual neighbours, two cell types, positions.
fn wiring(folder: &Folder, name: &str) {
    let n = 30;
    std::fs::create_dir_all(folder.path(name)).unwrap();
    let mut nodes = "node_id,cell_type,x_um,y_um,z_um\n".to_owned();
    let mut edges = "pre,post,n_syn\n".to_owned();
    for neuron in 0..n {
        let kind = if neuron % 3 == 0 { "I" } else { "E" };
        nodes += &format!("n{neuron},{kind},{},{},0\n", neuron * 10, neuron % 7 * 5);
        for step in [1, 2, 7] {
            edges += &format!("n{neuron},n{},1\n", (neuron + step) % n);
        }
        edges += &format!("n{},n{neuron},2\n", (neuron + 1) % n);
    }
    folder.write(&format!("{name}/nodes.csv"), nodes);
    folder.write(&format!("{name}/edges.csv"), edges);
}

#[test]
fn numbers_null_models_and_report_are_written() {
    let folder = Folder::new();
    wiring(&folder, "ring");
    let nulls = "erdos-renyi,reciprocity,configuration,degree,dyad,type-blocks,type-blocks-degree,distance,distance-type";
    let outcome = folder.succeed(&[
        "measure",
        "ring",
        "--null",
        nulls,
        "--samples",
        "20",
        "--small-world",
        "3",
        "--out",
        "out",
        "--json",
    ]);
    let json: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let measures = &json["measures"];
    assert_eq!(measures["n_edges"], 120.0);
    assert_eq!(measures["n_mutual"], 30.0);
    assert_eq!(measures["reciprocity"], 0.5);
    assert!(measures["small_world_sigma"].as_f64().unwrap() > 0.0);
    // Mutual pairs are many against Erdos-Renyi, and kept by the models that say so.
    assert!(json["nulls"]["erdos-renyi"]["measures"]["n_mutual"]["z_score"].as_f64().unwrap() > 5.0);
    for kept in ["reciprocity", "dyad"] {
        assert!(json["nulls"][kept]["measures"]["n_mutual"]["z_score"].is_null(), "{kept}");
    }
    let files = files_below(&folder.path("out"));
    for file in [
        "measures.json",
        "tables/measures.csv",
        "tables/neurons.csv",
        "tables/nulls.csv",
        "report.html",
        "figures/triad_z_scores.svg",
    ] {
        assert!(files.iter().any(|one| one == file), "{file} of {files:?}");
    }
    // The report can be drawn again from the folder alone.
    let before = folder.bytes("out/report.html");
    folder.succeed(&["report", "out"]);
    assert_eq!(folder.bytes("out/report.html"), before);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = Folder::new();
    wiring(&folder, "ring");
    let with = |threads: &str| {
        folder
            .succeed(&[
                "measure",
                "ring",
                "--null",
                "degree",
                "--samples",
                "10",
                "--threads",
                threads,
                "--json",
            ])
            .stdout
    };
    assert_eq!(with("1"), with("2"));
}

#[test]
fn several_circuits_make_a_table() {
    let folder = Folder::new();
    wiring(&folder, "a");
    wiring(&folder, "b");
    folder.succeed(&["measure", "a", "b", "--out", "out"]);
    let table = String::from_utf8(folder.bytes("out/tables/measures.csv")).unwrap();
    assert_eq!(table.lines().count(), 3);
    assert!(table.lines().nth(1).unwrap().starts_with("a,30,30,120,120,"), "{table}");
}

#[test]
fn untraced_axons_are_not_taken_for_missing_connections() {
    let folder = Folder::new();
    // Only a and b have traced axons; c, d receive.
    folder.write("edges.csv", "pre,post\na,b\nb,a\na,c\na,d\nb,c\ne,a\n");
    let json = |rule: &str| -> serde_json::Value {
        let outcome = folder.succeed(&["measure", "edges.csv", "--traced", rule, "--json"]);
        serde_json::from_str(&outcome.stdout).unwrap()
    };
    assert_eq!(json("as-stated")["measures"]["n_neurons_observed"], 5.0);
    let traced = json("with-outputs");
    // 3 senders, 5 receivers, 3 own pairs
    assert_eq!(traced["measures"]["density"], 0.5);
    assert_eq!(traced["measures"]["n_neurons_observed"], 3.0);
}

#[test]
fn what_is_missing_is_asked_for() {
    let folder = Folder::new();
    folder.write("edges.csv", "pre,post\na,b\nb,c\nc,a\n");
    let outcome = folder.run(&["measure", "edges.csv", "--null", "distance"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("`distance` needs positions; add columns `x_um`"), "{}", outcome.stderr);
    let outcome = folder.run(&["measure", "edges.csv", "--null", "chance"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("erdos-renyi"), "{}", outcome.stderr);
    let outcome = folder.run(&["measure", "edges.csv", "--samples", "1", "--null", "degree"]);
    assert!(outcome.stderr.contains("`--samples` is 1, allowed: at least 2"), "{}", outcome.stderr);
}
