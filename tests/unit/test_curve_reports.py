#!/usr/bin/python3
"""Pictures, tables and sentences of learning curves: valid XML whatever the texts hold, everything
within the picture, sentences that say what the numbers say."""
import json
import math
import os
import re
import subprocess
import unittest
import xml.etree.ElementTree as ElementTree

SVG = "{http://www.w3.org/2000/svg}"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def draw(form, result):
    text = result if isinstance(result, bytes) else json.dumps(result).encode()
    done = subprocess.run([os.environ["DRAW_CURVE"], form], input=text, capture_output=True)
    if done.returncode:
        raise AssertionError(done.stderr.decode())
    return done.stdout


def score(mean, std=0.01):
    return {"mean": mean, "std": std, "min": None, "max": None}


def curve(scores, sizes=None, scoring="neg_log_loss", **others):
    sizes = sizes or [10 * 2 ** i for i in range(len(scores))]
    points = [{"train_size": n, "training": score(s), "validation": score(s), "n_fits": 25,
               "n_failed": 0} for n, s in zip(sizes, scores)]
    return {"job": "wta", "estimator": "logistic_regression", "scoring": scoring, "n_splits": 5,
            "n_repeats": 5, "points": points, "n_fits": 25 * len(points), "n_failed": 0,
            "n_not_converged": 0,
            "answer": {"flattens_at": None, "standard_error": None, "threshold": None,
                       "enough": None, "words": "some words"}, **others}


def subset(mean, size=2779, is_all=False):
    return {"partitions": ["2015"], "is_all": is_all, "train_size": size,
            "training": score(mean), "validation": score(mean), "n_fits": 25, "n_failed": 0}


