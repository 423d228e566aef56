//! The loss of a batch and its gradient: residual of dx/dt (or of a short rollout) and the penalties.

use neuroloom_nn::kernel::product::{Diagonal, Penalty, WeightUpdate};
use neuroloom_nn::kernel::{AdamStep, Moments, norm};

use super::config::{LossConfig, LossForm};
use super::drift::{Model, Pass, States};
use super::parameters::Parameters;
use super::penalty;
use super::samples::Batch;
use crate::Error;

/// What is minimised in one step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Objective<'a> {
    pub(super) loss: &'a LossConfig,
    /// gamma and zeta of the present phase.
    pub(super) gamma: f64,
    pub(super) zeta: f64,
    /// Step d of the differences that stand for derivatives.
    pub(super) step: f32,
}

impl Objective<'_> {
    /// Whether the loss depends on W through the residual (and its L1 norm) alone, once, so that the gradient of W
    /// can go straight into Adam.
    pub(super) fn can_step(&self, model: &Model, steps: usize) -> bool {
        model.is_one_dense_block() && steps == 1 && self.loss.dale == 0.0
    }

    /// Adds the gradient of the whole loss to `gradient`; with `step`, W is moved instead and its gradient not
    /// kept. Returns the loss and the part of the residual in it.
    pub(super) fn gradient(
        &self,
        model: &Model,
        parameters: &mut Parameters,
        batch: &Batch,
        (gradient, step): (&mut Parameters, Option<FusedStep<'_>>),
    ) -> Result<Loss, Error> {
        let mut total = 0.0;
        if self.zeta > 0.0 {
            total += self.zeta * penalty::absolute_sum(&parameters.weights);
            penalty::add_signs(self.zeta, &parameters.weights, &mut gradient.weights);
        }
        let residual = match batch.steps {
            1 => self.residual(model, parameters, batch, (gradient, step))?,
            _ => self.rollout(model, parameters, batch, gradient)?,
        };
        total += residual;
        total += self.alpha(model, parameters, batch, gradient)?;
        total += self.beta(model, parameters, batch, &mut gradient.update)?;
        total += self.gamma(model, parameters, batch, &mut gradient.transfer)?;
        if self.loss.dale > 0.0 {
            let (edges, weights) = (&model.edges, &parameters.weights);
            total += penalty::mixed_signs(self.loss.dale, edges, weights, &mut gradient.weights);
        }
        Ok(Loss { total, residual })
    }

    fn residual(
        &self,
        model: &Model,
        parameters: &mut Parameters,
        batch: &Batch,
        (gradient, step): (&mut Parameters, Option<FusedStep<'_>>),
    ) -> Result<f64, Error> {
        let states = States { x: &batch.x, time: &batch.time };
        if let [weight] = batch.bump[..] {
            let fit = model.fit(parameters, states, (weight, &batch.targets))?;
            let (loss, factor) = self.of_residual(&fit.residual, batch.n_equations(model.n));
            self.moving(model, parameters, step, |parameters, update| {
                model.backward_fit(parameters, states, (fit, factor as f32), (gradient, update))
            })?;
            return Ok(loss);
        }
        let pass = model.forward(parameters, states)?;
        let mut residual = batch.residual(&pass.drift, model.n);
        let (loss, factor) = self.of_residual(&residual, batch.n_equations(model.n));
        norm::multiply(&mut residual, factor as f32);
        let slope = batch.spread(&residual, model.n);
        self.moving(model, parameters, step, |parameters, update| {
            model.backward(parameters, states, (&pass, &slope), (gradient, update)).map(|_| ())
        })?;
        Ok(loss)
    }

    /// Goes back while W is moved, if it is to be, and the rest of the parameters only read.
    fn moving(
        &self,
        model: &Model,
        parameters: &mut Parameters,
        step: Option<FusedStep<'_>>,
        back: impl FnOnce(&Parameters, Option<WeightUpdate<'_>>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Some(step) = step else { return back(parameters, None) };
        let mut weights = std::mem::take(&mut parameters.weights);
        let update = WeightUpdate {
            penalty: Penalty { l1: self.zeta as f32, l2: 0.0 },
            mask: model.edges.mask(),
            diagonal: Diagonal::Zero,
            ..WeightUpdate::new(&mut weights, step.moments, &step.adam)
        };
        let outcome = back(parameters, Some(update));
        parameters.weights = weights;
        outcome
    }

    /// The model runs `steps` Euler steps by itself; (x_hat - x) / (dt steps) is compared.
    fn rollout(
        &self,
        model: &Model,
        parameters: &Parameters,
        batch: &Batch,
        gradient: &mut Parameters,
    ) -> Result<f64, Error> {
        let mut path: Vec<(Vec<f32>, Vec<f32>, Pass)> = Vec::with_capacity(batch.steps);
        let mut x = batch.x.clone();
        for step in 0..batch.steps {
            let time: Vec<f32> = batch.time.iter().map(|time| time + step as f32 * batch.time_step).collect();
            let pass = model.forward(parameters, States { x: &x, time: &time })?;
            let next = x.iter().zip(&pass.drift).map(|(x, drift)| x + batch.dt * drift).collect();
            path.push((std::mem::replace(&mut x, next), time, pass));
        }
        let span = batch.dt * batch.steps as f32;
        let residual: Vec<f32> =
            x.iter().zip(&batch.targets).map(|(x, target)| (x - target) / span).collect();
        let (loss, factor) = self.of_residual(&residual, batch.n_equations(model.n));
        let factor = (factor / f64::from(span)) as f32;
        let mut of_x: Vec<f32> = residual.iter().map(|residual| factor * residual).collect();
        for (x, time, pass) in path.iter().rev() {
            let slope: Vec<f32> = of_x.iter().map(|of_x| of_x * batch.dt).collect();
            let through = model.backward(parameters, States { x, time }, (pass, &slope), (gradient, None))?;
            of_x.iter_mut().zip(through).for_each(|(of_x, through)| *of_x += through);
        }
        Ok(loss)
    }

    /// The loss of all residuals, and what they are to be multiplied with to be its slope.
    fn of_residual(&self, residual: &[f32], n_equations: usize) -> (f64, f64) {
        match self.loss.form {
            LossForm::Norm => penalty::one_row(LossForm::Norm, 1.0, residual),
            LossForm::Squares => penalty::one_row(LossForm::Squares, 1.0 / n_equations as f64, residual),
        }
    }

    /// Coefficient of a penalty on each of `n_frames` frames, given the number of equations of the batch.
    fn a_frame(&self, coefficient: f64, (n_equations, n_frames): (usize, usize)) -> f64 {
        let share = n_equations as f64 / n_frames as f64;
        match self.loss.form {
            LossForm::Norm => coefficient * share,
            LossForm::Squares => coefficient * share / (n_equations as f64 * f64::from(self.step).powi(2)),
        }
    }

    /// alpha |phi(a, 0)|, once an equation.
    fn alpha(
        &self,
        model: &Model,
        parameters: &Parameters,
        batch: &Batch,
        gradient: &mut Parameters,
    ) -> Result<f64, Error> {
        if self.loss.alpha == 0.0 {
            return Ok(0.0);
        }
        let inputs = model.update_inputs(&parameters.embedding, &vec![0.0; model.n]);
        let mut rest = vec![0.0; model.n];
        model.update.forward(&parameters.update, &inputs, &mut rest)?;
        let times = match self.loss.form {
            LossForm::Norm => batch.n_equations(model.n) as f64,
            LossForm::Squares => 1.0,
        };
        let measured = penalty::rows(self.loss.form, times * self.loss.alpha, &rest, model.n);
        let of_inputs =
            model.update.backward(&parameters.update, &inputs, &measured.slope, &mut gradient.update)?;
        let d = model.dimensions;
        for (own, row) in gradient.embedding.chunks_exact_mut(d).zip(of_inputs.chunks_exact(d + 1)) {
            own.iter_mut().zip(&row[1..]).for_each(|(own, value)| *own += value);
        }
        Ok(measured.loss)
    }

    /// beta |ReLU(phi(a, x + d) - phi(a, x))|, inputs held.
    fn beta(
        &self,
        model: &Model,
        parameters: &Parameters,
        batch: &Batch,
        of_update: &mut [f32],
    ) -> Result<f64, Error> {
        if self.loss.beta == 0.0 {
            return Ok(0.0);
        }
        let low = model.update_inputs(&parameters.embedding, &batch.x);
        let moved: Vec<f32> = batch.x.iter().map(|x| x + self.step).collect();
        let high = model.update_inputs(&parameters.embedding, &moved);
        let frames = (batch.n_equations(model.n), batch.x.len() / model.n);
        let slope = Slope { network: &model.update, parameters: &parameters.update, width: model.n };
        slope.penalty((self.loss.form, self.a_frame(self.loss.beta, frames)), (&low, &high), of_update)
    }

    /// gamma |ReLU(psi(x) - psi(x + d))|, inputs held.
    fn gamma(
        &self,
        model: &Model,
        parameters: &Parameters,
        batch: &Batch,
        of_transfer: &mut [f32],
    ) -> Result<f64, Error> {
        if self.gamma == 0.0 {
            return Ok(0.0);
        }
        let low = model.transfer_diagonal(&parameters.embedding, &batch.x);
        let mut high = low.clone();
        let column = model.sender_column();
        high.chunks_exact_mut(model.transfer.n_inputs()).for_each(|row| row[column] += self.step);
        let frames = (batch.n_equations(model.n), batch.x.len() / model.n);
        let slope = Slope { network: &model.transfer, parameters: &parameters.transfer, width: model.n };
        slope.penalty((self.loss.form, self.a_frame(self.gamma, frames)), (&high, &low), of_transfer)
    }
}

/// A step of Adam on W that takes its gradient as it arises.
pub(super) struct FusedStep<'a> {
    pub(super) adam: AdamStep,
    pub(super) moments: Moments<'a>,
}

/// The loss of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Loss {
    pub(super) total: f64,
    /// The part that compares with the recording.
    pub(super) residual: f64,
}

