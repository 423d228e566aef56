//! The node MLP against its twin: values, finite differences, threads.

use neuroloom_nn::kernel::{Activation, LossGradient, MlpGradients, NodeMlp};
use proptest::collection::vec;
use proptest::prelude::{ProptestConfig, proptest};

use crate::twin::{assert_close, doubles, finite_differences, mlp, numbers};

const ACTIVATIONS: [Activation; 5] = [
    Activation::Identity,
    Activation::Relu,
    Activation::Tanh,
    Activation::Gelu,
    Activation::Sine { omega: 3.0 },
];

/// Shapes with every kind of layer: wide and narrow ends, widths that fill no vector, one layer alone.
const SHAPES: [&[usize]; 8] = [
    &[1, 64, 64, 1],
    &[3, 64, 64, 1],
    &[2, 5, 3],
    &[4, 20, 33, 7],
    &[3, 2],
    &[11, 17, 12],
    &[1, 1, 1],
    &[2, 30, 4, 9, 2],
];

fn parameters(shape: &NodeMlp) -> Vec<f32> {
    let scale = 2.0 / (*shape.widths().iter().max().unwrap() as f32).sqrt();
    numbers(shape.n_parameters(), 7).into_iter().map(|value| value * scale).collect()
}

#[test]
fn forward_agrees_with_the_twin() {
    for activation in ACTIVATIONS {
        for widths in SHAPES {
            let shape = NodeMlp::new(widths, activation).unwrap();
            let parameters = parameters(&shape);
            // One row, part of a tile, exactly one tile, several tiles with a rest.
            for n_rows in [1, 7, 96, 211] {
                let inputs = numbers(n_rows * shape.n_inputs(), 3);
                let mut outputs = vec![f32::NAN; n_rows * shape.n_outputs()];
                shape.forward(&parameters, &inputs, &mut outputs).unwrap();
                let expected = mlp(&shape, &doubles(&parameters), &doubles(&inputs));
                assert_close(&format!("{activation:?} {widths:?} {n_rows}"), &outputs, &expected, 1e-5);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_shape_agrees_with_the_twin(widths in vec(1_usize..40, 2..5), n_rows in 0_usize..200, kind in 0_usize..4) {
        let shape = NodeMlp::new(&widths, ACTIVATIONS[kind]).unwrap();
        let parameters = parameters(&shape);
        let inputs = numbers(n_rows * shape.n_inputs(), 3);
        let mut outputs = vec![f32::NAN; n_rows * shape.n_outputs()];
        shape.forward(&parameters, &inputs, &mut outputs).unwrap();
        let expected = mlp(&shape, &doubles(&parameters), &doubles(&inputs));
        assert_close("outputs", &outputs, &expected, 1e-4);
    }
}

#[test]
fn gradients_are_finite_differences() {
    for activation in ACTIVATIONS {
        for widths in [&[1_usize, 20, 20, 1][..], &[3, 9, 17, 2], &[2, 9], &[2, 6, 9], &[2, 18, 3, 5, 2]] {
            let shape = NodeMlp::new(widths, activation).unwrap();
            let n_rows = 11;
            let parameters = parameters(&shape);
            let inputs = numbers(n_rows * shape.n_inputs(), 5);
            let weights = numbers(n_rows * shape.n_outputs(), 11);
            let mut gradients = vec![0.0; parameters.len()];
            let mut input_gradients = vec![f32::NAN; inputs.len()];
            let into = MlpGradients { parameters: &mut gradients, inputs: Some(&mut input_gradients) };
            shape.backward(&parameters, &inputs, &weights, into).unwrap();
            // L = sum of weights * outputs.
            let loss = |parameters: &[f64], inputs: &[f64]| -> f64 {
                mlp(&shape, parameters, inputs).iter().zip(&weights).map(|(y, w)| y * f64::from(*w)).sum()
            };
            let (parameters, inputs) = (doubles(&parameters), doubles(&inputs));
            let what = format!("{activation:?} {widths:?}");
            let expected = finite_differences(&parameters, |parameters| loss(parameters, &inputs));
            assert_close(&format!("parameters {what}"), &gradients, &expected, 1e-5);
            let expected = finite_differences(&inputs, |inputs| loss(&parameters, inputs));
            assert_close(&format!("inputs {what}"), &input_gradients, &expected, 1e-5);
        }
    }
}

#[test]
fn parameter_gradients_are_added_and_input_gradients_written() {
    let shape = NodeMlp::new(&[2, 16, 1], Activation::Tanh).unwrap();
    let parameters = parameters(&shape);
    let inputs = numbers(20, 1);
    let run = |start: f32| {
        let mut gradients = vec![start; parameters.len()];
        let mut input_gradients = vec![start; inputs.len()];
        let into = MlpGradients { parameters: &mut gradients, inputs: Some(&mut input_gradients) };
        shape.backward(&parameters, &inputs, &[1.0; 10], into).unwrap();
        (gradients, input_gradients)
    };
    let (zero, once) = (run(0.0), run(0.5));
    assert_eq!(zero.1, once.1);
    for (zero, once) in zero.0.iter().zip(&once.0) {
        assert!((once - zero - 0.5).abs() < 1e-5);
    }
}

#[test]
fn forward_backward_is_forward_then_backward() {
    let shape = NodeMlp::new(&[3, 64, 64, 1], Activation::Relu).unwrap();
    let parameters = parameters(&shape);
    let n_rows = 500;
    let inputs = numbers(n_rows * 3, 2);
    let targets = numbers(n_rows, 9);

    let mut outputs = vec![0.0; n_rows];
    shape.forward(&parameters, &inputs, &mut outputs).unwrap();
    let residuals: Vec<f32> = outputs.iter().zip(&targets).map(|(y, t)| y - t).collect();
    let (mut gradients, mut input_gradients) = (vec![0.0; parameters.len()], vec![0.0; inputs.len()]);
    let into = MlpGradients { parameters: &mut gradients, inputs: Some(&mut input_gradients) };
    shape.backward(&parameters, &inputs, &residuals, into).unwrap();

    let (mut outputs_2, mut residuals_2) = (vec![0.0; n_rows], vec![0.0; n_rows]);
    let (mut gradients_2, mut input_gradients_2) = (vec![0.0; parameters.len()], vec![0.0; inputs.len()]);
    let rows = LossGradient { outputs: &mut outputs_2, output_gradients: &mut residuals_2 };
    let into = MlpGradients { parameters: &mut gradients_2, inputs: Some(&mut input_gradients_2) };
    let loss = |rows: std::ops::Range<usize>, outputs: &[f32], gradients: &mut [f32]| {
        for ((gradient, output), target) in gradients.iter_mut().zip(outputs).zip(&targets[rows]) {
            *gradient = output - target;
        }
    };
    shape.forward_backward(&parameters, &inputs, rows, loss, into).unwrap();
    assert_eq!(outputs, outputs_2);
    assert_eq!(residuals, residuals_2);
    assert_eq!(gradients, gradients_2);
    assert_eq!(input_gradients, input_gradients_2);
}

#[test]
fn bytes_do_not_depend_on_threads() {
    let shape = NodeMlp::new(&[3, 64, 64, 1], Activation::Tanh).unwrap();
    let parameters = parameters(&shape);
    let inputs = numbers(10_000 * 3, 2);
    let run = |n_threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| {
            let mut gradients = vec![0.0; parameters.len()];
            let into = MlpGradients { parameters: &mut gradients, inputs: None };
            shape.backward(&parameters, &inputs, &numbers(10_000, 4), into).unwrap();
            gradients
        })
    };
    let one = run(1);
    assert!(one.iter().any(|gradient| *gradient != 0.0));
    assert_eq!(one, run(2));
    assert_eq!(one, run(5));
}

/// Weights of one and no biases leave f(x) alone.
#[test]
fn functions_are_as_exact_as_they_say() {
    let values = |activation, scale: f32| {
        let inputs: Vec<f32> = numbers(20_000, 6).iter().map(|x| x * scale).collect();
        let mut outputs = vec![0.0; inputs.len()];
        NodeMlp::new(&[1, 1, 1], activation)
            .unwrap()
            .forward(&[1.0, 0.0, 1.0, 0.0], &inputs, &mut outputs)
            .unwrap();
        inputs.into_iter().map(f64::from).zip(outputs.into_iter().map(f64::from)).collect::<Vec<_>>()
    };
    for scale in [0.01, 1.0, 12.0, 1000.0] {
        for (x, y) in values(Activation::Tanh, scale) {
            assert!((y - x.tanh()).abs() <= 4e-7 * x.tanh().abs(), "tanh({x}) = {y}");
        }
    }
    for scale in [1.0, 100.0, 10_000.0] {
        for (x, y) in values(Activation::Sine { omega: 1.0 }, scale) {
            assert!((y - x.sin()).abs() < 1e-6, "sin({x}) = {y}");
        }
    }
}

#[test]
fn a_nan_is_not_hidden() {
    for activation in ACTIVATIONS {
        let shape = NodeMlp::new(&[1, 16, 1], activation).unwrap();
        let mut outputs = [0.0];
        shape.forward(&vec![0.5; shape.n_parameters()], &[f32::NAN], &mut outputs).unwrap();
        assert!(outputs[0].is_nan(), "{activation:?}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    assert!(NodeMlp::new(&[3], Activation::Relu).is_err());
    assert!(NodeMlp::new(&[3, 0, 1], Activation::Relu).is_err());
    let shape = NodeMlp::new(&[2, 4, 1], Activation::Relu).unwrap();
    let parameters = vec![0.0; shape.n_parameters()];
    assert!(shape.forward(&parameters, &[0.0; 3], &mut [0.0; 2]).is_err());
    assert!(shape.forward(&parameters, &[0.0; 4], &mut [0.0; 3]).is_err());
    let error = shape.forward(&parameters[1..], &[0.0; 4], &mut [0.0; 2]).unwrap_err();
    assert_eq!(error.to_string(), "parameters of an MLP has 16 numbers, expected 17");
}
