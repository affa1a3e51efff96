#!/usr/bin/python3
"""Write metrics_reference.h: a small set of predictions and what scikit-learn says of them."""
import pathlib

import numpy as np
import sklearn
from sklearn.metrics import (accuracy_score, brier_score_loss, confusion_matrix, log_loss,
                             precision_recall_fscore_support, roc_auc_score)

rng = np.random.default_rng(2015)
n = 150
label = rng.integers(0, 2, n)
p = 1 / (1 + np.exp(-(2 * label - 1) * 0.7 - rng.normal(size=n)))
p[::5] = np.round(p[::5], 1)  # ties
p[3], p[4], p[7], p[8] = 0.0, 1.0, 1e-300, 1 - 2.0**-53  # sure ones, some of them wrong
predicted = (p > 0.5).astype(int)

values = {
    "ACCURACY": accuracy_score(label, predicted),
    "LOG_LOSS": log_loss(label, p),
    "ROC_AUC": roc_auc_score(label, p),
    "BRIER": brier_score_loss(label, p),
}

# Several classes: each row's probabilities add up to 1, ties within rows and between them.
k = 4
several_label = rng.integers(0, k, n)
logits = rng.normal(size=(n, k))
logits[np.arange(n), several_label] += 1.2
logits[::4] = np.round(logits[::4])
several = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
several[3], several[7] = [0, 1, 0, 0], [0.5, 0.5, 0, 0]
several_label[3], several_label[7] = 2, 1
most_probable = several.argmax(axis=1)
hot = np.eye(k)[several_label]
precision, recall, _, _ = precision_recall_fscore_support(several_label, most_probable)

values |= {
    "SEVERAL_ACCURACY": accuracy_score(several_label, most_probable),
    "SEVERAL_LOG_LOSS": log_loss(several_label, several),
    "SEVERAL_ROC_AUC": roc_auc_score(several_label, several, multi_class="ovr", average="macro"),
    "SEVERAL_BRIER": ((several - hot) ** 2).sum(axis=1).mean(),  # as Brier defined it in 1950
}
by_class = {
    "precision": precision,
    "recall": recall,
    "roc_auc": [roc_auc_score(hot[:, c], several[:, c]) for c in range(k)],
}


def lines(items, per_line):
    rows = [items[i : i + per_line] for i in range(0, len(items), per_line)]
    return "\n".join("    " + ", ".join(row) + "," for row in rows)


text = f"""/* Made by metrics_reference.py with scikit-learn {sklearn.__version__}; do not edit. */
enum {{ REFERENCE_ROWS = {n} }};
static const double reference_probability[REFERENCE_ROWS] = {{
{lines([float(x).hex() for x in p], 4)}
}};
static const int8_t reference_label[REFERENCE_ROWS] = {{
{lines([str(x) for x in label], 30)}
}};
enum {{ REFERENCE_CLASSES = {k} }};
static const double reference_several[REFERENCE_ROWS * REFERENCE_CLASSES] = {{
{lines([float(x).hex() for x in several.ravel()], 4)}
}};
static const int8_t reference_several_label[REFERENCE_ROWS] = {{
{lines([str(x) for x in several_label], 30)}
}};
static const int8_t reference_most_probable[REFERENCE_ROWS] = {{
{lines([str(x) for x in most_probable], 30)}
}};
static const int64_t reference_confusion[REFERENCE_CLASSES * REFERENCE_CLASSES] = {{
{lines([str(x) for x in confusion_matrix(several_label, most_probable).ravel()], k)}
}};
"""
for name, items in by_class.items():
    text += f"static const double reference_{name}[REFERENCE_CLASSES] = {{\n{lines([repr(float(x)) for x in items], 4)}\n}};\n"
for name, value in values.items():
    text += f"#define REFERENCE_{name} {float(value)!r}\n"
pathlib.Path(__file__).with_name("metrics_reference.h").write_text(text)
