//! The examples below each `--help`.

pub(crate) const TOP: &str = "\
Examples:
  neuroloom demo                                       a first look, in under a minute
  neuroloom inspect recording.npz                      what is in this file?
  neuroloom import --edges edges.csv --out circuit     a connectome, in whatever layout it comes
  neuroloom infer recording.npz --dt 0.6 --out fit     the mechanism behind it
  neuroloom run experiment.toml                        all stages of an experiment

Results go to standard output, everything else to standard error. NO_COLOR is respected.
Exit codes: 0 done, 1 input or run failed, 2 wrong usage, 130 interrupted.";

pub(crate) const SIMULATE: &str = "\
Examples:
  neuroloom simulate --preset baseline --out sim
  neuroloom simulate --preset baseline --weights baseline.npz --seed 42 --out sim
  neuroloom simulate --preset sparse --neurons 200 --frames 20000 --filling 0.1 --out sim
  neuroloom simulate --preset external-input --field movie.npz --out sim

The presets `sparse` and `noise` store the exact drift dx/dt too, because the published
experiments fit it (`infer --target drift`); the others do so with --drift. W is W[post, pre] and
excludes the gain.";

pub(crate) const INFER: &str = "\
Examples:
  neuroloom infer sim/activity.zarr --truth sim/truth.npz --out fit
  neuroloom infer worm.npz --array traces_zscored --dt 0.6 --connectome worm_wiring/ --out fit
  neuroloom infer sim/activity.zarr --target drift --truth sim/truth.npz --out fit
  neuroloom infer sim/activity.zarr --evaluate none --out fit     only the model, fastest

Targets: `difference` for exact series and for noise in the dynamics; `smooth` or `weak` for noise
in the measurement; `drift` where a simulation stored dx/dt.";

pub(crate) const DISTILL: &str = "\
Examples:
  neuroloom distill fit
  neuroloom distill runs/baseline --restarts 8 --json
  neuroloom distill fit --recording worm.npz

Writes formulas.json and tables/formulas.tex and draws the report again. An experiment file asks for
the same with an empty section [distill].";

pub(crate) const COMPARE: &str = "\
Examples:
  neuroloom run examples/mechanism/full/baseline.toml --seed 1 --out runs/all/baseline/1
  neuroloom run examples/mechanism/full/baseline.toml --seed 2 --out runs/all/baseline/2
  neuroloom compare runs/all --out docs/comparison.md

Runs in one folder are seeds of one experiment: their mean, standard deviation and worst are shown.

Sets of circuits (see `neuroloom sample`):
  neuroloom compare circuits --null erdos-renyi,degree --out compared
  neuroloom compare circuits generated --null distance-type --out compared

The reference is the test part of the first set. Every number stands beside the floor (the training
part of the same set, or two random halves of a set that is not split) and beside null models.";

pub(crate) const SAMPLE: &str = "\
Examples:
  neuroloom sample column/ --out circuits
  neuroloom sample column/ --depth=-0.78,0.60,0.49 --out circuits     an oblique depth axis
  neuroloom sample column/ --sampler ball --neurons 50..60 --circuits 200 --out circuits
  neuroloom sample larva/ --sampler random-walk --separate neurons --out circuits
  neuroloom sample mouse/ --traced with-outputs --eligible traced --neurons 20..30 --out circuits

The default is 500 cylinders along y with 81 to 100 neurons. The tissue is cut into slabs first, so
that no neuron is in circuits of both training and test. Where there is no room for all circuits
that were asked for, fewer are written with a warning.";

pub(crate) const SIMULATE_TISSUE: &str = "\
Examples:
  neuroloom simulate tissue --out tissue
  neuroloom simulate tissue --neurons 20000 --reciprocity 3 --proofread 1 --out tissue
  neuroloom sample tissue/complete --out circuits

The tissue is synthetic: types, layers and proportions follow mouse visual cortex, connection
probabilities are our own rules. tissue.json holds them, truth.npz what each neuron drew.";

