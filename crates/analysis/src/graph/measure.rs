//! All numbers of a wiring diagram at once.

use neuroloom_core::{Event, Listener};

use super::communities::{Communities, CommunityConfig, CommunitySearch, communities};
use super::reciprocity::reciprocity;
use super::triangles::TriangleCounts;
use super::{
    CommonNeighbours, DegreeSummary, DirectedGraph, Direction, DistanceProfile, PathSummary,
    SmallWorldConfig, SpectralConfig, TRIAD_NAMES, TypeMixing, UndirectedGraph, assortativity, betweenness,
    clustering, common_neighbours, components, core_numbers, degree_summary, degrees, distance_profile,
    excitatory_fraction, gini, modularity, path_summary, paths, rich_club, simplex_counts, small_world,
    spectrum, triads, type_mixing,
};
use crate::Error;
use crate::graph::nulls::Statistic;

/// What is measured and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MeasureConfig {
    /// How communities are searched for.
    pub communities: CommunityConfig,
    /// How far the spectral numbers go.
    pub spectral: SpectralConfig,
    /// Small-world numbers; `None` leaves them out, since they cost many random graphs.
    pub small_world: Option<SmallWorldConfig>,
    /// Largest dimension of directed simplices.
    pub max_simplex_dimension: usize,
    /// Width of a distance bin in micrometres.
    pub bin_um: f64,
}

impl Default for MeasureConfig {
    fn default() -> Self {
        Self {
            communities: CommunityConfig::default(),
            spectral: SpectralConfig::default(),
            small_world: None,
            max_simplex_dimension: 5,
            bin_um: 20.0,
        }
    }
}

/// What is known of the neurons besides their wiring.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Annotations<'a> {
    /// Cell type of each neuron.
    pub cell_type: Option<&'a [String]>,
    /// Soma position of each neuron in micrometres.
    pub position_um: Option<&'a [[f64; 3]]>,
}

/// One number with its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// What it is about: `degree`, `reciprocity`, ...
    pub topic: &'static str,
    /// Its name, as in `docs/metrics.md`.
    pub name: String,
    /// Its value; NaN where undefined.
    pub value: f64,
}

/// All numbers of one graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Measures {
    /// Single numbers.
    pub values: Vec<Measure>,
    /// Positions of the neurons that the numbers of more than one edge are about.
    pub core: Vec<u32>,
    /// Numbers of each neuron of the core.
    pub neurons: NeuronMeasures,
    /// Triads by class of [`TRIAD_NAMES`].
    pub triads: [u64; 16],
    /// Ordered pairs by distance, from distance 1.
    pub n_pairs_at: Vec<u64>,
    /// Rich-club coefficient by degree, from 0.
    pub rich_club: Vec<f64>,
    /// Pairs by number of common neighbours.
    pub common_neighbours: CommonNeighbours,
    /// Laplacian eigenvalues, where the graph is small enough.
    pub laplacian: Option<Vec<f64>>,
    /// Connection probability by type, where types are known.
    pub type_mixing: Option<TypeMixing>,
    /// Connection probability by distance, where positions are known.
    pub distance: Option<DistanceProfile>,
}

/// One list a number, one entry a neuron of the core.
#[derive(Debug, Clone, PartialEq)]
pub struct NeuronMeasures {
    /// Edges sent.
    pub out_degree: Vec<u32>,
    /// Edges received.
    pub in_degree: Vec<u32>,
    /// Local clustering of `U`.
    pub clustering: Vec<f64>,
    /// Directed clustering (Fagiolo).
    pub clustering_directed: Vec<f64>,
    /// Betweenness.
    pub betweenness: Vec<f64>,
    /// Closeness by incoming paths.
    pub closeness: Vec<f64>,
    /// Core number of `U`.
    pub core_number: Vec<u32>,
    /// Community of the best Leiden partition.
    pub community: Vec<u32>,
    /// Strongly connected component.
    pub strong_component: Vec<u32>,
}

