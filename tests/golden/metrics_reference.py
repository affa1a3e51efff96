#!/usr/bin/python3
"""Write metrics_reference.h: a small set of predictions and what scikit-learn says of them."""
import pathlib

import numpy as np
import sklearn
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, roc_auc_score

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
"""
for name, value in values.items():
    text += f"#define REFERENCE_{name} {float(value)!r}\n"
pathlib.Path(__file__).with_name("metrics_reference.h").write_text(text)
