//! `neuroloom distill`, the stage of the same name, transplants and `neuroloom compare`.

use crate::harness::Folder;

const EXPERIMENT: &str = "\
seed = 3

[simulate]
preset = \"baseline\"
neurons = 40
frames = 8000

[[transplant]]
filling = 0.5
proportions = [0.6, 0.4, 0.0, 0.0]
";

const SEARCH: &str = "\n[distill]\nrestarts = 1\niterations = 3\n";

#[test]
fn a_simulation_gives_its_formulas_back_with_any_number_of_threads() {
    let folder = Folder::new();
    folder.write("e.toml", format!("{EXPERIMENT}{SEARCH}"));
    folder.succeed(&["run", "e.toml", "--out", "all/small/1"]);
    let formulas = folder.json("all/small/1/formulas.json");
    assert_eq!(formulas["transfer"][0]["text"], "tanh(x)", "{}", formulas["transfer"][0]["front"]);
    for one in formulas["update"].as_array().unwrap() {
        let error = one["largest_coefficient_error"].as_f64().unwrap_or_else(|| panic!("{one:#}"));
        assert!(error < 0.02, "{} for {}", one["freed"], one["truth"]);
    }
    let page = String::from_utf8(folder.bytes("all/small/1/report.html")).unwrap();
    assert!(page.contains("Formulas") && page.contains("formula_update"));
    assert!(String::from_utf8(folder.bytes("all/small/1/tables/formulas.tex")).unwrap().contains("\\tanh"));

    // The verb makes the same again from the folder, in one thread.
    let before = folder.bytes("all/small/1/formulas.json");
    let outcome = folder.succeed(&["distill", "all/small/1", "--threads", "1"]);
    assert!(outcome.stdout.contains("tanh(x)"), "{}", outcome.stdout);
    assert!(folder.bytes("all/small/1/formulas.json") == before, "formulas depend on the number of threads");

    let evaluation = folder.json("all/small/1/evaluation.json");
    let rollout = &evaluation["transplants"][0]["rollout"];
    assert!(rollout["r2_at_400"].as_f64() > rollout["persistence_r2_at_400"].as_f64(), "{rollout:#}");

    folder.succeed(&["compare", "all", "--out", "table.md"]);
    let table = String::from_utf8(folder.bytes("table.md")).unwrap();
    assert!(table.contains("| small | 40 | 8000 | W, R2 of the linear fit |"), "{table}");
    assert!(table.contains("transplant at 50 % density"), "{table}");
}

#[test]
fn what_is_missing_is_named() {
    let folder = Folder::new();
    let outcome = folder.run(&["distill", "nowhere"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("nowhere"), "{}", outcome.stderr);

    folder.recording("a.npz", 400, 5);
    folder.succeed(&["infer", "a.npz", "--evaluate", "none", "--out", "fit"]);
    std::fs::remove_file(folder.path("a.npz")).unwrap();
    let outcome = folder.run(&["distill", "fit"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("--recording"), "{}", outcome.stderr);

    std::fs::create_dir(folder.path("empty")).unwrap();
    let outcome = folder.run(&["compare", "empty"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("no finished run"), "{}", outcome.stderr);
}

#[test]
fn impossible_sections_are_refused_before_anything_runs() {
    let folder = Folder::new();
    let cases = [
        ("[simulate]\n[distill]\nsymbol-price = -1.0\n", "symbol-price"),
        ("[simulate]\n[distill]\nsymbols = 3\n", "symbols"),
        ("[simulate]\n[[transplant]]\nfilling = 2.0\nproportions = [1.0]\n", "transplant.filling"),
        ("[data]\npath = \"a.npz\"\n[[transplant]]\nfilling = 0.5\nproportions = [1.0]\n", "without a truth"),
    ];
    for (text, expected) in cases {
        folder.write("e.toml", text);
        let outcome = folder.run(&["run", "e.toml"]);
        assert_eq!(outcome.code, Some(1), "{text}");
        assert!(outcome.stderr.contains(expected), "{}", outcome.stderr);
    }
}
