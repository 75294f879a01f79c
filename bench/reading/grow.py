"""Grows the forest that finds main text (extract/forest.txt).

    VEILLE_DATA=DIR go test ./extract -run TestDumpFeatures -features FILE
    python grow.py FILE extract/forest.txt        (needs numpy and lightgbm)

FILE holds rows of little-endian 32-bit floats: 15 that describe a unit (set,
page, half, share of its words in the truth or -1, words, words of the truth,
bytes, and the ranges of units in four elements around it), then its features.
Only the half "tuned" is used; the other is for judging what was grown.
"""
import sys

import lightgbm as lgb
import numpy as np

HEAD, WIDTH = 15, 152
rows = np.fromfile(sys.argv[1], dtype="<f4").reshape(-1, HEAD + WIDTH)
kind, page, held, label, words, truth = rows[:, :6].T
features = rows[:, HEAD:]

# Every page weighs the same, however long; a page known by snippets only
# weighs by these. The pages of terms and notices are the likest to what
# Veille reads: their text must not be lost.
weight = np.minimum(words / np.maximum(truth, 30), 1) * 100 + 0.05
weight[kind == 0] *= 2.5
weight[kind == 1] = 3
weight[kind == 3] *= 1.2
weight[(kind == 3) & (label > 0.5)] *= 2.5
weight = np.minimum(weight, 25)
use = (held == 0) & (label >= 0)

parameters = dict(objective="cross_entropy", learning_rate=0.1, num_leaves=16, min_data_in_leaf=200, feature_fraction=0.3,
                  bagging_fraction=0.6, bagging_freq=1, lambda_l2=20, max_depth=6, seed=1, verbose=-1)
model = lgb.train(parameters, lgb.Dataset(features[use], label[use], weight=weight[use]), 160).dump_model()


def walk(node, out):
    if "leaf_value" in node:
        out.append("%.4g" % node["leaf_value"])
        return
    out.append("%d %.6g" % (node["split_feature"], node["threshold"]))
    walk(node["left_child"], out)
    walk(node["right_child"], out)


lines = []
for tree in model["tree_info"]:
    walk(tree["tree_structure"], lines)
with open(sys.argv[2], "w") as f:
    f.write("\n".join(lines) + "\n")
