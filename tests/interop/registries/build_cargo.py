#!/usr/bin/env python3
"""Builds the Rust peer: build_cargo.py PROJECT TARGET_FOLDER. exit 77: skipped, and why."""
import os
import shutil
import subprocess
import sys

NO_CRATES = ("failed to download", "failed to fetch", "failed to get", "Could not resolve",
             "network failure", "edition2024", "requires rustc", "lock file version")


def main():
    project, target = sys.argv[1:]
    if not shutil.which("cargo"):
        print("skipped: cargo is not installed")
        return 77
    done = subprocess.run(["cargo", "build", "--locked"], cwd=project, text=True,
                          env={**os.environ, "CARGO_TARGET_DIR": target},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(done.stdout)
    if done.returncode == 0:
        return 0
    if any(text in done.stdout for text in NO_CRATES):
        print("skipped: the crates or a newer Rust cannot be had here")
        return 77
    return 1


if __name__ == "__main__":
    sys.exit(main())
