//! The page and the figure files as a reader meets them.

#![allow(clippy::unwrap_used, reason = "a failed test says why")]

use crate::fixture::everything;
use crate::missing::remove_numbers;
use neuroloom_report::*;

/// The report with every other number missing: by way of JSON, where one walk reaches all lists.
fn poisoned() -> ReportData {
    let mut json = serde_json::to_value(everything()).unwrap();
    // Edges of bins must grow, intervals and spans come whole: they are the caller's frame, not data.
    remove_numbers(&mut json, &["edges", "interval", "span_s", "dt_s"]);
    serde_json::from_value(json).unwrap()
}

/// Words that stand for a choice, not for a text.
const CHOICES: [&str; 4] = ["signed", "positive", "update", "transfer"];

/// Puts a text in place of all texts but those of choices.
fn replace_texts(value: &mut serde_json::Value, text: &str) {
    match value {
        serde_json::Value::String(old) if !CHOICES.contains(&old.as_str()) => text.clone_into(old),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| replace_texts(item, text)),
        serde_json::Value::Object(fields) => {
            fields.iter_mut().for_each(|(_, field)| replace_texts(field, text))
        }
        _ => {}
    }
}

/// Everything between `<svg` and the last `</svg>` of each drawing.
fn drawings(data: &ReportData) -> Vec<String> {
    let page = render(data).unwrap();
    let pieces = page.split("<div class=\"panel ").skip(1);
    let inline = pieces
        .map(|piece| piece[piece.find("<svg").unwrap()..=piece.rfind("</svg>").unwrap() + 5].to_owned());
    inline.chain(figures(data).unwrap().into_iter().map(|(_, svg)| svg)).collect()
}

/// Tags open and close in order, and no attribute is left open.
fn assert_well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for piece in svg.split('<').skip(1).filter(|piece| !piece.starts_with('?')) {
        let (tag, text) = piece.split_once('>').unwrap_or_else(|| panic!("unclosed tag: {piece}"));
        assert!(!text.contains('>'), "bare > in {piece}");
        assert_eq!(tag.matches('"').count() % 2, 0, "open attribute in {tag}");
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "closing {name}");
        } else if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
}

#[test]
fn the_skeleton_is_stable() {
    let page = render(&everything()).unwrap();
    let wanted = ["<section id", "<h1", "<h2", "<h3", "<figure id", "<div class=\"panel", "<table"];
    let lines = page.lines().filter(|line| wanted.iter().any(|start| line.starts_with(start)));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_figure_files_are_stable() {
    let stems: Vec<String> = figures(&everything()).unwrap().into_iter().map(|(stem, _)| stem).collect();
    insta::assert_snapshot!(stems.join("\n"));
    let mut unique = stems.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), stems.len(), "two figures share a file");
    assert!(stems.iter().all(|stem| stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')));
}

#[test]
fn drawings_are_well_formed() {
    drawings(&everything()).iter().for_each(|svg| assert_well_formed(svg));
}

#[test]
fn an_empty_report_still_is_a_page() {
    let page = render(&ReportData::default()).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.trim_end().ends_with("</html>"));
    assert!(!page.contains("<section"));
    assert!(figures(&ReportData::default()).unwrap().is_empty());
}

#[test]
fn parts_without_content_have_no_figures() {
    let data = ReportData {
        recording: Some(Recording::default()),
        connectivity: Some(Connectivity::default()),
        functions: Some(Functions::default()),
        cell_types: Some(CellTypes::default()),
        field: Some(Field::default()),
        rollout: Some(Rollout::default()),
        forecast: Some(Forecast::default()),
        wiring: Some(WiringComparison::default()),
        baselines: vec![Table::default()],
        provenance: Some(Provenance::default()),
        ..ReportData::default()
    };
    assert!(figures(&data).unwrap().is_empty());
    assert!(!render(&data).unwrap().contains("<figure"));
}

#[test]
fn hostile_names_stay_text() {
    let attack = "</svg></script><script>alert(\"x\")</script><img src=x onerror='alert(1)'>\u{0}\u{b}";
    let mut json = serde_json::to_value(everything()).unwrap();
    replace_texts(&mut json, attack);
    let data: ReportData = serde_json::from_value(json).unwrap();
    let page = render(&data).unwrap();
    assert_eq!(page.matches("<script").count(), 1, "only our own script");
    assert!(!page.contains("<img") && page.contains("&lt;script&gt;"));
    drawings(&data).iter().for_each(|svg| assert_well_formed(svg));
    assert!(figures(&data).unwrap().iter().all(|(_, svg)| !svg.contains(['\u{0}', '\u{b}'])));
}