pub(crate) const TRAIN: &str = "\
Examples:
  neuroloom train sim/activity.zarr --truth sim/truth.npz --out trained
  neuroloom train sim/activity.zarr --start random --epochs 20 --out trained
  neuroloom train worm.npz --dt 0.6 --connectome worm_wiring/ --wiring masked --out trained
  neuroloom train sim/activity.zarr --published --truth sim/truth.npz --out published

The same command goes on where an interrupted or killed run stopped and ends with the same bytes.
From the closed form (--start solve) the result is the better of the two on held-out frames. Every other
setting (widths, losses, schedules, clustering) stands in [train] of an experiment file; a run folder's
config.toml shows all of them.";

pub(crate) const TRAIN_AUTOENCODER: &str = "\
Examples:
  neuroloom train autoencoder --out ring
  neuroloom train autoencoder --groups ring,interval --l2 1e-3 --out two
  neuroloom train autoencoder --groups torus --hidden 100 --activation relu --l2 3e-4 --gain 1 --out torus
  neuroloom train autoencoder --l2 0 --gain 1 --out unpaid     weights that hide the ring

A linear network with an L2 price has a closed form; every other one starts from random weights, whose
spread --gain is asked for because weights that nothing pulls to zero keep it. Other settings stand in
[inputs], [model] and [extract] of an experiment file; a run folder's config.toml shows all of them.";

pub(crate) const EXTRACT: &str = "\
Examples:
  neuroloom extract ring --out read                                 a run of `train autoencoder`
  neuroloom extract model.safetensors --input fc1.weight --output fc2.weight --out read
  neuroloom extract compass/ --cell-type EPG --points incoming --unit-norm --truth angles.csv --out read
  neuroloom extract larva/ --spectral 20 --points both --truth larva/nodes.csv.gz --position sum_signal_flow --out read
  neuroloom extract fit --points both --unit-norm --out read         the W that `infer` found

A point is a neuron. The neighbourhood graph is split into its connected pieces, each is embedded by itself.
evaluation.json holds topology.verdict, topology.is_ring and topology.confidence of the largest piece and,
with --truth, scores beside those of shuffled weights; tables/coordinates.csv each neuron's place.";

pub(crate) const STRESS: &str = "\
Examples:
  neuroloom stress ring --out stressed
  neuroloom stress weights.npz --truth latents.csv --damage noise,deletion --draws 20 --out stressed

Curves of the score against the strength of the damage, with the range over draws: against --truth (a run of
`train autoencoder` knows its own), else against the reading of the whole weights.";

pub(crate) const INSPECT: &str = "\
Examples:
  neuroloom inspect recording.npz
  neuroloom inspect recording.npz --array traces --dt 0.6
  neuroloom inspect worm_wiring/ --json";

pub(crate) const IMPORT: &str = "\
Examples:
  neuroloom import --edges edges.csv.gz --nodes nodes.csv.gz --out circuit
  neuroloom import --edges synapses_pni_2.csv.gz --nodes nucleus.csv types.csv proofreading.csv --out v1
  neuroloom import --edges chunks/connections_table_*.csv --nodes nucleus.csv --proofread both --out v1
  neuroloom import --edges connections.csv.gz --nodes classification.csv.gz --min-synapses 5 --out fly
  neuroloom import --edges microns_mm3_connectome.h5 --group condensed --out mm3

CSV (gzipped or not), Parquet and Feather tables are streamed. Ids are 64-bit and never pass through a
float. What was dropped or is doubtful is printed with reasons and kept in import.json.";

pub(crate) const EXPORT: &str = "\
Examples:
  neuroloom export circuit --to graphml --out circuit.graphml
  neuroloom export circuit --to sonata --out circuit_sonata
  neuroloom export circuit --to npz --out circuit.npz      # scipy.sparse.load_npz opens it

`neuroloom import --edges` reads each of them back as the same connectome.";

