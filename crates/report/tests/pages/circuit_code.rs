//! The sections of a code of circuits as a reader meets them.

#![allow(clippy::unwrap_used, reason = "a failed test says why")]

use crate::missing::remove_numbers;
use neuroloom_report::*;

fn text(word: &str) -> String {
    word.to_owned()
}

/// Three circuits, two latent numbers, every section.
fn code() -> CircuitCode {
    CircuitCode {
        training: Some(training()),
        reconstruction: Some(reconstruction()),
        capacity: Some(capacity()),
        generated: Some(generated()),
        latent_map: Some(latent_map()),
        directions: Some(directions()),
        attributions: vec![attribution()],
        control: Some(control()),
        reservoir: Some(reservoir()),
        atlas: Some(atlas()),
    }
}

fn relation(name: &str) -> Relation {
    Relation { name: text(name), x: vec![0.0, 0.5, 1.0], y: vec![0.1, 0.4, 0.9] }
}

fn score(name: &str, auroc: f64) -> PredictorScore {
    PredictorScore {
        name: text(name),
        auroc,
        auroc_interval: Some((auroc - 0.01, auroc + 0.01)),
        average_precision: 0.3,
        average_precision_interval: None,
        nats_per_pair: 0.2,
    }
}

fn point(at: f64) -> CapacityPoint {
    CapacityPoint { at, auroc: 0.8, auroc_without_code: 0.7, ..CapacityPoint::default() }
}

fn training() -> CodeTraining {
    CodeTraining {
        unit: text("epoch"),
        at: vec![1.0, 2.0],
        training: vec![0.3, 0.2],
        validation: vec![0.31, f64::NAN],
        rate_nats: vec![0.1, 4.0],
        kept: Some(2.0),
        notes: vec![text("Stopped early.")],
    }
}

fn reconstruction() -> Reconstruction {
    Reconstruction {
        splits: vec![ReconstructionSplit {
            name: text("spatially disjoint"),
            n_circuits: 3,
            n_pairs: 600,
            density: 0.1,
            predictors: vec![score("code", 0.85), score("distance", 0.7)],
            rate_nats: 4.0,
            bits_per_edge: -0.02,
            ..ReconstructionSplit::default()
        }],
        calibration: vec![relation("code")],
        dimensions: vec![DimensionUse { dimension: 0, rate_nats: 2.0, variance: 0.5 }],
        notes: vec![text("The code has collapsed.")],
    }
}

fn capacity() -> Capacity {
    Capacity { by_latents: vec![point(2.0), point(32.0)], by_beta: vec![point(1.0)] }
}

fn generated() -> GeneratedCircuits {
    GeneratedCircuits {
        lead: text("From the prior."),
        circuits: vec![CircuitView {
            name: text("real"),
            pre: vec![0, 1, 1],
            post: vec![1, 0, 2],
            groups: vec![Group { name: text("E"), size: 2 }, Group { name: text("I"), size: 1 }],
            position_um: vec![[0.0, 1.0, 2.0], [5.0, 2.0, 0.0], [2.0, 7.0, 1.0]],
        }],
        sets: vec![text("data"), text("generated")],
        means: vec![MeanRow { name: text("reciprocity"), means: vec![0.2, 0.19] }],
    }
}

fn latent_map() -> LatentMap {
    LatentMap {
        method: text("t-SNE"),
        points: vec![(0.0, 0.0), (1.0, 1.0), (2.0, 0.5)],
        colourings: vec![MapColouring {
            name: text("n_edges"),
            bin: vec![0, 1, 1],
            edges: vec![1.0, 2.0, 3.0],
            line: Some(DisplayLine { direction: (1.0, 0.5), r2_map: 0.4, r2_latent: 0.9 }),
        }],
    }
}

fn directions() -> Directions {
    Directions {
        rows: vec![
            DirectionRow { name: text("n_edges"), r2_code: 0.9, ..DirectionRow::default() },
            DirectionRow { name: text("reciprocity"), r2_code: 0.5, ..DirectionRow::default() },
        ],
        cosine: vec![vec![1.0, 0.2], vec![0.2, 1.0]],
        traversals: vec![relation("n_edges")],
        n_circuits: 3,
        n_permutations: 99,
    }
}

fn attribution() -> Attribution {
    Attribution {
        metric: text("n_edges"),
        model: text("boosted trees"),
        rows: vec![SwarmRow {
            name: text("z0"),
            shap: vec![-0.1, 0.0, 0.2],
            value: vec![-1.0, 0.1, 2.0],
            mean_absolute: 0.1,
        }],
        ..Attribution::default()
    }
}

