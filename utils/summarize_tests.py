#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Lists the skipped and failed tests of a lit run; prints "N passed, N failed, N skipped".

usage: summarize_tests.py RESULTS.xml   (written by lit's --xunit-xml-output)

Exits with 1 if a test failed, or if no test ran at all.
"""
import sys
import xml.etree.ElementTree as ElementTree


def main():
    try:
        cases = list(ElementTree.parse(sys.argv[1]).iter("testcase"))
    except (OSError, ElementTree.ParseError) as error:
        print(f"summarize_tests: error: no test results: {error}", file=sys.stderr)
        cases = []

    passed = failed = skipped = 0
    for case in cases:
        name = f"{case.get('classname')}/{case.get('name')}"
        reason = case.find("skipped")
        if reason is not None:
            skipped += 1
            print(f"SKIP: {name}: {reason.get('message')}")
        elif case.find("failure") is not None or case.find("error") is not None:
            failed += 1
            print(f"FAIL: {name}")
        else:
            passed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
