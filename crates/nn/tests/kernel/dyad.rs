//! The network on pairs against its formulas in f64.

use neuroloom_nn::kernel::Activation;
use neuroloom_nn::kernel::dyad::{
    COMPATIBLE_BOTH_WAYS, DyadGradients, DyadNet, DyadScale, DyadShape, PairRow, Pairs, compatible_states,
    state_probabilities,
};

use crate::twin::{activate, assert_close, doubles, finite_differences, numbers};

/// Seven rows, two tables, a third of the pairs half observed, a few strengths.
struct Example {
    n: usize,
    tables: Vec<usize>,
    places: Vec<f32>,
}

impl Example {
    fn new(n: usize) -> Self {
        let tables = vec![5, 3];
        let places = numbers(n * n * tables.len(), 3).iter().map(|x| 2.2 * x + 2.0).collect();
        Self { n, tables, places }
    }

    fn place(&self, i: usize, j: usize, table: usize) -> f32 {
        self.places[(i * self.n + j) * self.tables.len() + table]
    }

    fn state(&self, i: usize, j: usize) -> u8 {
        let linked = |a: usize, b: usize| Some((a * 7 + b * 5).is_multiple_of(3));
        match (i + j) % 6 {
            0 => compatible_states(linked(i, j), None),
            1 => COMPATIBLE_BOTH_WAYS,
            _ => compatible_states(linked(i, j), linked(j, i)),
        }
    }

    fn strength(&self, i: usize, j: usize) -> f32 {
        if (i * 7 + j * 5).is_multiple_of(3) { 1.0 + ((i + 2 * j) % 4) as f32 } else { 0.0 }
    }
}

impl Pairs for Example {
    fn places(&self, i: usize, into: &mut [f32]) {
        let n_tables = self.tables.len();
        for (j, into) in (i + 1..self.n).zip(into.chunks_mut(2 * n_tables)) {
            for table in 0..n_tables {
                into[table] = self.place(i, j, table);
                into[n_tables + table] = self.place(j, i, table);
            }
        }
    }

    fn observed(&self, i: usize, into: PairRow<'_>) {
        for j in i + 1..self.n {
            into.compatible[j - i - 1] = self.state(i, j);
            into.strength[j - i - 1] = [self.strength(i, j), self.strength(j, i)];
        }
    }
}

const WIDTH: usize = 16;

fn net(tables: &[usize]) -> DyadNet {
    DyadNet::new(DyadShape { first: WIDTH, second: WIDTH, rank: WIDTH, tables: tables.to_vec() }).unwrap()
}

fn gelu(x: f64) -> f64 {
    activate(Activation::Gelu, x)
}

/// (a, r, m) of an ordered pair, by the formulas.
fn outputs(example: &Example, parameters: &[f64], heads: &[f64], (i, j): (usize, usize)) -> [f64; 3] {
    let head_width = 4 * WIDTH + 2;
    let (from, to) = (&heads[i * head_width..][..head_width], &heads[j * head_width..][..head_width]);
    let mut start = 0;
    let mut sums: Vec<f64> = (0..WIDTH).map(|k| from[k] + to[WIDTH + k]).collect();
    for (table, rows) in example.tables.iter().enumerate() {
        let place = f64::from(example.place(i, j, table)).clamp(0.0, (rows - 1) as f64);
        let lower = (place as usize).min(rows - 2);
        let share = place - lower as f64;
        let at = start + lower * WIDTH;
        for (k, sum) in sums.iter_mut().enumerate() {
            *sum += (1.0 - share) * parameters[at + k] + share * parameters[at + WIDTH + k];
        }
        start += rows * WIDTH;
    }
    let first: Vec<f64> = sums.into_iter().map(gelu).collect();
    let (weight, bias) = (start, start + WIDTH * WIDTH);
    let out = bias + WIDTH;
    let second: Vec<f64> = (0..WIDTH)
        .map(|o| {
            parameters[bias + o]
                + (0..WIDTH).map(|k| first[k] * parameters[weight + k * WIDTH + o]).sum::<f64>()
        })
        .map(gelu)
        .collect();
    let mut results = [0, 1, 2].map(|kind| {
        let dot: f64 = (0..WIDTH).map(|k| second[k] * parameters[out + kind * WIDTH + k]).sum();
        dot + parameters[out + 3 * WIDTH + kind]
    });
    let similar: f64 = (0..WIDTH).map(|k| from[2 * WIDTH + k] * to[3 * WIDTH + k]).sum();
    results[0] += similar / (WIDTH as f64).sqrt() + from[4 * WIDTH] + to[4 * WIDTH + 1];
    results
}

