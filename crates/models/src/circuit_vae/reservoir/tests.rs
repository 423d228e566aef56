use ndarray::Array2;
use neuroloom_core::{Circuit, CircuitOrigin, Connectome, EdgeList, NeuronId, NeuronTable, Seed, Silent};

use super::controls::{Control, ControlConfig, compare_with_controls, controlled};
use super::structure_function::{StructureAndScores, partial_correlation, structure_function};
use super::*;

fn config() -> ReservoirConfig {
    ReservoirConfig { n_seeds: 2, ..ReservoirConfig::default() }
}

fn ring(n: u32, skip: u32) -> Vec<(u32, u32)> {
    (0..n).flat_map(|pre| [(pre, (pre + 1) % n), (pre, (pre + skip) % n)]).collect()
}

#[test]
fn a_delay_line_remembers_as_many_inputs_as_it_has_neurons_behind_the_first() {
    // Neuron k holds the input of k steps ago: of delays 1 to 2N exactly N - 1 are there. The line has no cycle.
    let mut wiring = Wiring::unsigned(20, (0..19).map(|neuron| (neuron, neuron + 1)).collect());
    wiring.gets_input = (0..20).map(|neuron| neuron == 0).collect();
    let config = ReservoirConfig { activation: Activation::Linear, spectral_radius: 1.0, ..config() };
    let reservoir = Reservoir::new(&wiring, &config).unwrap();
    assert_eq!(reservoir.scaling(), Scaling::Norm(1.0));
    let capacity = score(&reservoir, &config, &[Task::MemoryCapacity], Seed(1))
        .unwrap()
        .mean("memory_capacity")
        .unwrap();
    // Each of the 40 delays is off by the bias 1/1000 at most on average.
    assert!((capacity - 19.0).abs() < 0.06, "{capacity}");
}

#[test]
fn a_linear_reservoir_with_full_rank_remembers_at_most_n() {
    let config = ReservoirConfig { activation: Activation::Linear, spectral_radius: 0.8, ..config() };
    let reservoir = Reservoir::new(&Wiring::unsigned(15, ring(15, 4)), &config).unwrap();
    let capacity = score(&reservoir, &config, &[Task::MemoryCapacity], Seed(2))
        .unwrap()
        .mean("memory_capacity")
        .unwrap();
    assert!(capacity > 5.0 && capacity < 15.2, "{capacity}");
}

