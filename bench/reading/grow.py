"""Grows the forest that finds main text (extract/forest.txt).

    VEILLE_DATA=DIR go test ./extract -run TestDumpFeatures -features FILE
    python grow.py FILE extract/forest.txt        (needs numpy and lightgbm)

FILE holds little-endian 32-bit floats: the width of a row, then rows of 7 that
describe a unit (set, page, half, share of its words in the truth or -1, words,
words of the truth, bytes) and of its features. Only the half "tuned" is used;
the other is for judging what was grown. Three forests, each grown on two thirds
of the tuned pages, tell first how the rest of these would be read: by that, not
by the half "held", features and settings are chosen.
"""
import sys

import lightgbm as lgb
import numpy as np

HEAD, TREES, MANY = 7, 160, 500
numbers = np.fromfile(sys.argv[1], dtype="<f4")
rows = numbers[1:].reshape(-1, int(numbers[0]))
kind, page, held, label, words, truth, _ = (column.copy() for column in rows[:, :HEAD].T)
features = rows[:, HEAD:]
known = label >= 0

# Every page weighs the same, however long; a page known by snippets only
# weighs by these. The pages of terms and notices are the likest to what
# Veille reads: their text must not be lost.
weight = np.minimum(words / np.maximum(truth, 30), 1) * 100 + 0.05
weight[kind == 0] *= 2.5
weight[kind == 1] = 3
weight[kind == 3] *= 1.2
weight[(kind == 3) & (label > 0.5)] *= 2.5
weight = np.minimum(weight, 25)

# Of a page of very many units some stand for all.
units = np.bincount(page.astype(int))[page.astype(int)]
use = (held == 0) & known & (np.random.default_rng(1).random(len(page)) < np.minimum(1, MANY / units))
weight *= np.maximum(1, units / MANY)

parameters = dict(objective="cross_entropy", learning_rate=0.1, num_leaves=16, min_data_in_leaf=200, feature_fraction=0.3, max_bin=63,
                  bagging_fraction=0.6, bagging_freq=1, lambda_l2=20, max_depth=6, seed=1, verbose=-1, num_threads=1)


def grow(which):
    return lgb.train(parameters, lgb.Dataset(features[which], label[which], weight=weight[which]), TREES)


def report(name, odds, which):
    """F1 of words, averaged over the pages of each set, if each unit were judged alone."""
    out = []
    for k, of in enumerate(("zyte", "trafilatura", "wcxb", "pairs")):
        m = which & known & (kind == k)
        p, n = page[m].astype(int), int(page.max()) + 1
        sizes = words[m] if k != 1 else np.ones(m.sum())
        found, true = sizes * (odds[m] > 0), sizes * label[m]
        both = np.bincount(p, found * label[m], n)
        f1 = 2 * both / np.maximum(np.bincount(p, found, n) + np.bincount(p, true, n), 1e-9)
        out.append("%s %.4f" % (of, f1[np.bincount(p, true, n) > 0].mean()))
    print(name, ", ".join(out), flush=True)


fold = (page.astype(np.int64) * 2654435761 >> 8) % 3
odds = np.zeros(len(page), np.float32)
for k in range(3):
    odds[fold == k] = grow(use & (fold != k)).predict(features[fold == k], raw_score=True)
report("tuned, each third by the other two:", odds, held == 0)
model = grow(use)
report("held:", model.predict(features, raw_score=True), held == 1)


def walk(node, out):
    if "leaf_value" in node:
        out.append("%.4g" % node["leaf_value"])
        return
    out.append("%d %.6g" % (node["split_feature"], node["threshold"]))
    walk(node["left_child"], out)
    walk(node["right_child"], out)


lines = []
for tree in model.dump_model()["tree_info"]:
    walk(tree["tree_structure"], lines)
with open(sys.argv[2], "w") as f:
    f.write("\n".join(lines) + "\n")