/// Both parts of the loss, each with its factor.
fn loss(example: &Example, parameters: &[f64], heads: &[f64], scale: [f64; 2]) -> f64 {
    let mut sum = 0.0;
    for i in 0..example.n {
        for j in i + 1..example.n {
            let (there, back) =
                (outputs(example, parameters, heads, (i, j)), outputs(example, parameters, heads, (j, i)));
            let logits = [0.0, there[0], back[0], there[0] + back[0] + there[1] + back[1]];
            let all: f64 = logits.iter().map(|logit| logit.exp()).sum();
            let agree = |state: usize| example.state(i, j) >> state & 1 == 1;
            let some: f64 = (0..4).filter(|state| agree(*state)).map(|state| logits[state].exp()).sum();
            sum -= scale[0] * (some / all).ln();
            for (m, strength) in [(there[2], example.strength(i, j)), (back[2], example.strength(j, i))] {
                if strength > 0.0 {
                    let success = 1.0 / (1.0 + (-m).exp());
                    sum -= scale[1] * (success.ln() + f64::from(strength - 1.0) * (1.0 - success).ln());
                }
            }
        }
    }
    sum
}

#[test]
fn loss_and_gradients_are_those_of_the_formulas() {
    let example = Example::new(7);
    let net = net(&example.tables);
    let parameters: Vec<f32> = numbers(net.n_parameters(), 1).iter().map(|x| 0.5 * x).collect();
    let heads: Vec<f32> = numbers(example.n * net.head_width(), 2);
    let scale = [0.7, 0.3];
    let (mut to_parameters, mut to_heads) = (vec![0.0; parameters.len()], vec![0.0; heads.len()]);
    let gradients = DyadGradients { parameters: &mut to_parameters, heads: &mut to_heads };
    let factors = DyadScale { states: 0.7, strengths: 0.3 };
    let found = net.backward((&parameters, &heads), &example, factors, gradients).unwrap();
    let (parameters, heads) = (doubles(&parameters), doubles(&heads));
    let expected = loss(&example, &parameters, &heads, scale);
    let total = 0.7 * found.states + 0.3 * found.strengths;
    // Strengths of pairs of which no state was observed are not learned from, unless their tile is.
    assert!((total - expected).abs() < 1e-4 * expected, "{total} {expected}");
    let of_parameters = |at: &[f64]| loss(&example, at, &heads, scale);
    assert_close("parameters", &to_parameters, &finite_differences(&parameters, of_parameters), 2e-5);
    let of_heads = |at: &[f64]| loss(&example, &parameters, at, scale);
    assert_close("heads", &to_heads, &finite_differences(&heads, of_heads), 2e-5);
}

#[test]
fn swapping_two_rows_swaps_the_one_way_states() {
    struct Alike;
    impl Pairs for Alike {
        fn places(&self, _: usize, into: &mut [f32]) {
            into.fill(1.5);
        }
        fn observed(&self, _: usize, _: PairRow<'_>) {}
    }
    let net = net(&[4]);
    let parameters = numbers(net.n_parameters(), 1);
    let heads = numbers(2 * net.head_width(), 2);
    let mut swapped = heads.clone();
    swapped.rotate_left(net.head_width());
    let states = |heads: &[f32]| {
        let mut logits = [[0.0; 5]];
        net.forward(&parameters, heads, &Alike, &mut logits).unwrap();
        state_probabilities([logits[0][0], logits[0][1], logits[0][2]])
    };
    let ([none, there, back, both], other) = (states(&heads), states(&swapped));
    assert_eq!(other, [none, back, there, both]);
    assert_ne!(there, back);
}

#[test]
fn many_rows_are_cut_into_tiles_without_a_seam() {
    // 130 rows: tiles of 48 dyads with rests; each logit by the formulas.
    let example = Example::new(130);
    let net = net(&example.tables);
    let parameters = numbers(net.n_parameters(), 1);
    let heads = numbers(example.n * net.head_width(), 2);
    let mut logits = vec![[0.0; 5]; 130 * 129 / 2];
    net.forward(&parameters, &heads, &example, &mut logits).unwrap();
    let (wide, wide_heads) = (doubles(&parameters), doubles(&heads));
    let mut at = 0;
    for i in 0..130 {
        for j in i + 1..130 {
            if at % 97 == 0 {
                let there = outputs(&example, &wide, &wide_heads, (i, j));
                let back = outputs(&example, &wide, &wide_heads, (j, i));
                let expected = [there[0], back[0], there[1] + back[1], there[2], back[2]];
                assert_close("logits", &logits[at], &expected, 1e-4);
            }
            at += 1;
        }
    }
}

#[test]
fn widths_and_lengths_are_checked() {
    let shape = DyadShape { first: 20, second: 16, rank: 16, tables: vec![] };
    assert!(DyadNet::new(shape.clone()).unwrap_err().to_string().contains("multiples of 16"));
    assert!(DyadNet::new(DyadShape { first: 16, tables: vec![1], ..shape }).is_err());
    let net = net(&[]);
    let mut logits = [[0.0; 5]; 2];
    let heads = vec![0.0; 3 * net.head_width()];
    let parameters = vec![0.0; net.n_parameters()];
    assert!(net.forward(&parameters, &heads, &Example::new(3), &mut logits).is_err());
}
