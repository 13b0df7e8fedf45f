#!/usr/bin/env python3
"""Runs the commands of the README's section "From the command line" against a real node.

usage: readme_cli_test.py README BRONTES GREETER     exit 0: each command exits 0

The node listens on a free port instead of the README's; all else is run as it is written.
"""
import pathlib
import re
import subprocess
import sys

HEADING = "## From the command line"
NODE = "build/release/bin/greeter "
ADDRESS = "127.0.0.1:50051"
SERVING = re.compile(r"\bserving .*\baddress=(\S+)")


def commands_of(readme):
    """The node's line and those of `brontes`, or an error text."""
    if HEADING not in readme:
        sys.exit(f"README: no '{HEADING}'")
    block = re.search(r"^```sh\n(.*?)^```$", readme.split(HEADING, 1)[1], re.DOTALL | re.MULTILINE)
    lines = block[1].splitlines() if block else []
    node = [line for line in lines if line.startswith(NODE) and line.endswith(" &")]
    calls = [line for line in lines if line.startswith("brontes ")]
    if len(node) != 1 or len(calls) < 2 or len(node) + len(calls) != len(lines):
        sys.exit("README: one greeter in the background and some brontes commands are expected, "
                 f"not {lines}")
    return node[0].removesuffix(" &"), calls


def serving_address(node):
    """Where the node says that it serves; the end of its log is a failure."""
    seen = []
    for line in node.stderr:
        seen.append(line)
        if found := SERVING.search(line):
            return found[1]
    sys.exit("the node did not come to serve:\n" + "".join(seen))


def run_all(calls, brontes, address):
    """How many commands failed."""
    failed = 0
    for line in calls:
        if ADDRESS not in line:
            sys.exit(f"README: '{line}' does not speak to the node at {ADDRESS}")
        here = line.replace(ADDRESS, address)
        ran = subprocess.run(["bash", "-c", f'brontes() {{ "{brontes}" "$@"; }}; {here}'],
                             capture_output=True, text=True, check=False, timeout=60)
        print(f"$ {here}\n{ran.stdout}{ran.stderr}", end="")
        if ran.returncode != 0 or not ran.stdout:
            failed += 1
            print(f"README: '{line}' exited {ran.returncode} with "
                  f"{'an' if ran.stdout else 'no'} answer")
    return failed


def main(readme, brontes, greeter):
    line, calls = commands_of(pathlib.Path(readme).read_text())
    if ADDRESS not in line:
        sys.exit(f"README: '{line}' does not listen on {ADDRESS}")
    words = line.removeprefix(NODE).replace(ADDRESS, "127.0.0.1:0").split()
    with subprocess.Popen([greeter, *words], stderr=subprocess.PIPE, text=True) as node:
        try:
            return 1 if run_all(calls, brontes, serving_address(node)) else 0
        finally:
            node.kill()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
