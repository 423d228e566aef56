use neuroloom_nn::op::attach;

use crate::numbers::{assert_near, floats, leaf, numbers};

#[test]
fn the_kernel_agrees_with_plain_burn() {
    let (values, table) = (numbers(6 * 5, 1), numbers(5 * 2, 2));
    let pass = |fused: &str| {
        let (values, table) = (leaf(&values, [6, 5]), leaf(&table, [5, 2]));
        let rows = match fused {
            "fused" => attach::forward(values.clone(), table.clone()),
            _ => attach::composed(values.clone(), table.clone()),
        };
        let rows = rows.unwrap();
        assert_eq!(rows.dims(), [30, 3]);
        let gradients = (rows.clone().square() * 0.5).sum().backward();
        let of = |found: Option<burn::tensor::Tensor<2>>| floats(&found.unwrap());
        [floats(&rows), of(values.grad(&gradients)), of(table.grad(&gradients))]
    };
    for (found, expected) in pass("fused").iter().zip(&pass("composed")) {
        assert_near("attached", found, expected, 1e-6);
    }
}

#[test]
fn what_does_not_fit_is_an_error() {
    let values = leaf(&numbers(6, 1), [2, 3]);
    assert!(attach::forward(values.clone(), leaf(&[1.0; 4], [2, 2])).is_err());
    assert!(attach::composed(values, leaf(&[1.0; 4], [2, 2])).is_err());
}
