//! Pairs and conditional normalisation: what PyTorch says (`reference/vae_golden.py`, in double precision).
#![allow(clippy::unwrap_used, reason = "tests")]

use neuroloom_nn::kernel::dyad::{DyadGradients, DyadNet, DyadScale, DyadShape, PairRow, Pairs};
use neuroloom_nn::kernel::layer_norm::{self, NormGradients, Segments};
use serde_json::Value;

const WIDTH: usize = 16;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/dyad.json")).unwrap()
}

fn doubles(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

fn floats(value: &Value) -> Vec<f32> {
    doubles(value).into_iter().map(|value| value as f32).collect()
}

fn assert_close(what: &str, found: &[f32], expected: &Value) {
    let expected = doubles(expected);
    assert_eq!(found.len(), expected.len(), "{what}");
    let scale = expected.iter().fold(0.1_f64, |max, value| max.max(value.abs()));
    for (k, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (f64::from(*found) - expected).abs() / scale;
        assert!(error < 5e-6, "{what}[{k}] = {found}, PyTorch {expected}");
    }
}

struct Golden {
    n: usize,
    n_tables: usize,
    places: Vec<f32>,
    compatible: Vec<f64>,
    strengths: Vec<f32>,
}

impl Golden {
    /// The number of the pair (i, j) in the order of the rows.
    fn at(&self, i: usize, j: usize) -> usize {
        i * (2 * self.n - i - 1) / 2 + j - i - 1
    }
}

impl Pairs for Golden {
    fn places(&self, i: usize, into: &mut [f32]) {
        for (j, into) in (i + 1..self.n).zip(into.chunks_mut(2 * self.n_tables)) {
            let of = |a: usize, b: usize| &self.places[(a * self.n + b) * self.n_tables..][..self.n_tables];
            into[..self.n_tables].copy_from_slice(of(i, j));
            into[self.n_tables..].copy_from_slice(of(j, i));
        }
    }

    fn observed(&self, i: usize, into: PairRow<'_>) {
        for j in i + 1..self.n {
            let at = self.at(i, j);
            into.compatible[j - i - 1] = self.compatible[at] as u8;
            into.strength[j - i - 1] = [self.strengths[2 * at], self.strengths[2 * at + 1]];
        }
    }
}

#[test]
fn pairs() {
    let case = &golden()["pairs"];
    let tables: Vec<usize> = doubles(&case["tables"]).iter().map(|rows| *rows as usize).collect();
    let example = Golden {
        n: case["n"].as_u64().unwrap() as usize,
        n_tables: tables.len(),
        places: floats(&case["places"]),
        compatible: doubles(&case["compatible"]),
        strengths: floats(&case["strengths"]),
    };
    let net = DyadNet::new(DyadShape { first: WIDTH, second: WIDTH, rank: WIDTH, tables }).unwrap();
    let (parameters, heads) = (floats(&case["parameters"]), floats(&case["heads"]));
    let (mut to_parameters, mut to_heads) = (vec![0.0; parameters.len()], vec![0.0; heads.len()]);
    let gradients = DyadGradients { parameters: &mut to_parameters, heads: &mut to_heads };
    let scale = DyadScale { states: 0.75, strengths: 0.5 };
    let loss = net.backward((&parameters, &heads), &example, scale, gradients).unwrap();
    assert_close("losses", &[loss.states as f32, loss.strengths as f32], &case["loss"]);
    assert_close("parameters", &to_parameters, &case["parameter_gradients"]);
    assert_close("heads", &to_heads, &case["head_gradients"]);
}

#[test]
fn conditional_normalisation() {
    let case = &golden()["normalisation"];
    let lengths: Vec<usize> = doubles(&case["lengths"]).iter().map(|length| *length as usize).collect();
    let segments = Segments::new(&lengths, WIDTH).unwrap();
    let (rows, scale, shift) = (floats(&case["rows"]), floats(&case["scale"]), floats(&case["shift"]));
    let mut outputs = vec![0.0; rows.len()];
    layer_norm::forward(&segments, (&scale, &shift), &rows, &mut outputs).unwrap();
    assert_close("outputs", &outputs, &case["outputs"]);
    let (mut to_scale, mut to_shift) = (vec![0.0; scale.len()], vec![0.0; shift.len()]);
    let mut to_rows = vec![0.0; rows.len()];
    let gradients = NormGradients { scale: &mut to_scale, shift: &mut to_shift, inputs: &mut to_rows };
    let given = floats(&case["output_gradients"]);
    layer_norm::backward(&segments, (&scale, &shift), (&rows, &given), gradients).unwrap();
    assert_close("rows", &to_rows, &case["row_gradients"]);
    assert_close("scales", &to_scale, &case["scale_gradients"]);
    assert_close("shifts", &to_shift, &case["shift_gradients"]);
}
