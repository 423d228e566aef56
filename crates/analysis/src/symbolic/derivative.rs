//! Value and slopes along the free constants, at many points at once.

use super::Expression;

/// Values of a part of a formula and their derivatives by the constants that it holds.
struct Column {
    value: Vec<f64>,
    /// (constant, derivative at each point).
    slopes: Vec<(usize, Vec<f64>)>,
}

impl Expression {
    /// Values at `x` and the Jacobian, one column a free constant.
    pub(super) fn jacobian(&self, x: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
        let mut counter = 0;
        let column = self.column(x, &mut counter);
        let mut jacobian = vec![vec![0.0; x.len()]; counter];
        for (constant, slope) in column.slopes {
            jacobian[constant] = slope;
        }
        (column.value, jacobian)
    }

    fn column(&self, x: &[f64], counter: &mut usize) -> Column {
        match self {
            Self::Constant(value) => {
                let value_column = vec![*value; x.len()];
                if !Self::is_free(*value) {
                    return Column { value: value_column, slopes: Vec::new() };
                }
                *counter += 1;
                Column { value: value_column, slopes: vec![(*counter - 1, vec![1.0; x.len()])] }
            }
            Self::Variable => Column { value: x.to_vec(), slopes: Vec::new() },
            Self::Sum(terms) => {
                let mut total = Column { value: vec![0.0; x.len()], slopes: Vec::new() };
                for term in terms {
                    let column = term.column(x, counter);
                    total.value.iter_mut().zip(&column.value).for_each(|(sum, value)| *sum += value);
                    total.slopes.extend(column.slopes);
                }
                total
            }
            Self::Product(factors) => {
                let mut total = Column { value: vec![1.0; x.len()], slopes: Vec::new() };
                for factor in factors {
                    total = total.times(factor.column(x, counter));
                }
                total
            }
            Self::Apply(function, inner) => {
                let mut column = inner.column(x, counter);
                let slope: Vec<f64> = column.value.iter().map(|&value| function.slope(value)).collect();
                column.slopes.iter_mut().for_each(|(_, one)| multiply(one, &slope));
                column.value.iter_mut().for_each(|value| *value = function.value(*value));
                column
            }
        }
    }
}

impl Column {
    fn times(mut self, mut other: Self) -> Self {
        self.slopes.iter_mut().for_each(|(_, slope)| multiply(slope, &other.value));
        other.slopes.iter_mut().for_each(|(_, slope)| multiply(slope, &self.value));
        multiply(&mut self.value, &other.value);
        self.slopes.extend(other.slopes);
        self
    }
}

fn multiply(values: &mut [f64], by: &[f64]) {
    values.iter_mut().zip(by).for_each(|(value, factor)| *value *= factor);
}

#[cfg(test)]
mod tests {
    use super::super::Function;
    use super::*;

    #[test]
    fn slopes_agree_with_finite_differences() {
        use Expression::{Apply, Constant, Product, Sum, Variable};
        let apply = |function, inner| Apply(function, Box::new(inner));
        let line = |a, b| Sum(vec![Product(vec![Constant(a), Variable]), Constant(b)]);
        let all = Sum(vec![
            Product(vec![Constant(1.7), apply(Function::Tanh, line(0.6, -0.2)), Variable]),
            Product(vec![Constant(-0.4), apply(Function::Exp, line(0.3, 0.1))]),
            apply(Function::Sin, apply(Function::Cos, line(1.3, 0.5))),
        ]);
        let x: Vec<f64> = (-6..=6).map(|step| f64::from(step) / 3.0).collect();
        let (value, jacobian) = all.jacobian(&x);
        let constants = all.constants();
        assert_eq!(jacobian.len(), constants.len());
        for (place, column) in jacobian.iter().enumerate() {
            let moved = |step: f64| {
                let mut constants = constants.clone();
                constants[place] += step;
                all.with_constants(&constants).values(&x)
            };
            let (up, down) = (moved(1e-6), moved(-1e-6));
            for point in 0..x.len() {
                let numeric = (up[point] - down[point]) / 2e-6;
                assert!((column[point] - numeric).abs() < 1e-7, "constant {place} at {}", x[point]);
            }
        }
        assert_eq!(value, all.values(&x));
    }
}
