#!/usr/bin/env python3
"""Checks who includes whom: the picture and the table of docs/architecture.md, as rules.

usage: tools/check_floors.py [--root DIR]     exit 0: all is well, 1: violations, one a line
"""
import argparse
import fnmatch
import pathlib
import re
import sys

# A floor may include these, by <brontes/FLOOR/...>.
FLOORS = {
    "actors": ["actors"],
    "discovery": ["actors", "discovery"],
    "gateway": ["actors", "gateway"],
    "runtime": ["actors", "discovery", "gateway", "runtime"],
    "tools": ["actors", "discovery", "gateway", "runtime", "tools"],
    "examples": ["actors", "discovery", "gateway", "runtime"],
    "tests": ["actors", "discovery", "gateway", "runtime", "tools", "tests", "examples"],
}

# A library may be included only by these files of the floors; tests, examples and tools may
# include any. A header that is not named here stays free of it, and so does all that includes it.
LIBRARIES = [
    ("CAF", r"caf/",  # the door, and those that reach into CAF's inner parts: ADR 0010
     ["actors/caf.hpp", "actors/caf.cpp", "actors/system.cpp", "actors/detail/facade.?pp",
      "actors/call/detail/in_place.?pp", "actors/call/detail/settle.cpp", "actors/testkit/probe.cpp",
      "actors/testkit/detail/describe.cpp", "actors/testkit/detail/stage.cpp",
      "actors/testkit/detail/stage_faults.cpp",
      "tests/integration/runtime/listener_world.hpp", "tests/unit/actors/call/world.hpp"]),
    ("spdlog", r"spdlog/(?!fmt/)", ["actors/log.cpp"]),
    ("fmt", r"(spdlog/)?fmt/", ["actors/log.hpp", "*.cpp"]),
    ("protobuf", r"google/protobuf/", ["*"]),
    ("gRPC", r"grpc(pp|\+\+)?/|.*\.grpc\.pb\.h",
     ["discovery/channel/*.cpp", "discovery/channel/detail/*", "discovery/registries/etcd/detail/grpc_*",
      "discovery/registries/detail/*", "runtime/grpc/*.cpp", "runtime/grpc/detail/*"]),
    ("Boost", r"boost/",
     ["gateway/*.cpp", "gateway/detail/*", "discovery/detail/snapshot_file.cpp",
      "discovery/registries/consul/detail/beast_wire.cpp",
      "discovery/registries/consul/detail/http_connection.?pp", "runtime/listener*.cpp", "runtime/detail/*"]),
    ("c-ares", r"ares(_\w+)?\.h", ["discovery/registries/dns/detail/*.cpp"]),
    ("nghttp2", r"nghttp2/", ["gateway/detail/*", "runtime/detail/*.cpp"]),
    ("nlohmann_json", r"nlohmann/",
     ["discovery/instance*.cpp", "discovery/detail/record_reader.*", "discovery/detail/snapshot_file.cpp", "discovery/registries/*.cpp", "discovery/registries/detail/*",
      "gateway/*.cpp", "gateway/detail/*"]),
    ("yaml-cpp", r"yaml-cpp/", ["runtime/settings*.cpp", "runtime/detail/*"]),
    ("prometheus-cpp", r"prometheus/", ["runtime/observability/*"]),
    ("OpenSSL", r"openssl/", ["gateway/*.cpp", "runtime/*.cpp", "runtime/*detail/*",
                              "discovery/pem_files.cpp", "discovery/registries/*.cpp"]),
]
ANYTHING_GOES = ("tests", "examples", "tools")  # but CAF
CODE = (".hpp", ".cpp", ".h", ".cc", ".hh", ".hxx", ".cxx", ".ipp", ".inl", ".tpp")
# What no public header may bring along, not even through a header of detail/.
HEAVY = re.compile(r"(grpc(pp)?|boost|spdlog/(?!fmt/)|nlohmann|yaml-cpp|nghttp2|openssl|prometheus)/|ares(_\w+)?\.h")
COMMENT = r"(?:/\*.*?\*/\s*)*"
INCLUDE = re.compile(rf'^\s*{COMMENT}(?:#|%:)\s*{COMMENT}(?:include|include_next|import)\s*{COMMENT}([<"])([^>"]+)[>"]')


def sources(root):
    for floor in FLOORS:
        for path in sorted((root / floor).rglob("*")):
            if path.suffix in CODE and "build" not in path.relative_to(root).parts:
                yield floor, path.relative_to(root).as_posix(), path


def own_header(floor, file, target):
    """Complaint about an include of the project's own, or None."""
    wanted, inner = target.split("/", 1) if "/" in target else (target, "")
    if wanted not in FLOORS[floor]:
        return f"{floor} may not include {wanted} (may: {', '.join(FLOORS[floor])})"
    if "detail" in inner.split("/") and floor not in (wanted, "tests"):
        return f"<brontes/{target}> is private to {wanted}"
    if "testkit" in inner.split("/") and floor not in ("tests", "examples", "tools"):
        if "testkit" not in file.split("/"):
            return f"<brontes/{target}> is for tests"
    return None


