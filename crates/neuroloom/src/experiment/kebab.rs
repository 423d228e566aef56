//! Flags whose values are the kebab-case names that also stand in TOML.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use neuroloom_analysis::graph::nulls::NullModel;
use neuroloom_analysis::graph::sampling::{Axis, Direction, Eligible, Separation};
use neuroloom_models::circuit_vae::Form;
use neuroloom_models::circuit_vae::reservoir::Task;
use neuroloom_models::circuit_vae::synthesize::Controller;
use neuroloom_models::mechanism::{
    Signs, Start, Target, TransferChoice, TransferInput, UpdateChoice, Wiring,
};
use neuroloom_models::weight_manifold::{
    Constraint, Corruption, EmbeddingMethod, Entries, HiddenActivation, PointSet, Solver,
};
use neuroloom_sim::{LatentSpace, Preset};
use serde::de::DeserializeOwned;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

use super::circuit_vae::METRICS;
use super::measuring::Traced;
use super::weights::{AngleUnit, ArrayLayout};
use super::{BundledConnectome, EvaluationLevel, FrameOrientation};

pub(crate) fn orientation() -> impl TypedValueParser<Value = FrameOrientation> {
    named(&["auto", "time-by-neuron", "neuron-by-time"])
}

pub(crate) fn target() -> impl TypedValueParser<Value = Target> {
    named(&["difference", "smooth", "weak", "drift"])
}

pub(crate) fn start() -> impl TypedValueParser<Value = Start> {
    named(&["solve", "random"])
}

pub(crate) fn transfer_input() -> impl TypedValueParser<Value = TransferInput> {
    named(&["sender", "sender-embedding", "pair-embedding", "pair-activity"])
}

pub(crate) fn wiring() -> impl TypedValueParser<Value = Wiring> {
    named(&["dense", "masked", "sparse"])
}

pub(crate) fn signs() -> impl TypedValueParser<Value = Signs> {
    named(&["free", "dale", "given"])
}

pub(crate) fn transfer() -> impl TypedValueParser<Value = TransferChoice> {
    named(&["auto", "shared", "sender", "receiver", "general"])
}

pub(crate) fn update() -> impl TypedValueParser<Value = UpdateChoice> {
    named(&["own", "shared"])
}

pub(crate) fn traced() -> impl TypedValueParser<Value = Traced> {
    named(&["as-stated", "with-outputs"])
}

pub(crate) fn evaluation_level() -> impl TypedValueParser<Value = EvaluationLevel> {
    named(&["full", "none"])
}

pub(crate) fn latent_space() -> impl TypedValueParser<Value = LatentSpace> {
    named(&["ring", "interval", "square", "cylinder", "torus"])
}

pub(crate) fn hidden_activation() -> impl TypedValueParser<Value = HiddenActivation> {
    named(&["identity", "relu", "tanh"])
}

pub(crate) fn constraint() -> impl TypedValueParser<Value = Constraint> {
    named(&["free", "non-negative", "dale", "tied"])
}

pub(crate) fn solver() -> impl TypedValueParser<Value = Solver> {
    named(&["auto", "closed-form", "lbfgs", "proximal", "adam", "gradient-flow"])
}

pub(crate) fn point_set() -> impl TypedValueParser<Value = PointSet> {
    named(&["outgoing", "incoming", "both", "hidden"])
}

pub(crate) fn entries() -> impl TypedValueParser<Value = Entries> {
    named(&["raw", "root", "binary"])
}

pub(crate) fn embedding_method() -> impl TypedValueParser<Value = EmbeddingMethod> {
    named(&["isomap", "laplacian", "pca", "mds", "tsne", "umap"])
}

pub(crate) fn corruption() -> impl TypedValueParser<Value = Corruption> {
    named(&[
        "noise",
        "deletion",
        "partners",
        "neurons",
        "gain",
        "sign-only",
        "positive-part",
        "binarised",
        "input-noise",
    ])
}

pub(crate) fn array_layout() -> impl TypedValueParser<Value = ArrayLayout> {
    named(&["out-in", "in-out"])
}

pub(crate) fn angle_unit() -> impl TypedValueParser<Value = AngleUnit> {
    named(&["degrees", "radians", "turns"])
}

pub(crate) fn bundled() -> impl TypedValueParser<Value = BundledConnectome> {
    named(&["worm"])
}

pub(crate) fn preset() -> impl TypedValueParser<Value = Preset> {
    named(&[
        "baseline",
        "sparse",
        "noise",
        "large",
        "many-types",
        "transmitters",
        "receptors",
        "external-input",
    ])
}

/// Names of the samplers of circuits.
pub(crate) const SAMPLERS: &[&str] =
    &["cylinder", "ball", "cube", "nearest", "hops", "ego", "random-walk", "uniform"];

/// Other names that the literature and other tools use.
const SAMPLER_ALIASES: &[(&str, &[&str])] =
    &[("cube", &["box"]), ("nearest", &["knn"]), ("hops", &["khop", "k-hop"])];

pub(crate) fn sampler() -> impl TypedValueParser<Value = String> {
    let value = |name: &&'static str| {
        let aliases = SAMPLER_ALIASES.iter().filter(|(own, _)| own == name).flat_map(|(_, aliases)| *aliases);
        PossibleValue::new(*name).aliases(aliases.copied())
    };
    // The parser passes an alias on as it was typed.
    PossibleValuesParser::new(SAMPLERS.iter().map(value)).map(|typed| {
        let own = SAMPLER_ALIASES.iter().find(|(_, aliases)| aliases.contains(&typed.as_str()));
        own.map_or(typed, |(own, _)| (*own).to_owned())
    })
}

pub(crate) fn axis() -> impl TypedValueParser<Value = Axis> {
    named(&["x", "y", "z"])
}

pub(crate) fn direction() -> impl TypedValueParser<Value = Direction> {
    named(&["in", "out", "both"])
}

pub(crate) fn separation() -> impl TypedValueParser<Value = Separation> {
    named(&["space", "neurons", "none"])
}

pub(crate) fn eligible() -> impl TypedValueParser<Value = Eligible> {
    named(&["all", "connected", "traced"])
}

pub(crate) fn form() -> impl TypedValueParser<Value = Form> {
    named(&["conditional", "slots"])
}

pub(crate) fn circuit_metric() -> PossibleValuesParser {
    PossibleValuesParser::new(METRICS)
}

pub(crate) fn controller() -> impl TypedValueParser<Value = Controller> {
    named(&["line", "line-orth", "line-mahalanobis", "gradient", "closed-loop", "closed-loop-tilt"])
}

pub(crate) fn task() -> impl TypedValueParser<Value = Task> {
    named(&["memory-capacity", "narma10", "mackey-glass", "waveform", "parity", "state-rank", "sensitivity"])
}

pub(crate) fn null_model() -> impl TypedValueParser<Value = NullModel> {
    PossibleValuesParser::new(NullModel::ALL.map(NullModel::name)).try_map(NullModel::try_from)
}

/// The names are listed in `--help`; serde turns the chosen one into a value, so TOML and flag cannot differ.
fn named<T>(names: &'static [&'static str]) -> impl TypedValueParser<Value = T>
where
    T: DeserializeOwned + Clone + Send + Sync + 'static,
{
    PossibleValuesParser::new(names).try_map(|name| {
        let deserializer: StrDeserializer<'_, Error> = name.as_str().into_deserializer();
        T::deserialize(deserializer).map_err(|error| error.to_string())
    })
}
