//! FlyWire Codex downloads: `connections*.csv.gz` or Feather (`pre_root_id`, `post_root_id`, `neuropil`,
//! `syn_count`; one row a pair and neuropil, summed here), `classification`, `neurons`,
//! `consolidated_cell_types`, `coordinates` (`position` as "[x y z]" in nanometres).

use super::options::{CellChoice, RepeatedIds};
use super::table_layout::TableLayout;

pub(super) const LAYOUT: TableLayout = TableLayout {
    pre: &["pre_root_id", "pre_pt_root_id"],
    post: &["post_root_id", "post_pt_root_id"],
    row_id: &[],
    syn_count: &["syn_count"],
    weight: &[],
    kind: &[],
    sign: &[],
    valid: &[],
    node_id: &["root_id", "pt_root_id"],
    cell_type: &["primary_type", "cell_type", "super_class", "class", "group"],
    position: &["position", "pt_position"],
    voxel_nm: [1.0, 1.0, 1.0],
    repeated_ids: RepeatedIds::KeepFirst,
    cells: CellChoice::All,
};
