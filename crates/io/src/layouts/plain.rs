//! A plain edge table and, if there is one, a plain node table; what neuroloom itself writes.

use super::options::{CellChoice, RepeatedIds};
use super::table_layout::TableLayout;
use crate::connectome::{COUNT_NAMES, ID_NAMES, KIND_NAMES, POST_NAMES, PRE_NAMES, TYPE_NAMES, WEIGHT_NAMES};

pub(super) const LAYOUT: TableLayout = TableLayout {
    pre: PRE_NAMES,
    post: POST_NAMES,
    row_id: &["synapse_id"],
    syn_count: COUNT_NAMES,
    weight: WEIGHT_NAMES,
    kind: KIND_NAMES,
    sign: &["sign"],
    valid: &["valid"],
    node_id: ID_NAMES,
    cell_type: TYPE_NAMES,
    position: &["pt_position", "position"],
    voxel_nm: [1.0, 1.0, 1.0],
    repeated_ids: RepeatedIds::Refuse,
    cells: CellChoice::All,
};
