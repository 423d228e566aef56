//! How many shortest paths pass through a neuron (Brandes 2001), eight sources at a time.
//!
//! Brandes' two sweeps (count paths outwards, add up dependencies inwards) are run for eight sources together: what
//! a neuron holds is a vector with one lane a source, and a level is one sum of vectors over edges. Each level sums
//! over whichever end has fewer edges: forwards from the neurons just reached, or backwards into those still to be.

use pulp::Arch;
use rayon::prelude::*;

use super::DirectedGraph;

/// Sources of one pass.
const LANES: usize = 8;
type Lanes = [f64; LANES];
const ZERO: Lanes = [0.0; LANES];
const UNSEEN: u32 = u32::MAX;
/// Passes whose sums are kept apart, so that the result does not depend on the number of threads.
const PARTS: usize = 32;

/// Betweenness of every neuron: over all ordered pairs of other neurons, the share of their shortest directed paths
/// that pass through it, divided by `(N - 1) (N - 2)`. 0 for fewer than three neurons.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{DirectedGraph, betweenness};
/// // 0 -> 1 -> 2: one of the two ordered pairs of others, (0, 2), passes through 1
/// let graph = DirectedGraph::from_edges(3, &[(0, 1), (1, 2)])?;
/// assert_eq!(betweenness(&graph), [0.0, 0.5, 0.0]);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn betweenness(graph: &DirectedGraph) -> Vec<f64> {
    let n = graph.n_neurons();
    let n_batches = n.div_ceil(LANES);
    let arch = Arch::new();
    let part = |part: usize| {
        let mut pass = Pass::new(n);
        let mut total = vec![0.0; n];
        for batch in n_batches * part / PARTS..n_batches * (part + 1) / PARTS {
            let first = batch * LANES;
            arch.dispatch(|| pass.run(graph, first..n.min(first + LANES), &mut total));
        }
        total
    };
    let parts: Vec<Vec<f64>> = (0..PARTS).into_par_iter().map(part).collect();
    let pairs = (n as f64 - 1.0) * (n as f64 - 2.0);
    (0..n).map(|neuron| parts.iter().map(|part| part[neuron]).sum::<f64>() / pairs.max(1.0)).collect()
}

/// The state of one pass over eight sources.
struct Pass {
    /// Distance from each source.
    level: Vec<[u32; LANES]>,
    /// Shortest paths from each source.
    n_paths: Vec<Lanes>,
    /// Dependency of each source on a neuron.
    dependency: Vec<Lanes>,
    /// What a neuron hands on: paths outwards, shares inwards.
    given: Vec<Lanes>,
    /// What arrives at a neuron.
    arrived: Vec<Lanes>,
    /// Neurons at each distance from at least one source.
    levels: Vec<Vec<u32>>,
}

impl Pass {
    fn new(n: usize) -> Self {
        Self {
            level: vec![[UNSEEN; LANES]; n],
            n_paths: vec![ZERO; n],
            dependency: vec![ZERO; n],
            given: vec![ZERO; n],
            arrived: vec![ZERO; n],
            levels: Vec::new(),
        }
    }

    #[inline(always)]
    fn run(&mut self, graph: &DirectedGraph, sources: std::ops::Range<usize>, total: &mut [f64]) {
        self.begin(sources);
        let mut open: Vec<u32> = (0..graph.n_neurons() as u32).collect();
        while self.outwards(graph, &mut open) {}
        for distance in (2..self.levels.len()).rev() {
            self.inwards(graph, distance);
        }
        for (neuron, sum) in total.iter_mut().enumerate() {
            *sum += self.dependency[neuron].iter().sum::<f64>();
        }
    }

    #[inline(always)]
    fn begin(&mut self, sources: std::ops::Range<usize>) {
        self.level.fill([UNSEEN; LANES]);
        self.n_paths.fill(ZERO);
        self.dependency.fill(ZERO);
        self.given.fill(ZERO);
        self.levels = vec![sources.clone().map(|source| source as u32).collect()];
        for (lane, source) in sources.enumerate() {
            self.level[source][lane] = 0;
            self.n_paths[source][lane] = 1.0;
            self.given[source][lane] = 1.0;
        }
    }

    /// Moves all sources one step; whether any neuron was reached.
    #[inline(always)]
    fn outwards(&mut self, graph: &DirectedGraph, open: &mut Vec<u32>) -> bool {
        let distance = self.levels.len() as u32;
        let from = &self.levels[self.levels.len() - 1];
        let forwards: usize = from.iter().map(|&neuron| graph.successors(neuron).len()).sum();
        let backwards: usize = open.iter().map(|&neuron| graph.predecessors(neuron).len()).sum();
        if 2 * forwards < backwards {
            open.iter().for_each(|&neuron| self.arrived[neuron as usize] = ZERO);
            for &neuron in from {
                let given = self.given[neuron as usize];
                graph
                    .successors(neuron)
                    .iter()
                    .for_each(|&next| add(&mut self.arrived[next as usize], &given));
            }
        } else {
            for &neuron in open.iter() {
                self.arrived[neuron as usize] = sum_over(graph.predecessors(neuron), &self.given);
            }
        }
        from.iter().for_each(|&neuron| self.given[neuron as usize] = ZERO);
        let mut reached = Vec::new();
        open.retain(|&neuron| {
            let place = neuron as usize;
            let (any, all) =
                arrive(&mut self.level[place], &self.arrived[place], distance, |lane, n_paths| {
                    self.n_paths[place][lane] = n_paths;
                    self.given[place][lane] = n_paths;
                });
            if any {
                reached.push(neuron);
            }
            !all
        });
        let any = !reached.is_empty();
        if any {
            self.levels.push(reached);
        }
        any
    }

