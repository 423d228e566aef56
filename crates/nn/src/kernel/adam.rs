//! Adam and AdamW in one pass over parameters, gradients and moments.
//!
//! m <- b1 m + (1 - b1) g; v <- b2 v + (1 - b2) g^2; w <- w - lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps)
//! (Kingma and Ba 2015, as PyTorch computes it). AdamW (Loshchilov and Hutter 2019) first shrinks w by lr times
//! the decay.

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::check_length;

/// Parameters of one piece of work.
const CHUNK: usize = 1 << 15;

/// How weights are pulled to zero.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Decay {
    /// Not at all.
    #[default]
    None,
    /// The gradient of `L2 / 2 |w|^2` joins the gradient (PyTorch's Adam with `weight_decay`).
    Gradient(f32),
    /// `w <- w (1 - lr decay)` beside Adam (AdamW).
    Decoupled(f32),
}

/// Settings of Adam for one group of parameters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdamConfig {
    /// Step size.
    pub learning_rate: f32,
    /// Memory of the mean of gradients.
    pub beta1: f32,
    /// Memory of the mean of squared gradients.
    pub beta2: f32,
    /// Keeps the division finite.
    pub epsilon: f32,
    /// Pull of weights to zero.
    pub decay: Decay,
}

impl Default for AdamConfig {
    /// PyTorch's defaults: lr 1e-3, betas 0.9 and 0.999, epsilon 1e-8, no decay.
    fn default() -> Self {
        Self { learning_rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: Decay::None }
    }
}

impl AdamConfig {
    /// PyTorch's defaults with another step size.
    pub fn with_learning_rate(learning_rate: f32) -> Self {
        Self { learning_rate, ..Self::default() }
    }

    /// `Err` unless every setting is in range.
    ///
    /// # Errors
    /// [`Error::Value`] naming the setting.
    pub fn check(&self) -> Result<(), Error> {
        let (Decay::Gradient(decay) | Decay::Decoupled(decay)) = self.decay else {
            return self.check_with(0.0);
        };
        self.check_with(decay)
    }

    fn check_with(&self, decay: f32) -> Result<(), Error> {
        let value = |what, given: f32, allowed| Err(Error::Value { what, given: given.to_string(), allowed });
        let not_negative = |x: f32| x.is_finite() && x >= 0.0;
        match self {
            _ if !not_negative(self.learning_rate) => {
                value("learning_rate", self.learning_rate, "finite and at least 0")
            }
            _ if !(0.0..1.0).contains(&self.beta1) => value("beta1", self.beta1, "at least 0 and below 1"),
            _ if !(0.0..1.0).contains(&self.beta2) => value("beta2", self.beta2, "at least 0 and below 1"),
            _ if !not_negative(self.epsilon) => value("epsilon", self.epsilon, "finite and at least 0"),
            _ if !not_negative(decay) => value("decay", decay, "finite and at least 0"),
            _ => Ok(()),
        }
    }
}

/// The factors of one step, bias corrections included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamStep {
    beta1: f32,
    beta2: f32,
    /// lr / (1 - beta1^t).
    size: f32,
    /// 1 / sqrt(1 - beta2^t).
    root_scale: f32,
    epsilon: f32,
    gradient_decay: f32,
    /// 1 - lr decay.
    shrink: f32,
}

impl AdamStep {
    /// The factors of step `t`, counted from 1.
    pub fn new(config: &AdamConfig, t: u64) -> Self {
        let correction = |beta: f32| 1.0 - f64::from(beta).powf(t.max(1) as f64);
        let rate = f64::from(config.learning_rate);
        Self {
            beta1: config.beta1,
            beta2: config.beta2,
            size: (rate / correction(config.beta1)) as f32,
            root_scale: (1.0 / correction(config.beta2).sqrt()) as f32,
            epsilon: config.epsilon,
            gradient_decay: if let Decay::Gradient(decay) = config.decay { decay } else { 0.0 },
            shrink: match config.decay {
                Decay::Decoupled(decay) => (1.0 - rate * f64::from(decay)) as f32,
                Decay::None | Decay::Gradient(_) => 1.0,
            },
        }
    }

