//! Where the rows of all files come together.

use std::collections::BTreeMap;
use std::path::Path;

use neuroloom_core::{EdgeList, NeuronId};
use roaring::RoaringTreemap;
use rustc_hash::FxHashMap;

use super::Tally;
use super::batch::{EndId, RowBatch};
use super::pairs::{MOST_KINDS, MOST_NEURONS, PairKey, PairSum, PairSums};
use crate::Error;

/// What is done with a row that would be kept otherwise.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowRules {
    /// Rows with fewer synapses are dropped.
    pub(crate) least_synapses: f32,
    /// Edges from a neuron to itself are dropped.
    pub(crate) without_autapses: bool,
    /// Edges whose sender is not among these positions are dropped.
    pub(crate) senders: Option<Vec<bool>>,
}

/// The place of an end that is no neuron of the table.
const NOWHERE: u32 = u32::MAX;

/// Sums rows by pair of neurons and counts what it leaves out.
pub(crate) struct Gather {
    places: Places,
    rules: RowRules,
    row_ids: RoaringTreemap,
    kinds: Vec<String>,
    kind_places: FxHashMap<String, u32>,
    pairs: PairSums,
    columns: Seen,
    pub(crate) n_rows: usize,
    pub(crate) dropped: BTreeMap<&'static str, Tally>,
}

/// From id to position.
#[derive(Default)]
struct Places {
    /// No neuron is added when there is a node table.
    closed: bool,
    ids: Vec<NeuronId>,
    integers: FxHashMap<i64, u32>,
    names: FxHashMap<String, u32>,
}

/// Which columns the files had.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    row_id: bool,
    syn_count: bool,
    weight: bool,
    sign: bool,
    kind: bool,
}

/// All edges and what was counted on the way.
pub(crate) struct Gathered {
    /// Neurons in the order of the node table, else sorted.
    pub(crate) ids: Vec<NeuronId>,
    /// Sorted by sender, receiver and kind.
    pub(crate) edges: EdgeList,
    pub(crate) n_rows: usize,
    pub(crate) n_sign_conflicts: usize,
    pub(crate) dropped: BTreeMap<&'static str, Tally>,
    /// Whether rows were counted for want of a column that says how many synapses there are.
    pub(crate) counted_rows: bool,
}

impl Gather {
    /// Rows between the neurons of a table, or between any neurons.
    pub(crate) fn new(nodes: Option<&[NeuronId]>, rules: RowRules) -> Self {
        let mut places = Places::default();
        for id in nodes.unwrap_or_default() {
            places.add(id.clone());
        }
        places.closed = nodes.is_some();
        Self {
            places,
            rules,
            row_ids: RoaringTreemap::new(),
            kinds: Vec::new(),
            kind_places: FxHashMap::default(),
            pairs: PairSums::default(),
            columns: Seen::default(),
            n_rows: 0,
            dropped: BTreeMap::new(),
        }
    }

    /// Takes in the rows of one batch.
    pub(super) fn absorb(&mut self, path: &Path, batch: &RowBatch, first_row: usize) -> Result<(), Error> {
        self.columns.row_id |= !batch.row_id.is_empty();
        self.columns.syn_count |= !batch.syn_count.is_empty();
        self.columns.weight |= !batch.weight.is_empty();
        self.columns.sign |= !batch.sign.is_empty();
        self.columns.kind |= !batch.kind.is_empty();
        self.n_rows += batch.len();
        let kinds = self.kinds_of(path, batch)?;
        let reasons: Vec<Option<&'static str>> = (0..batch.len()).map(|row| self.unfit(batch, row)).collect();
        // One loop that only looks up: the processor then waits for several places at a time.
        let pre = self.places.find_all(batch, &batch.pre, &reasons);
        let post = self.places.find_all(batch, &batch.post, &reasons);
        for row in 0..batch.len() {
            let ends = (pre[row], post[row]);
            match reasons[row].map_or_else(|| self.admit(batch, row, ends), Err) {
                Ok(()) => {
                    let (pre, post) = ends;
                    let kind = batch.kind.get(row).map_or(0, |&kind| kinds[kind as usize]);
                    let sign = batch.sign.get(row).copied().unwrap_or(0);
                    let syn_count = batch.syn_count.get(row).copied().unwrap_or(1.0);
                    let weight = batch.weight.get(row).copied().unwrap_or(0.0);
                    self.pairs.add(PairSum::new(PairKey { pre, post, kind, sign }, syn_count, weight));
                }
                Err(reason) => {
                    let describe = || {
                        let (pre, post) = (batch.describe(batch.pre[row]), batch.describe(batch.post[row]));
                        format!("row {}: {pre} -> {post}", first_row + row)
                    };
                    self.dropped.entry(reason).or_default().add(describe);
                }
            }
        }
        if self.places.ids.len() > MOST_NEURONS {
            return Err(Error::TooLarge {
                path: path.to_owned(),
                what: "the number of neurons".to_owned(),
                given: self.places.ids.len().to_string(),
                allowed: format!("{MOST_NEURONS}; give a node table with the neurons that are wanted"),
            });
        }
        Ok(())
    }

