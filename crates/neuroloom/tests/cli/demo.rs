//! `neuroloom demo`.

use crate::harness::Folder;

#[test]
fn the_demo_finds_the_worm_again() {
    let folder = Folder::new();
    let outcome = folder.succeed(&["demo"]);
    assert!(outcome.stdout.contains("runs/demo/report.html"), "{}", outcome.stdout);
    let evaluation = folder.json("runs/demo/evaluation.json");
    let r2 = evaluation["connectivity"]["r2_linear_fit"].as_f64().unwrap();
    let methods = evaluation["baselines"]["connectivity"].as_array().unwrap();
    let best = methods.iter().filter_map(|method| method["r2_linear_fit"].as_f64()).fold(0.0, f64::max);
    assert!(r2 > 0.9 && r2 > best + 0.1, "R2 {r2}, best baseline {best}");
}