    /// One vector of parameters: new (w, m, v).
    #[inline(always)]
    pub(super) fn vector<S: Simd>(
        &self,
        simd: S,
        gradient: S::f32s,
        [weight, first, second]: [S::f32s; 3],
    ) -> [S::f32s; 3] {
        let gradient = simd.mul_add_e_f32s(simd.splat_f32s(self.gradient_decay), weight, gradient);
        let first = simd.mul_add_e_f32s(
            simd.splat_f32s(1.0 - self.beta1),
            gradient,
            simd.mul_f32s(simd.splat_f32s(self.beta1), first),
        );
        let square = simd.mul_f32s(gradient, gradient);
        let second = simd.mul_add_e_f32s(
            simd.splat_f32s(1.0 - self.beta2),
            square,
            simd.mul_f32s(simd.splat_f32s(self.beta2), second),
        );
        let root = simd.mul_add_e_f32s(
            simd.sqrt_f32s(second),
            simd.splat_f32s(self.root_scale),
            simd.splat_f32s(self.epsilon),
        );
        let direction = simd.div_f32s(first, root);
        let weight = simd.mul_f32s(weight, simd.splat_f32s(self.shrink));
        [simd.mul_add_e_f32s(simd.splat_f32s(-self.size), direction, weight), first, second]
    }
}

/// The running means of gradients and of squared gradients, one number a parameter each.
#[derive(Debug)]
pub struct Moments<'a> {
    /// Mean of gradients, m.
    pub first: &'a mut [f32],
    /// Mean of squared gradients, v.
    pub second: &'a mut [f32],
}

/// One step for all parameters of a group.
///
/// # Errors
/// [`Error::Length`] if the arrays differ in length.
///
/// # Examples
/// ```
/// use neuroloom_nn::kernel::adam::{self, AdamConfig, AdamStep, Moments};
/// let (mut weights, mut first, mut second) = ([1.0], [0.0], [0.0]);
/// let step = AdamStep::new(&AdamConfig::default(), 1);
/// adam::update(&step, &mut weights, &[5.0], Moments { first: &mut first, second: &mut second })?;
/// assert!((weights[0] - 0.999).abs() < 1e-6); // the first step is the learning rate, whatever the gradient
/// # Ok::<(), neuroloom_nn::Error>(())
/// ```
pub fn update(
    step: &AdamStep,
    parameters: &mut [f32],
    gradients: &[f32],
    moments: Moments<'_>,
) -> Result<(), Error> {
    check_length("gradients", gradients.len(), parameters.len())?;
    check_length("first moments", moments.first.len(), parameters.len())?;
    check_length("second moments", moments.second.len(), parameters.len())?;
    let arch = Arch::new();
    let run = |weights: &mut [f32], gradients: &[f32], first: &mut [f32], second: &mut [f32]| {
        arch.dispatch(Update { step, weights, gradients, first, second });
    };
    if parameters.len() <= CHUNK {
        run(parameters, gradients, moments.first, moments.second);
        return Ok(());
    }
    let chunks = (
        parameters.par_chunks_mut(CHUNK),
        gradients.par_chunks(CHUNK),
        moments.first.par_chunks_mut(CHUNK),
        moments.second.par_chunks_mut(CHUNK),
    );
    chunks
        .into_par_iter()
        .for_each(|(weights, gradients, first, second)| run(weights, gradients, first, second));
    Ok(())
}

struct Update<'a> {
    step: &'a AdamStep,
    weights: &'a mut [f32],
    gradients: &'a [f32],
    first: &'a mut [f32],
    second: &'a mut [f32],
}

impl WithSimd for Update<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (gradients, gradients_tail) = S::as_simd_f32s(self.gradients);
        let (weights, weights_tail) = S::as_mut_simd_f32s(self.weights);
        let (first, first_tail) = S::as_mut_simd_f32s(self.first);
        let (second, second_tail) = S::as_mut_simd_f32s(self.second);
        for (((gradient, weight), first), second) in gradients.iter().zip(weights).zip(first).zip(second) {
            [*weight, *first, *second] = self.step.vector(simd, *gradient, [*weight, *first, *second]);
        }
        if !gradients_tail.is_empty() {
            let gradient = simd.partial_load_f32s(gradients_tail);
            let old = [
                simd.partial_load_f32s(weights_tail),
                simd.partial_load_f32s(first_tail),
                simd.partial_load_f32s(second_tail),
            ];
            let [weight, first, second] = self.step.vector(simd, gradient, old);
            simd.partial_store_f32s(weights_tail, weight);
            simd.partial_store_f32s(first_tail, first);
            simd.partial_store_f32s(second_tail, second);
        }
    }
}