fn control() -> Control {
    Control {
        lead: text("Twenty circuits each."),
        targets: vec![ControlTarget {
            name: text("reciprocity"),
            data_range: (0.1, 0.3),
            reachable: Some((0.08, 0.34)),
            curves: vec![ControlCurve {
                controller: text("line"),
                asked: vec![0.1, 0.2],
                achieved: vec![0.12, 0.19],
                spread: vec![0.01, 0.02],
                ..ControlCurve::default()
            }],
        }],
        side_effects: vec![SideEffect { target: text("reciprocity"), metric: text("n_edges"), shift: 0.3 }],
    }
}

fn reservoir() -> ReservoirResults {
    ReservoirResults {
        lead: text("Ten inputs."),
        tasks: vec![ReservoirTask {
            name: text("memory capacity"),
            direction: text("higher is better"),
            scores: vec![ReservoirScore { name: text("circuits"), mean: 11.0, interval: Some((10.5, 11.5)) }],
        }],
        predictions: vec![ReservoirPrediction { task: text("memory capacity"), ..Default::default() }],
    }
}

fn atlas() -> Atlas {
    Atlas {
        method: text("t-SNE"),
        sources: vec![text("worm"), text("larva")],
        regions: vec![text("head"), text("brain")],
        points: vec![
            AtlasPoint { x: 0.0, y: 0.0, source: 0, region: Some(0) },
            AtlasPoint { x: 3.0, y: 1.0, source: 1, region: Some(1) },
        ],
        separability: vec![Separability { from: text("code"), accuracy: 0.9 }],
        distance: vec![vec![1.0, 2.0], vec![2.0, 1.0]],
        means: vec![relation_of_two("reciprocity")],
    }
}

fn relation_of_two(name: &str) -> Relation {
    Relation { name: text(name), x: vec![0.0, 1.0], y: vec![0.3, 0.2] }
}

fn report(code: CircuitCode) -> ReportData {
    ReportData { circuit_code: Some(code), ..ReportData::default() }
}

#[test]
fn every_part_has_its_section_and_its_figures() {
    let page = render(&report(code())).unwrap();
    let ids = [
        "code-training",
        "reconstruction",
        "capacity",
        "generated",
        "latent-map",
        "directions",
        "attribution",
        "control",
        "reservoir",
        "atlas",
    ];
    for id in ids {
        assert!(page.contains(&format!("<section id=\"{id}\"")), "{id}");
    }
    assert!(page.contains("−5.0 %"), "generated reciprocity beside that of the data");
    let stems: Vec<String> = figures(&report(code())).unwrap().into_iter().map(|one| one.0).collect();
    insta::assert_snapshot!(stems.join("\n"));
    let mut unique = stems.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), stems.len(), "two figures share a file");
}

#[test]
fn an_empty_code_has_no_figures() {
    let empty = CircuitCode {
        training: Some(CodeTraining::default()),
        reconstruction: Some(Reconstruction::default()),
        capacity: Some(Capacity::default()),
        generated: Some(GeneratedCircuits::default()),
        latent_map: Some(LatentMap::default()),
        directions: Some(Directions::default()),
        attributions: vec![Attribution::default()],
        control: Some(Control::default()),
        reservoir: Some(ReservoirResults::default()),
        atlas: Some(Atlas::default()),
    };
    assert!(figures(&report(empty)).unwrap().is_empty());
}

#[test]
fn missing_numbers_never_reach_the_drawings() {
    let mut json = serde_json::to_value(report(code())).unwrap();
    remove_numbers(
        &mut json,
        &["interval", "range", "reachable", "position_um", "direction", "edges", "published"],
    );
    let data: ReportData = serde_json::from_value(json).unwrap();
    for (stem, svg) in figures(&data).unwrap() {
        for word in ["\"NaN", " NaN", "\"inf", " inf"] {
            assert!(!svg.contains(word), "{word} in {stem}");
        }
    }
}

#[test]
fn lists_that_do_not_fit_name_the_field() {
    let mut bad = code();
    bad.generated.as_mut().unwrap().circuits[0].post[1] = 9;
    let message = render(&report(bad)).unwrap_err().to_string();
    assert!(
        message.contains("generated.circuits[0]") && message.contains("9, allowed: below 3"),
        "{message}"
    );
    let mut bad = code();
    bad.latent_map.as_mut().unwrap().colourings[0].bin.pop();
    let message = render(&report(bad)).unwrap_err().to_string();
    assert!(message.contains("latent_map.colourings[0].bin"), "{message}");
    let mut bad = code();
    bad.atlas.as_mut().unwrap().points[0].source = 5;
    assert!(render(&report(bad)).is_err());
}
