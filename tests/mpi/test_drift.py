"""/drift against a second count of the same files in Python, from the profile that the model keeps."""
import bisect
import csv
import json
import math
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from scoreline_test import Case, execute, main, needs_wta, wta_directory  # noqa: E402

MOST_LEVELS = 30  # bins; the last one pools what is left of more
PLACES = ("missing", "unknown", "below", "above")


class Profile:
    """The bins of a feature, as docs/model.md has them, and a count of rows in them."""

    def __init__(self, feature):
        self.profile = feature["profile"]
        self.levels = feature.get("levels")
        self.knows_missing = feature.get("missing") != "level" or feature["had_missing"]
        self.edges = self.profile.get("edges")
        self.expected = list(self.profile["counts"])
        if self.levels is not None:
            by_rows = sorted(range(len(self.levels)), key=lambda i: (-self.expected[i], i))
            kept = sorted(by_rows[:MOST_LEVELS - 1]) if len(by_rows) > MOST_LEVELS else range(len(by_rows))
            self.bins = {self.levels[i]: b for b, i in enumerate(kept)}
            pooled = sum(n for i, n in enumerate(self.expected) if i not in set(kept))
            self.expected = [self.expected[i] for i in kept]
            if len(by_rows) > MOST_LEVELS:
                self.expected.append(pooled)
        self.counts = [0] * len(self.expected)
        self.places = dict.fromkeys(PLACES, 0)

    def add(self, value):
        if value is None:
            self.places["missing" if self.knows_missing else "unknown"] += 1
        elif self.levels is not None:
            if value in self.levels:
                self.counts[self.bins.get(value, len(self.counts) - 1)] += 1
            else:
                self.places["unknown"] += 1
        else:
            self.counts[bisect.bisect_left(self.edges, value)] += 1
            self.places["below"] += value < self.profile["min"]
            self.places["above"] += value > self.profile["max"]

    def rows(self):
        return sum(self.counts) + self.places["missing"] + self.places["unknown"]

    def psi(self):
        pairs = [*zip(self.counts, self.expected), (self.places["missing"], self.profile["missing"]),
                 (self.places["unknown"], 0)]
        pairs = [pair for pair in pairs if any(pair)]
        n, m = (sum(side) for side in zip(*pairs))
        shares = [((a + 0.5) / (n + len(pairs) / 2), (e + 0.5) / (m + len(pairs) / 2)) for a, e in pairs]
        return math.fsum((a - e) * math.log(a / e) for a, e in shares)


