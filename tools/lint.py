#!/usr/bin/env python3
"""Checks what a formatter cannot: banned calls, file lengths, characters.

usage: tools/lint.py [--root DIR] [FILE]...     exit 0: all is well, 1: findings, one a line

A line with `// lint: allow(NAME)` is exempt from the rule NAME; say why beside it.
"""
import argparse
import fnmatch
import pathlib
import re
import subprocess
import sys

FLOORS = ("actors/*", "discovery/*", "gateway/*", "runtime/*")
CODE = FLOORS + ("tests/*", "examples/*", "tools/*")
CLOCK = ("actors/clock.cpp", "actors/clock.hpp")
# Timers of sockets belong to Asio's loops, a short wait to gRPC's: docs/architecture.md, rule 5.
TIMERS = ("actors/caf.hpp", "gateway/detail/http_session.hpp", "gateway/http_door.cpp",
          "runtime/detail/accept_pump.cpp", "runtime/detail/new_connection.hpp",
          "runtime/grpc/detail/goaways.*")

# Threads outside of actors that wait for an answer of theirs, for a bounded time; the thread of the
# phase that closes doors, until gRPC's calls have ended.
WAITS = ("actors/testkit/*", "discovery/testkit/*", "actors/call/detail/attendance.hpp",
         "discovery/channel/detail/channel_core.cpp",
         "discovery/channel/detail/connectivity_monitor.cpp",
         "runtime/detail/node_doors.cpp", "runtime/observability/metrics_collector.cpp")

# name, where it holds, where it does not, pattern, what to do instead
RULES = [
    ("sleep", CODE, CLOCK,
     r"\b(sleep_for|sleep_until|usleep|(clock_)?nanosleep|thrd_sleep|gpr_sleep_until|SleepFor|::sleep)\b|\bsleep\("
     r"|\bp?poll\s*\(\s*(nullptr|NULL|0)\s*,|\bselect\s*\(\s*0\s*,|\bepoll_p?wait2?\s*\(",
     "nothing sleeps: send_after in actors, a condition variable in tests"),
    ("clock", FLOORS + ("examples/*",), CLOCK,
     r"\b(steady|system|high_resolution|utc|tai|gps|file|microsec|second)_clock\b(?!\()|::clock\b(?!\(\) const)"
     r"|\b(gettimeofday|clock_gettime|timespec_get|ftime|times)\s*\(|\bSYS_clock|\b__rdtsc"
     r"|\bgpr_(now|convert_clock_type)\b|\bgrpc_timeout_\w+_to_deadline\b|\bmake_timestamp\b"
     r"|\bclock_type::now\b|\bstd::clock\b|(?<![\w.>:~])clock\(\)\s*[-/)*;]|\btime\s*\(\s*(0|NULL|nullptr|\{\}|&|\(\s*(std::)?time_t\b|\w+_cast<\s*(std::)?time_t\b)|\bstd::time\b|absl::(Now|GetCurrentTimeNanos)\b|\bGetCurrentTime\b",
     "time comes from the Clock (actors/clock.hpp), from now(self) in actors"),
    ("timer", FLOORS + ("examples/*",), TIMERS,
     r"\b(steady|system|deadline|high_resolution|basic_waitable)_timer\b|\bgrpc::Alarm\b|\bdelayed_send\b|\b(timerfd_create|setitimer)\b",
     "send_after in actors; a real timer needs a reason and a place in TIMERS (tools/lint.py)"),
    ("wait", FLOORS, WAITS, r"(\.|->)((try_acquire|wait|try_lock)_(for|until)\s*\(|wait\s*\(\s*\))",
     "send_after in actors; a thread that waits needs a reason and a place in WAITS (tools/lint.py)"),
    ("async", FLOORS, (), r"\bstd::async\b", "a thread is owned and joined (std::jthread)"),
    ("thread", CODE, (), r"\.detach\(\)|\bpthread_create\b",
     "a thread is owned and joined (std::jthread)"),
    ("blocking-actor", FLOORS, ("actors/testkit/*",), r"\bscoped_actor\b|\bcaf::infinite\b",
     "nothing blocks in an actor: ask(...).then(...)"),
    ("output", FLOORS, ("actors/log*.cpp", "actors/testkit/reporter.cpp", "discovery/testkit/conformance_gtest.hpp",
      "runtime/settings*.cpp",
      "runtime/node_run.cpp"), r"\bstd::(cout|cerr|clog)\b|\b(f?printf|f?puts|putchar)\(|\bfmt::print\b",
     "lines go to the log (actors/log.hpp)"),
    ("exit", FLOORS, ("actors/testkit/*", "runtime/node_run.cpp"), r"(?<![\w.>])(exit|_Exit|_exit|quick_exit|(std)?::abort)\(",
     "only main ends the process; return a Status"),
    ("random", FLOORS, (), r"\bstd::rand\b|\bsrand\(|\brand\(\)", "seeded generators only"),
    ("log-value", CODE, (), r"\b(cause|what|why|reason|error|text)=\{",
     "a sentence in a line of the log stands in quotes: cause=\\\"{}\\\""),
    ("mark", CODE, (), r"\b(TODO|FIXME|XXX|HACK)\b", "do it, or open an issue and name it"),
    ("using-std", CODE, (), r"^\s*using namespace std;", "name what you use"),
    ("trace", CODE, (), r"(?<![\w./])/(work|home|root)/\w", "no path of somebody's machine"),
]
CODE_ENDINGS = (".hpp", ".cpp", ".h", ".cc", ".hh", ".hxx", ".cxx", ".ipp", ".inl", ".tpp")
TEXT = (*CODE_ENDINGS, ".proto", ".py", ".sh", ".cmake", ".txt", ".md", ".json",
        ".yaml", ".yml", ".html", ".css", ".js")
