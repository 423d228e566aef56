# /// script
# requires-python = ">=3.11"
# dependencies = ["shap==0.51.0", "numpy==2.3.5"]
# ///
"""Attributions of our boosted trees by the Python package `shap`.

    cargo run -p neuroloom-analysis --example boosted_trees > trees.json
    uv run reference/shap_golden.py trees.json > crates/analysis/tests/golden/shap.json

The trees go to `shap.TreeExplainer` as the dictionary of arrays that it takes; values are log odds for the classifier.
"""

import json
import sys

import numpy as np
import shap

given = json.load(open(sys.argv[1]))
rows, background = np.array(given["rows"]), np.array(given["background"])


def tree(t):
    leaf = 2**32 - 1
    side = lambda key: np.array([-1 if c == leaf else c for c in t[key]])
    return {
        "children_left": side("left"),
        "children_right": side("right"),
        # Missing values do not occur.
        "children_default": side("left"),
        "feature": np.where(side("left") < 0, -2, np.array(t["feature"])),
        "threshold": np.array(t["threshold"]),
        "value": np.array(t["value"])[:, None],
        "node_sample_weight": np.array(t["cover"]),
    }


cases = []
for model in given["models"]:
    as_dict = {
        "trees": [tree(t) for t in model["trees"]],
        "base_offset": model["base"],
        "internal_dtype": np.float64,
        "input_dtype": np.float64,
        "objective": "squared_error",
        "tree_output": "raw_value",
    }
    path = shap.TreeExplainer(as_dict, feature_perturbation="tree_path_dependent")
    inter = shap.TreeExplainer(as_dict, data=background, feature_perturbation="interventional")
    flat = lambda values: np.asarray(values).reshape(len(rows), -1).tolist()
    cases.append(
        {
            "model": model,
            "path_dependent": flat(path.shap_values(rows, check_additivity=False)),
            "path_dependent_base": float(np.ravel(path.expected_value)[0]),
            "interventional": flat(inter.shap_values(rows, check_additivity=False)),
            "interventional_base": float(np.ravel(inter.expected_value)[0]),
        }
    )
print(json.dumps({"rows": given["rows"], "background": given["background"], "cases": cases}))