def library(floor, file, target):
    """Complaint about an include of a library, or None."""
    for name, pattern, allowed in LIBRARIES:
        if re.match(pattern, target):
            if floor in ANYTHING_GOES and name != "CAF":
                return None
            if not any(fnmatch.fnmatch(file, glob) for glob in allowed):
                return f"{name} (<{target}>) may only be included by {', '.join(allowed)}"
            return None
    return None


def complaint(root, floor, file, quote, target):
    if ".." in target.split("/") and (quote == "<" or floor not in ANYTHING_GOES):
        return f"'{target}': write the path without '..'"
    if target.startswith("brontes/"):
        if quote == '"':
            return f'write <{target}>, not "{target}"'
        if not (root / target.removeprefix("brontes/")).exists():
            return None  # generated, or the compiler will say so
        return own_header(floor, file, target.removeprefix("brontes/"))
    if quote == '"' and floor not in ANYTHING_GOES and not re.search(r"\.(pb\.h|brontes\.hpp)$", target):
        return f'"{target}": own headers are included as <brontes/...>'
    return library(floor, file, target)


def words_of(root, floor):
    """What a floor's CMakeLists.txt names."""
    lists = root / floor / "CMakeLists.txt"
    return set(re.findall(r"[\w./+-]+", lists.read_text())) if lists.exists() else set()


def listed(root):
    """Every header and source of a floor is in its CMakeLists.txt."""
    for floor in ("actors", "discovery", "gateway", "runtime"):
        words = words_of(root, floor)
        for path in sorted((root / floor).rglob("*")):
            name = path.relative_to(root / floor).as_posix()
            private = path.suffix == ".hpp" and "detail" in path.parts
            if path.suffix in CODE and not private and name not in words:
                yield f"{floor}/{name}:1: not listed in {floor}/CMakeLists.txt"


def unbuilt(root):
    """Every source of the other folders is named by a CMakeLists.txt: nothing is silently not built."""
    for folder in ("tests", "tools", "examples"):
        words = set()
        for lists in (root / folder).rglob("CMakeLists.txt"):
            words |= {word.rsplit("/", 1)[-1] for word in re.findall(r"[\w./+-]+", lists.read_text())}
        for path in sorted((root / folder).rglob("*.cpp")):
            # Some are named by their target alone.
            if not {path.name, path.stem, path.stem.removesuffix("_fuzz")} & words:
                yield f"{path.relative_to(root).as_posix()}:1: no CMakeLists.txt of {folder} names it"


def incomplete(root):
    """Public headers that include one which is not installed."""
    words = {floor: words_of(root, floor) for floor in FLOORS}
    for floor in FLOORS:
        for name in sorted(name for name in words[floor] if name.endswith(".hpp")):
            path = root / floor / name
            for target in includes(path) if path.exists() else ():
                _, _, rest = target.partition("brontes/")
                home, _, inner = rest.partition("/")
                if home in FLOORS and "/detail/" in target and inner not in words[home]:
                    yield f"{floor}/{name}:1: is installed, but {target} is not: list it in {home}/CMakeLists.txt"


def homeless(root):
    """Code outside of the floors."""
    for folder in sorted(root.iterdir()):
        if folder.is_dir() and folder.name not in FLOORS and folder.name[0] != "." and folder.name != "build":
            for path in sorted(folder.rglob("*")):
                if path.suffix in CODE:
                    yield f"{path.relative_to(root).as_posix()}:1: is on no floor ({', '.join(FLOORS)})"


def includes(path):
    matches = (INCLUDE.match(line) for line in path.read_text(errors="replace").splitlines())
    return [match[2] for match in matches if match]


def brought_along(root, path, way, seen):
    """The first heavy library that a header includes, and through which headers; or None."""
    for target in includes(path):
        if HEAVY.match(target):
            return [*way, target]
        inner = root / target.removeprefix("brontes/")
        if target.startswith("brontes/") and target not in seen and inner.exists():
            seen.add(target)
            if found := brought_along(root, inner, (*way, target), seen):
                return found
    return None


def light(root):
    """Public headers stay cheap to include."""
    for floor, file, path in sources(root):
        if floor in ANYTHING_GOES or path.suffix != ".hpp" or "detail" in path.parts:
            continue
        if (way := brought_along(root, path, (), set())) and len(way) > 1:
            yield f"{file}:1: a public header brings <{way[-1]}> along, by <{'>, <'.join(way[:-1])}>"


def check(root):
    found = []
    for floor, file, path in sources(root):
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            include = INCLUDE.match(line)
            if include and (text := complaint(root, floor, file, *include.groups())):
                found.append(f"{file}:{number}: {text}")
    for rule in (light, listed, unbuilt, incomplete, homeless):
        found += rule(root)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    found = check(parser.parse_args().root)
    print("\n".join(found) if found else "floors: ok")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
