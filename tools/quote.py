#!/usr/bin/env python3
"""Keeps code in documents equal to code that is compiled.

usage: tools/quote.py [fix] [--root DIR]     exit 0: equal, 1: differs, one line each

A document quotes a source by a comment above a code block:

    <!-- quote: examples/hello/main.cpp#serve -->
    ```cpp
    ...
    ```

The text must equal what stands in the source between a line `// [serve]` and the next `// [serve]` or
`// [/serve]` (`#` in scripts), without its common indentation. Without #NAME it is the whole file.
`fix` writes the source's text into the document.
"""
import argparse
import pathlib
import re
import sys
import textwrap

QUOTE = re.compile(r"(<!-- quote: (?P<file>[^\s#]+)(?:#(?P<region>[\w-]+))? -->\n"
                   r"```\w*\n)(?P<text>.*?)(?P<end>^```$)", re.DOTALL | re.MULTILINE)


def region(text, name):
    """The lines between the marks, or None unless there are two."""
    lines = text.splitlines()
    marks = [i for i, line in enumerate(lines)
             if re.fullmatch(rf"\s*(//|#) \[/?{re.escape(name)}\]", line)]
    if len(marks) != 2:
        return None
    inside = "\n".join(lines[marks[0] + 1:marks[1]])
    return textwrap.dedent(inside).strip("\n") + "\n"


def source(root, file, name):
    path = root / file
    if not path.is_file():
        raise ValueError(f"quotes {file}, which does not exist")
    text = path.read_text()
    if name is None:
        return text
    if (quoted := region(text, name)) is None:
        raise ValueError(f"quotes {file}#{name}, which has no two lines '// [{name}]'")
    return quoted


def check(root, document, fix):
    """Complaints about one document."""
    found, text = [], document.read_text()

    def replaced(match):
        line = text.count("\n", 0, match.start()) + 1
        where = f"{document.relative_to(root).as_posix()}:{line}:"
        try:
            wanted = source(root, match["file"], match["region"])
        except ValueError as error:
            found.append(f"{where} {error}")
            return match[0]
        if match["text"] != wanted and not fix:
            found.append(f"{where} differs from {match['file']}; run tools/quote.py fix")
        return match[1] + wanted + match["end"]

    after = QUOTE.sub(replaced, text)
    if text.count("<!-- quote:") != len(QUOTE.findall(text)):
        found.append(f"{document.relative_to(root).as_posix()}:1: a quote without a code block")
    if fix and after != text:
        document.write_text(after)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fix", nargs="?", choices=["fix"])
    parser.add_argument("--root", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent)
    arguments = parser.parse_args()
    root = arguments.root.resolve()
    documents = [*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md"))]
    found = [line for d in documents for line in check(root, d, arguments.fix)]
    print("\n".join(found) if found else "quotes: ok")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
