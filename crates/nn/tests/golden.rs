//! What PyTorch says (`reference/nn_golden.py`, in double precision).
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../examples/training_step/step.rs"]
mod step;

use neuroloom_nn::kernel::{Activation, AdamConfig, AdamStep, Decay, MlpGradients, Moments, NodeMlp, adam};
use serde_json::Value;

fn floats(value: &Value) -> Vec<f32> {
    doubles(value).into_iter().map(|value| value as f32).collect()
}

fn doubles(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

fn assert_close(what: &str, found: &[f32], expected: &Value, tolerance: f64) {
    let expected = doubles(expected);
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(0.1_f64, |max, value| max.max(value.abs()));
    for (k, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (f64::from(*found) - expected).abs() / scale;
        assert!(error < tolerance, "{what}[{k}] = {found}, PyTorch {expected}");
    }
}

#[test]
fn mlp_values_and_gradients() {
    let cases: Value = serde_json::from_str(include_str!("golden/mlp.json")).unwrap();
    for case in cases.as_array().unwrap() {
        let name = case["activation"].as_str().unwrap();
        let activation = match name {
            "relu" => Activation::Relu,
            "tanh" => Activation::Tanh,
            _ => Activation::Sine { omega: 30.0 },
        };
        let widths: Vec<usize> = doubles(&case["widths"]).iter().map(|width| *width as usize).collect();
        let mlp = NodeMlp::new(&widths, activation).unwrap();
        let (parameters, inputs) = (floats(&case["parameters"]), floats(&case["inputs"]));
        let mut outputs = vec![0.0; doubles(&case["outputs"]).len()];
        mlp.forward(&parameters, &inputs, &mut outputs).unwrap();
        // omega = 30 stretches rounding errors of the layers before it.
        let tolerance = if name == "sine" { 2e-4 } else { 2e-6 };
        assert_close(&format!("{name} outputs"), &outputs, &case["outputs"], tolerance);
        let (mut gradients, mut input_gradients) = (vec![0.0; parameters.len()], vec![0.0; inputs.len()]);
        let into = MlpGradients { parameters: &mut gradients, inputs: Some(&mut input_gradients) };
        mlp.backward(&parameters, &inputs, &floats(&case["output_gradients"]), into).unwrap();
        assert_close(&format!("{name} parameters"), &gradients, &case["parameter_gradients"], tolerance);
        assert_close(&format!("{name} inputs"), &input_gradients, &case["input_gradients"], tolerance);
    }
}

#[test]
fn adam_and_adamw() {
    let golden: Value = serde_json::from_str(include_str!("golden/adam.json")).unwrap();
    let start = floats(&golden["start"]);
    let gradients = floats(&golden["gradients"]);
    for case in golden["cases"].as_array().unwrap() {
        let rate = AdamConfig::with_learning_rate(0.01);
        let config = match case["decay"].as_str().unwrap() {
            "none" => rate,
            "gradient" => AdamConfig { beta1: 0.8, beta2: 0.99, decay: Decay::Gradient(0.5), ..rate },
            _ => AdamConfig { epsilon: 1e-4, decay: Decay::Decoupled(0.5), ..rate },
        };
        let (mut parameters, n) = (start.clone(), start.len());
        let (mut first, mut second) = (vec![0.0; n], vec![0.0; n]);
        for (t, gradients) in (1..).zip(gradients.chunks(n)) {
            let moments = Moments { first: &mut first, second: &mut second };
            adam::update(&AdamStep::new(&config, t), &mut parameters, gradients, moments).unwrap();
        }
        assert_close(case["decay"].as_str().unwrap(), &parameters, &case["end"], 1e-6);
    }
}

#[test]
fn five_training_steps_of_the_mechanism_model() {
    let golden: Value = serde_json::from_str(include_str!("golden/training.json")).unwrap();
    let start = &golden["start"];
    let mut training = step::Step::new(step::Start {
        psi: NodeMlp::new(&[1, 20, 20, 1], Activation::Relu).unwrap(),
        phi: NodeMlp::new(&[3, 20, 20, 1], Activation::Relu).unwrap(),
        weights: floats(&start["weights"]),
        psi_parameters: floats(&start["psi"]),
        phi_parameters: floats(&start["phi"]),
        embedding: floats(&start["embedding"]),
        activity: floats(&golden["activity"]),
        targets: floats(&golden["targets"]),
    })
    .unwrap();
    for expected in doubles(&golden["losses"]) {
        training.run().unwrap();
        assert!((training.loss / expected - 1.0).abs() < 1e-5, "{} / {expected}", training.loss);
    }
    // A step moves a parameter by its learning rate, so that 5e-3 was the way of W: 1e-4 of it is seen.
    let end = &golden["end"];
    assert_close("weights", &training.weights.values, &end["weights"], 2e-6);
    assert_close("psi", &training.psi_parameters.values, &end["psi"], 2e-6);
    assert_close("phi", &training.phi_parameters.values, &end["phi"], 2e-6);
    assert_close("embedding", &training.embedding.values, &end["embedding"], 2e-6);
}
