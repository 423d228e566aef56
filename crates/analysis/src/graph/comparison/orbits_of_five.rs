//! How often each neuron stands in each place of each connected subgraph of five neurons.

use std::sync::LazyLock;

use super::super::{DirectedGraph, UndirectedGraph};

/// Orbits of the connected graphs of five nodes.
const N_ORBITS: usize = 58;

/// First orbit of five nodes in the numbering of all orbits.
const FIRST: u8 = 15;

/// Published number (Przulj 2007) of each orbit in the order in which [`Table::new`] meets them: by the smallest code
/// of the graph, then by the smallest position.
const NUMBERS: [u8; N_ORBITS] = [
    23, 22, 21, 20, 18, 19, 33, 32, 31, 16, 17, 15, 26, 25, 24, 38, 36, 37, 35, 42, 41, 40, 39, 28, 30, 29,
    27, 47, 48, 46, 45, 58, 57, 56, 50, 49, 55, 54, 44, 43, 34, 53, 51, 52, 61, 60, 59, 63, 64, 62, 67, 66,
    65, 69, 68, 71, 70, 72,
];

/// Counts of the 58 orbits of graphlets with five nodes, numbers 15 to 72 of Przulj (2007), `[neuron][orbit - 15]`, in
/// the underlying undirected graph; those of two to four nodes are [`super::orbit_counts`].
///
/// Every connected set of four neurons is visited once (ESU, Wernicke 2006). For each of the 15 ways in which a fifth
/// can be joined to it, the neurons that are joined so are counted in bit sets. A set of five is met once for each of
/// its connected sets of four; how many of those hold a neuron depends on its orbit alone, which divides it out.
///
/// Memory is `n^2 / 8` bytes: meant for circuits, not for whole brains.
///
/// # Examples
/// ```
/// use neuroloom_analysis::graph::{DirectedGraph, comparison::orbit_counts_of_five};
/// // A path of five: two ends (15), two next to them (16), one middle (17).
/// let path = DirectedGraph::from_edges(5, &[(0, 1), (1, 2), (2, 3), (3, 4)])?;
/// let counts = orbit_counts_of_five(&path);
/// assert_eq!((counts[0][0], counts[1][1], counts[2][2]), (1.0, 1.0, 1.0));
/// assert_eq!(counts.iter().flatten().sum::<f64>(), 5.0);
/// # Ok::<(), neuroloom_analysis::Error>(())
/// ```
pub fn orbit_counts_of_five(graph: &DirectedGraph) -> Vec<[f64; N_ORBITS]> {
    let table = &*TABLE;
    let mut search = Search::new(&UndirectedGraph::new(graph));
    search.run(table);
    let each = |row: &[u64; N_ORBITS]| {
        std::array::from_fn(|orbit| (row[orbit] / u64::from(table.n_fours[orbit])) as f64)
    };
    search.counts.iter().map(each).collect()
}

/// Bit of a pair of the five positions.
const fn pair(one: usize, other: usize) -> u32 {
    let (low, high) = if one < other { (one, other) } else { (other, one) };
    1 << (high * (high - 1) / 2 + low)
}

static TABLE: LazyLock<Table> = LazyLock::new(Table::new);

/// What the ten bits of a graph of five nodes say.
struct Table {
    /// Orbit of the first four nodes.
    orbit: Vec<[u8; 4]>,
    /// Connected sets of four that hold a node of the orbit.
    n_fours: [u8; N_ORBITS],
}

impl Table {
    fn new() -> Self {
        let orders = orders();
        let codes: Vec<u32> = (0..1024).filter(|&code| is_connected(code, 0b11111)).collect();
        let places: Vec<(u32, [(u32, usize); 5])> =
            codes.iter().map(|&code| (code, canonical(code, &orders))).collect();
        let mut known: Vec<(u32, usize)> = places.iter().flat_map(|(_, places)| *places).collect();
        known.sort_unstable();
        known.dedup();
        let mut table = Self { orbit: vec![[0; 4]; 1024], n_fours: [1; N_ORBITS] };
        for (code, places) in places {
            for (node, place) in places.into_iter().enumerate() {
                let orbit = NUMBERS[known.partition_point(|one| *one < place)] - FIRST;
                if node < 4 {
                    table.orbit[code as usize][node] = orbit;
                }
                let without = (0..5).filter(|&left_out| left_out != node);
                let fours = without.filter(|&left_out| is_connected(code, 0b11111 & !(1 << left_out)));
                table.n_fours[orbit as usize] = fours.count() as u8;
            }
        }
        table
    }
}

/// All orders of five positions.
fn orders() -> Vec<[usize; 5]> {
    let digits = |number: usize| [1, 5, 25, 125, 625].map(|power| number / power % 5);
    let distinct = |order: &[usize; 5]| order.iter().fold(0_u8, |seen, &place| seen | 1 << place) == 0b11111;
    (0..3125).map(digits).filter(distinct).collect()
}

/// For each node: the smallest code that renaming can give the graph, and the smallest name that it can bear there.
fn canonical(code: u32, orders: &[[usize; 5]]) -> [(u32, usize); 5] {
    let renamed = |order: &[usize; 5]| {
        let pairs = (1..5).flat_map(|high| (0..high).map(move |low| (low, high)));
        let joined = pairs.filter(|&(low, high)| code & pair(low, high) != 0);
        joined.fold(0, |renamed, (low, high)| renamed | pair(order[low], order[high]))
    };
    let mut smallest = (u32::MAX, [5; 5]);
    for order in orders {
        let renamed = renamed(order);
        if renamed < smallest.0 {
            smallest = (renamed, *order);
        } else if renamed == smallest.0 {
            smallest.1 = std::array::from_fn(|node| smallest.1[node].min(order[node]));
        }
    }
    smallest.1.map(|name| (smallest.0, name))
}

