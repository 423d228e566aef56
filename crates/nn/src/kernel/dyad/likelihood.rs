//! Probabilities of the four states of a dyad and the likelihood of what was observed of them.

/// Every state agrees: nothing of the pair was observed.
pub const COMPATIBLE_BOTH_WAYS: u8 = 0b1111;

/// The states of (none, i -> j, j -> i, both) that agree with what was observed of each direction; `None` = not
/// observed.
///
/// # Examples
/// ```
/// use neuroloom_nn::kernel::dyad::compatible_states;
/// assert_eq!(compatible_states(Some(true), Some(false)), 0b0010); // only i -> j
/// assert_eq!(compatible_states(Some(true), None), 0b1010); // i -> j, or both
/// assert_eq!(compatible_states(None, None), 0b1111);
/// ```
pub fn compatible_states(forward: Option<bool>, backward: Option<bool>) -> u8 {
    let by = |observed: Option<bool>, with: u8| match observed {
        None => COMPATIBLE_BOTH_WAYS,
        Some(true) => with,
        Some(false) => !with & COMPATIBLE_BOTH_WAYS,
    };
    by(forward, 0b1010) & by(backward, 0b1100)
}

/// Probabilities of (none, i -> j, j -> i, both) from a(i,j), a(j,i) and r(i,j) + r(j,i).
///
/// # Examples
/// ```
/// let [none, forward, backward, both] = neuroloom_nn::kernel::dyad::state_probabilities([0.0, 0.0, f32::ln(2.0)]);
/// assert!((both - 2.0 * none).abs() < 1e-6 && (forward - backward).abs() < 1e-7);
/// ```
pub fn state_probabilities([forward, backward, both]: [f32; 3]) -> [f32; 4] {
    let logits = [0.0, forward, backward, forward + backward + both];
    let largest = logits.iter().fold(0.0_f32, |largest, logit| largest.max(*logit));
    let powers = logits.map(|logit| (logit - largest).exp());
    let sum: f32 = powers.iter().sum();
    powers.map(|power| power / sum)
}

/// -ln of the probability of the compatible states, and its gradient to (a(i,j), a(j,i), r(i,j) + r(j,i)).
#[inline(always)]
pub(super) fn state_loss(logits: [f32; 3], compatible: u8) -> (f32, [f32; 3]) {
    let p = state_probabilities(logits);
    let agrees = |state: usize| f32::from(compatible >> state & 1);
    let observed: f32 = (0..4).map(|state| agrees(state) * p[state]).sum();
    let observed = observed.max(f32::MIN_POSITIVE);
    // Posterior share of each state, given that the state is a compatible one.
    let slope = |state: usize| p[state] * (1.0 - agrees(state) / observed);
    let (forward, backward, both) = (slope(1), slope(2), slope(3));
    (-observed.ln(), [forward + both, backward + both, both])
}

/// -ln of the geometric probability of a strength of 1 or more, and its slope in m.
#[inline(always)]
pub(super) fn strength_loss(m: f32, strength: f32) -> (f32, f32) {
    // ln sigmoid(m) and ln sigmoid(-m), without overflow.
    let soft = (-m.abs()).exp().ln_1p();
    let (success, failure) = (m.min(0.0) - soft, (-m).min(0.0) - soft);
    (-success - (strength - 1.0) * failure, strength * success.exp() - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_differences() {
        for compatible in [0b0001, 0b0100, 0b1000, 0b1010, 0b0101, 0b1111] {
            let at = [-1.5, 0.4, 0.7];
            let (_, slopes) = state_loss(at, compatible);
            for k in 0..3 {
                let step = |by: f32| {
                    let mut moved = at;
                    moved[k] += by;
                    state_loss(moved, compatible).0
                };
                let difference = (step(0.01) - step(-0.01)) / 0.02;
                assert!((difference - slopes[k]).abs() < 2e-4, "{compatible:b} {k}");
            }
        }
        let (loss, slope) = strength_loss(-1.0, 4.0);
        let difference = (strength_loss(-0.99, 4.0).0 - strength_loss(-1.01, 4.0).0) / 0.02;
        assert!((difference - slope).abs() < 1e-3 && loss > 0.0);
    }

    #[test]
    fn nothing_observed_costs_nothing() {
        let (loss, slopes) = state_loss([0.3, -2.0, 1.0], COMPATIBLE_BOTH_WAYS);
        assert!(loss.abs() < 1e-6 && slopes.iter().all(|slope| slope.abs() < 1e-6));
    }
}