#[test]
fn missing_numbers_are_left_out_and_said() {
    let data = poisoned();
    for svg in drawings(&data) {
        assert_well_formed(&svg);
        let marks: String =
            svg.split("base64,").map(|piece| piece.split_once('"').map_or(piece, |(_, rest)| rest)).collect();
        let marks = marks.replace("null model", "");
        for word in ["NaN", "inf", "null"] {
            assert!(
                !marks.contains(&format!("\"{word}")) && !marks.contains(&format!(" {word}")),
                "{word} in {marks}"
            );
        }
    }
    let page = render(&data).unwrap();
    assert!(page.contains("not finite") && page.contains("Grey fields are missing"));
}

#[test]
fn infinite_numbers_do_not_break_axes() {
    let mut data = everything();
    let extreme = [f64::INFINITY, f64::NEG_INFINITY, f64::MAX];
    data.recording.as_mut().unwrap().traces[0].values = extreme.to_vec();
    data.recording.as_mut().unwrap().activity = vec![extreme.to_vec()];
    data.rollout.as_mut().unwrap().r2 = vec![1.0, f64::NEG_INFINITY, -1e300];
    data.functions.as_mut().unwrap().update[0].center = extreme.to_vec();
    data.rollout.as_mut().unwrap().scatters[0].pairs = vec![(f64::MAX, f64::MIN), (f64::INFINITY, 0.0)];
    for svg in drawings(&data) {
        assert!(!svg.contains("\"NaN") && !svg.contains("inf ") && !svg.contains("\"inf"));
    }
}

#[test]
fn json_brings_everything_back() {
    let data = poisoned();
    let back: ReportData = serde_json::from_str(&serde_json::to_string(&data).unwrap()).unwrap();
    assert_eq!(render(&back).unwrap(), render(&data).unwrap());
    assert_eq!(serde_json::from_str::<ReportData>("{}").unwrap(), ReportData::default());
}

#[test]
fn nothing_is_fetched() {
    let page = render(&everything()).unwrap();
    assert!(!page.contains("http:") && !page.contains("https:") && !page.contains("@import"));
    assert!(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"));
    for (_, svg) in figures(&everything()).unwrap() {
        assert_eq!(svg.matches("http").count(), 1, "only the namespace");
        assert!(!svg.contains("var(") && !svg.contains("on-dark"));
    }
}

#[test]
fn lists_that_do_not_fit_name_the_field() {
    let mut data = everything();
    data.recording.as_mut().unwrap().traces[0].values.pop();
    let message = render(&data).unwrap_err().to_string();
    assert_eq!(
        message,
        "report data: `recording.traces[0].values` has 2 entries, expected 3, as many as recording.trace_time_s"
    );

    let mut data = everything();
    data.cell_types.as_mut().unwrap().labels[1] = 2;
    let message = render(&data).unwrap_err().to_string();
    assert_eq!(message, "report data: `cell_types.labels[1]` is 2, allowed: below 2, the number of names");

    let mut data = everything();
    data.connectivity.as_mut().unwrap().density.as_mut().unwrap().x_edges[1] = -2.0;
    let message = render(&data).unwrap_err().to_string();
    assert_eq!(
        message,
        "report data: `connectivity.density.x_edges[1]` is -2, allowed: a number above -1, the edge before it"
    );
}

#[test]
fn a_large_report_stays_small() {
    let noise = |seed: usize| (seed as f64 * 12.9898).sin() * 43_758.545_3 % 1.0;
    let grid = |rows: usize, columns: usize| -> Vec<Vec<f64>> {
        (0..rows).map(|row| (0..columns).map(|column| noise(row * columns + column)).collect()).collect()
    };
    let mut data = everything();
    data.recording.as_mut().unwrap().activity = grid(300, 400);
    let wiring = data.connectivity.as_mut().unwrap();
    wiring.groups.clear();
    wiring.matrices = vec![MatrixPanel { values: grid(300, 300), ..MatrixPanel::default() }; 3];
    assert!(render(&data).unwrap().len() < 3_000_000);
}
