#!/usr/bin/env bash
# Runs every full-size published experiment with several seeds and writes docs/comparison.md.
#     reference/comparison.sh runs/comparison 1 2 3            all of them
#     ONLY="baseline noise" reference/comparison.sh runs/comparison 1
# NEUROLOOM names the program (default target/release/neuroloom). Finished runs are not run again; an experiment that
# fails is reported and left out of the table. With KEEP_DATA=no the simulated recordings are deleted once scored.
# FIELD names the movie [slice, row, column] of the external field (npz or npy) that external_input is run with; without
# it the field is generated.
set -euo pipefail
out=${1:?usage: comparison.sh DIR SEED...}
shift
(($#)) || { echo "usage: comparison.sh DIR SEED..." >&2; exit 2; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
neuroloom=${NEUROLOOM:-$root/target/release/neuroloom}
failed=()
for seed in "$@"; do
  for experiment in "$root"/examples/mechanism/full/*.toml; do
    name=$(basename "$experiment" .toml)
    [[ -z ${ONLY:-} || " $ONLY " == *" $name "* ]] || continue
    run=$out/$name/$seed
    # Without its recording a finished run would start anew.
    [[ ${KEEP_DATA:-yes} == no && -s $run/report.html ]] && continue
    if [[ $name == external_input && -n ${FIELD:-} ]]; then
      mkdir -p "$out"
      sed "s|^preset = .*|&\nfield = \"$(realpath "$FIELD")\"|" "$experiment" > "$out/external_input.toml"
      experiment=$out/external_input.toml
    fi
    echo "-- $name, seed $seed"
    "$neuroloom" run "$experiment" --seed "$seed" --out "$run" || failed+=("$name/$seed")
    if [[ ${KEEP_DATA:-yes} == no ]]; then rm -rf "$run/data/activity.zarr"; fi
  done
done
"$neuroloom" compare "$out" --out "$root/docs/comparison.md"
((${#failed[@]} == 0)) || { echo "failed: ${failed[*]}" >&2; exit 1; }
