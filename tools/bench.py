#!/usr/bin/env python3
"""Runs the benchmark programs of tests/bench and says which goals are met.

usage: tools/bench.py [--json] [--runs N] [--only TEXT] [--bin DIR]

Ours and theirs alternate, run by run, in one process environment; a row is the median of at least
seven runs of each. CPU time decides where both are shown: wall time on a shared machine is noise.

A benchmark program takes a case as its argument, measures it once and prints one JSON object whose
members are numbers: `bench_pick 1000` -> {"cpu_ns": 12.5}. Programs on Google Benchmark are run with
the case as their filter. A program that is missing or fails leaves its rows unmeasured, with the
reason, and `met: false`; nothing is left out. A row that is only reported has no goal: `met: null`.
Exit code: 0 when every row was measured, whatever the verdicts; else 1.

What the rows compare (tools/bench_rows.py):
  grpc unary ...       a node's handlers against gRPC's generated callback server, same client
  adopted against raw  a stock service, callback or sync, in a node against the same in gRPC's server
  default chain        a node against its gRPC door alone: request id, access log, deadline
  shared port          gRPC and REST on one port against gRPC on a port of its own
  REST unary ...       a node's REST against a bare Beast server that answers a constant of that size;
                       1.5 KB: a POST of an order that comes back
  gateway against ...  the same node against grpc-gateway and hephfx's one-port mode, both in Go, on
                       the same proto (tests/interop/gateways; needs go and its modules)
  stock stub, pick, snapshot read       the client side and what requests read
  list of, memory of, put to, changes of, subscribers   discovery over `brontes registry`; a list
                       against the bare range of the same keys; the same against etcd's own client in
                       Go (tests/interop/etcd_client; needs go and its modules)
  guard ...            what a breaker or limit adds to a call that it lets in
  metrics of a call                     what counting and timing one unary call takes
Requests per CPU second charge a server's process for all its threads; every reply is checked, and
one wrong reply leaves the row unmeasured.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

from bench_rows import ROWS

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Unmeasured(Exception):
    """Why there is no number."""


class Bench:
    """Runs programs; a run that serves several rows is made once."""

    def __init__(self, folder, runs):
        self.folder = folder
        self.runs = runs
        self.results = {}
        self.failures = {}

    def run_once(self, side):
        program = self.folder / side.program
        if not program.exists():
            missing = program.with_suffix(".missing")  # written by who could not build it
            raise Unmeasured(missing.read_text().strip() if missing.exists()
                             else f"there is no program {side.program}")
        arguments = ([f"--benchmark_filter={side.case}", "--benchmark_format=json",
                      "--benchmark_min_time=0.2"] if side.google else [side.case])
        try:
            done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False,
                                  env={**os.environ, "LC_ALL": "C"}, timeout=300)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unmeasured(f"{side.program} {side.case}: {error}") from error
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or ["no word"])[-1]
            raise Unmeasured(f"{side.program} {side.case} ended with {done.returncode}: {last}")
        try:
            answer = json.loads(done.stdout)
            return answer["benchmarks"][0] if side.google else answer
        except (ValueError, LookupError) as error:
            raise Unmeasured(f"{side.program} {side.case} printed no numbers: {error}") from error

    def measure(self, sides):
        """Fills results for these sides, alternating; each (program, case) once per round. One that
        fails is left out from then on, and the others go on."""
        wanted = {(s.program, s.case): s for s in sides}
        wanted = {key: side for key, side in wanted.items()
                  if key not in self.results and key not in self.failures}
        gathered = {key: [] for key in wanted}
        for turn in range(self.runs):
            order = list(wanted) if turn % 2 == 0 else list(reversed(wanted))
            for key in order:
                if key in self.failures:
                    continue
                try:
                    gathered[key].append(self.run_once(wanted[key]))
                except Unmeasured as error:
                    self.failures[key] = str(error)
        self.results.update(gathered)

    def median(self, side):
        key = side.program, side.case
        if key in self.failures:
            raise Unmeasured(self.failures[key])
        try:
            return statistics.median(run[side.member] for run in self.results[key])
        except (KeyError, TypeError) as error:
            raise Unmeasured(f"{side.program} {side.case} prints no {side.member}") from error

    def row(self, row):
        sides = [side for side in (row.ours, row.theirs) if side]
        result = {"name": row.name, "ours": None, "theirs": None, "unit": row.unit, "ratio": None,
                  "goal": row.goal_text(), "better": row.better,
                  "met": None if row.limit == "reported" else False, "runs": 0}
        try:
            self.measure(sides)
            ours, *rest = [self.median(side) for side in sides]
        except Unmeasured as error:
            return result | {"error": str(error)}
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
        return f"  --   {row['name']:<56} not measured: {row['error']}"
    theirs = "" if row["theirs"] is None else f" against {row['theirs']:g} (x{row['ratio']:g})"
    verdict = {True: "met ", False: "MISS", None: "    "}[row["met"]]
    goal = "no goal" if row["met"] is None else f"goal {row['goal']}"
    return f"  {verdict} {row['name']:<56} {row['ours']:g} {row['unit']}{theirs}, {goal}"


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0], epilog=__doc__[__doc__.index("Ours and theirs"):],
        formatter_class=argparse.RawDescriptionHelpFormatter)
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
        print(f"bench: no row's name contains '{wish.only}'", file=sys.stderr)
        return 2
    unmeasured = 0
    for group in rounds(rows):
        sides = [side for row in group for side in (row.ours, row.theirs) if side]
        print(f"bench: {wish.runs} runs of each case of {sides[0].program} ...", file=sys.stderr)
        bench.measure(sides)
        for row in group:
            result = bench.row(row)
            unmeasured += result["runs"] == 0
            print(json.dumps(result) if wish.json else show(result), flush=True)
    return 1 if unmeasured else 0


if __name__ == "__main__":
    sys.exit(main())