    /// Why a row is not kept whatever its ends are.
    fn unfit(&self, batch: &RowBatch, row: usize) -> Option<&'static str> {
        let (pre, post) = (batch.pre[row], batch.post[row]);
        if batch.valid.get(row) == Some(&false) {
            Some("marked as not valid")
        } else if pre == EndId::Missing || post == EndId::Missing {
            Some("an end is empty")
        } else if self.columns.row_id && (pre == EndId::Integer(0) || post == EndId::Integer(0)) {
            Some("an end is 0 (not part of any segment)")
        } else if batch.syn_count.get(row).is_some_and(|&count| count < self.rules.least_synapses) {
            Some("fewer synapses than asked for")
        } else if self.rules.without_autapses && batch.same(pre, post) {
            Some("an autapse")
        } else {
            None
        }
    }

    /// Why a row with these ends is not kept after all.
    fn admit(&mut self, batch: &RowBatch, row: usize, (pre, post): (u32, u32)) -> Result<(), &'static str> {
        if pre == NOWHERE || post == NOWHERE {
            return Err("an end is not in the node table");
        }
        if self.rules.senders.as_ref().is_some_and(|senders| !senders[pre as usize]) {
            return Err("the axon of the sender is not proofread");
        }
        let new = batch.row_id.get(row).is_none_or(|&id| self.row_ids.insert(id as u64));
        if new { Ok(()) } else { Err("a row of the same id was read before") }
    }

    /// Positions of the kinds that a batch names.
    fn kinds_of(&mut self, path: &Path, batch: &RowBatch) -> Result<Vec<u32>, Error> {
        if batch.kind.is_empty() {
            return Ok(Vec::new());
        }
        let mut places = vec![0; batch.names.len()];
        for &name in &batch.kind {
            let text = &batch.names[name as usize];
            places[name as usize] = match self.kind_places.get(text) {
                Some(&place) => place,
                None => {
                    let place = self.kinds.len() as u32;
                    self.kinds.push(text.clone());
                    self.kind_places.insert(text.clone(), place);
                    place
                }
            };
        }
        if self.kinds.len() > MOST_KINDS {
            return Err(Error::TooLarge {
                path: path.to_owned(),
                what: "the number of kinds of edges".to_owned(),
                given: self.kinds.len().to_string(),
                allowed: MOST_KINDS.to_string(),
            });
        }
        Ok(places)
    }

    /// All rows are in.
    pub(crate) fn finish(self) -> Gathered {
        let sums = self.pairs.finish();
        let n_kept = self.n_rows - self.dropped.values().map(|tally| tally.n).sum::<usize>();
        let order = Order::new(&self.places, &self.kinds);
        let (mut keyed, n_sign_conflicts) = one_a_pair(sums, &order);
        keyed.sort_by_key(|(key, _)| (key.pre, key.post, key.kind));
        let has_strength = self.columns.syn_count || self.columns.weight || self.columns.row_id;
        let counted_rows = !has_strength && keyed.len() < n_kept;
        let mut edges = EdgeList::default();
        for (key, sum) in &keyed {
            edges.pre.push(key.pre);
            edges.post.push(key.post);
            if self.columns.syn_count || self.columns.row_id || counted_rows {
                edges.syn_count.push(sum.syn_count);
            }
            if self.columns.weight {
                edges.weight.push(sum.weight);
            }
            if self.columns.sign {
                edges.sign.push(key.sign);
            }
            if self.columns.kind {
                edges.kind.push(order.kinds[key.kind as usize].clone());
            }
        }
        Gathered {
            ids: order.sorted(self.places.ids),
            n_rows: self.n_rows,
            edges,
            n_sign_conflicts,
            dropped: self.dropped,
            counted_rows,
        }
    }
}

