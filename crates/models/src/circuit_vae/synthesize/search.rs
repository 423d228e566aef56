//! A root of a measured function of one number.

use crate::Error;

/// Where to look.
pub(super) struct Interval {
    /// First guess besides 0, which is known.
    pub(super) first: f64,
    /// Neither side goes beyond.
    pub(super) limit: f64,
    /// An error of at most this is none.
    pub(super) tolerance: f64,
    /// Evaluations at most.
    pub(super) budget: usize,
}

/// Secant steps, kept inside the bracket once there is one, halving it where they leave it or hardly shrink it;
/// doubling where there is none. `at_0` is f(0). Returns the place with the smallest |f|.
pub(super) fn root(
    mut f: impl FnMut(f64) -> Result<f64, Error>,
    at_0: f64,
    interval: &Interval,
) -> Result<f64, Error> {
    let mut seen = vec![(0.0, at_0)];
    let mut next = interval.first.clamp(-interval.limit, interval.limit);
    for _ in 0..interval.budget {
        if best(&seen).1.abs() <= interval.tolerance || seen.iter().any(|(place, _)| *place == next) {
            break;
        }
        let value = f(next)?;
        if !value.is_finite() {
            // Too far: the metric is undefined there.
            next = 0.5 * (next + best(&seen).0);
            continue;
        }
        seen.push((next, value));
        next = propose(&seen, interval);
    }
    Ok(best(&seen).0)
}

fn best(seen: &[(f64, f64)]) -> (f64, f64) {
    let nearer = |best: (f64, f64), one: &(f64, f64)| if one.1.abs() < best.1.abs() { *one } else { best };
    seen[1..].iter().fold(seen[0], nearer)
}

fn propose(seen: &[(f64, f64)], interval: &Interval) -> f64 {
    let (last, _) = seen[seen.len() - 1];
    // The narrowest pair of places between which the sign changes.
    let mut bracket: Option<[(f64, f64); 2]> = None;
    for &one in seen {
        for &other in seen {
            let narrower = bracket.is_none_or(|[a, b]| (one.0 - other.0).abs() < (a.0 - b.0).abs());
            if one.1 < 0.0 && other.1 > 0.0 && narrower {
                bracket = Some([one, other]);
            }
        }
    }
    let Some([below, above]) = bracket else {
        let (best_place, best_value) = best(seen);
        // Beyond the better end, twice as far; the secant if it goes there too.
        let other =
            seen.iter().filter(|one| one.0 != best_place).min_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        let secant =
            other.map(|other| best_place - best_value * (best_place - other.0) / (best_value - other.1));
        let away = if best_place == 0.0 { -last } else { 2.0 * best_place };
        let secant = secant.filter(|place| place.is_finite() && place.abs() > best_place.abs());
        let wanted = secant.map_or(away, |place| place.clamp(-4.0 * away.abs(), 4.0 * away.abs()));
        return wanted.clamp(-interval.limit, interval.limit);
    };
    let secant = below.0 - below.1 * (above.0 - below.0) / (above.1 - below.1);
    let (low, high) = (below.0.min(above.0), below.0.max(above.0));
    let margin = 0.1 * (high - low);
    // Every third step halves, so that a curved function cannot hold one end for ever.
    if seen.len().is_multiple_of(3) || !(low + margin..=high - margin).contains(&secant) {
        return 0.5 * (low + high);
    }
    secant
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(f: impl Fn(f64) -> f64, first: f64) -> f64 {
        let interval = Interval { first, limit: 10.0, tolerance: 1e-6, budget: 60 };
        root(|x| Ok(f(x)), f(0.0), &interval).unwrap()
    }

    #[test]
    fn roots_are_found_on_either_side_and_out_of_reach_ends_at_the_limit() {
        assert!((find(|x| x - 3.0, 1.0) - 3.0).abs() < 1e-5);
        assert!((find(|x| x.exp() - 8.0, 1.0) - 8.0_f64.ln()).abs() < 1e-5);
        // The first guess points the wrong way.
        assert!((find(|x| x + 2.0, 1.0) + 2.0).abs() < 1e-5);
        assert!((find(|x| (x / 3.0).tanh() - 0.9, 0.5) - 3.0 * 0.9_f64.atanh()).abs() < 1e-4);
        assert_eq!(find(|x| x - 30.0, 1.0), 10.0);
        // Nothing moves it.
        assert_eq!(find(|_| 1.0, 1.0), 0.0);
    }
}
