use burn::tensor::Tensor;
use neuroloom_nn::Error;
use neuroloom_nn::kernel::product::Diagonal;
use neuroloom_nn::module::Weights;
use neuroloom_nn::op::{Route, product};
use proptest::prelude::*;

use crate::numbers::{assert_near, exact, floats, leaf, numbers, slopes};

/// Messages and both gradients of sum(messages^2 / 2).
fn pass(
    operation: impl Fn(Tensor<2>, Tensor<2>) -> Result<Tensor<2>, Error>,
    (weights, senders): (&[f32], &[f32]),
    [n_post, n_pre, n_frames]: [usize; 3],
) -> [Vec<f32>; 3] {
    let weights = leaf(weights, [n_post, n_pre]);
    let senders = leaf(senders, [n_frames, n_pre]);
    let messages = operation(weights.clone(), senders.clone()).unwrap();
    let gradients = (messages.clone().square() * 0.5).sum().backward();
    [
        floats(&messages),
        floats(&weights.grad(&gradients).unwrap()),
        floats(&senders.grad(&gradients).unwrap()),
    ]
}

fn weights(n_post: usize, n_pre: usize, seed: u64, diagonal: Diagonal) -> Vec<f32> {
    let mut weights = numbers(n_post * n_pre, seed);
    if diagonal == Diagonal::Zero {
        (0..n_post.min(n_pre)).for_each(|one| weights[one * n_pre + one] = 0.0);
    }
    weights
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_kernel_agrees_with_plain_burn(
        n_post in 1_usize..60, n_pre in 1_usize..60, n_frames in 1_usize..20, zero: bool, seed: u64,
    ) {
        let diagonal = if zero { Diagonal::Zero } else { Diagonal::Free };
        let (weights, senders) = (weights(n_post, n_pre, seed, diagonal), numbers(n_frames * n_pre, seed ^ 1));
        let shape = [n_post, n_pre, n_frames];
        let fused = pass(|w, p| product::forward(w, p, diagonal), (&weights, &senders), shape);
        let plain = pass(|w, p| product::composed(w, p, diagonal), (&weights, &senders), shape);
        for ((found, expected), what) in fused.iter().zip(&plain).zip(["messages", "weights", "senders"]) {
            assert_near(what, found, expected, 1e-4);
        }
    }
}

#[test]
fn gradients_are_those_of_finite_differences() {
    let (weights, senders) = (numbers(4 * 5, 1), numbers(3 * 5, 2));
    let found = pass(|w, p| product::forward(w, p, Diagonal::Free), (&weights, &senders), [4, 5, 3]);
    let loss = |weights: &[f64], senders: &[f64]| {
        let messages =
            product::forward(exact(weights, [4, 5]), exact(senders, [3, 5]), Diagonal::Free).unwrap();
        (messages.square() * 0.5).sum().into_data().try_to_vec::<f64>().unwrap()[0]
    };
    let wide = |values: &[f32]| values.iter().map(|&value| f64::from(value)).collect::<Vec<_>>();
    let (wide_weights, wide_senders) = (wide(&weights), wide(&senders));
    assert_near("weights", &found[1], &slopes(&weights, |weights| loss(weights, &wide_senders)), 1e-4);
    assert_near("senders", &found[2], &slopes(&senders, |senders| loss(&wide_weights, senders)), 1e-4);
}

#[test]
fn a_masked_weight_neither_speaks_nor_learns() {
    let mask: Vec<f32> = (0..16).map(|place| f32::from(u8::from(place % 3 != 1))).collect();
    let device = burn::tensor::Device::flex().autodiff();
    let all = Weights::new(&numbers(16, 3), [4, 4], Diagonal::Zero, &device).unwrap();
    for route in [Route::Fused, Route::Composed] {
        let module = all.clone().with_mask(&mask).unwrap().with_route(route);
        let senders = leaf(&numbers(8, 4), [2, 4]);
        let gradients = module.forward(senders).unwrap().square().sum().backward();
        let found = floats(&module.weights.val().grad(&gradients).unwrap());
        let held = |place: usize| place % 3 == 1 || place.is_multiple_of(5);
        for (place, (slope, weight)) in found.iter().zip(floats(&module.weights.val())).enumerate() {
            assert_eq!(*slope == 0.0, held(place), "{place} {route:?}");
            assert_eq!(weight == 0.0, held(place), "{place} {route:?}");
        }
    }
    assert!(all.with_mask(&mask[1..]).is_err());
}
