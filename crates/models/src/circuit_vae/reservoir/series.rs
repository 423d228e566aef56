//! Benchmark series.

/// NARMA-10: y_(t+1) = 0.3 y_t + 0.05 y_t sum_(i=0..9) y_(t-i) + 1.5 u_(t-9) u_t + 0.1 from y = 0, u = 0 before the
/// start (Atiya and Parlos 2000). Entry t of the result is y_(t+1), so that it depends on inputs up to entry t. `None`
/// if it runs away (above 2), as it does for a few inputs in thousands.
///
/// # Examples
/// ```
/// use neuroloom_models::circuit_vae::reservoir::narma10;
/// // y_1 = 0.1; y_2 = 0.03 + 0.05 * 0.1 * 0.1 + 0.1
/// let found = narma10(&[0.2, 0.2]).unwrap();
/// assert!((found[0] - 0.1).abs() < 1e-15 && (found[1] - 0.1305).abs() < 1e-15);
/// ```
pub fn narma10(inputs: &[f64]) -> Option<Vec<f64>> {
    let mut series = vec![0.0];
    for time in 0..inputs.len() {
        let past: f64 = (0..10.min(time + 1)).map(|lag| series[time - lag]).sum();
        let early = if time >= 9 { inputs[time - 9] } else { 0.0 };
        let now = series[time];
        let next = 0.3 * now + 0.05 * now * past + 1.5 * early * inputs[time] + 0.1;
        if next.is_nan() || next.abs() > 2.0 {
            return None;
        }
        series.push(next);
    }
    series.remove(0);
    Some(series)
}

/// Steps of the integrator for one sample.
const STEPS_A_SAMPLE: usize = 10;

/// Mackey and Glass (1977): x' = 0.2 x(t - tau) / (1 + x(t - tau)^10) - 0.1 x, from a constant past `start`, by
/// Runge-Kutta steps of 0.1 with the delayed value taken midway between its samples where needed; one sample a unit of
/// time, the first after one unit. tau is rounded to 0.1.
///
/// # Examples
/// ```
/// use neuroloom_models::circuit_vae::reservoir::mackey_glass;
/// let series = mackey_glass(1000, 17.0, 1.2);
/// assert!(series[200..].iter().all(|x| (0.2..1.4).contains(x)));
/// ```
pub fn mackey_glass(n_samples: usize, tau: f64, start: f64) -> Vec<f64> {
    let step = 1.0 / STEPS_A_SAMPLE as f64;
    let lag = (tau / step).round().max(1.0) as usize;
    let mut path = vec![start; lag + 1];
    let slope = |now: f64, delayed: f64| 0.2 * delayed / (1.0 + delayed.powi(10)) - 0.1 * now;
    for _ in 0..n_samples * STEPS_A_SAMPLE {
        let here = path.len() - 1;
        let (now, early, late) = (path[here], path[here - lag], path[here + 1 - lag]);
        let middle = 0.5 * (early + late);
        let first = slope(now, early);
        let second = slope(now + 0.5 * step * first, middle);
        let third = slope(now + 0.5 * step * second, middle);
        let fourth = slope(now + step * third, late);
        path.push(now + step / 6.0 * (first + 2.0 * second + 2.0 * third + fourth));
    }
    (1..=n_samples).map(|sample| path[lag + sample * STEPS_A_SAMPLE]).collect()
}
