#!/usr/bin/env python3
"""Builds the Go client: build_go.py MODULE PROGRAM. exit 77: skipped, and why.

A machine without Go, or without a way to the modules, runs the other tests all the same.
"""
import os
import pathlib
import shutil
import subprocess
import sys

NO_MODULES = ("dial tcp", "no such host", "i/o timeout", "connection refused", "403 Forbidden",
              "404 Not Found", "disabled by GOPROXY", "module lookup disabled", "Bad Gateway")


def main():
    module, program = map(pathlib.Path, sys.argv[1:])
    program.unlink(missing_ok=True)
    if not shutil.which("go"):
        print("skipped: go is not installed")
        return 77
    # No toolchain is fetched: an older one than go.mod asks for is a reason to skip, too.
    done = subprocess.run(["go", "build", "-o", program, "."], cwd=module, text=True,
                          env={**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly"},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(done.stdout)
    if done.returncode == 0:
        return 0
    if any(text in done.stdout for text in (*NO_MODULES, "go.mod requires go")):
        print("skipped: the Go modules or a newer Go cannot be had here")
        return 77
    return 1


if __name__ == "__main__":
    sys.exit(main())
