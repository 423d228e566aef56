//! The expected loss of a linear network, from the moments of its inputs alone.
//!
//! 1/2 tr[(I - BA) C (I - BA)'] + l2/2 |A|^2 + l2-output/2 |B|^2 + activity/2 tr(A C A'); the l1 part is apart.

use ndarray::{Array2, Zip};

use crate::weight_manifold::config::{Constraint, Penalty};
use crate::weight_manifold::model::{Autoencoder, square};
use crate::weight_manifold::moments::Moments;

/// The expected loss.
pub(super) struct Exact<'a> {
    moments: &'a Moments,
    penalty: &'a Penalty,
    constraint: Constraint,
    /// tr C.
    variance: f64,
}

/// A and B, or a step of both.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) a: Array2<f64>,
    pub(super) b: Array2<f64>,
}

impl<'a> Exact<'a> {
    pub(super) fn new(moments: &'a Moments, penalty: &'a Penalty, constraint: Constraint) -> Self {
        Self { moments, penalty, constraint, variance: moments.second.diag().sum() }
    }

    /// The smooth part and its gradient. Nothing of size N x N is made: the products cost 2 M N^2 + 8 M^2 N.
    pub(super) fn gradient(&self, at: &Pair) -> (f64, Pair) {
        let (a, b, penalty) = (&at.a, &at.b, self.penalty);
        let ac = a.dot(&self.moments.second); // A C
        let aca = ac.dot(&a.t()); // A C A'
        let btb = b.t().dot(b);
        let ca = ac.t(); // C A', as C is symmetric
        let explained = inner(b, &ca.to_owned()); // tr(B A C)
        let rebuilt = inner(&btb, &aca); // tr(B A C A' B')
        let loss = 0.5 * (self.variance - 2.0 * explained + rebuilt)
            + 0.5 * penalty.l2_input * square(a.view())
            + 0.5 * penalty.l2_output * square(b.view())
            + 0.5 * penalty.activity * aca.diag().sum();
        // -B'E C + ... with E = I - BA, and -E C A' + ...
        let mut da = btb.dot(&ac) - b.t().dot(&self.moments.second);
        da.scaled_add(penalty.l2_input, a);
        da.scaled_add(penalty.activity, &ac);
        let mut db = b.dot(&aca) - ca;
        db.scaled_add(penalty.l2_output, b);
        (loss, self.on_constraint(Pair { a: da, b: db }))
    }

    /// The price of sizes.
    pub(super) fn size_price(&self, at: &Pair) -> f64 {
        let sizes = |weights: &Array2<f64>| weights.iter().map(|weight| weight.abs()).sum::<f64>();
        self.penalty.l1 * (sizes(&at.a) + sizes(&at.b))
    }

    /// The network with the best biases for these weights: the mean is passed on unchanged.
    pub(super) fn network(&self, at: Pair, start: &Autoencoder) -> Autoencoder {
        let through = at.b.dot(&at.a.dot(&self.moments.mean));
        Autoencoder {
            output_bias: &self.moments.mean - &through,
            input_weights: at.a,
            output_weights: at.b,
            hidden_bias: start.hidden_bias.clone(),
            activation: start.activation,
        }
    }

    /// Tied weights move together: both get the mean of the two gradients, so that B stays A'.
    fn on_constraint(&self, mut gradient: Pair) -> Pair {
        if self.constraint == Constraint::Tied {
            let mean = (&gradient.a + &gradient.b.t()) * 0.5;
            gradient.b = mean.t().to_owned();
            gradient.a = mean;
        }
        gradient
    }
}

impl Pair {
    pub(super) fn of(model: &Autoencoder) -> Self {
        Self { a: model.input_weights.clone(), b: model.output_weights.clone() }
    }

    pub(super) fn dot(&self, other: &Self) -> f64 {
        inner(&self.a, &other.a) + inner(&self.b, &other.b)
    }

    /// self + scale * step.
    pub(super) fn moved(&self, scale: f64, step: &Self) -> Self {
        let mut moved = self.clone();
        moved.add(scale, step);
        moved
    }

    pub(super) fn add(&mut self, scale: f64, step: &Self) {
        self.a.scaled_add(scale, &step.a);
        self.b.scaled_add(scale, &step.b);
    }

    pub(super) fn scale(&mut self, factor: f64) {
        self.a *= factor;
        self.b *= factor;
    }
}

fn inner(one: &Array2<f64>, other: &Array2<f64>) -> f64 {
    let mut sum = 0.0;
    Zip::from(one).and(other).for_each(|&x, &y| sum += x * y);
    sum
}