/// Measures a graph. Density, degrees, type mixing and distances use every pair that could be observed; all else the
/// fully observed neurons.
///
/// # Errors
/// [`Error::TooFew`] for fewer than three fully observed neurons or no edge among them; [`Error::Interrupted`] if the
/// listener asks to stop; what the single statistics say.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{Annotations, DirectedGraph, MeasureConfig, measure};
/// use neuroloom_core::Silent;
/// let graph = DirectedGraph::from_edges(4, &[(0, 1), (1, 0), (1, 2), (2, 3), (3, 1)])?;
/// let found = measure(&graph, &Annotations::default(), &MeasureConfig::default(), &Silent)?;
/// assert_eq!(found.value("reciprocity"), Some(0.4));
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn measure(
    graph: &DirectedGraph,
    annotations: &Annotations<'_>,
    config: &MeasureConfig,
    listener: &dyn Listener,
) -> Result<Measures, Error> {
    let core = graph.observed_core();
    check(&core)?;
    let steps = Steps::begin(listener);
    let mut values = Values::default();
    degree_values(graph, &core, &mut values);
    values.pair_values(graph);
    steps.next(1)?;
    let joined = UndirectedGraph::new(&core);
    let triangles = TriangleCounts::of(&joined);
    let clustered = clustering::from_triangles(&joined, &triangles);
    let triads = triads::census(&joined, &triangles);
    let shared = common_neighbours(&core);
    values.triangle_values(&clustered, &shared, &simplex_counts(&core, config.max_simplex_dimension));
    steps.next(2)?;
    let paths = path_summary(&core);
    let strong = components::strong_components(&core);
    values.path_values(&core, &paths, &strong);
    steps.next(3)?;
    let between = betweenness(&core);
    values.centrality_values(&between, &paths);
    steps.next(4)?;
    let (cores, club) = (core_numbers(&core), rich_club(&core));
    let leiden = values.group_values(&core, &config.communities, &cores)?;
    steps.next(5)?;
    let found = spectrum(&core, &config.spectral)?;
    values.spectral_values(&found);
    steps.next(6)?;
    if let Some(config) = &config.small_world {
        let found = small_world(&core, config)?;
        values.add("small world", &[("small_world_sigma", found.sigma), ("small_world_omega", found.omega)]);
    }
    steps.next(7)?;
    let type_mixing = annotations.cell_type.map(|types| type_mixing(graph, types)).transpose()?;
    if let Some(mixing) = &type_mixing {
        let plain = DirectedGraph::from_edges(graph.n_neurons(), &graph.edges().collect::<Vec<_>>())?;
        values.add("groups", &[("modularity_cell_types", modularity(&plain, &mixing.labels)?)]);
    }
    if let Some(found) = annotations.cell_type.and_then(|types| excitatory_fraction(graph, types)) {
        let rows = [("excitatory_fraction", found.of_neurons), ("excitatory_fraction_edges", found.of_edges)];
        values.add("cell classes", &rows);
    }
    let profile = |places| distance_profile(graph, places, config.bin_um);
    let distance = annotations.position_um.map(profile).transpose()?;
    values.distance_values(distance.as_ref());
    steps.end();
    Ok(Measures {
        values: values.0,
        core: graph.fully_observed(),
        neurons: NeuronMeasures {
            out_degree: degrees(&core, Direction::Out),
            in_degree: degrees(&core, Direction::In),
            clustering: clustered.local,
            clustering_directed: clustered.directed,
            betweenness: between,
            closeness: paths.closeness,
            core_number: cores,
            community: leiden.labels,
            strong_component: strong.labels,
        },
        triads,
        n_pairs_at: paths.n_pairs_at,
        rich_club: club,
        common_neighbours: shared,
        laplacian: found.laplacian,
        type_mixing,
        distance,
    })
}

impl Measures {
    /// A number by its name.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.values.iter().find(|one| one.name == name).map(|one| one.value)
    }
}

/// The numbers that are compared with null models: reciprocity, clustering, paths, modularity, the 13 connected triads
/// and directed simplices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NullStatistic {
    /// Search for communities; one start is enough for a comparison, since the graph itself is searched alike.
    pub communities: CommunityConfig,
}

impl Default for NullStatistic {
    fn default() -> Self {
        Self { communities: CommunityConfig { n_starts: 1, ..CommunityConfig::default() } }
    }
}

const NULL_NAMES: [&str; 13] = [
    "n_mutual",
    "reciprocity",
    "clustering",
    "clustering_directed",
    "transitivity",
    "common_neighbour_bias",
    "path_length",
    "global_efficiency",
    "reachable",
    "betweenness_mean",
    "modularity_leiden",
    "simplices_2",
    "simplices_3",
];

impl Statistic for NullStatistic {
    fn names(&self) -> Vec<String> {
        let triads = TRIAD_NAMES[super::FIRST_CONNECTED_TRIAD..].iter().map(|name| format!("triad_{name}"));
        NULL_NAMES.iter().map(|&name| name.to_owned()).chain(triads).collect()
    }

    fn measure(&self, graph: &DirectedGraph) -> Result<Vec<f64>, Error> {
        let joined = UndirectedGraph::new(graph);
        let triangles = TriangleCounts::of(&joined);
        let clustered = clustering::from_triangles(&joined, &triangles);
        let pairs = reciprocity(graph);
        let paths = path_summary(graph);
        let simplices = simplex_counts(graph, 3);
        let triads = triads::census(&joined, &triangles);
        let values = [
            pairs.n_mutual as f64,
            pairs.reciprocity,
            clustered.average_local,
            clustered.average_directed,
            clustered.transitivity,
            closed_bias(&joined, &triangles),
            paths.mean_length,
            paths.global_efficiency,
            paths.reachable,
            mean_betweenness(&paths, graph.n_neurons()),
            communities(graph, &self.communities)?.modularity,
            simplices[2] as f64,
            simplices[3] as f64,
        ];
        let triads = triads[super::FIRST_CONNECTED_TRIAD..].iter().map(|&count| count as f64);
        Ok(values.into_iter().chain(triads).collect())
    }
}

