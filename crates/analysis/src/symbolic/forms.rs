//! Forms that are common in models of neurons, as starting points.

use super::{Expression, Function, Samples};

use Expression::{Apply, Constant, Product, Sum, Variable};

/// Widths tried for each function, in standard deviations of x.
const WIDTHS: [f64; 4] = [0.1, 0.3, 1.0, 3.0];

/// Lines, parabolas, cubics, and each of tanh, exp and sin with a line, a shift, and a second of its kind; the
/// functions start from four widths.
///
/// The genetic search finds most of these by itself; from here they are found for certain.
pub fn dictionary(samples: &Samples) -> Vec<Expression> {
    let size = samples.variance().sqrt();
    let spread = samples.spread();
    let line = || times(0.5 * size / spread, Variable);
    let offset = || Constant(free(samples.mean()));
    let square = || Product(vec![Constant(free(0.1 * size / spread.powi(2))), Variable, Variable]);
    let cube = || Product(vec![Constant(free(0.1 * size / spread.powi(3))), Variable, Variable, Variable]);
    let mut forms = vec![
        offset(),
        line(),
        Sum(vec![line(), offset()]),
        Sum(vec![line(), square(), offset()]),
        Sum(vec![line(), square(), cube(), offset()]),
        Sum(vec![line(), cube()]),
    ];
    for width in WIDTHS {
        let scale = 1.0 / (width * spread);
        for function in [Function::Tanh, Function::Exp, Function::Sin] {
            // An exponential that grows by more than e^8 over the visited range is not a start.
            if function == Function::Exp && width < 0.3 {
                continue;
            }
            for sign in [1.0, -1.0] {
                let of = |inner: Expression| times(sign * size, Apply(function, Box::new(inner)));
                let plain = || of(times(scale, Variable));
                let shifted = || of(Sum(vec![times(scale, Variable), Constant(0.1)]));
                forms.push(plain());
                forms.push(Sum(vec![line(), plain()]));
                forms.push(Sum(vec![line(), plain(), offset()]));
                forms.push(Sum(vec![shifted(), offset()]));
                forms.push(Sum(vec![line(), shifted(), offset()]));
                if function == Function::Tanh {
                    forms.push(Sum(vec![plain(), times(0.5 * size, tanh(times(0.3 * scale, Variable)))]));
                }
            }
        }
    }
    forms
}

fn tanh(inner: Expression) -> Expression {
    Apply(Function::Tanh, Box::new(inner))
}

fn times(value: f64, inner: Expression) -> Expression {
    Product(vec![Constant(free(value)), inner])
}

/// A constant that is not taken for a sign.
fn free(value: f64) -> f64 {
    if Expression::is_free(value) { value } else { value * 1.000_1 }
}
