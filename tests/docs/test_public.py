#!/usr/bin/python3
"""What pages say of the public matches is what the program says of them: their blocks "sh public"
run here, in a directory with the jobs in jobs/ and the matches in matches/, and print what the block
"text said" behind them has.  A picture beside a page, NAME.svg for NAME.md, is what was drawn."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from test_docs import DOCS, ENVIRONMENT, PROGRAM, SOURCE, blocks, matches  # noqa: E402
from scoreline_test import wta_directory  # noqa: E402

DEADLINE_S = 600
NUMBER = re.compile(r"-?\d+\.\d+")


class Public(unittest.TestCase):
    maxDiff = None

    def run_page(self, page, directory):
        said, n = None, 0
        (directory / "bin").mkdir()
        (directory / "bin/scoreline").symlink_to(pathlib.Path(PROGRAM).resolve())
        (directory / "jobs").symlink_to(SOURCE / "jobs")
        (directory / "matches").symlink_to(wta_directory())
        environment = {**ENVIRONMENT, "PATH": f"{directory / 'bin'}:{os.environ['PATH']}"}
        for line, words, text in blocks(page):
            with self.subTest(page=page.name, line=line):
                if words == ["text", "said"] and said is not None:
                    self.assertTrue(matches((said, ""), text), f"printed:\n{said}")
                    n += 1
                said = None
                if words == ["sh", "public"]:
                    done = subprocess.run(["sh", "-e", "-c", text], cwd=directory, env=environment,
                                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                          timeout=DEADLINE_S)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    said = done.stdout
        return n

    def compare_pictures(self, drawn, kept):
        """The same texts and marks, at the same places to the last digit but one."""
        self.assertEqual(re.sub(r"<metadata>.*</metadata>", "", NUMBER.sub("#", drawn)),
                         re.sub(r"<metadata>.*</metadata>", "", NUMBER.sub("#", kept)))
        for one, other in zip(NUMBER.findall(drawn), NUMBER.findall(kept)):
            self.assertAlmostEqual(float(one), float(other), delta=0.05)

    def check(self, page):
        with tempfile.TemporaryDirectory(prefix="scoreline-public-") as name:
            directory = pathlib.Path(name)
            self.assertGreater(self.run_page(page, directory), 0)
            picture = page.with_suffix(".svg")
            if picture.exists():
                drawn = list(directory.glob("*.svg"))
                self.assertEqual(len(drawn), 1)
                self.compare_pictures(drawn[0].read_text(), picture.read_text())


def add_tests():
    for page in sorted(DOCS.glob("*.md")):
        if any(words == ["sh", "public"] for _, words, _ in blocks(page)):
            def test(self, page=page):
                self.check(page)
            setattr(Public, f"test_{page.stem}", test)


if __name__ == "__main__":
    if wta_directory() is None:
        print("skipped: the public matches are not here: set SCORELINE_WTA_DIR (see docs/data.md)")
        sys.exit(77)
    add_tests()
    unittest.main(verbosity=2)