class Drift(Case):
    def assert_drift(self, out, values):
        """values: a function (partition, feature name) -> the values of its good records."""
        import h5py

        with h5py.File(out) as file:
            model = json.loads(file["provenance/model"][()])
            names = file["partitions/name"].asstr()[()].tolist()
            table = {name: file["drift"][name][()] for name in file["drift"]}
            partition, status = file["predictions/partition"][()], file["predictions/status"][()]
            probability = file["predictions/probability"][()]
        features = [*model["recipe"]["features"], {"name": "(score)", "profile": model["score_profile"]}]
        self.assertEqual(len(table["psi"]), len(names) * len(features))
        row = 0
        for p, name in enumerate(names):
            for feature in features:
                profile = Profile(feature)
                for value in (values(name, feature["name"]) if feature["name"] != "(score)" else
                              probability[(partition == p) & (status == 0)]):
                    profile.add(value)
                with self.subTest(partition=name, feature=feature["name"]):
                    self.assertEqual(table["partition"][row], p)
                    self.assertEqual(table["feature"][row].decode(), feature["name"])
                    self.assertEqual(table["rows"][row], profile.rows())
                    self.assertEqual({place: int(table[place][row]) for place in PLACES}, profile.places)
                    counts = table["counts"][row].tolist()
                    self.assertEqual(counts[:len(profile.counts)], profile.counts)
                    self.assertEqual(sum(counts), sum(profile.counts))
                    self.assertAlmostEqual(table["psi"][row], profile.psi(), delta=1e-14 + 1e-13 * profile.psi())
                row += 1
        return table, names

    def write(self):
        """Partitions that are further and further from 2001: values, levels, holes, bad records."""
        (self.directory / "data").mkdir()
        for year in range(2000, 2004):
            lines = ["id,x,level,many,y"]
            for i in range(500):
                drift = (year - 2001) * 7
                x = "" if i % (5 + year % 4) == 3 else (i * 37 + year) % 101 + drift
                level = ["Hard", "Clay", "", "Grass" if year != 2001 else "Clay"][(i * i + year) % 4]
                many = f"l{(i * i // 7 + year) % (23 * (year - 1999)):02d}"
                lines.append(f"{year}-{i},{x},{level},{many},{(i * 7) % 5 > 1:d}")
            lines.insert(100, f"{year}-bad,1,Hard")
            (self.directory / f"data/m_{year}.csv").write_text("\n".join(lines) + "\n")

    def drifting_job(self, **more):
        return self.job(features=[{"name": "x", "missing": "median"}, {"name": "level", "categorical": "level", "missing": "level"},
                                  {"name": "many", "categorical": "many", "missing": "level"}],
                        label="y", **more)

    def run_drifting(self):
        self.write()
        limits = {"bad_rows": {"policy": "reject", "max_fraction": 0.01}}
        job = self.drifting_job(score={"partitions": "all", **limits},
                                train={"partitions": {"year": 2001}, "estimator": "logistic_regression",
                                       **limits})
        done = execute(["run", job, "--summary", self.directory / "summary.json"], ranks=2)
        self.assert_exit(done, 0)
        return self.directory / "out.h5", done

    def of_file(self, partition, feature):
        with open(self.directory / f"data/m_{partition}.csv", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["y"] is not None:
                    value = row[feature]
                    yield None if value == "" else float(value) if feature == "x" else value

    def test_counts_and_index(self):
        out, _ = self.run_drifting()
        table, _ = self.assert_drift(out, self.of_file)
        for name in (*PLACES, "psi"):
            self.assertGreater(table[name].max(), 0, name)
        self.assertEqual(table["counts"].shape[1], MOST_LEVELS)

    def test_unknown_levels_are_told(self):
        out, done = self.run_drifting()
        table, names = self.assert_drift(out, self.of_file)
        told = json.loads((self.directory / "summary.json").read_text())["unknown_levels"]
        wanted = [{"partition": names[p], "feature": feature.decode(), "rows": int(n)}
                  for p, feature, n in zip(table["partition"], table["feature"], table["unknown"]) if n]
        self.assertEqual(told, wanted)
        self.assertIn(f"{sum(item['rows'] for item in wanted)} values are levels that training had not",
                      done.stderr)
        self.assertIn(f"({max(item['rows'] for item in wanted)})", done.stderr)

    def test_the_worst_are_shown(self):
        out, _ = self.run_drifting()
        table, names = self.assert_drift(out, self.of_file)
        shown = json.loads(execute(["evaluate", out, "--json"]).stdout)["drift"]
        order = sorted(range(len(table["psi"])), key=lambda i: (-table["psi"][i], i))[:10]
        self.assertEqual([(item["partition"], item["feature"], item["psi"], item["rows"],
                           *(item[place] for place in PLACES)) for item in shown],
                         [(names[table["partition"][i]], table["feature"][i].decode(), table["psi"][i],
                           table["rows"][i], *(table[place][i] for place in PLACES)) for i in order])
        lines = execute(["evaluate", out]).stdout.splitlines()
        at = next(i for i, line in enumerate(lines) if line.startswith("drift of"))
        self.assertEqual([line.split()[:2] for line in lines[at + 1:at + 11]],
                         [[item["feature"], item["partition"]] for item in shown])

    def test_a_damaged_table_is_refused(self):
        import h5py

        out, _ = self.run_drifting()
        with h5py.File(out, "r+") as file:
            file["drift/partition"][3] = 4
        for command in (["evaluate", out], ["combine", out, "-o", self.directory / "whole.h5"]):
            self.assert_exit(execute(command), 4, "/drift/partition: there is no partition 4")
        with h5py.File(out, "r+") as file:
            file["drift/partition"][3] = 0
            file["drift/feature"][3] = b"else"
        self.assert_exit(execute(["combine", out, "-o", self.directory / "whole.h5"]), 4,
                         "/drift/feature[3] is not '(score)', as in the model")
        with h5py.File(out, "r+") as file:
            del file["drift/counts"]
        self.assert_exit(execute(["evaluate", out]), 4, "drift/counts")

    def test_a_share_without_records_adds_nothing(self):
        """Whatever a piece says of a partition that none of its records lie in."""
        import h5py

        self.write()
        job = self.drifting_job(score={"partitions": {"year": 2003}},
                                train={"partitions": {"year": 2002}, "estimator": "logistic_regression",
                                       "bad_rows": {"policy": "reject", "max_fraction": 0.01}})
        self.assert_exit(execute(["train", job, "-o", self.directory / "model.json"]), 0)
        (self.directory / "data/m_2003.csv").write_text(f"id,x,level,many,y\n1,1,Hard,{'x' * 900},1\n")
        pieces = []
        for i in range(1, 5):
            pieces.append(self.directory / f"piece{i}.h5")
            self.assert_exit(execute(["score", job, "--model", self.directory / "model.json", "--shard",
                                      f"{i}/4", "-o", pieces[-1]]), 0)
        with h5py.File(pieces[2], "r+") as file:
            self.assertEqual(len(file["predictions/status"]), 0)
            file["drift/counts"][:] = 7
            file["drift/unknown"][:] = 7
        whole = self.directory / "whole.h5"
        self.assert_exit(execute(["combine", pieces[2], "-o", whole, "--allow-missing"]), 0)
        self.assert_exit(execute(["combine", *pieces, "-o", whole, "--if-exists", "replace"]), 0)
        self.assert_drift(whole, self.of_file)

    def test_nothing_to_score(self):
        self.write()
        (self.directory / "data/m_2003.csv").write_text("id,x,level,many,y\n")
        job = self.drifting_job(score={"partitions": {"year": 2003}},
                                train={"partitions": {"year": 2001}, "estimator": "logistic_regression",
                                       "bad_rows": {"policy": "reject", "max_fraction": 0.01}})
        self.assert_exit(execute(["run", job]), 0)
        done = execute(["evaluate", self.directory / "out.h5"])
        self.assertIn("no rows to compare with those of the training", done.stdout)

    @needs_wta
    def test_public_matches(self):
        job = self.job(data={"root": str(wta_directory()), "path": "wta_matches_{year}.csv",
                             "partitions": {"year": "2000..2016"}},
                       features=[{"name": "winner_ht", "missing": "mean", "scale": "standard"},
                                 {"name": "winner_ioc", "categorical": "winner_ioc", "missing": "level"},
                                 {"name": "surface", "categorical": "surface", "missing": "level"}],
                       label="winner_age > loser_age", output={"path": str(self.directory / "out.h5")},
                       train={"partitions": {"year": 2015}, "estimator": "logistic_regression"})
        self.assert_exit(execute(["run", job], ranks=2), 0)

        def of_matches(partition, feature):
            with open(pathlib.Path(wta_directory()) / f"wta_matches_{partition}.csv", encoding="utf-8") as file:
                for row in csv.DictReader(file):
                    value = row[feature]
                    yield None if value == "" else float(value) if feature == "winner_ht" else value

        self.assert_drift(self.directory / "out.h5", of_matches)


if __name__ == "__main__":
    main()
