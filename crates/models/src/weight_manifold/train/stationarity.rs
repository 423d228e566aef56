//! How far weights are from a place where nothing pulls them any more.

/// What each weight pays for its size, and the sign that it must keep; biases pay nothing and have any sign.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Terms {
    /// Price of the size of each weight.
    pub(super) price: Vec<f64>,
    /// +1 or -1; 0 where any is allowed.
    pub(super) sign: Vec<f64>,
    /// Price of half the square of each weight: part of the smooth loss, needed for the scale of the pull alone.
    pub(super) square_price: Vec<f64>,
    /// How far a variable goes for the same slope, compared with a weight; the steps of a descent start from it.
    pub(super) softness: Vec<f64>,
}

impl Terms {
    /// Sum of price times size.
    pub(super) fn size_price(&self, at: &[f64]) -> f64 {
        at.iter().zip(&self.price).map(|(at, price)| price * at.abs()).sum()
    }

    /// The side of zero on which each weight stays for one step; 0 where crossing costs no kink.
    pub(super) fn orthant(&self, at: &[f64], slopes: &[f64]) -> Vec<f64> {
        let side = |place: usize| {
            let (at, sign) = (at[place], self.sign[place]);
            if sign != 0.0 {
                sign
            } else if self.price[place] == 0.0 {
                0.0
            } else if at != 0.0 {
                at.signum()
            } else {
                -slopes[place].signum()
            }
        };
        (0..at.len()).map(side).collect()
    }

    /// Size of the pull of the prices on the weights: |lam w + l1 sign(w)|; where all are zero, what they would feel at 1.
    fn pull(&self, at: &[f64]) -> f64 {
        let is_silent = (0..at.len()).all(|place| at[place] == 0.0 || self.is_free(place));
        let pull = |place: usize| {
            let size = if is_silent { 1.0 } else { at[place].abs() };
            if size == 0.0 { 0.0 } else { self.square_price[place] * size + self.price[place] }
        };
        (0..at.len()).map(|place| pull(place).powi(2)).sum::<f64>().sqrt()
    }

    /// Whether nothing is paid for it, as for biases.
    fn is_free(&self, place: usize) -> bool {
        self.price[place] == 0.0 && self.square_price[place] == 0.0
    }
}

/// The shortest subgradient of the loss with its prices and signs: the opposite of the steepest way down. Zero at a
/// place that no first-order change improves.
///
/// `gradient` is that of the smooth part. A weight at zero feels only what exceeds its price, and only towards the sign
/// that it may have.
pub(super) fn least_subgradient(at: &[f64], gradient: &[f64], terms: &Terms) -> Vec<f64> {
    let least = |place: usize| {
        let (at, slope) = (at[place], gradient[place]);
        let (price, sign) = (terms.price[place], terms.sign[place]);
        if at != 0.0 {
            return slope + price * at.signum();
        }
        // Growing upwards pays if slope + price < 0; downwards if slope - price > 0.
        if slope + price < 0.0 && sign >= 0.0 {
            slope + price
        } else if slope - price > 0.0 && sign <= 0.0 {
            slope - price
        } else {
            0.0
        }
    };
    (0..at.len()).map(least).collect()
}

/// Size of the shortest subgradient relative to the pull of the prices on the weights: the share of that pull that the
/// inputs do not hold yet. 0 where all weights are zero and none is worth its price; `None` where nothing is paid.
pub(super) fn stationarity(at: &[f64], gradient: &[f64], terms: &Terms) -> Option<f64> {
    if terms.price.iter().chain(&terms.square_price).all(|price| *price == 0.0) {
        return None;
    }
    let slopes = least_subgradient(at, gradient, terms);
    let left = dot(&slopes, &slopes).sqrt();
    Some(left / terms.pull(at))
}

pub(super) fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_at_zero_feels_what_exceeds_its_price() {
        let terms = |sign: f64| Terms {
            price: vec![1.0; 4],
            sign: vec![sign; 4],
            square_price: vec![0.0; 4],
            softness: vec![1.0; 4],
        };
        let (at, gradient) = ([0.0, 0.0, 0.0, 2.0], [-1.5, 0.5, 3.0, -1.0]);
        // -1.5 + 1; held; 3 - 1; -1 + 1
        assert_eq!(least_subgradient(&at, &gradient, &terms(0.0)), [-0.5, 0.0, 2.0, 0.0]);
        // The third would have to become negative.
        assert_eq!(least_subgradient(&at, &gradient, &terms(1.0)), [-0.5, 0.0, 0.0, 0.0]);
        // |(-0.5, 2)| over the pull of the only weight
        let share = stationarity(&at, &gradient, &terms(0.0)).unwrap();
        assert!((share - 4.25_f64.sqrt()).abs() < 1e-12, "{share}");
        assert_eq!(stationarity(&[0.0; 4], &[0.9; 4], &terms(0.0)), Some(0.0));
        // 0.1 each against 1 each: nothing is left, and yet something pays.
        let share = stationarity(&[0.0; 4], &[1.1; 4], &terms(0.0)).unwrap();
        assert!((share - 0.1).abs() < 1e-12, "{share}");
    }
}