class Picture(unittest.TestCase):
    def picture(self, result):
        return ElementTree.fromstring(draw("svg", result))

    def check(self, result):
        """The picture is whole, and nothing lies outside it."""
        svg = draw("svg", result)
        self.assertEqual(svg, draw("svg", result))
        self.assertNotRegex(svg.decode(), r"\bnan\b|\binf\b")
        root = ElementTree.fromstring(svg)
        _, _, width, height = (float(x) for x in root.get("viewBox").split())
        for element in root.iter():
            for key, most in (("x", width), ("y", height), ("cx", width), ("cy", height)):
                if key in element.attrib:
                    self.assertTrue(0 <= float(element.get(key)) <= most, element.attrib)
            for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", element.get("d", "")):
                self.assertTrue(0 <= float(x) <= width and 0 <= float(y) <= height, element.attrib)
        return root

    def texts(self, root):
        return [e.text for e in root.iter(SVG + "text")]

    def test_an_ordinary_curve(self):
        result = curve([-0.75, -0.68, -0.63, -0.62, -0.62], [17, 69, 277, 1111, 2223],
                       job_subset=subset(-0.61))
        result["answer"].update(flattens_at=1111, threshold=-0.625)
        root = self.check(result)
        texts = self.texts(root)
        for wanted in ("Learning curve of wta", "rows trained on", "training", "validation",
                       "log loss (nats per row; less is better)", "flat from 1,111 rows on",
                       "as the job trains: on 2015", "100", "1,000",
                       "mean \u00b1 1 standard deviation over fits",
                       "logistic_regression, 25 fits a size: 5 folds, 5 repeats"):
            self.assertIn(wanted, texts)
        self.assertEqual(root.find(SVG + "desc").text, "some words")
        marks = [e for e in root.iter(SVG + "circle")]
        self.assertEqual(len(marks), 5 + 1)  # and one in the legend

    def test_places_follow_the_numbers(self):
        """Points of a curve that is a straight line over the logarithm of rows lie on a line."""
        root = self.check(curve([0.1, 0.2, 0.3, 0.4], [10, 100, 1000, 10000], "accuracy"))
        circles = [(float(e.get("cx")), float(e.get("cy"))) for e in root.iter(SVG + "circle")][1:]
        steps = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(circles, circles[1:])]
        for dx, dy in steps:
            self.assertAlmostEqual(dx, steps[0][0], delta=0.021)
            self.assertAlmostEqual(dy, steps[0][1], delta=0.021)
            self.assertLess(dy, 0)  # more is higher up

    def test_awkward_numbers(self):
        nan = float("nan")
        for scores in ([], [-0.6], [nan], [nan, nan], [-0.6, nan, -0.5, -0.4], [1e300, -1e300],
                       [1.7e308, -1.7e308], [0, 0, 0], [1e-300, 2e-300], [-5e-324, 0],
                       [12345678, 12345679]):
            for scoring in ("neg_log_loss", "r2"):
                for std in (0, 0.01, 1e308, None):
                    result = curve(scores, scoring=scoring)
                    for point in result["points"]:
                        for side in ("training", "validation"):
                            point[side]["std"] = std
                            if math.isnan(point[side]["mean"]):
                                point[side]["mean"] = None
                    self.check(result)

    def test_awkward_sizes(self):
        for sizes in ([1], [1, 2], [1, 10 ** 15], [5, 6, 7], [10 ** 9, 10 ** 9 + 1]):
            self.check(curve([-0.5] * len(sizes), sizes))

    def test_gaps(self):
        result = curve([0.5, 0.6, 0.7, 0.8, 0.9], scoring="accuracy")
        result["points"][1]["validation"]["mean"] = None
        root = self.check(result)
        lines = [e.get("d") for e in root.iter(SVG + "path")
                 if e.get("stroke") == "#004f8a" and "L" in e.get("d")]
        self.assertEqual(len(lines), 1)
        self.assertEqual(lines[0].count("M"), 2)

    def test_texts_are_escaped(self):
        for name in ("<b>&amp;\"'</b>", "]]>", "\u00e9t\u00e9 \U0001f3be", "\x01\x1f\x7f", "\ufffe",
                     "a" * 500, "<!--", ""):
            result = curve([-0.7, -0.6], job=name, estimator=name, scoring=name,
                           job_subset={**subset(-0.5), "partitions": [name]})
            result["answer"]["words"] = name
            root = self.check(result)
            shown = re.sub("[\x01\x1f\ufffe]", "\ufffd", name)
            self.assertEqual(root.find(SVG + "desc").text or "", shown)
            title = self.texts(root)[-2]
            self.assertTrue(title.endswith(shown) or title.endswith("a\u2026"), title)

    def test_bytes_that_are_no_utf_8(self):
        text = json.dumps(curve([-0.7, -0.6], job="@")).encode()
        for bad in (b"\xff", b"\xc3", b"\xe2\x82", b"a\x80b", b"\xed\xa0\x80", b"\xf0\x9f\x8e"):
            root = ElementTree.fromstring(draw("svg", text.replace(b"@", bad)))
            self.assertIn("\ufffd", self.texts(root)[-2])

    def test_labels_do_not_overlap(self):
        for high in (30, 1000, 123456, 10 ** 9):
            root = self.check(curve([-0.7, -0.6, -0.5], [10, 20, high]))
            last = -1e9
            for e in root.iter(SVG + "text"):
                if e.get("text-anchor") != "middle" or not re.fullmatch(r"[\d,]+", e.text):
                    continue
                half = 0.28 * 13 * len(e.text)
                self.assertGreater(float(e.get("x")) - half, last)
                last = float(e.get("x")) + half


