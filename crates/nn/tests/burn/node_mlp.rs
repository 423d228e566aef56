use std::sync::Arc;

use burn::tensor::Tensor;
use neuroloom_nn::Error;
use neuroloom_nn::kernel::{Activation, NodeMlp};
use neuroloom_nn::op::node_mlp;
use proptest::prelude::*;

use crate::numbers::{assert_near, exact, floats, leaf, numbers, slopes};

const ACTIVATIONS: [Activation; 5] = [
    Activation::Identity,
    Activation::Relu,
    Activation::Tanh,
    Activation::Gelu,
    Activation::Sine { omega: 2.5 },
];

/// Outputs and both gradients of sum(output^2 / 2 + output).
fn pass(
    operation: impl Fn(Tensor<1>, Tensor<2>) -> Result<Tensor<2>, Error>,
    (parameters, inputs, n_rows): (&[f32], &[f32], usize),
) -> [Vec<f32>; 3] {
    let parameters = leaf(parameters, [parameters.len()]);
    let inputs = leaf(inputs, [n_rows, inputs.len() / n_rows]);
    let outputs = operation(parameters.clone(), inputs.clone()).unwrap();
    let gradients = (outputs.clone().square() * 0.5 + outputs.clone()).sum().backward();
    let of = |found: Option<Vec<f32>>| found.unwrap();
    [
        floats(&outputs),
        of(parameters.grad(&gradients).map(|tensor| floats(&tensor))),
        of(inputs.grad(&gradients).map(|tensor| floats(&tensor))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_kernel_agrees_with_plain_burn(
        widths in prop::collection::vec(1_usize..40, 2..5), n_rows in 1_usize..230, which in 0..5_usize, seed: u64,
    ) {
        let mlp = Arc::new(NodeMlp::new(&widths, ACTIVATIONS[which]).unwrap());
        let parameters = numbers(mlp.n_parameters(), seed);
        let inputs = numbers(n_rows * mlp.n_inputs(), seed ^ 1);
        let data = (&parameters[..], &inputs[..], n_rows);
        let fused = pass(|parameters, inputs| node_mlp::forward(&mlp, parameters, inputs), data);
        let plain = pass(|parameters, inputs| node_mlp::composed(&mlp, parameters, inputs), data);
        for ((found, expected), what) in fused.iter().zip(&plain).zip(["outputs", "parameters", "inputs"]) {
            assert_near(what, found, expected, 2e-4);
        }
    }
}

#[test]
fn gradients_are_those_of_finite_differences() {
    for activation in ACTIVATIONS {
        let mlp = Arc::new(NodeMlp::new(&[2, 6, 5, 2], activation).unwrap());
        let (parameters, inputs) = (numbers(mlp.n_parameters(), 3), numbers(7 * 2, 4));
        let fused = pass(|p, x| node_mlp::forward(&mlp, p, x), (&parameters, &inputs, 7));
        let loss = |parameters: &[f64], inputs: &[f64]| {
            let parameters = exact(parameters, [parameters.len()]);
            let outputs = node_mlp::forward(&mlp, parameters, exact(inputs, [7, 2])).unwrap();
            (outputs.clone().square() * 0.5 + outputs).sum().into_data().try_to_vec::<f64>().unwrap()[0]
        };
        let wide = |values: &[f32]| values.iter().map(|&value| f64::from(value)).collect::<Vec<_>>();
        let (wide_parameters, wide_inputs) = (wide(&parameters), wide(&inputs));
        let of_parameters = slopes(&parameters, |parameters| loss(parameters, &wide_inputs));
        let of_inputs = slopes(&inputs, |inputs| loss(&wide_parameters, inputs));
        assert_near("parameters", &fused[1], &of_parameters, 1e-4);
        assert_near("inputs", &fused[2], &of_inputs, 1e-4);
    }
}

#[test]
fn a_transposed_input_is_read_in_its_own_order() {
    let mlp = Arc::new(NodeMlp::new(&[3, 4, 1], Activation::Tanh).unwrap());
    let parameters = leaf(&numbers(mlp.n_parameters(), 5), [mlp.n_parameters()]);
    let inputs = leaf(&numbers(15, 6), [3, 5]).transpose();
    let fused = node_mlp::forward(&mlp, parameters.clone(), inputs.clone()).unwrap();
    let plain = node_mlp::composed(&mlp, parameters, inputs).unwrap();
    assert_near("outputs", &floats(&fused), &floats(&plain), 1e-5);
}

#[test]
fn what_does_not_fit_is_an_error() {
    let mlp = Arc::new(NodeMlp::new(&[2, 3, 1], Activation::Relu).unwrap());
    let inputs = leaf(&numbers(8, 1), [4, 2]);
    let few = node_mlp::forward(&mlp, leaf(&[0.0; 12], [12]), inputs.clone());
    let message = few.err().unwrap().to_string();
    assert_eq!(message, "parameters of an MLP has 12 numbers, expected 13");
    let narrow = node_mlp::forward(&mlp, leaf(&[0.0; 13], [13]), inputs.reshape([8, 1]));
    assert_eq!(narrow.err().unwrap().to_string(), "a row of inputs of an MLP has 1 numbers, expected 2");
}
