#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Parses and verifies every ```mlir block of Markdown pages, so that no example goes stale.

usage: check_doc_examples.py --opt build/bin/condense-opt PAGE-OR-FOLDER ...

A block is a whole function or module, a list of attributes and types (each line that begins
with `#` or `!` begins one), or a fragment of a function body. A fragment may use values that it does not define: they become arguments of the
function that is put around it, and their types are what the parser says that it expects. Blank
lines stand for the text between the blocks, so that an error names the line of the page.
"""
import argparse
import collections
import pathlib
import re
import subprocess
import sys

PLACEHOLDER = "i1"
VALUE = r"%[A-Za-z0-9_$.-]+"
DEFINITION = re.compile(rf"^\s*({VALUE}(?::\d+)?(?:\s*,\s*{VALUE}(?::\d+)?)*)\s*=\s")
BLOCK_ARGUMENTS = re.compile(r"\^\w+\(([^)]*)\)")
WRONG_TYPE = re.compile(
    rf":(\d+):\d+: error: use of value '({VALUE})' expects different type than prior uses: "
    rf"'(.*)' vs '{PLACEHOLDER}'")
Block = collections.namedtuple("Block", "start lines arguments")


def read_blocks(path):
    """The mlir blocks of a page; `start` is the number of the first line inside, from 1."""
    blocks, current = [], None
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            text = line.rstrip("\n")
            if current is None:
                if text.strip() == "```mlir":
                    current = Block(number + 1, [], {})
            elif text.strip() == "```":
                if any(row.strip() for row in current.lines):
                    blocks.append(current)
                current = None
            else:
                current.lines.append(text)
    return blocks


def is_fragment(block):
    return not re.search(r"^\s*(func\.func|module|builtin\.module)\b", "\n".join(block.lines), re.M)


def undefined_values(block):
    """The values that a fragment uses and does not define, in order of use."""
    code = [re.sub(r"//.*", "", line) for line in block.lines]
    defined = set()
    for line in code:
        if match := DEFINITION.match(line):
            defined.update(re.findall(VALUE, match[1]))
        for arguments in BLOCK_ARGUMENTS.findall(line):
            defined.update(re.findall(VALUE, arguments))
    return [v for v in dict.fromkeys(re.findall(VALUE, "\n".join(code))) if v not in defined]


def wrapped(block):
    """The lines of the block as a module, as many as in the page, and its closing fence."""
    lines = list(block.lines)
    if not is_fragment(block):
        return lines + [""]
    starts = [i for i, line in enumerate(lines) if line[:1] in ("#", "!")]
    if starts:
        for count, i in enumerate(starts):
            lines[i] = f"{', ' if count else 'module attributes {'}doc.example{count} = {lines[i]}"
        return lines + ["} {}"]
    signature = ", ".join(f"{name}: {type}" for name, type in block.arguments.items())
    lines[0] = f"func.func @example({signature}) {{ {lines[0]}"
    return lines + ["return }"]


def check(opt, path):
    """Runs all blocks of a page; returns the messages of the tool, empty if all is well."""
    blocks = read_blocks(path)
    for block in filter(is_fragment, blocks):
        block.arguments.update((value, PLACEHOLDER) for value in undefined_values(block))
    while True:
        text = []
        for block in blocks:
            text += [""] * (block.start - 2 - len(text)) + ["// -----"] + wrapped(block)
        done = subprocess.run([opt, "--split-input-file", "--allow-unregistered-dialect", "-",
                               "-o", "/dev/null"], input="\n".join(text) + "\n",
                              capture_output=True, text=True)
        learned = 0
        for line, value, expected in WRONG_TYPE.findall(done.stderr):
            block = next(b for b in blocks if b.start <= int(line) < b.start + len(b.lines))
            learned += block.arguments.get(value) == PLACEHOLDER
            block.arguments[value] = expected
        if not learned:
            return len(blocks), done.stderr if done.returncode else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--opt", required=True, help="the opt tool that knows the dialects")
    parser.add_argument("pages", nargs="+", type=pathlib.Path, help="pages, or folders of pages")
    args = parser.parse_args()
    pages = [page for path in args.pages
             for page in (sorted(path.rglob("*.md")) if path.is_dir() else [path])]
    total = failed = 0
    for page in pages:
        count, errors = check(args.opt, page)
        total += count
        if errors:
            failed += 1
            print(re.sub(r"(?m)^(?:within split at )?<stdin>:", f"{page}:", errors), end="")
    print(f"{total} examples in {len(pages)} pages, errors in {failed} pages")
    return 1 if failed or not total else 0


if __name__ == "__main__":
    sys.exit(main())
