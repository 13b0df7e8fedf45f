"""The bench frame: alternation, medians, verdicts, and rows that cannot be measured."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import bench
from bench_rows import ROWS, Row, Side


class Frame(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.bin = pathlib.Path(self.folder.name)

    def program(self, name, body):
        path = self.bin / name
        path.write_text(f"#!{sys.executable}\nimport sys, pathlib\n"
                        f"log = pathlib.Path({str(self.bin / 'log')!r})\n" + body)
        path.chmod(0o755)

    def row(self, limit="plus", goal=1.0, better="lower"):
        return Row("a", "us", better, Side("p", "ours", "cpu"), Side("p", "theirs", "cpu"), limit,
                   goal)

    def measure(self, row, runs=7):
        return bench.Bench(self.bin, runs).row(row)

    def test_sides_alternate_and_the_median_counts(self):
        self.program("p", "text = log.read_text() if log.exists() else ''\n"
                          "log.write_text(text + sys.argv[1][0])\n"
                          "print('{\"cpu\": %d}' % len(text))\n")
        result = self.measure(self.row())
        self.assertEqual((self.bin / "log").read_text(), "ottoottoottoot")
        self.assertEqual((result["ours"], result["theirs"], result["runs"]), (7, 6, 7))
        self.assertTrue(result["met"])

    def test_verdicts(self):
        for limit, goal, better, met in (("plus", 1, "lower", False), ("plus", 2, "lower", True),
                                         ("times", 1.2, "lower", True), ("own", 11, "lower", False),
                                         ("times", 1.3, "higher", False), ("own", 12, "higher", True)):
            row = self.row(limit, goal, better)
            self.assertEqual(row.met(12, 10), met, row.goal_text())

    def test_a_missing_program_is_a_goal_not_met(self):
        result = self.measure(self.row())
        self.assertFalse(result["met"])
        self.assertEqual(result["error"], "there is no program p")

    def test_a_failing_program_tells_why(self):
        self.program("p", "sys.exit('port taken')\n")
        self.assertIn("port taken", self.measure(self.row())["error"])

    def test_a_row_without_a_goal_is_reported(self):
        self.program("p", "print('{\"cpu\": 2}')\n")
        result = self.measure(self.row("reported", None), runs=1)
        self.assertEqual((result["goal"], result["met"], result["ratio"]), ("reported", None, 1))
        self.assertIn("no goal", bench.show(result))
        self.assertNotIn("MISS", bench.show(result))

    def test_a_row_without_a_goal_can_be_unmeasured(self):
        result = self.measure(self.row("reported", None))
        self.assertEqual((result["met"], result["runs"]), (None, 0))
        self.assertIn("not measured: there is no program p", bench.show(result))

    def test_a_side_that_fails_leaves_the_others_to_be_measured(self):
        self.program("p", "open(log, 'a').write(sys.argv[1][0])\n"
                          "sys.exit('no go') if sys.argv[1] == 'gone' else print('{\"cpu\": 2}')\n")
        row = self.row()
        gone = Row("b", "us", "lower", Side("p", "ours", "cpu"), Side("p", "gone", "cpu"), "plus", 1)
        frame = bench.Bench(self.bin, 2)
        frame.measure([row.ours, row.theirs, gone.theirs])
        self.assertTrue(frame.row(row)["met"])
        self.assertIn("no go", frame.row(gone)["error"])
        self.assertEqual((self.bin / "log").read_text(), "otgto")

    def test_a_program_that_prints_something_else_is_not_measured(self):
        for printed in ("hello", "{\"gpu\": 2}", "[]"):
            self.program("p", f"print({printed!r})\n")
            self.assertIn("p ours", self.measure(self.row(), runs=1)["error"])

    def run_all(self, *options):
        return subprocess.run([sys.executable, bench.__file__, "--bin", self.bin, *options],
                              capture_output=True, text=True, check=False)

    def test_rows_that_cannot_be_measured_are_shown_and_fail_the_run(self):
        done = self.run_all("--json")
        self.assertEqual(done.returncode, 1)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([row["name"] for row in rows], [row.name for row in ROWS])
        self.assertFalse(any(row["met"] for row in rows))

    def test_a_wish_for_no_row_is_refused(self):
        done = self.run_all("--only", "nothing")
        self.assertIn("no row's name contains 'nothing'", done.stderr)
        self.assertEqual(done.returncode, 2)

    def test_a_row_has_the_members_that_are_promised(self):
        self.program("p", "print('{\"cpu\": 2}')\n")
        self.assertEqual(list(self.measure(self.row())),
                         ["name", "ours", "theirs", "unit", "ratio", "goal", "better", "met", "runs"])


if __name__ == "__main__":
    unittest.main()