/// A network whose direction is penalised.
struct Slope<'a> {
    network: &'a super::layers::Network,
    parameters: &'a [f32],
    /// Rows that are measured together.
    width: usize,
}

impl Slope<'_> {
    /// c |ReLU(f(above) - f(below))|, rows of a frame together; adds to the gradient of the network.
    fn penalty(
        &self,
        (form, coefficient): (LossForm, f64),
        (below, above): (&[f32], &[f32]),
        gradient: &mut [f32],
    ) -> Result<f64, Error> {
        let n_rows = below.len() / self.network.n_inputs();
        let value = |inputs: &[f32]| -> Result<Vec<f32>, Error> {
            let mut outputs = vec![0.0; n_rows];
            self.network.forward(self.parameters, inputs, &mut outputs)?;
            Ok(outputs)
        };
        let (low, high) = (value(below)?, value(above)?);
        let wrong: Vec<f32> = high.iter().zip(&low).map(|(high, low)| (high - low).max(0.0)).collect();
        let measured = penalty::rows(form, coefficient, &wrong, self.width);
        let back: Vec<f32> = measured.slope.iter().map(|slope| -slope).collect();
        self.network.backward(self.parameters, above, &measured.slope, gradient)?;
        self.network.backward(self.parameters, below, &back, gradient)?;
        Ok(measured.loss)
    }
}
