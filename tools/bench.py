#!/usr/bin/env python3
"""Runs the benchmark programs of tests/bench and says which goals are met.

usage: tools/bench.py [--json] [--runs N] [--only TEXT] [--bin DIR]

Ours and theirs alternate, run by run, in one process environment; a row is the median of at least
seven runs of each. CPU time decides where both are shown: wall time on a shared machine is noise.

A benchmark program takes a case as its argument, measures it once and prints one JSON object whose
members are numbers: `bench_pick 1000` -> {"cpu_ns": 12.5}. Programs on Google Benchmark are run with
the case as their filter. A program that is missing or fails makes its rows `met: false` with the
reason; nothing is left out. Exit code: 0 when every row was measured, whatever the verdicts; else 1.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


@dataclasses.dataclass(frozen=True)
class Side:
    """How one number is got: a program, its case, and the member of what it prints."""
    program: str
    case: str
    member: str
    google: bool = False


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    unit: str
    better: str  # "lower" or "higher"
    ours: Side
    theirs: Side | None
    limit: str  # "plus": ours <= theirs + goal; "times": ours against theirs * goal; "own": a number
    goal: float

    def goal_text(self):
        sign = "<=" if self.better == "lower" else ">="
        return {"plus": f"{sign} theirs + {self.goal:g}", "times": f"{sign} {self.goal:g} x theirs",
                "own": f"{sign} {self.goal:g}"}[self.limit]

    def met(self, ours, theirs):
        bound = {"plus": lambda: theirs + self.goal, "times": lambda: theirs * self.goal,
                 "own": lambda: self.goal}[self.limit]()
        return ours <= bound if self.better == "lower" else ours >= bound


def grpc(name, case, added_us, share):
    """CPU and throughput of a handler against the raw generated callback server."""
    return [Row(f"grpc unary, {name}: server CPU", "us/call", "lower",
                Side("bench_grpc", case, "server_cpu_us"),
                Side("bench_grpc", "raw", "server_cpu_us"), "plus", added_us),
            Row(f"grpc unary, {name}: throughput", "calls/s", "higher",
                Side("bench_grpc", case, "calls_per_s"),
                Side("bench_grpc", "raw", "calls_per_s"), "times", share)]


def pick(count):
    return Row(f"pick among {count}", "ns", "lower",
               Side("bench_pick", str(count), "cpu_ns"), None, "own", 25)


ROWS = [
    *grpc("function handler", "function", 1.0, 0.95),
    *grpc("actor handler", "actor", 2.0, 0.90),
    Row("shared port: throughput", "calls/s", "higher", Side("bench_grpc", "shared", "calls_per_s"),
        Side("bench_grpc", "function", "calls_per_s"), "times", 0.98),
    Row("shared port: p50", "us", "lower", Side("bench_grpc", "shared", "p50_us"),
        Side("bench_grpc", "function", "p50_us"), "times", 1.05),
    Row("shared port: server CPU", "us/call", "lower", Side("bench_grpc", "shared", "server_cpu_us"),
        Side("bench_grpc", "function", "server_cpu_us"), "times", 1.05),
    Row("stock stub on a channel: CPU", "us/call", "lower",
        Side("bench_channel", "balanced", "cpu_us"), Side("bench_channel", "plain", "cpu_us"),
        "plus", 1.0),
    pick(10), pick(1000), pick(10000),
    Row("snapshot read", "ns", "lower",
        Side("bench_published", "^published/threads:1$", "cpu_time", google=True),
        Side("bench_published", "^mutex_and_share/threads:1$", "cpu_time", google=True), "own", 5),
]


class Unmeasured(Exception):
    """Why there is no number."""


class Bench:
    """Runs programs; a run that serves several rows is made once."""

    def __init__(self, folder, runs):
        self.folder = folder
        self.runs = runs
        self.results = {}

    def run_once(self, side):
        program = self.folder / side.program
        if not program.exists():
            raise Unmeasured(f"there is no program {side.program}")
        arguments = ([f"--benchmark_filter={side.case}", "--benchmark_format=json",
                      "--benchmark_min_time=0.2"] if side.google else [side.case])
        done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False,
                              env={**os.environ, "LC_ALL": "C"}, timeout=300)
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no word"])[-1]
            raise Unmeasured(f"{side.program} {side.case} ended with {done.returncode}: {last}")
        answer = json.loads(done.stdout)
        return answer["benchmarks"][0] if side.google else answer

    def measure(self, sides):
        """Fills results for these sides, alternating; each (program, case) once per round."""
        wanted = {(s.program, s.case): s for s in sides}
        wanted = {key: side for key, side in wanted.items() if key not in self.results}
        gathered = {key: [] for key in wanted}
        for turn in range(self.runs):
            order = list(wanted) if turn % 2 == 0 else list(reversed(wanted))
            for key in order:
                gathered[key].append(self.run_once(wanted[key]))
        self.results.update(gathered)

    def median(self, side):
        return statistics.median(r[side.member] for r in self.results[side.program, side.case])

    def row(self, row):
        sides = [side for side in (row.ours, row.theirs) if side]
        result = {"name": row.name, "ours": None, "theirs": None, "unit": row.unit, "ratio": None,
                  "goal": row.goal_text(), "better": row.better, "met": False, "runs": 0}
        try:
            self.measure(sides)
            ours, *rest = [self.median(side) for side in sides]
        except (Unmeasured, KeyError, ValueError, subprocess.TimeoutExpired) as error:
            return result | {"error": str(error) or type(error).__name__}
        theirs = rest[0] if rest else None
        return result | {"ours": round(ours, 3), "theirs": theirs and round(theirs, 3),
                         "ratio": round(ours / theirs, 3) if theirs else None,
                         "met": row.met(ours, theirs), "runs": self.runs}


def rounds(rows):
    """Rows that share a case belong to one round, so that their sides alternate with each other."""
    together = {}
    for row in rows:
        together.setdefault(row.ours.program, []).append(row)
    return together.values()


def show(row):
    if row["runs"] == 0:
        return f"  --   {row['name']:<40} not measured: {row['error']}"
    theirs = "" if row["theirs"] is None else f" against {row['theirs']:g} (x{row['ratio']:g})"
    verdict = "met " if row["met"] else "MISS"
    return f"  {verdict} {row['name']:<40} {row['ours']:g} {row['unit']}{theirs}, goal {row['goal']}"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one row a line, for programs")
    parser.add_argument("--runs", type=int, default=7, help="of each side (default and least: 7)")
    parser.add_argument("--only", default="", help="rows whose name contains this")
    parser.add_argument("--bin", type=pathlib.Path, help="where the programs are",
                        default=ROOT / "build/release/bin")
    parsed = parser.parse_args()
    if parsed.runs < 7:
        parser.error("--runs: a median of fewer than 7 says nothing")
    return parsed


def main():
    wish = arguments()
    bench = Bench(wish.bin, wish.runs)
    rows = [row for row in ROWS if wish.only in row.name]
    if not rows:
        sys.exit(f"bench: no row's name contains '{wish.only}'")
    unmeasured = 0
    for group in rounds(rows):
        sides = [side for row in group for side in (row.ours, row.theirs) if side]
        print(f"bench: {wish.runs} runs of each case of {sides[0].program} ...", file=sys.stderr)
        try:
            bench.measure(sides)
        except (Unmeasured, ValueError, subprocess.TimeoutExpired):
            pass  # each row of the group says why itself
        for row in group:
            result = bench.row(row)
            unmeasured += result["runs"] == 0
            print(json.dumps(result) if wish.json else show(result), flush=True)
    return 1 if unmeasured else 0


if __name__ == "__main__":
    sys.exit(main())
