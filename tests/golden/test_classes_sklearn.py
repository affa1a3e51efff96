#!/usr/bin/python3
"""Labels of texts and integers, of two classes and of several, against scikit-learn on the data sets
that come with it: coefficients, probabilities, predictions, metrics, and what is no class.

Beyond two classes coefficients that sum to zero over the classes are compared with the optimum in
long double; scikit-learn is then given the program's coefficients to predict with.
"""
import json
import math
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import scoreline_test  # noqa: E402
from reference import assert_optimal, balanced, classifier, newton, newton_classes  # noqa: E402
from scoreline_test import datasets, execute  # noqa: E402

PARTS = ("train", "test", "rest")

# Labels that are no class or none at all, and those of their rows as the output has them.
STRANGE, UNKNOWN = -2, -1


def by_name(dataset):
    return [str(dataset.target_names[target]) for target in dataset.target]


def by_number(dataset):
    return [str(target) for target in dataset.target]


def from_minus_ten(dataset):
    """-10, -5, 0, 5, 10, ...: their order is not that of their texts."""
    return [str(5 * (target - 2)) for target in dataset.target]


def spelled(dataset):
    """Integers, written as it pleases."""
    return [("{}", "{}.0", "0{}", " {}")[i % 4].format(target)
            for i, target in enumerate(dataset.target)]


def odd(dataset):
    return ["odd" if target % 2 else "even" for target in dataset.target]


JOBS = {
    "iris": {"data": "iris", "texts": by_name},
    "iris_scaled": {"data": "iris", "texts": by_number, "scale": "standard",
                    "params": {"C": 20, "class_weight": "balanced"}},
    "iris_from_origin": {"data": "iris", "texts": from_minus_ten,
                         "params": {"fit_intercept": False}},
    "iris_weighted": {"data": "iris", "texts": by_name, "weighted": True,
                      "params": {"class_weight": "balanced"}},
    "cancer": {"data": "breast_cancer", "texts": by_name, "scale": "standard"},
    "cancer_raw": {"data": "breast_cancer", "texts": by_number, "params": {"C": 0.01}},
    "wine": {"data": "wine", "texts": by_name, "scale": "standard"},
    "wine_raw": {"data": "wine", "texts": by_number, "params": {"C": 0.1}},
    "digits": {"data": "digits", "texts": by_number, "params": {"C": 0.05}},
    "digits_spelled": {"data": "digits", "texts": spelled, "scale": "standard",
                       "params": {"C": 0.02}},
    "digits_odd": {"data": "digits", "texts": odd, "weighted": True},
}


def integer(text):
    try:
        return int(float(text))
    except ValueError:
        return None


