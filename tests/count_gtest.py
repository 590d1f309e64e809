#!/usr/bin/env python3
"""Prints how many tests passed, failed and were skipped in a directory of GoogleTest's XML reports."""
import pathlib
import sys
import xml.etree.ElementTree as xml

passed = failed = skipped = 0
for report in pathlib.Path(sys.argv[1]).glob("*.xml"):
    for case in xml.parse(report).iter("testcase"):
        if case.find("failure") is not None:
            failed += 1
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            skipped += 1
        else:
            passed += 1
print(passed, failed, skipped)
