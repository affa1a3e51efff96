"""Random expressions over random columns, by the program and by numpy: the same to the bit, and the
same number of results that are not finite.  exp, log and log1p are held to 2 units in the last
place of a long double's, one by one; what is computed from them goes on from the program's value."""
import os
import random
import subprocess
import sys
import unittest

try:
    import numpy as np
except ImportError:
    print("skipped: Python has no numpy (Debian: python3-numpy)")
    sys.exit(77)

PROGRAM = os.environ["SCORELINE_EXPR_VALUES"]
N_ROWS = 200
N_EXPRESSIONS = 600
MAX_ULPS = 2

NAN = float("nan")
SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 5e-324, -5e-324, 2.2250738585072014e-308,
           1.7976931348623157e308, -1.7976931348623157e308, 1e-300, 1e300, 709.8, -745.2, 2.0**53,
           float("inf"), float("-inf")]
TEXTS = ["Clay", "Grass", "Hard", "clay", "it's", 'say "a"', "grün", "", "NA", "3", "x y"]
MISSING = {"", "NA"}

# Levels of binding, loosest first, as the grammar has them.
OR, AND, NOT, COMPARE, ADD, MULTIPLY, UNARY, ATOM = range(8)


class Node:
    """A part of an expression: its text, how it binds, and its value by numpy."""

    def __init__(self, kind, level, text, parts=(), value=None):
        self.kind, self.level, self.text, self.parts, self.value = kind, level, text, parts, value


def within(node, level, rng):
    """The text of a node where at least `level` is wanted, now and then with brackets to spare."""
    if node.level < level or rng.random() < 0.05:
        return f"({node.text})"
    return node.text


class Data:
    def __init__(self, rng):
        self.numbers = {}
        self.texts = {}
        for name in ("a", "b", "c", "d_1"):
            values = [rng.choice([NAN, *SPECIAL]) if rng.random() < 0.4 else
                      rng.choice([rng.gauss(0, 1), rng.gauss(0, 1e3), float(rng.randint(-3, 3)),
                                  rng.uniform(-1, 1) * 10.0**rng.randint(-300, 300)])
                      for _ in range(N_ROWS)]
            self.numbers[name] = np.array(values)
            self.texts[name] = ["NA" if v != v else repr(v) for v in values]
        for name in ("s", "t", "u"):
            self.texts[name] = [rng.choice(TEXTS) for _ in range(N_ROWS)]

    def lines(self):
        for name, values in self.numbers.items():
            yield f"number {name} " + " ".join(float(v).hex() for v in values)
        for name, texts in self.texts.items():
            yield f"text {name} " + " ".join(t.encode().hex() or "-" for t in texts)
        yield "feature fn a * 2 - b"
        yield "feature ft a > 0 or b > 0"


