//! Draws inputs, trains the autoencoder and writes it.

use std::path::Path;

use neuroloom_core::{Event, Listener, Seed};
use neuroloom_io::{NamedArray, Precision};
use neuroloom_models::Tensors;
use neuroloom_models::weight_manifold::{
    Autoencoder, NetworkScores, NeuronTruth, Recipe, Trained, TrainingRecord, Weights, evaluate, train,
};
use neuroloom_sim::{LatentInputs, draw_latent_inputs};
use serde::{Deserialize, Serialize};

use super::config::WeightExperiment;
use super::subject::Subject;
use super::tables;
use crate::Error;
use crate::experiment::{Artefact, RunDir};

/// `tables/training.json` of an autoencoder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NetworkRecord {
    /// What the training did.
    pub training: TrainingRecord,
    /// How good the network is.
    pub network: NetworkScores,
}

/// A trained network with what it was trained on.
pub(super) struct TrainedNetwork {
    pub(super) trained: Trained,
    pub(super) scores: NetworkScores,
    pub(super) inputs: LatentInputs,
}

/// Draws the inputs of an experiment and trains its autoencoder.
pub(super) fn fit(
    config: &WeightExperiment,
    seed: Seed,
    events: &dyn Listener,
) -> Result<TrainedNetwork, Error> {
    let inputs = draw_latent_inputs(&config.inputs, seed.split("inputs"))?;
    events.emit(Event::Note(tables::described(&inputs)));
    let trained = train(inputs.train.view(), &config.model, seed.split("model"), events)?;
    let parts = (inputs.train.view(), inputs.held_out.view());
    let scores = evaluate((&trained.model, &trained.training), parts, &config.model)?;
    Ok(TrainedNetwork { trained, scores, inputs })
}

/// Trains and writes the model, its weights for numpy, the truth and the record.
///
/// # Errors
/// [`Error::Models`] if it cannot be trained, [`Error::Io`] if an artefact cannot be written.
pub fn train_network(config: &WeightExperiment, run: &RunDir, events: &dyn Listener) -> Result<(), Error> {
    let network = fit(config, Seed(config.seed), events)?;
    let Tensors { arrays, metadata } = network.trained.model.to_tensors();
    let content = neuroloom_io::Tensors { tensors: arrays, metadata };
    neuroloom_io::write_safetensors(&run.place(Artefact::Model)?, &content, Precision::F64)?;
    write_weights(&run.place(Artefact::Weights)?, &network.trained.model)?;
    let truth = NeuronTruth::of_inputs(&network.inputs.neurons, &config.inputs.groups);
    run.write_text(Artefact::Latents, &tables::truth(&truth))?;
    let record = NetworkRecord { training: network.trained.training, network: network.scores };
    run.write_json(Artefact::Training, &record)
}

/// The network of a run folder as something a manifold can be read from.
///
/// # Errors
/// [`Error::Artefact`] if the model is damaged.
pub fn subject_of(config: &WeightExperiment, run: &RunDir) -> Result<Subject, Error> {
    let path = run.path(Artefact::Model);
    let neuroloom_io::Tensors { tensors: arrays, metadata } = neuroloom_io::read_safetensors(&path)?;
    let model = Autoencoder::from_tensors(&Tensors { arrays, metadata })
        .map_err(|error| Error::Artefact { path, reason: error.to_string() })?;
    // Receptive fields need no moments of activity; drawing them again is cheaper than parsing the table.
    let one_step = neuroloom_sim::LatentInputConfig { steps: 2, train_share: 0.5, ..config.inputs.clone() };
    let neurons = draw_latent_inputs(&one_step, Seed(config.seed).split("inputs"))?.neurons;
    let truth = NeuronTruth::of_inputs(&neurons, &config.inputs.groups);
    let recipe = Recipe { inputs: config.inputs.clone(), model: config.model.clone() };
    Ok(Subject { recipe: Some(recipe), ..subject(model, truth) })
}

/// A network and its truth as something a manifold can be read from.
pub(super) fn subject(model: Autoencoder, truth: NeuronTruth) -> Subject {
    let groups: Vec<&str> = truth.groups.iter().map(|group| group.name.as_str()).collect();
    Subject {
        name: format!("autoencoder of {}", groups.join(" and ")),
        weights: Weights { outgoing: Some(model.input_weights), incoming: Some(model.output_weights) },
        neurons: Vec::new(),
        cell_types: Vec::new(),
        truth: Some(truth),
        chosen: None,
        recipe: None,
        notes: Vec::new(),
    }
}

fn write_weights(path: &Path, model: &Autoencoder) -> Result<(), Error> {
    neuroloom_io::write_npz(
        path,
        &[
            ("input_weights", NamedArray::from(&model.input_weights)),
            ("output_weights", NamedArray::from(&model.output_weights)),
            ("hidden_bias", NamedArray::from(&model.hidden_bias)),
            ("output_bias", NamedArray::from(&model.output_bias)),
            (
                "orientation",
                NamedArray::Word("input_weights[hidden, input], output_weights[output, hidden]".to_owned()),
            ),
        ],
    )?;
    Ok(())
}