#[test]
fn orientation_is_from_pre_to_post() {
    // 0 -> 1 only; neuron 0 gets the input, so 1 repeats it one step later.
    let mut wiring = Wiring::unsigned(2, vec![(0, 1)]);
    wiring.gets_input = vec![true, false];
    let config = ReservoirConfig { activation: Activation::Linear, spectral_radius: 1.0, ..config() };
    let drive = Drive { weights: vec![1.0, 0.0], bias: vec![0.0; 2] };
    let states = Reservoir::new(&wiring, &config).unwrap().states(&[1.0, 0.0, 0.0], &drive);
    assert_eq!(states, ndarray::array![[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]);
}

#[test]
fn the_radius_is_what_was_asked_for() {
    let reservoir = Reservoir::new(&Wiring::unsigned(30, ring(30, 7)), &config()).unwrap();
    // Every neuron sends to two and hears two: radius 2, and the eigenvalues lie at |1 + w^6| of roots of unity w.
    assert!(matches!(reservoir.scaling(), Scaling::Radius(radius) if (radius - 2.0).abs() < 1e-9));
    let empty = Reservoir::new(&Wiring::unsigned(3, Vec::new()), &config()).unwrap();
    assert_eq!((empty.scaling(), empty.wiring_radius()), (Scaling::NoEdges, 0.0));
}

#[test]
fn scores_are_in_their_ranges_and_better_than_the_input_alone() {
    let reservoir = Reservoir::new(&Wiring::unsigned(60, ring(60, 13)), &config()).unwrap();
    let found = score(&reservoir, &config(), &Task::ALL, Seed(3)).unwrap();
    let mean = |name: &str| found.mean(name).unwrap();
    assert!(mean("narma10_nrmse") < 0.9 && mean("mackey_glass_nrmse_1") < 0.05, "{found:?}");
    assert!(mean("mackey_glass_nrmse_84") > mean("mackey_glass_nrmse_6"));
    assert!(mean("waveform_accuracy") > 0.9 && mean("parity_accuracy") > 0.9, "{found:?}");
    assert!(mean("kernel_rank") >= mean("generalisation_rank") && mean("lyapunov") < 0.0, "{found:?}");
    let circuits = [circuit(60, &ring(60, 13), 1)];
    let circuits: Vec<&Circuit> = circuits.iter().collect();
    let tasks = [Task::MemoryCapacity, Task::Parity, Task::Narma10];
    let controls = ControlConfig { controls: vec![Control::DirectInput], ..ControlConfig::default() };
    let rows = compare_with_controls(&circuits, &config(), &tasks, &controls, &Silent).unwrap();
    let direct = |score: &str| rows.iter().find(|row| row.score == score).unwrap().controls.0;
    assert!(
        direct("memory_capacity").abs() < 0.2 && (direct("parity_accuracy") - 0.5).abs() < 0.1,
        "{rows:?}"
    );
    assert!(direct("narma10_nrmse") > 0.7, "{rows:?}");
}

#[test]
fn the_series_are_those_of_the_numpy_script() {
    // reference/reservoir_golden.py
    let golden: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/golden/reservoir.json")).unwrap();
    let list = |key: &str| -> Vec<f64> { serde_json::from_value(golden[key].clone()).unwrap() };
    let near = |found: &[f64], expected: &[f64]| {
        assert_eq!(found.len(), expected.len());
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() < 1e-9, "{a} {b}");
        }
    };
    near(&narma10(&list("narma_input")).unwrap(), &list("narma_output"));
    near(&mackey_glass(60, 17.0, 1.2), &list("mackey_glass"));
    assert!(narma10(&[1.0; 400]).is_none());
}

fn circuit(n: usize, edges: &[(u32, u32)], seed: u64) -> Circuit {
    let table = NeuronTable::new(NeuronId::numbered(n)).unwrap();
    let types = (0..n).map(|neuron| if neuron.is_multiple_of(5) { "BC" } else { "23P" }.to_owned()).collect();
    let table = table.with_cell_type(types).unwrap();
    let (pre, post) = edges.iter().copied().unzip();
    let edges = EdgeList { pre, post, ..EdgeList::default() };
    let origin = CircuitOrigin { seed, ..CircuitOrigin::default() };
    Circuit::new(Connectome::new(table, edges).unwrap(), origin)
}

