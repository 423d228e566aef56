//! hemibrain traced adjacencies: `traced-total-connections.csv` (`bodyId_pre`, `bodyId_post`, `weight` = number
//! of synapses) or `traced-roi-connections.csv` (one row a pair and region, summed here), and
//! `traced-neurons.csv` (`bodyId`, `type`, `instance`). neuPrint exports with `somaLocation` "[x, y, z]" in
//! voxels of 8 nm are read too.

use super::options::{CellChoice, RepeatedIds};
use super::table_layout::TableLayout;

pub(super) const LAYOUT: TableLayout = TableLayout {
    pre: &["bodyId_pre"],
    post: &["bodyId_post"],
    row_id: &[],
    // What neuPrint calls the weight of a connection is its number of synapses.
    syn_count: &["weight"],
    weight: &[],
    kind: &[],
    sign: &[],
    valid: &[],
    node_id: &["bodyId", "body_id"],
    cell_type: &["type", "cell_type"],
    position: &["somaLocation"],
    voxel_nm: [8.0, 8.0, 8.0],
    repeated_ids: RepeatedIds::Refuse,
    cells: CellChoice::All,
};
