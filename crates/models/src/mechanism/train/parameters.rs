//! What is learned: five groups of numbers, and arrays of the same shape for gradients and moments.

/// A group of parameters with a learning rate of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// W, as the edges lay it out.
    Weights,
    /// phi.
    Update,
    /// psi.
    Transfer,
    /// a_i, `[neuron, dimension]`.
    Embedding,
    /// Omega.
    Field,
}

impl Group {
    pub(super) const ALL: [Self; 5] =
        [Self::Weights, Self::Update, Self::Transfer, Self::Embedding, Self::Field];

    /// Its name in a checkpoint.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Weights => "weights",
            Self::Update => "update",
            Self::Transfer => "transfer",
            Self::Embedding => "embedding",
            Self::Field => "field",
        }
    }
}

/// One array a group.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Parameters {
    pub(super) weights: Vec<f32>,
    pub(super) update: Vec<f32>,
    pub(super) transfer: Vec<f32>,
    pub(super) embedding: Vec<f32>,
    pub(super) field: Vec<f32>,
}

impl Parameters {
    /// Zeros of the same shape.
    pub(super) fn zeros_like(&self) -> Self {
        let mut zeros = Self::default();
        for group in Group::ALL {
            *zeros.group_mut(group) = vec![0.0; self.group(group).len()];
        }
        zeros
    }

    pub(super) fn group(&self, group: Group) -> &[f32] {
        match group {
            Group::Weights => &self.weights,
            Group::Update => &self.update,
            Group::Transfer => &self.transfer,
            Group::Embedding => &self.embedding,
            Group::Field => &self.field,
        }
    }

    pub(super) fn group_mut(&mut self, group: Group) -> &mut Vec<f32> {
        match group {
            Group::Weights => &mut self.weights,
            Group::Update => &mut self.update,
            Group::Transfer => &mut self.transfer,
            Group::Embedding => &mut self.embedding,
            Group::Field => &mut self.field,
        }
    }

    /// Sets everything to 0.
    pub(super) fn clear(&mut self) {
        Group::ALL.into_iter().for_each(|group| self.group_mut(group).fill(0.0));
    }
}