#[test]
fn inhibitory_types_inhibit_and_controls_keep_what_they_say() {
    let one = circuit(40, &ring(40, 9), 3);
    let wiring = Wiring::of_circuit(&one, &config()).unwrap();
    assert_eq!((wiring.sign[5], wiring.sign[6]), (-1.0, 1.0));
    let unsigned = ReservoirConfig { signs: Signs::Unsigned, ..config() };
    assert_eq!(Wiring::of_circuit(&one, &unsigned).unwrap().sign, vec![1.0; 40]);
    for control in [Control::ErdosRenyi, Control::Degree, Control::Dyad, Control::TypeBlocks] {
        let other = controlled(&wiring, control, Seed(4)).unwrap().unwrap();
        assert_eq!(other.edges.len(), 80);
        assert_eq!(other.sign, wiring.sign);
        assert_ne!(other.edges, wiring.edges);
    }
    let only_one_type = ReservoirConfig { input_types: vec!["BC".to_owned()], ..config() };
    let some = Wiring::of_circuit(&one, &only_one_type).unwrap();
    assert_eq!(some.gets_input.iter().filter(|gets| **gets).count(), 8);
    let unknown = ReservoirConfig { input_types: vec!["L7".to_owned()], ..config() };
    assert!(matches!(Wiring::of_circuit(&one, &unknown), Err(crate::Error::Config { .. })));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let circuits: Vec<Circuit> =
        (0..4).map(|seed| circuit(20, &ring(20, 3 + seed), u64::from(seed))).collect();
    let circuits: Vec<&Circuit> = circuits.iter().collect();
    let short = ReservoirConfig { train: 300, test: 100, ..config() };
    let with = |n_threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| score_circuits(&circuits, &short, &Task::ALL, (Seed(1), &Silent)).unwrap())
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn sequences_of_a_user_are_classified() {
    let reservoir = Reservoir::new(&Wiring::unsigned(30, ring(30, 7)), &config()).unwrap();
    // Up or down: mean and spread are the same, only the order tells.
    let ramp = |start: f64, sign: f64| {
        (0..30).map(|t| sign * (f64::from(t) / 30.0 - 0.5) + 0.02 * start).collect::<Vec<_>>()
    };
    let sequences: Vec<Vec<f64>> =
        (0..60).map(|k| ramp(f64::from(k % 7), if k % 2 == 0 { 1.0 } else { -1.0 })).collect();
    let labels: Vec<usize> = (0..60).map(|k| k % 2).collect();
    let found = sequences::classify_sequences(&reservoir, &sequences, &labels, (&config(), Seed(1))).unwrap();
    assert!(found.accuracy > 0.95 && found.accuracy_direct < 0.8, "{found:?}");
    assert!(sequences::classify_sequences(&reservoir, &sequences, &[0; 60], (&config(), Seed(1))).is_err());
}

#[test]
fn structure_that_makes_a_score_is_found_and_noise_is_not() {
    let n = 120;
    let uniform = |width: usize, seed: u64| {
        use rand::RngExt;
        let mut rng = Seed(seed).rng();
        Array2::from_shape_simple_fn((n, width), || rng.random::<f64>())
    };
    let (codes, metrics, size) = (uniform(8, 1), uniform(3, 2), uniform(2, 3));
    let noise = uniform(1, 4);
    let scores = Array2::from_shape_fn((n, 2), |(row, score)| match score {
        0 => 2.0 * codes[[row, 0]] - codes[[row, 3]] + metrics[[row, 1]] * 0.3,
        _ => noise[[row, 0]],
    });
    let names = |prefix: &str, n: usize| (0..n).map(|k| format!("{prefix}{k}")).collect::<Vec<_>>();
    let (metric_names, score_names) = (names("metric", 3), names("score", 2));
    let question = StructureAndScores {
        codes: codes.view(),
        metrics: metrics.view(),
        metric_names: &metric_names,
        size: size.view(),
        scores: scores.view(),
        score_names: &score_names,
    };
    let found = structure_function(&question, 199, Seed(1)).unwrap();
    let [made, chance] = [&found.models[0], &found.models[1]];
    assert!(made.r2_code > 0.9 && made.r2_size < 0.1 && made.p_code == 0.005, "{made:?}");
    assert!(
        made.r2_code > made.r2_code_chance && chance.r2_code < 0.15 && chance.p_code > 0.01,
        "{chance:?}"
    );
    let x: Vec<f64> = size.column(0).to_vec();
    let both: Vec<f64> = (0..n).map(|row| x[row] + 0.3 * noise[[row, 0]]).collect();
    let other: Vec<f64> = (0..n).map(|row| x[row] + 0.3 * metrics[[row, 0]]).collect();
    let held = size.slice(ndarray::s![.., ..1]);
    let found = partial_correlation(&both, &other, held, Seed(2)).unwrap();
    assert!(found.plain > 0.8 && found.partial.abs() < 0.25 && found.p_value > 0.01, "{found:?}");
}
