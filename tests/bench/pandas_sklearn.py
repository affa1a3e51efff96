"""The seed job as it is done in memory: pandas reads two columns, scikit-learn fits and predicts."""
import sys

import numpy
import pandas
from sklearn.linear_model import LogisticRegression

output, train, *files = sys.argv[1:]


def read(path):
    table = pandas.read_csv(path, usecols=["winner_rank_points", "loser_rank_points"])
    return (table["winner_rank_points"] - table["loser_rank_points"]).dropna().to_numpy()[:, None]


x = read(train)
model = LogisticRegression(max_iter=1000).fit(x / 1000, x[:, 0] > 0)
numpy.save(output, numpy.concatenate([model.predict_proba(read(path) / 1000)[:, 1] for path in files]))