# Links of documents, and pages of docs/ that anything names.
LINK = re.compile(r"\]\((?!\w+:|#)([\w./-]+)(?:#[\w-]*)?\)")
PAGE = re.compile(r"(?<![\w/.-])docs/[\w/-]+\.(?:md|svg)")
LIMITS = [("tests/*", 400), ("*", 300)]
FUNCTION_LIMIT = 40
# As clang-format leaves it: a function outside of classes begins and ends at the margin.
FUNCTION = re.compile(r"^(?!namespace|struct|class|enum|union|extern|constexpr|const|static|//|#|\}|\s)\S.*\{$")
GENERATED = re.compile(r"(^|/)(build|\.git|\.cache)/|(^|/)LICENSE$")


def tracked(root):
    listing = subprocess.run(["git", "-C", root, "ls-files", "-co", "--exclude-standard"],
                             capture_output=True, text=True, check=False)
    if listing.returncode == 0:
        return [line for line in listing.stdout.splitlines() if (root / line).is_file()]
    return [p.relative_to(root).as_posix() for p in sorted(root.rglob("*")) if p.is_file()]


def is_text(path):
    if path.suffix in TEXT:
        return True
    # Scripts that are called by a bare name.
    with path.open("rb") as file:
        return path.suffix == "" and file.read(2) == b"#!"


def matches(file, globs):
    return any(fnmatch.fnmatch(file, glob) for glob in globs)


def lint_lines(file, lines):
    code = pathlib.PurePath(file).suffix in CODE_ENDINGS
    for number, line in enumerate(lines, 1):
        where = f"{file}:{number}:"
        if line != line.rstrip():
            yield f"{where} trailing blanks [blanks]"
        if "\t" in line and not file.endswith("Makefile"):
            yield f"{where} tab [tab]"
        if code and matches(file, FLOORS + ("tools/*",)) and not line.isascii():
            yield f"{where} not ASCII: escape it in code, spell it in comments [ascii]"
        if not code:
            continue
        said = re.sub(r"(^|\s)//.*", "", re.sub(r'"(\\.|[^"\\])*"', '""', line))
        for name, there, not_there, pattern, instead in RULES:
            text = line if name in ("mark", "trace", "log-value") else said
            if matches(file, there) and not matches(file, not_there) and re.search(pattern, text):
                if f"lint: allow({name})" not in line:
                    yield f"{where} {instead} [{name}]"


def lint_links(root, file, lines):
    folder = (root / file).parent
    for number, line in enumerate(lines, 1):
        links = [(link, folder / link) for link in LINK.findall(line) if file.endswith(".md")]
        for named, path in links + [(page, root / page) for page in PAGE.findall(line)]:
            if not path.exists():
                yield f"{file}:{number}: '{named}' does not exist [link]"


def lint_functions(file, lines):
    if not (file.endswith(".cpp") and matches(file, FLOORS + ("tools/*", "examples/*"))):
        return
    begin = None
    for number, line in enumerate(lines, 1):
        if begin is None and FUNCTION.match(line):
            begin = number
        elif begin and line.startswith("}"):
            if number - begin + 1 > FUNCTION_LIMIT:
                yield (f"{file}:{begin}: a function of {number - begin + 1} lines, at most "
                       f"{FUNCTION_LIMIT}: split it [function]")
            begin = None


def lint_file(root, file):
    text = (root / file).read_text(errors="replace")
    lines = text.split("\n")
    yield from lint_lines(file, lines)
    yield from lint_links(root, file, lines)
    yield from lint_functions(file, lines)
    if text and not text.endswith("\n"):
        yield f"{file}:{len(lines)}: no newline at the end [blanks]"
    if file.endswith(".hpp") and "#pragma once" not in lines:
        yield f"{file}:1: no #pragma once [pragma]"
    if pathlib.PurePath(file).suffix in (*CODE_ENDINGS, ".py", ".sh", ""):
        limit = next(limit for glob, limit in LIMITS if fnmatch.fnmatch(file, glob))
        if len(lines) - 1 > limit:
            yield f"{file}:1: {len(lines) - 1} lines, at most {limit}: split it [length]"


def lint(root, files):
    found = []
    for file in files or tracked(root):
        if is_text(root / file) and not GENERATED.search(file):
            found.extend(lint_file(root, file))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument("files", nargs="*", help="relative to the root; default: all tracked ones")
    arguments = parser.parse_args()
    found = lint(arguments.root, arguments.files)
    print("\n".join(found) if found else "lint: ok")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