/// Whether the nodes in `members` hang together by the pairs among them.
fn is_connected(code: u32, members: u32) -> bool {
    let mut reached = members & members.wrapping_neg();
    loop {
        let inside = (0..5).filter(|&node| reached >> node & 1 == 1);
        let next = inside.fold(reached, |next, node| {
            let joined = (0..5).filter(|&other| other != node && code & pair(node, other) != 0);
            joined.fold(next, |next, other| next | 1 << other)
        }) & members;
        if next == reached {
            return reached == members;
        }
        reached = next;
    }
}

/// A set of neurons, 64 a word.
type Bits = Vec<u64>;

/// The search for connected sets of four and what it counts.
struct Search {
    rows: Vec<Bits>,
    counts: Vec<[u64; N_ORBITS]>,
}

impl Search {
    fn new(graph: &UndirectedGraph) -> Self {
        let n = graph.n_neurons();
        let row = |neuron: u32| {
            let mut row = vec![0_u64; n.div_ceil(64)];
            graph.neighbours(neuron).iter().for_each(|&one| row[one as usize / 64] |= 1 << (one % 64));
            row
        };
        Self { rows: (0..n as u32).map(row).collect(), counts: vec![[0; N_ORBITS]; n] }
    }

    fn run(&mut self, table: &Table) {
        for root in 0..self.rows.len() {
            let later: Bits = mask_after(root, self.rows[root].len());
            let extension: Bits =
                self.rows[root].iter().zip(&later).map(|(near, later)| near & later).collect();
            // The root and its neighbours: what may be added no more because it was on offer before.
            let mut seen = self.rows[root].clone();
            seen[root / 64] |= 1 << (root % 64);
            self.extend(table, &[root], extension, (&seen, &later));
        }
    }

    /// Adds each neuron on offer to a connected set; each set of four is met once.
    fn extend(&mut self, table: &Table, set: &[usize], mut offered: Bits, (seen, later): (&Bits, &Bits)) {
        while let Some(next) = take_first(&mut offered) {
            if let [a, b, c] = *set {
                self.count(table, [a, b, c, next]);
                continue;
            }
            let fresh =
                self.rows[next].iter().zip(seen).zip(later).map(|((near, seen), later)| near & !seen & later);
            let offered: Bits = offered.iter().zip(fresh).map(|(offered, fresh)| offered | fresh).collect();
            let seen: Bits = seen.iter().zip(&self.rows[next]).map(|(seen, near)| seen | near).collect();
            self.extend(table, &[set, &[next]].concat(), offered, (&seen, later));
        }
    }

    fn count(&mut self, table: &Table, four: [usize; 4]) {
        let rows = four.map(|neuron| self.rows[neuron].as_slice());
        let pairs = (1..4).flat_map(|high| (0..high).map(move |low| (low, high)));
        let joined = |&(low, high): &(usize, usize)| rows[low][four[high] / 64] >> (four[high] % 64) & 1 == 1;
        let inside = pairs.filter(joined).fold(0, |code, (low, high)| code | pair(low, high));
        let mut n_joined = [0_u32; 16];
        for word in 0..rows[0].len() {
            let members = four.iter().filter(|&&neuron| neuron / 64 == word);
            let others = !members.fold(0_u64, |members, &neuron| members | 1 << (neuron % 64));
            let [a, b, c, d] = rows.map(|row| row[word]);
            let first = [others & !a & !b, others & a & !b, others & !a & b, others & a & b];
            let last = [!c & !d, c & !d, !c & d, c & d];
            for (to, n) in n_joined.iter_mut().enumerate().skip(1) {
                *n += (first[to & 3] & last[to >> 2]).count_ones();
            }
        }
        for (to, &n) in n_joined.iter().enumerate().skip(1).filter(|(_, n)| **n > 0) {
            let code = inside as usize | to << 6;
            for (neuron, &orbit) in four.iter().zip(&table.orbit[code]) {
                self.counts[*neuron][orbit as usize] += u64::from(n);
            }
        }
    }
}

/// The neurons behind one.
fn mask_after(neuron: usize, n_words: usize) -> Bits {
    let word = |place: usize| match place.cmp(&(neuron / 64)) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => !1 << (neuron % 64),
        std::cmp::Ordering::Greater => u64::MAX,
    };
    (0..n_words).map(word).collect()
}

/// Removes the first member.
fn take_first(set: &mut Bits) -> Option<usize> {
    let word = set.iter().position(|&word| word != 0)?;
    let bit = set[word].trailing_zeros() as usize;
    set[word] &= set[word] - 1;
    Some(64 * word + bit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_58_orbits_and_each_has_a_connected_rest() {
        let mut numbers = NUMBERS;
        numbers.sort_unstable();
        assert!(numbers.iter().copied().eq(FIRST..73));
        assert!(TABLE.n_fours.iter().all(|&n| n >= 1));
        // In the complete graph every set of four is connected: four of the five hold a node.
        assert_eq!(TABLE.n_fours[(72 - FIRST) as usize], 4);
    }

    #[test]
    fn a_complete_graph_has_one_orbit_and_words_do_not_matter() {
        // 70 neurons reach over one word: C(69, 4) complete graphs hold each.
        let edges: Vec<(u32, u32)> = (0..70).flat_map(|a| (0..a).map(move |b| (a, b))).collect();
        let graph = DirectedGraph::from_edges(70, &edges).unwrap();
        let counts = orbit_counts_of_five(&graph);
        let expected = (69 * 68 * 67 * 66 / 24) as f64;
        assert!(counts.iter().all(|row| row[57] == expected && row[..57].iter().all(|&other| other == 0.0)));
    }
}