class Maker:
    """Grows expressions of a wanted kind: number, truth or text."""

    def __init__(self, rng, data):
        self.rng, self.data = rng, data

    def make(self, kind, depth):
        return getattr(self, kind)(depth)

    def call(self, name, kind, op, parts):
        return Node(kind, ATOM, f"{name}({', '.join(p.text for p in parts)})", parts, op)

    def infix(self, sign, level, kind, op, left, right):
        rng = self.rng
        # comparisons do not chain, the others group from the left
        text = (f"{within(left, level + (level == COMPARE), rng)} {sign} "
                f"{within(right, level + 1, rng)}")
        return Node(kind, level, text, [left, right], op)

    def number(self, depth):
        rng = self.rng
        pick = rng.random()
        if depth == 0 or pick < 0.1:
            pick = rng.random()
            if pick < 0.55:
                name = rng.choice(list(self.data.numbers))
                return Node("number", ATOM, name, value=("column", name))
            if pick < 0.65:
                return Node("number", ATOM, "fn", value=("feature", "fn"))
            value = abs(rng.choice([v for v in SPECIAL if abs(v) < 1e309] +
                                   [rng.random(), 2.0, 3.0, 1e3]))
            return Node("number", ATOM, repr(value), value=("constant", value))
        if pick < 0.45:
            sign = rng.choice("+-*/")
            level = ADD if sign in "+-" else MULTIPLY
            return self.infix(sign, level, "number", sign, self.make("number", depth - 1),
                              self.make(rng.choice(["number"] * 5 + ["truth"]), depth - 1))
        if pick < 0.5:
            part = self.number(depth - 1)
            return Node("number", UNARY, "-" + within(part, UNARY, rng), [part], "negate")
        if pick < 0.68:
            name = rng.choice(["abs", "floor", "sqrt", "exp", "log", "log1p"])
            return self.call(name, "number", name, [self.number(depth - 1)])
        if pick < 0.78:
            name = rng.choice(["min", "max"])
            return self.call(name, "number", name,
                             [self.number(depth - 1) for _ in range(rng.randint(2, 4))])
        if pick < 0.83:
            return self.call("clip", "number", "clip", [self.number(depth - 1) for _ in range(3)])
        return self.choice("number", depth)

    def choice(self, kind, depth):
        if self.rng.random() < 0.5:
            return self.call("if", kind, "if", [self.truth(depth - 1), self.make(kind, depth - 1),
                                                self.make(kind, depth - 1)])
        return self.call("coalesce", kind, "coalesce",
                         [self.make(kind, depth - 1) for _ in range(self.rng.randint(2, 3))])

    def truth(self, depth):
        rng = self.rng
        pick = rng.random()
        if depth == 0 or pick < 0.3:
            sign = rng.choice(["==", "!=", "<", "<=", ">", ">="])
            deeper = max(depth - 1, 0)
            return self.infix(sign, COMPARE, "truth", sign, self.number(deeper),
                              self.number(deeper))
        if pick < 0.45:
            sign = rng.choice(["==", "!="])
            return self.infix(sign, COMPARE, "truth", sign, self.text(depth - 1),
                              self.text(depth - 1))
        if pick < 0.7:
            sign, level = rng.choice([("and", AND), ("or", OR)])
            return self.infix(sign, level, "truth", sign, self.truth(depth - 1),
                              self.truth(depth - 1))
        if pick < 0.8:
            part = self.truth(depth - 1)
            return Node("truth", NOT, "not " + within(part, NOT, rng), [part], "not")
        if pick < 0.9:
            kind = rng.choice(["number", "truth", "text"])
            # a column by itself would be asked as a text
            part = self.make(kind, depth - 1)
            if kind == "number":
                zero = Node("number", ATOM, "0", value=("constant", 0.0))
                part = self.infix("+", ADD, "number", "+", part, zero)
            return self.call("ismissing", "truth", "ismissing", [part])
        if pick < 0.94:
            return Node("truth", ATOM, "ft", value=("feature", "ft"))
        return self.choice("truth", depth)

    def text(self, depth):
        rng = self.rng
        if depth <= 0 or rng.random() < 0.6:
            if rng.random() < 0.6:
                name = rng.choice(list(self.data.texts))
                return Node("text", ATOM, f"text({name})", value=("texts", name))
            value = rng.choice(TEXTS)
            quote = rng.choice("'\"")
            return Node("text", ATOM, quote + value.replace(quote, 2 * quote) + quote,
                        value=("constant", value))
        return self.choice("text", depth)


class Reference:
    """What expressions come to by numpy.  Texts are lists, None where missing."""

    def __init__(self, data, values):
        self.data, self.values, self.n_nonfinite = data, values, 0

    def settle(self, result, operands, asked):
        known = np.ones(N_ROWS, bool)
        for operand in operands:
            known &= ~np.isnan(operand)
        finite = np.isfinite(result)
        self.n_nonfinite += int(np.sum(~finite & known & asked))
        return np.where(finite, result, NAN)

    def leaf(self, node, asked):
        what, value = node.value
        if what == "constant":
            if node.kind == "text":
                return [value] * N_ROWS
            return np.full(N_ROWS, value)
        if what == "texts":
            return [None if t in MISSING else t for t in self.data.texts[value]]
        if what == "feature":
            return self.values[value]
        column = self.data.numbers[value]
        return self.settle(column, [column], asked)

    def missing(self, value):
        if isinstance(value, list):
            return np.array([v is None for v in value])
        return np.isnan(value)

    def pick(self, condition, yes, no):
        if isinstance(yes, list):
            return [y if c else n for c, y, n in zip(condition, yes, no)]
        return np.where(condition, yes, no)

    def value(self, node, asked):
        if not node.parts:
            return self.leaf(node, asked)
        method = {"and": self.logic, "or": self.logic, "if": self.choose,
                  "coalesce": self.coalesce}.get(node.value)
        if method:
            return method(node, asked)
        parts = [self.value(part, asked) for part in node.parts]
        if node.value == "ismissing":
            return np.where(self.missing(parts[0]), 1.0, 0.0)
        if node.value in ("==", "!=", "<", "<=", ">", ">="):
            return self.compare(node.value, *parts)
        if node.value in ("min", "max", "clip"):
            return self.extremes(node.value, parts)
        return self.arithmetic(node, parts, asked)

    def logic(self, node, asked):
        decides = 0.0 if node.value == "and" else 1.0
        left = self.value(node.parts[0], asked)
        right = self.value(node.parts[1], asked & (left != decides))
        decided = (left == decides) | (right == decides)
        unknown = np.isnan(left) | np.isnan(right)
        return np.where(decided, decides, np.where(unknown, NAN, 1.0 - decides))

    def choose(self, node, asked):
        condition = self.value(node.parts[0], asked)
        yes = self.value(node.parts[1], asked & (condition == 1.0))
        no = self.value(node.parts[2], asked & (condition == 0.0))
        chosen = self.pick(condition == 1.0, yes, no)
        nothing = [None] * N_ROWS if isinstance(yes, list) else np.full(N_ROWS, NAN)
        return self.pick(np.isnan(condition), nothing, chosen)

    def coalesce(self, node, asked):
        result = self.value(node.parts[0], asked)
        for part in node.parts[1:]:
            missing = self.missing(result)
            result = self.pick(missing, self.value(part, asked & missing), result)
        return result

    def compare(self, sign, left, right):
        unknown = self.missing(left) | self.missing(right)
        if isinstance(left, list):
            left = np.array([v or "" for v in left], dtype=object)
            right = np.array([v or "" for v in right], dtype=object)
        holds = {"==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal,
                 ">": np.greater, ">=": np.greater_equal}[sign](left, right).astype(float)
        return np.where(unknown, NAN, holds)

    def extremes(self, name, parts):
        result = parts[0]
        better = {"min": [np.less] * 9, "max": [np.greater] * 9,
                  "clip": [np.greater, np.less]}[name]
        for part, is_better in zip(parts[1:], better):
            result = np.where(is_better(part, result) | np.isnan(part), part, result)
        return result

    def arithmetic(self, node, parts, asked):
        if node.value in ("exp", "log", "log1p"):
            result = self.values[node.text]  # found good by itself
            known = ~np.isnan(parts[0])
            self.n_nonfinite += int(np.sum(np.isnan(result) & known & asked))
            return result
        if node.value == "not":
            return 1.0 - parts[0]
        function = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide,
                    "negate": np.negative, "abs": np.abs, "floor": np.floor,
                    "sqrt": np.sqrt}[node.value]
        return self.settle(function(*parts), parts, asked)


