//! The loss of the module: the residual of dx/dt and the penalties, of plain Burn operations.

use burn::tensor::{Tensor, activation};

use super::MechanismModule;
use crate::Error;
use crate::mechanism::train::config::{LossConfig, LossForm};

/// Least square under a root, whose slope would be infinite at 0; far below any square of an f32 residual.
const LEAST_SQUARE: f32 = 1e-30;

/// What [`MechanismModule::loss`] measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModuleObjective {
    form: LossForm,
    alpha: f64,
    beta: f64,
    gamma: f64,
    zeta: f64,
    step: f64,
}

impl ModuleObjective {
    /// The coefficients that hold in an epoch (counted from 0), and the step d of the differences that stand for
    /// derivatives.
    ///
    /// # Errors
    /// [`Error::Config`] for a coefficient out of range, a step that is not positive, or `dale` above 0, which
    /// only [`train()`](crate::mechanism::train()) knows.
    pub fn new(loss: &LossConfig, epoch: usize, step: f64) -> Result<Self, Error> {
        loss.check()?;
        let not = |key, given: f64, allowed: &str| {
            Err(Error::Config { key, given: given.to_string(), allowed: allowed.to_owned() })
        };
        if loss.dale > 0.0 {
            return not("loss.dale", loss.dale, "0 (the graph of Burn; `train` knows it)");
        }
        if !(step.is_finite() && step > 0.0) {
            return not("step", step, "a positive number");
        }
        let (gamma, zeta) = loss.phase(epoch);
        Ok(Self { form: loss.form, alpha: loss.alpha, beta: loss.beta, gamma, zeta, step })
    }

    /// c sum_f |v_f| or c sum_f |v_f|^2 over rows v_f.
    fn rows(&self, coefficient: f64, values: Tensor<2>) -> Tensor<1> {
        let squares = values.square().sum_dim(1);
        let measured = match self.form {
            LossForm::Norm => squares.clamp_min(LEAST_SQUARE).sqrt(),
            LossForm::Squares => squares,
        };
        measured.sum() * coefficient
    }

    /// Coefficient of a penalty on each frame of a batch.
    fn a_frame(&self, coefficient: f64, n_frames: usize) -> f64 {
        match self.form {
            LossForm::Norm => coefficient,
            LossForm::Squares => coefficient / (n_frames as f64 * self.step.powi(2)),
        }
    }
}

impl MechanismModule {
    /// The loss of a batch of states and their dx/dt.
    ///
    /// L = |f(x) - y| + alpha |phi(a, 0)| + beta |ReLU(phi(a, x + d) - phi(a, x))|
    ///   + gamma |ReLU(psi(x) - psi(x + d))| + zeta |W|_1, as [`LossConfig`] has it.
    ///
    /// # Shapes
    /// `x [frame, neuron]`, `drift [frame, neuron]`, result `[1]`.
    ///
    /// # Errors
    /// [`Error::Network`] if x has another number of neurons, [`Error::Mismatch`] if the drift has.
    pub fn loss(
        &self,
        x: Tensor<2>,
        drift: Tensor<2>,
        objective: &ModuleObjective,
    ) -> Result<Tensor<1>, Error> {
        let [n_frames, n] = x.dims();
        if drift.dims() != [n_frames, n] {
            let given = drift.dims()[1];
            return Err(Error::Mismatch {
                what: "the drift of a batch of the same frames",
                given,
                expected: n,
            });
        }
        let residual = self.forward(x.clone())? - drift;
        let share = match objective.form {
            LossForm::Norm => 1.0,
            LossForm::Squares => 1.0 / n_frames as f64,
        };
        let mut loss = objective.rows(share, residual.reshape([1, n_frames * n]));
        if objective.alpha > 0.0 {
            loss = loss + self.at_rest(n_frames, objective, &x)?;
        }
        if objective.beta > 0.0 {
            loss = loss + self.rising_update(&x, objective)?;
        }
        if objective.gamma > 0.0 {
            loss = loss + self.falling_transfer(&x, objective)?;
        }
        if objective.zeta > 0.0 {
            loss = loss + self.weights.weights.val().abs().sum() * objective.zeta;
        }
        Ok(loss)
    }

    /// alpha |phi(a, 0)|, once an equation.
    fn at_rest(
        &self,
        n_frames: usize,
        objective: &ModuleObjective,
        x: &Tensor<2>,
    ) -> Result<Tensor<1>, Error> {
        let n = x.dims()[1];
        let times = match objective.form {
            LossForm::Norm => n_frames as f64,
            LossForm::Squares => 1.0,
        };
        let zeros = Tensor::zeros([1, n], &x.device());
        let rest = self.update.forward(self.attach(zeros, self.embedding.val())?)?;
        Ok(objective.rows(times * objective.alpha, rest.reshape([1, n])))
    }

    /// beta |ReLU(phi(a, x + d) - phi(a, x))|, a held.
    fn rising_update(&self, x: &Tensor<2>, objective: &ModuleObjective) -> Result<Tensor<1>, Error> {
        let at = |x: Tensor<2>| -> Result<Tensor<2>, Error> {
            Ok(self.update.forward(self.attach(x, self.embedding.val().detach())?)?)
        };
        let rise = at(x.clone() + objective.step)? - at(x.clone())?;
        Ok(objective.one_way(objective.beta, rise, x.dims()))
    }

    /// gamma |ReLU(psi(x) - psi(x + d))|, a held.
    fn falling_transfer(&self, x: &Tensor<2>, objective: &ModuleObjective) -> Result<Tensor<1>, Error> {
        let at = |x: Tensor<2>| -> Result<Tensor<2>, Error> {
            Ok(self.transfer.forward(self.transfer_inputs(x, self.embedding.val().detach())?)?)
        };
        let fall = at(x.clone())? - at(x.clone() + objective.step)?;
        Ok(objective.one_way(objective.gamma, fall, x.dims()))
    }
}

impl ModuleObjective {
    /// c |ReLU(difference)|, rows of a frame together.
    fn one_way(&self, coefficient: f64, difference: Tensor<2>, shape: [usize; 2]) -> Tensor<1> {
        self.rows(self.a_frame(coefficient, shape[0]), activation::relu(difference.reshape(shape)))
    }
}