impl Places {
    fn add(&mut self, id: NeuronId) -> u32 {
        let place = self.ids.len() as u32;
        match &id {
            NeuronId::Integer(integer) => self.integers.insert(*integer, place),
            NeuronId::Name(name) => self.names.insert(name.clone(), place),
        };
        self.ids.push(id);
        place
    }

    /// The place of each end, [`NOWHERE`] for one without; ends of rows that are dropped are not looked up.
    fn find_all(&mut self, batch: &RowBatch, ends: &[EndId], reasons: &[Option<&'static str>]) -> Vec<u32> {
        let place = |(&end, reason): (&EndId, &Option<&'static str>)| {
            if reason.is_some() {
                return NOWHERE;
            }
            if let EndId::Integer(integer) = end
                && let Some(&place) = self.integers.get(&integer)
            {
                return place;
            }
            self.find(batch, end).unwrap_or(NOWHERE)
        };
        ends.iter().zip(reasons).map(place).collect()
    }

    fn find(&mut self, batch: &RowBatch, end: EndId) -> Option<u32> {
        let (found, id) = match end {
            EndId::Missing => return None,
            EndId::Integer(integer) => (self.integers.get(&integer), NeuronId::Integer(integer)),
            EndId::Name(name) => {
                let name = &batch.names[name as usize];
                match self.names.get(name) {
                    Some(&place) => return Some(place),
                    None => (None, NeuronId::parse(name)),
                }
            }
        };
        match found {
            Some(&place) => Some(place),
            None if self.closed => None,
            None => Some(self.add(id)),
        }
    }
}

/// From the order in which neurons and kinds were met to the order in which they are kept.
struct Order {
    /// New position of each neuron, `None` if they stay.
    places: Option<Vec<u32>>,
    /// New position of each kind.
    kind_places: Vec<u32>,
    /// Kinds, sorted.
    kinds: Vec<String>,
}

impl Order {
    fn new(places: &Places, kinds: &[String]) -> Self {
        let mut sorted: Vec<String> = kinds.to_vec();
        sorted.sort_unstable();
        let kind_places = kinds.iter().map(|kind| sorted.partition_point(|one| one < kind) as u32).collect();
        let places = (!places.closed).then(|| {
            let mut order: Vec<usize> = (0..places.ids.len()).collect();
            order.sort_unstable_by_key(|&place| &places.ids[place]);
            let mut new = vec![0; order.len()];
            for (place, &old) in order.iter().enumerate() {
                new[old] = place as u32;
            }
            new
        });
        Self { places, kind_places, kinds: sorted }
    }

    fn key(&self, key: PairKey) -> PairKey {
        let place = |old: u32| self.places.as_ref().map_or(old, |places| places[old as usize]);
        let kind = self.kind_places.get(key.kind as usize).copied().unwrap_or(0);
        PairKey { pre: place(key.pre), post: place(key.post), kind, sign: key.sign }
    }

    fn sorted(&self, mut ids: Vec<NeuronId>) -> Vec<NeuronId> {
        if self.places.is_some() {
            ids.sort_unstable();
        }
        ids
    }
}

/// Rows of one pair that differ in sign become one edge of unknown sign.
fn one_a_pair(sums: Vec<PairSum>, order: &Order) -> (Vec<(PairKey, PairSum)>, usize) {
    let mut n_conflicts = 0;
    let mut keyed: Vec<(PairKey, PairSum)> = Vec::with_capacity(sums.len());
    for sum in sums {
        let key = order.key(sum.key());
        match keyed.last_mut() {
            Some((last, total)) if (last.pre, last.post, last.kind) == (key.pre, key.post, key.kind) => {
                n_conflicts += 1;
                last.sign = 0;
                total.syn_count += sum.syn_count;
                total.weight += sum.weight;
            }
            _ => keyed.push((key, sum)),
        }
    }
    (keyed, n_conflicts)
}