/// [`CommonNeighbours::bias`] from the triangles alone: joined pairs share `3 T` neighbours in all, all pairs as many
/// as there are paths of length two.
fn closed_bias(joined: &UndirectedGraph, triangles: &TriangleCounts) -> f64 {
    let n = joined.n_neurons() as f64;
    let of_joined = 3.0 * triangles.total() as f64 / joined.n_pairs() as f64;
    let degrees = (0..joined.n_neurons() as u32).map(|neuron| joined.degree(neuron) as f64);
    let of_all = degrees.map(|degree| degree * (degree - 1.0) / 2.0).sum::<f64>() / (n * (n - 1.0) / 2.0);
    of_joined / of_all
}

/// Every pair at distance `d` has `d - 1` neurons between its ends, however many ways there are.
fn mean_betweenness(paths: &PathSummary, n: usize) -> f64 {
    let inner: u64 = (0..).zip(&paths.n_pairs_at).map(|(between, pairs): (u64, _)| between * pairs).sum();
    let n = n as f64;
    inner as f64 / (n * (n - 1.0) * (n - 2.0))
}

fn check(core: &DirectedGraph) -> Result<(), Error> {
    let too_few = |what, given, needed| Err(Error::TooFew { what, given, needed });
    match (core.n_neurons(), core.n_edges()) {
        (n, _) if n < 3 => too_few("neurons whose outputs and inputs were both traced", n, 3),
        (_, 0) => too_few("edges between different neurons that were both traced", 0, 1),
        _ => Ok(()),
    }
}

/// Tells the listener how far the measuring is.
struct Steps<'a>(&'a dyn Listener);

impl<'a> Steps<'a> {
    fn begin(listener: &'a dyn Listener) -> Self {
        listener.emit(Event::Started { stage: "measure", total: Some(8) });
        Self(listener)
    }

    fn next(&self, done: u64) -> Result<(), Error> {
        self.0.emit(Event::Step { done, loss: None });
        if self.0.cancelled() { Err(Error::Interrupted) } else { Ok(()) }
    }

    fn end(&self) {
        self.0.emit(Event::Finished);
    }
}

#[derive(Default)]
struct Values(Vec<Measure>);

fn degree_values(graph: &DirectedGraph, core: &DirectedGraph, values: &mut Values) {
    let DegreeSummary { density, mean_degree, gini_out, gini_in, in_out_correlation } = degree_summary(graph);
    let total = degrees(core, Direction::Out).into_iter().zip(degrees(core, Direction::In));
    let total: Vec<f64> = total.map(|(out, into)| f64::from(out) + f64::from(into)).collect();
    let mixed = |sender, receiver| assortativity(core, sender, receiver);
    values.add(
        "degree",
        &[
            ("n_neurons", graph.n_neurons() as f64),
            ("n_neurons_observed", core.n_neurons() as f64),
            ("n_edges", graph.n_edges() as f64),
            ("n_edges_observed", core.n_edges() as f64),
            ("density", density),
            ("mean_degree", mean_degree),
            ("gini_out", gini_out),
            ("gini_in", gini_in),
            ("gini_total", gini(&total)),
            ("in_out_correlation", in_out_correlation),
            ("assortativity_out_in", mixed(Direction::Out, Direction::In)),
            ("assortativity_out_out", mixed(Direction::Out, Direction::Out)),
            ("assortativity_in_in", mixed(Direction::In, Direction::In)),
            ("assortativity_in_out", mixed(Direction::In, Direction::Out)),
        ],
    );
}

impl Values {
    fn add(&mut self, topic: &'static str, values: &[(&str, f64)]) {
        self.0.extend(values.iter().map(|&(name, value)| Measure { topic, name: name.to_owned(), value }));
    }

    fn pair_values(&mut self, graph: &DirectedGraph) {
        let found = reciprocity(graph);
        self.add(
            "reciprocity",
            &[
                ("n_mutual", found.n_mutual as f64),
                ("n_mutual_expected", found.n_mutual_expected),
                ("reciprocity", found.reciprocity),
                ("reciprocity_rho", found.rho),
            ],
        );
    }