pub(crate) const MEASURE: &str = "\
Examples:
  neuroloom measure worm_wiring/ --kind chemical
  neuroloom measure worm_wiring/ --null degree,dyad --samples 200 --out stats
  neuroloom measure cortex/ --traced with-outputs --null erdos-renyi,reciprocity --out stats
  neuroloom measure stage1/ stage2/ stage3/ --json

Null models: erdos-renyi (keeps the number of edges), reciprocity (and of mutual pairs),
configuration and degree (degrees), dyad (degrees and mutual pairs), type-blocks and
type-blocks-degree (edges of each pair of types), distance, distance-type. Degrees, density and
probabilities count what could have been observed; paths, triads and all else are about the neurons
whose outputs and inputs were both traced (columns pre_observed, post_observed).";

pub(crate) const REPORT: &str = "\
Examples:
  neuroloom report fit";

pub(crate) const RUN: &str = "\
Examples:
  neuroloom run experiment.toml
  neuroloom run experiment.toml --out runs/first --threads 4

A stage is finished when its files exist and nothing it depends on has changed; an interrupted run
goes on where it stopped and ends with the same bytes. An experiment file:
  seed = 42
  [simulate]
  preset = \"baseline\"
  neurons = 100
  frames = 20000
  [infer]
  target = \"difference\"
or, with a recording instead of a simulation:
  [data]
  path = \"worm.npz\"
  array = \"traces_zscored\"
  dt-s = 0.6
  connectome = \"worm_wiring\"";

pub(crate) const DEMO: &str = "\
Examples:
  neuroloom demo
  neuroloom demo --out /tmp/demo --seed 7

The wiring is real (302 neurons of C. elegans, Cook et al. 2019); the dynamics are simulated.";

pub(crate) const TRAIN_CIRCUITS: &str = "\
Examples:
  neuroloom train circuits circuits --out code
  neuroloom train circuits microns_phase1 --circuits 300 --neurons 60..80 --out code
  neuroloom train circuits circuits --latents 2,8,32,128 --betas 0.1,1,4 --out code
  neuroloom train circuits --config examples/circuit_vae/tissue.toml --out code

The code is scored on circuits that training never saw: what it reconstructs beside trivial
predictors, what it generates beside a fitted block model with distance and reciprocity. Killed and
started again it goes on where it stopped and ends with the same bytes. Next: `neuroloom explore code`,
`neuroloom synthesize code --set reciprocity=0.15`.";

pub(crate) const ATLAS: &str = "\
Examples:
  neuroloom atlas worm=worm_set larva=larva_set rat=rat_set --out atlas
  neuroloom atlas larva:optic=set1 larva:mushroom-body=set2 tissue=set3 --epochs 200 --out atlas

Cell types, positions and numbers of synapses are left out: they would tell the source. How well the
source is told from the code stands beside how well it is told from the numbers of neurons and edges
alone, and beside chance.";

pub(crate) const EXPLORE: &str = "\
Examples:
  neuroloom explore code
  neuroloom explore code --metrics edges,reciprocity,clustering --permutations 200

Each direction stands beside what the numbers of neurons and edges alone predict, a permutation p and
the score on circuits of held-out tissue. Tables are in code/tables, pictures in code/report.html.";

pub(crate) const RESERVOIR: &str = "\
Examples:
  neuroloom reservoir code
  neuroloom reservoir circuits --tasks memory-capacity,narma10 --out computed

Controls share with each circuit its size, its number of edges, its degrees, its mutual pairs or its
edges between types; a textbook echo state network and a readout without a network stand beside them.
With a code, scores are also predicted from it, from graph metrics, and from size alone.";

pub(crate) const SYNTHESIZE: &str = "\
Examples:
  neuroloom synthesize code --set reciprocity=0.15 --set clustering=0.3 --count 20 --out wanted
  neuroloom synthesize code --set edges=600 --controller line --format graphml --out wanted
  neuroloom synthesize code --curve all --controller line,line-orth,gradient,closed-loop --out control

What was achieved is measured on fresh circuits, with its spread, the range that can be reached, what
else moved, and how far the code lies from the middle of the prior. `closed-loop-tilt` may change the
decoder besides the code and says so.";
