//! The whole step, written out: what a trainer does with the kernels.

use neuroloom_nn::Error;
use neuroloom_nn::kernel::product::{DenseProduct, Diagonal, Outer, WeightUpdate};
use neuroloom_nn::kernel::{
    AdamConfig, AdamStep, LossGradient, MlpGradients, Moments, NodeMlp, adam, gather, norm,
};

/// Shapes, parameters and data to begin with.
pub(crate) struct Start {
    pub(crate) psi: NodeMlp,
    pub(crate) phi: NodeMlp,
    /// `[n, n]` with a zero diagonal.
    pub(crate) weights: Vec<f32>,
    pub(crate) psi_parameters: Vec<f32>,
    pub(crate) phi_parameters: Vec<f32>,
    /// `[n, 2]`.
    pub(crate) embedding: Vec<f32>,
    /// `[frame, n]`.
    pub(crate) activity: Vec<f32>,
    pub(crate) targets: Vec<f32>,
}

/// Parameters of one Adam group.
pub(crate) struct Group {
    pub(crate) values: Vec<f32>,
    gradients: Vec<f32>,
    moments: [Vec<f32>; 2],
    config: AdamConfig,
}

impl Group {
    fn new(values: Vec<f32>, learning_rate: f32) -> Self {
        Self { gradients: vec![0.0; values.len()], ..Self::fused(values, learning_rate) }
    }

    /// Without room for gradients: the step that makes them uses them up.
    fn fused(values: Vec<f32>, learning_rate: f32) -> Self {
        let n = values.len();
        Self {
            gradients: Vec::new(),
            moments: [vec![0.0; n], vec![0.0; n]],
            config: AdamConfig::with_learning_rate(learning_rate),
            values,
        }
    }

    fn update(&mut self, t: u64) -> Result<(), Error> {
        let [first, second] = &mut self.moments;
        let step = AdamStep::new(&self.config, t);
        adam::update(&step, &mut self.values, &self.gradients, Moments { first, second })
    }
}

pub(crate) struct Step {
    n: usize,
    batch: usize,
    psi: NodeMlp,
    phi: NodeMlp,
    pub(crate) weights: Group,
    pub(crate) psi_parameters: Group,
    pub(crate) phi_parameters: Group,
    pub(crate) embedding: Group,
    activity: Vec<f32>,
    targets: Vec<f32>,
    buffers: Buffers,
    t: u64,
    /// Of the last step.
    pub(crate) loss: f64,
}

/// Everything a step writes; made once.
struct Buffers {
    senders: Vec<f32>,
    messages: Vec<f32>,
    phi_inputs: Vec<f32>,
    rest_inputs: Vec<f32>,
    updates: Vec<f32>,
    residuals: Vec<f32>,
    sender_gradients: Vec<f32>,
    input_gradients: Vec<f32>,
    rest: Vec<f32>,
    rest_gradients: Vec<f32>,
    rest_input_gradients: Vec<f32>,
    spare: Vec<f32>,
}

impl Step {
    pub(crate) fn new(start: Start) -> Result<Self, Error> {
        let Start { psi, phi, weights, psi_parameters, phi_parameters, embedding, activity, targets } = start;
        let n = embedding.len() / 2;
        let rows = activity.len();
        Ok(Self {
            n,
            batch: rows / n,
            weights: Group::fused(weights, 1e-3),
            psi_parameters: Group::new(psi_parameters, 5e-4),
            phi_parameters: Group::new(phi_parameters, 5e-4),
            embedding: Group::new(embedding, 7.5e-4),
            activity,
            targets,
            buffers: Buffers {
                senders: vec![0.0; rows],
                messages: vec![0.0; rows],
                phi_inputs: vec![0.0; 3 * rows],
                rest_inputs: vec![0.0; 3 * n],
                updates: vec![0.0; rows],
                residuals: vec![0.0; rows],
                sender_gradients: vec![0.0; rows],
                input_gradients: vec![0.0; 3 * rows],
                rest: vec![0.0; n],
                rest_gradients: vec![0.0; n],
                rest_input_gradients: vec![0.0; 3 * n],
                spare: vec![0.0; phi.n_parameters()],
            },
            psi,
            phi,
            t: 0,
            loss: 0.0,
        })
    }