class Words(unittest.TestCase):
    def words(self, result, **answer):
        result["answer"].update(answer)
        return draw("words", result).decode()

    def test_flat(self):
        said = self.words(curve([-0.75, -0.623, -0.62, -0.6201], [17, 277, 1111, 2223]),
                          flattens_at=277, standard_error=0.0042)
        self.assertEqual(said, "The log loss in validation is flat from 277 rows on: it is 0.623 "
                         "there and 0.6201 with 2,223 rows, and from there on nowhere worse by more "
                         "than one standard error (0.0042).\n")

    def test_rising(self):
        said = self.words(curve([0.5, 0.6, 0.7], [100, 1000, 10000], "accuracy"),
                          flattens_at=10000, standard_error=0.02)
        self.assertEqual(said, "The accuracy in validation still improves at 10,000 rows, the most "
                         "that were tried: it is 0.7 there and 0.6 with 1,000 rows, worse by more "
                         "than one standard error (0.02).\n")

    def test_nothing_to_gain(self):
        result = curve([0.9, 0.99, 1], [10, 100, 1000], "accuracy", job_subset=subset(1, 1000, True))
        said = self.words(result, flattens_at=1000, standard_error=0, is_best=True, enough=True)
        self.assertEqual(said, "The accuracy in validation is as good as can be, 1, with 1,000 rows, "
                         "the most that were tried, and 0.99 with 100 rows.\n"
                         "Training on 2015, as the job does, is enough: nothing is left to gain.\n")

    def test_nothing_to_tell(self):
        self.assertIn("cannot be told from one size", self.words(curve([-0.5])))
        self.assertIn("cannot be told from one size", self.words(curve([])))
        result = curve([-0.5, -0.4])
        result["points"][1]["validation"]["mean"] = None
        self.assertIn("no fit of the largest size could be judged", self.words(result))

    def subset_words(self, enough, flattens_at=277, is_all=False, mean=-0.6205):
        result = curve([-0.75, -0.623, -0.62, -0.62], [17, 277, 1111, 22230],
                       job_subset=subset(mean, is_all=is_all))
        return self.words(result, flattens_at=flattens_at, standard_error=0.0042,
                          enough=enough).split("\n")[1]

    def test_subset(self):
        self.assertEqual(self.subset_words(True), "Training on 2015, as the job does, is enough: "
                         "these 2,779 rows give 0.6205, and the most that were tried, 22,230 rows, "
                         "give 0.62, no more than one standard error (0.0042) apart.")
        self.assertEqual(self.subset_words(False, mean=-0.65), "Training on 2015, as the job does, "
                         "is not enough: these 2,779 rows give 0.65, and the most that were tried, "
                         "22,230 rows, give 0.62, better by more than one standard error (0.0042). "
                         "It is not their number, at which the curve is flat, but which rows they "
                         "are.")
        self.assertNotIn("not their number", self.subset_words(False, 22230))
        self.assertIn("more would be better", self.subset_words(None, 22230))
        self.assertIn("is enough: fewer of its rows", self.subset_words(True, is_all=True))
        self.assertIn("may not be enough", self.subset_words(None, 22230, is_all=True))

    def test_failures(self):
        said = self.words(curve([-0.7, -0.6], n_failed=3, first_failure="one class only",
                                n_not_converged=2), flattens_at=20, standard_error=0.01)
        self.assertIn("\n3 of 50 fits could not be made, and do not count: the first one, one class "
                      "only\n2 fits did not converge", said)


class Table(unittest.TestCase):
    def test_table(self):
        result = curve([-0.75, -0.6234567, None], [17, 277, 1111], job_subset=subset(-0.61, 277))
        result["answer"].update(flattens_at=277, words="word " * 29 + "word\nnext")
        self.assertEqual(draw("table", result).decode().split("\n"), [
            "log loss, nats per row, less is better",
            "",
            "rows       training   std  validation   std  fits  failed",
            "  17           0.75  0.01        0.75  0.01    25       0",
            " 277  *    0.623457  0.01    0.623457  0.01    25       0",
            "1111              -  0.01           -  0.01    25       0",
            " 277  job      0.61  0.01        0.61  0.01    25       0",
            "* flat from here on; job: the rows that the job trains on",
            "",
            " ".join(["word"] * 20),
            " ".join(["word"] * 10),
            "next"])


if __name__ == "__main__":
    unittest.main()
