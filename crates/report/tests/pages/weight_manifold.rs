//! Sections of readings, damage and studies: what is drawn, and what is refused.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

use neuroloom_report::{
    CaseScore, Cell, DamageCurve, Descent, ManifoldPiece, ReportData, Shades, Table, WeightManifold, figures,
    render,
};

fn ring() -> WeightManifold {
    let turn = |place: usize| place as f64 / 12.0 * std::f64::consts::TAU;
    WeightManifold {
        lead: "Twelve neurons.".to_owned(),
        pieces: vec![ManifoldPiece {
            name: "piece 1, 12 neurons".to_owned(),
            coordinates: (0..12).map(|place| vec![turn(place).cos(), turn(place).sin(), 0.0]).collect(),
            shade: (0..12).map(|place| if place == 3 { f64::NAN } else { place as f64 / 12.0 }).collect(),
            shade_name: "true angle".to_owned(),
            shades: Shades::Cyclic,
            bars: vec![vec![(0.0, 0.5); 3], vec![(0.5, 1.7)], Vec::new()],
            distances: vec![(0.1, 0.2), (0.3, f64::NAN)],
            gram: vec![vec![1.0, 0.5], vec![0.5, 1.0]],
        }],
        descent: Some(Descent {
            step: vec![10.0, 20.0],
            loss: vec![1.0, 0.1],
            balance_error: vec![0.5, f64::NAN],
            tolerance: 1e-3,
        }),
        damage: vec![DamageCurve {
            name: "Noise".to_owned(),
            level_name: "noise / rms".to_owned(),
            level: vec![0.0, 1.0],
            score_name: "ring resultant".to_owned(),
            mean: vec![1.0, 0.7],
            lower: vec![1.0, 0.4],
            upper: vec![1.0, f64::NAN],
            null: 0.1,
        }],
        cases: vec![CaseScore {
            name: "ring_resultant".to_owned(),
            cases: vec![
                ("none".to_owned(), Some(0.1), Some(0.0), Some(0.2)),
                ("L2".to_owned(), None, None, None),
            ],
            null: 0.1,
        }],
        tables: vec![Table {
            caption: "Scores.".to_owned(),
            columns: vec!["score".to_owned(), "value".to_owned()],
            rows: vec![vec![Cell::Text("R".to_owned()), Cell::Number(0.99)]],
            emphasised_row: None,
        }],
    }
}

fn page(given: WeightManifold) -> ReportData {
    ReportData { weight_manifold: Some(given), ..ReportData::default() }
}

#[test]
fn every_part_is_drawn_without_a_number_that_is_none() {
    let data = page(ring());
    let html = render(&data).unwrap();
    for part in
        ["manifold_0_01", "manifold_0_bars", "manifold_0_distances", "manifold_damage_0", "manifold_cases"]
    {
        assert!(html.contains(part), "{part}");
    }
    assert!(!html.contains("NaN") && !html.contains("inf\""));
    for (name, svg) in figures(&data).unwrap() {
        assert!(!svg.contains("var(--"), "{name} has an ink that does not resolve");
    }
}

#[test]
fn numbers_survive_json() {
    let data = page(ring());
    let text = serde_json::to_string(&data).unwrap();
    let back: ReportData = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), text);
    assert!(back.weight_manifold.unwrap().pieces[0].shade[3].is_nan());
}

#[test]
fn lists_that_do_not_fit_are_named() {
    let wrong = |change: fn(&mut WeightManifold)| {
        let mut given = ring();
        change(&mut given);
        render(&page(given)).unwrap_err().to_string()
    };
    assert!(wrong(|given| given.pieces[0].shade.truncate(3)).contains("pieces[0].shade"));
    assert!(wrong(|given| given.damage[0].mean.push(1.0)).contains("damage[0].mean"));
    assert!(wrong(|given| given.tables[0].rows[0].truncate(1)).contains("tables[0].rows[0]"));
    assert!(wrong(|given| given.descent.as_mut().unwrap().loss.truncate(1)).contains("descent.loss"));
}