    pub(crate) fn run(&mut self) -> Result<(), Error> {
        self.t += 1;
        let dense = DenseProduct::new(self.n, self.n);
        let buffers = &mut self.buffers;
        self.psi.forward(&self.psi_parameters.values, &self.activity, &mut buffers.senders)?;
        dense.forward(&self.weights.values, &buffers.senders, &mut buffers.messages)?;
        let fit = update_pass(
            &self.phi,
            &mut self.phi_parameters,
            &self.embedding,
            buffers,
            (&self.activity, &self.targets),
        )?;
        let rest =
            rest_pass(&self.phi, &mut self.phi_parameters, &mut self.embedding, buffers, self.batch as f64)?;
        self.loss = fit + rest;

        let [first, second] = &mut self.weights.moments;
        let step = AdamStep::new(&self.weights.config, self.t);
        let moments = Moments { first, second };
        let update = WeightUpdate {
            diagonal: Diagonal::Zero,
            ..WeightUpdate::new(&mut self.weights.values, moments, &step)
        };
        let outer = Outer { message_gradients: &buffers.residuals, senders: &buffers.senders };
        dense.update(outer, update, Some(&mut buffers.sender_gradients))?;
        let psi = &mut self.psi_parameters;
        psi.gradients.fill(0.0);
        let into = MlpGradients { parameters: &mut psi.gradients, inputs: None };
        self.psi.backward(&psi.values, &self.activity, &buffers.sender_gradients, into)?;
        for group in [&mut self.psi_parameters, &mut self.phi_parameters, &mut self.embedding] {
            group.update(self.t)?;
        }
        Ok(())
    }
}

/// phi forward and backward with the residual in between; returns the norm of the residuals.
fn update_pass(
    phi: &NodeMlp,
    parameters: &mut Group,
    embedding: &Group,
    buffers: &mut Buffers,
    (activity, targets): (&[f32], &[f32]),
) -> Result<f64, Error> {
    gather::attach(activity, &embedding.values, 2, &mut buffers.phi_inputs)?;
    parameters.gradients.fill(0.0);
    let messages = &buffers.messages;
    let loss = |rows: std::ops::Range<usize>, outputs: &[f32], gradients: &mut [f32]| {
        let others = messages[rows.clone()].iter().zip(&targets[rows]);
        for ((gradient, output), (message, target)) in gradients.iter_mut().zip(outputs).zip(others) {
            *gradient = output + message - target;
        }
    };
    let rows = LossGradient { outputs: &mut buffers.updates, output_gradients: &mut buffers.residuals };
    let into =
        MlpGradients { parameters: &mut parameters.gradients, inputs: Some(&mut buffers.input_gradients) };
    phi.forward_backward(&parameters.values, &buffers.phi_inputs, rows, loss, into)?;
    let norm = norm::into_l2_gradient(&mut buffers.residuals, 1.0);
    norm::multiply(&mut parameters.gradients, (1.0 / norm) as f32);
    norm::multiply(&mut buffers.input_gradients, (1.0 / norm) as f32);
    Ok(norm)
}

/// The term `scale |phi(0, a)|`, added to the gradients of phi; and all gradients of the embedding.
fn rest_pass(
    phi: &NodeMlp,
    parameters: &mut Group,
    embedding: &mut Group,
    buffers: &mut Buffers,
    scale: f64,
) -> Result<f64, Error> {
    buffers.rest_gradients.fill(0.0);
    gather::attach(&buffers.rest_gradients, &embedding.values, 2, &mut buffers.rest_inputs)?;
    buffers.spare.fill(0.0);
    let rows = LossGradient { outputs: &mut buffers.rest, output_gradients: &mut buffers.rest_gradients };
    let into =
        MlpGradients { parameters: &mut buffers.spare, inputs: Some(&mut buffers.rest_input_gradients) };
    let loss = |_: std::ops::Range<usize>, outputs: &[f32], gradients: &mut [f32]| {
        gradients.copy_from_slice(outputs)
    };
    phi.forward_backward(&parameters.values, &buffers.rest_inputs, rows, loss, into)?;
    let norm = norm::l2(&buffers.rest);
    let factor = (scale / norm) as f32;
    norm::add_scaled(&mut parameters.gradients, factor, &buffers.spare);
    norm::multiply(&mut buffers.rest_input_gradients, factor);
    embedding.gradients.fill(0.0);
    gather::add_attached(&buffers.input_gradients, 2, &mut embedding.gradients)?;
    gather::add_attached(&buffers.rest_input_gradients, 2, &mut embedding.gradients)?;
    Ok(scale * norm)
}