    /// Hands the dependencies of the neurons at `distance` to those one step nearer.
    #[inline(always)]
    fn inwards(&mut self, graph: &DirectedGraph, distance: usize) {
        let (far, near) = (&self.levels[distance], &self.levels[distance - 1]);
        for &neuron in far {
            let place = neuron as usize;
            for lane in 0..LANES {
                let here = self.level[place][lane] == distance as u32;
                let share = (1.0 + self.dependency[place][lane]) / self.n_paths[place][lane];
                self.given[place][lane] = if here { share } else { 0.0 };
            }
        }
        let backwards: usize = far.iter().map(|&neuron| graph.predecessors(neuron).len()).sum();
        let forwards: usize = near.iter().map(|&neuron| graph.successors(neuron).len()).sum();
        if 2 * backwards < forwards {
            near.iter().for_each(|&neuron| self.arrived[neuron as usize] = ZERO);
            for &neuron in far {
                let given = self.given[neuron as usize];
                graph
                    .predecessors(neuron)
                    .iter()
                    .for_each(|&back| add(&mut self.arrived[back as usize], &given));
            }
        } else {
            for &neuron in near {
                self.arrived[neuron as usize] = sum_over(graph.successors(neuron), &self.given);
            }
        }
        for &neuron in near {
            let place = neuron as usize;
            for lane in 0..LANES {
                let here = self.level[place][lane] == distance as u32 - 1;
                let gain = self.n_paths[place][lane] * self.arrived[place][lane];
                self.dependency[place][lane] += if here { gain } else { 0.0 };
            }
        }
        far.iter().for_each(|&neuron| self.given[neuron as usize] = ZERO);
    }
}

/// Marks the lanes that arrive for the first time; whether there is any, and whether all lanes are now seen.
#[inline(always)]
fn arrive(
    level: &mut [u32; LANES],
    arrived: &Lanes,
    distance: u32,
    mut keep: impl FnMut(usize, f64),
) -> (bool, bool) {
    let (mut any, mut all) = (false, true);
    for lane in 0..LANES {
        if level[lane] == UNSEEN && arrived[lane] > 0.0 {
            level[lane] = distance;
            keep(lane, arrived[lane]);
            any = true;
        }
        all &= level[lane] != UNSEEN;
    }
    (any, all)
}

#[inline(always)]
fn add(sum: &mut Lanes, more: &Lanes) {
    for lane in 0..LANES {
        sum[lane] += more[lane];
    }
}

#[inline(always)]
fn sum_over(neighbours: &[u32], given: &[Lanes]) -> Lanes {
    let mut sum = ZERO;
    for &neighbour in neighbours {
        add(&mut sum, &given[neighbour as usize]);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// By definition: for each pair, the share of its shortest paths through each neuron.
    fn by_definition(graph: &DirectedGraph) -> Vec<f64> {
        let n = graph.n_neurons();
        // distance and number of shortest paths by repeated relaxation
        let (mut distance, mut ways) = (vec![vec![usize::MAX; n]; n], vec![vec![0.0; n]; n]);
        for source in 0..n {
            (distance[source][source], ways[source][source]) = (0, 1.0);
            for length in 1..n {
                for (pre, post) in graph.edges().map(|(pre, post)| (pre as usize, post as usize)) {
                    if distance[source][pre] == length - 1 && distance[source][post] >= length {
                        distance[source][post] = length;
                        ways[source][post] += ways[source][pre];
                    }
                }
            }
        }
        let mut found = vec![0.0; n];
        for (s, t, v) in (0..n).flat_map(|s| (0..n).flat_map(move |t| (0..n).map(move |v| (s, t, v)))) {
            let through = distance[s][v].checked_add(distance[v][t]);
            if s != v && v != t && s != t && distance[s][t] < n && through == Some(distance[s][t]) {
                found[v] += ways[s][v] * ways[v][t] / ways[s][t] / ((n - 1) * (n - 2)) as f64;
            }
        }
        found
    }

    proptest! {
        #[test]
        fn shares_are_those_of_the_definition(edges in prop::collection::vec((0..21_u32, 0..21_u32), 0..120)) {
            let graph = DirectedGraph::from_edges(21, &edges)?;
            for (found, expected) in betweenness(&graph).into_iter().zip(by_definition(&graph)) {
                prop_assert!((found - expected).abs() < 1e-12, "{found} {expected}");
            }
        }
    }
}