    fn triangle_values(
        &mut self,
        clustered: &clustering::Clustering,
        shared: &CommonNeighbours,
        simplices: &[u64],
    ) {
        self.add(
            "clustering",
            &[
                ("clustering", clustered.average_local),
                ("clustering_directed", clustered.average_directed),
                ("transitivity", clustered.transitivity),
                ("common_neighbour_bias", shared.bias),
            ],
        );
        for (dimension, &count) in simplices.iter().enumerate() {
            self.add("simplices", &[(&format!("simplices_{dimension}"), count as f64)]);
        }
    }

    fn path_values(&mut self, core: &DirectedGraph, paths: &PathSummary, strong: &components::Components) {
        let weak = components::weak_components(core);
        let inside = paths::path_summary_of_largest_strong_component(core);
        let undirected = paths::path_summary_of_largest_weak_component(core);
        self.add(
            "paths",
            &[
                ("path_length", paths.mean_length),
                ("global_efficiency", paths.global_efficiency),
                ("reachable", paths.reachable),
                ("path_length_largest_strong", inside.mean_length),
                ("diameter_largest_strong", inside.diameter as f64),
                ("path_length_undirected", undirected.mean_length),
                ("diameter_undirected", undirected.diameter as f64),
                ("n_weak_components", weak.sizes.len() as f64),
                ("largest_weak_component", weak.largest_size() as f64),
                ("n_strong_components", strong.sizes.len() as f64),
                ("largest_strong_component", strong.largest_size() as f64),
            ],
        );
    }

    fn centrality_values(&mut self, between: &[f64], paths: &PathSummary) {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        self.add(
            "centrality",
            &[
                ("betweenness_mean", mean(between)),
                ("betweenness_max", between.iter().copied().fold(0.0, f64::max)),
                ("betweenness_gini", gini(between)),
                ("closeness_mean", mean(&paths.closeness)),
            ],
        );
    }

    fn group_values(
        &mut self,
        core: &DirectedGraph,
        config: &CommunityConfig,
        cores: &[u32],
    ) -> Result<Communities, Error> {
        let louvain = communities(core, &CommunityConfig { search: CommunitySearch::Louvain, ..*config })?;
        let leiden = communities(core, &CommunityConfig { search: CommunitySearch::Leiden, ..*config })?;
        let deepest = cores.iter().max().copied().unwrap_or(0);
        let n_deepest = cores.iter().filter(|&&core| core == deepest).count();
        self.add(
            "groups",
            &[
                ("modularity_louvain", louvain.modularity),
                ("n_communities_louvain", louvain.n_communities as f64),
                ("modularity_leiden", leiden.modularity),
                ("n_communities_leiden", leiden.n_communities as f64),
                ("deepest_core", f64::from(deepest)),
                ("n_neurons_deepest_core", n_deepest as f64),
            ],
        );
        Ok(leiden)
    }

    fn spectral_values(&mut self, found: &super::Spectrum) {
        self.add(
            "spectrum",
            &[
                ("spectral_radius", found.radius),
                ("spectral_gap", found.gap),
                ("commutator", found.commutator),
            ],
        );
        if let Some(henrici) = found.henrici {
            self.add("spectrum", &[("henrici", henrici)]);
        }
        for (rank, &value) in (1..).zip(&found.singular_values) {
            self.add("spectrum", &[(&format!("singular_value_{rank}"), value)]);
        }
    }

    fn distance_values(&mut self, distance: Option<&DistanceProfile>) {
        let Some(distance) = distance else { return };
        let lengths = &distance.edge_length_um;
        let mean = lengths.iter().sum::<f64>() / lengths.len() as f64;
        let middle = crate::statistics::median(lengths).unwrap_or(f64::NAN);
        self.add(
            "distance",
            &[
                ("edge_length_um_mean", mean),
                ("edge_length_um_median", middle),
                ("ks_edge_length_against_pairs", distance.ks_against_pairs),
            ],
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use neuroloom_core::Silent;

    #[test]
    fn shortcuts_of_the_null_statistic_agree_with_the_full_numbers() {
        let edges: Vec<(u32, u32)> =
            (0..40_u32).flat_map(|a| [1, 2, 7].map(|k| (a, (a * 3 + k * k) % 40))).collect();
        let graph = DirectedGraph::from_edges(40, &edges).unwrap();
        let config =
            MeasureConfig { communities: NullStatistic::default().communities, ..MeasureConfig::default() };
        let full = measure(&graph, &Annotations::default(), &config, &Silent).unwrap();
        let statistic = NullStatistic::default();
        for (name, value) in statistic.names().iter().zip(statistic.measure(&graph).unwrap()) {
            let expected = match name.strip_prefix("triad_") {
                Some(class) => full.triads[TRIAD_NAMES.iter().position(|&one| one == class).unwrap()] as f64,
                None => full.value(name).unwrap(),
            };
            assert!((value - expected).abs() < 1e-12, "{name}: {value} {expected}");
        }
    }
}