class Checks(unittest.TestCase):
    """One job on one data set; subclasses name it."""

    job = None

    @classmethod
    def setUpClass(cls):
        import h5py

        cls.directory = pathlib.Path(tempfile.mkdtemp(prefix="scoreline-golden-"))
        cls.addClassCleanup(shutil.rmtree, cls.directory, ignore_errors=True)
        cls.spec = JOBS[cls.job]
        cls.params = cls.spec.get("params", {})
        cls.write_data()
        cls.write_job()
        done = execute(["run", cls.directory / "job.json", "-o", cls.directory / "out.h5",
                        "--save-model", cls.directory / "model.json", "-q"])
        assert done.returncode == 0, done.stderr
        cls.model = json.loads((cls.directory / "model.json").read_text())
        with h5py.File(cls.directory / "out.h5", "r") as file:
            cls.out = {group: {name: item[()] for name, item in file[group].items()}
                       for group in ("predictions", "partitions", "metrics", "confusion")
                       if group in file}
        cls.prepare()

    @classmethod
    def write_data(cls):
        """Rows in a random order, half of them to train on, the others in two files; in those not
        trained on some labels are strange or missing."""
        import numpy
        from sklearn import datasets

        dataset = getattr(datasets, f"load_{cls.spec['data']}")()
        random = numpy.random.default_rng(20)
        order = random.permutation(len(dataset.target))
        cls.x = dataset.data[order]
        cls.texts = [cls.spec["texts"](dataset)[i] for i in order]
        cls.weight = (random.integers(0, 4, len(order)) / 2 if cls.spec.get("weighted")
                      else numpy.ones(len(order)))
        cls.part = numpy.repeat([0, 1, 2], [len(order) // 2, len(order) // 4,
                                            len(order) - len(order) // 2 - len(order) // 4])
        for i in numpy.flatnonzero(cls.part > 0)[::9]:
            cls.texts[i] = ("", "NA", "no such class", "-77")[i % 4]
        names = [f"c{i}" for i in range(cls.x.shape[1])]
        for k, part in enumerate(PARTS):
            rows = [",".join([*map(repr, cls.x[i].tolist()), repr(float(cls.weight[i])),
                              f'"{cls.texts[i]}"']) for i in numpy.flatnonzero(cls.part == k)]
            header = ",".join([*names, "weight", "label"])
            (cls.directory / f"{part}.csv").write_text("\n".join([header, *rows, ""]))

    @classmethod
    def write_job(cls):
        features = [f"c{i}" for i in range(cls.x.shape[1])]
        if "scale" in cls.spec:
            features = [{"name": name, "scale": cls.spec["scale"]} for name in features]
        job = {"name": cls.job,
               "data": {"root": str(cls.directory), "path": "{part}.csv",
                        "partitions": {"part": PARTS}},
               "features": features, "label": "label",
               "train": {"partitions": {"part": ["train"]}, "estimator": "logistic_regression",
                         "params": cls.params}}
        if cls.spec.get("weighted"):
            job["weight"] = "weight"
        (cls.directory / "job.json").write_text(json.dumps(job))

    @classmethod
    def prepare(cls):
        import numpy
        from sklearn.preprocessing import StandardScaler

        trained = cls.part == 0
        in_training = [text for text, is_one in zip(cls.texts, trained) if is_one]
        is_integer = all(integer(text) is not None for text in in_training)
        read = integer if is_integer else str
        cls.classes = sorted({read(text) for text in in_training})
        cls.y = numpy.array([UNKNOWN if text in ("", "NA") else
                             cls.classes.index(read(text)) if read(text) in cls.classes else STRANGE
                             for text in cls.texts])
        cls.design = cls.x
        if "scale" in cls.spec:
            cls.design = StandardScaler().fit(cls.x[trained]).transform(cls.x)

    def test_classes(self):
        self.assertEqual(self.model["classes"], [str(name) for name in self.classes])
        self.assertEqual(self.model["fit"]["rows"], (self.part == 0).sum())
        self.assertTrue(self.model["fit"]["converged"])

    def test_labels(self):
        import numpy

        numpy.testing.assert_array_equal(self.out["predictions"]["label"], self.y)
        self.assertTrue(STRANGE in self.y and UNKNOWN in self.y)

    def test_coefficients(self):
        trained = self.part == 0
        y = self.out["predictions"]["label"][trained]
        weight = self.weight[trained]
        if self.params.get("class_weight") == "balanced":
            weight = weight * balanced(y)
        optimum = newton if len(self.classes) == 2 else newton_classes
        coef, intercept = optimum(self.design[trained], y, self.params.get("C", 1.0), weight,
                                  self.params.get("fit_intercept", True))
        assert_optimal(self.model, coef, intercept)

    def test_sums_of_coefficients(self):
        """Nothing else says where coefficients of several classes are."""
        import numpy

        if len(self.classes) > 2:
            for values in (self.model["coef"], self.model["intercept"]):
                self.assertLessEqual(abs(numpy.sum(values, axis=0)).max(),
                                     1e-12 * numpy.abs(values).max())

    def test_probabilities(self):
        import numpy

        made = classifier(self.model["coef"], self.model["intercept"], range(len(self.classes)))
        expected = made.predict_proba(self.design)
        rows = self.out["predictions"]
        if len(self.classes) == 2:
            expected = expected[:, 1]
        self.assertEqual(rows["probability"].shape, expected.shape)
        numpy.testing.assert_allclose(rows["probability"], expected, rtol=0, atol=1e-12)
        numpy.testing.assert_array_equal(rows["predicted"], made.predict(self.design))
        self.assertTrue((rows["status"] == 0).all())

    def groups(self):
        yield "held_out", self.part != 0
        yield "trained_on", self.part == 0
        yield "all", self.part >= 0
        for k, part in enumerate(PARTS):
            yield part, self.part == k

    def metrics_of(self, rows):
        """What scikit-learn says of some rows, by the program's probabilities."""
        from sklearn import metrics

        numbers = range(len(self.classes))
        truth, found = self.y[rows], self.out["predictions"]
        probability, predicted = found["probability"][rows], found["predicted"][rows]
        said = {"accuracy": metrics.accuracy_score(truth, predicted),
                "log_loss": metrics.log_loss(truth, probability, labels=numbers),
                "roc_auc": math.nan}
        if len(set(truth)) == len(self.classes):
            said["roc_auc"] = metrics.roc_auc_score(truth, probability, multi_class="ovr",
                                                    average="macro")
        if len(self.classes) == 2:
            said["brier"] = metrics.brier_score_loss(truth, probability, pos_label=1)
            said["base_rate"] = truth.mean()
        else:
            said["brier"] = ((probability - (truth[:, None] == numbers))**2).sum(axis=1).mean()
            said["base_rate"] = math.nan
        return said

    def test_metrics(self):
        import numpy

        table = self.out["metrics"]
        self.assertEqual([scope.decode() for scope in table["scope"]],
                         [name for name, _ in self.groups()])
        for i, (name, rows) in enumerate(self.groups()):
            self.assertEqual(table["rows"][i], (rows & (self.y >= 0)).sum(), name)
            for metric, expected in self.metrics_of(rows & (self.y >= 0)).items():
                with self.subTest(group=name, metric=metric):
                    numpy.testing.assert_allclose(table[metric][i], expected, rtol=0, atol=1e-12)

    def test_confusion(self):
        import numpy
        from sklearn.metrics import confusion_matrix

        numbers = range(len(self.classes))
        table = self.out["confusion"]
        found = {}
        for scope, label, predicted, rows in zip(*(table[name] for name in (
                "scope", "label", "predicted", "rows"))):
            matrix = found.setdefault(scope.decode(), numpy.zeros(2 * [len(numbers)], int))
            matrix[self.index_of(label), self.index_of(predicted)] += rows
        for name, rows in self.groups():
            if name in PARTS and name not in found:
                continue  # only of all that was held out, trained on, scored
            rows = rows & (self.y >= 0)
            expected = confusion_matrix(self.y[rows], self.out["predictions"]["predicted"][rows],
                                        labels=numbers)
            numpy.testing.assert_array_equal(found[name], expected, name)

    def index_of(self, label):
        """A class, whether it is given by its number or by its name."""
        return self.model["classes"].index(label.decode()) if isinstance(label, bytes) else label

    def test_scored_again(self):
        """By the model file, with the files in another order and without their labels."""
        import numpy

        for k, part in enumerate(PARTS):
            lines = (self.directory / f"{part}.csv").read_text().splitlines()
            (self.directory / f"bare-{part}.csv").write_text(
                "\n".join([line[:line.rindex(",")] for line in lines]))
        done = execute(["score", self.directory / "job.json", "--model",
                        self.directory / "model.json", "--set", "data.path=bare-{part}.csv",
                        "--set", 'data.partitions.part=["rest", "train", "test"]',
                        "-o", self.directory / "again.h5", "--if-exists", "replace", "-q"])
        self.assertEqual(done.returncode, 0, done.stderr)
        import h5py

        order = numpy.concatenate([numpy.flatnonzero(self.part == k) for k in (2, 0, 1)])
        with h5py.File(self.directory / "again.h5") as file:
            rows = file["predictions"]
            for name in ("probability", "predicted"):
                numpy.testing.assert_array_equal(rows[name][()],
                                                 self.out["predictions"][name][order])
            self.assertEqual(set(rows["label"][()].tolist()), {-1})


    def test_ranks_and_cuts(self):
        if self.job not in ("digits", "iris_weighted", "cancer"):
            return
        for ranks, chunk in ((2, 1000), (3, 77)):
            out = self.directory / f"{ranks}.h5"
            done = execute(["run", self.directory / "job.json", "-o", out, "-q", "--set",
                            f"score.chunk_bytes={chunk}"], ranks=ranks)
            self.assertEqual(done.returncode, 0, done.stderr)
            one, other = (datasets(path, ("predictions", "metrics", "rejects", "confusion"))
                          for path in (self.directory / "out.h5", out))
            self.assertEqual(one, other)


for job in JOBS:
    name = "".join(part.title() for part in job.split("_"))
    globals()[name] = type(name, (Checks,), {"job": job, "__module__": __name__})
del Checks  # not a test itself

if __name__ == "__main__":
    scoreline_test.main("sklearn", "scipy")