def transcendental(node):
    for part in node.parts:
        yield from transcendental(part)
    if node.value in ("exp", "log", "log1p"):
        yield node


def bits(values):
    values = np.where(np.isnan(values), NAN, values)
    return values.view(np.int64)


def distance(got, exact):
    """Units in the last place between doubles and a long double's rounding to double."""
    wanted = exact.astype(np.float64)
    line = [np.where(b < 0, np.int64(-2**63) - b, b) for b in (bits(got), bits(wanted))]
    return np.abs(line[0].astype(object) - line[1].astype(object))


class NumpyTest(unittest.TestCase):
    def setUp(self):
        self.rng = random.Random(20150107)
        self.data = Data(self.rng)

    def program(self, texts):
        """{text: (count, values)} by the program."""
        lines = [*self.data.lines(), *(f"expr {text}" for text in texts)]
        done = subprocess.run([PROGRAM], input="\n".join(lines) + "\n", text=True,
                              capture_output=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = [line.split() for line in done.stdout.splitlines()]
        self.assertEqual(len(rows), len(texts))
        return {text: (int(row[0]), np.array([float.fromhex(v) for v in row[1:]]))
                for text, row in zip(texts, rows)}

    def test_random_expressions(self):
        maker = Maker(self.rng, self.data)
        nodes = [maker.make(self.rng.choice(["number", "number", "truth"]), self.rng.randint(1, 6))
                 for _ in range(N_EXPRESSIONS)]
        nodes = [n for n in nodes if len(n.text) < 20000]
        calls = {n.text: n for node in nodes for n in transcendental(node)}
        # "0 +" keeps a column that stands alone from being asked as anything but a number
        texts = list(dict.fromkeys([*(n.text for n in nodes), *calls, "fn", "ft",
                                    *(n.parts[0].text for n in calls.values())]))
        found = self.program(texts)
        self.assertGreater(len(nodes), 500)
        self.assertGreater(len(calls), 100)
        self.check_calls(calls, found)
        values = {text: value for text, (_, value) in found.items()}
        everywhere = np.ones(N_ROWS, bool)
        n_counted = 0
        for node in nodes:
            reference = Reference(self.data, values)
            wanted = reference.value(node, everywhere)
            count, got = found[node.text]
            different = np.flatnonzero(bits(got) != bits(wanted))
            if len(different):
                row = different[0]
                self.fail(f"{node.text}: row {row} is {got[row].hex()}, not {wanted[row].hex()}")
            self.assertEqual(count, reference.n_nonfinite, node.text)
            n_counted += count
        self.assertGreater(n_counted, 1000)

    def check_calls(self, calls, found):
        worst = 0
        for text, node in calls.items():
            argument = found[node.parts[0].text][1]
            got = found[text][1]
            exact = getattr(np, node.value)(argument.astype(np.longdouble))
            wanted = np.where(np.isfinite(exact.astype(np.float64)), exact, np.longdouble(NAN))
            # the last number before overflow may fall on either side
            self.assertTrue(np.array_equal(np.isnan(got), np.isnan(wanted.astype(float))), text)
            known = ~np.isnan(got)
            if known.any():
                worst = max(worst, distance(got[known], wanted[known]).max())
        self.assertLessEqual(worst, MAX_ULPS)


if __name__ == "__main__":
    np.seterr(all="ignore")
    unittest.main(verbosity=2)
