"""Judge: a stock YAML 1.1 reader finds the same texts in a file as the program that wrote it.

A number may come for a text that writes the same number; everything else must be the text itself.
"""

from __future__ import annotations

import argparse
import json
from decimal import Decimal
from pathlib import Path

import yaml

from common import Report, run


def differences(found: object, wanted: object, place: str, report: Report) -> None:
    if isinstance(wanted, dict) and isinstance(found, dict) and sorted(map(str, found)) == sorted(wanted):
        by_name = {str(key): value for key, value in found.items()}
        for key, value in wanted.items():
            differences(by_name[key], value, f"{place}/{key}", report)
    elif isinstance(wanted, list) and isinstance(found, list) and len(found) == len(wanted):
        for index, value in enumerate(wanted):
            differences(found[index], value, f"{place}/{index}", report)
    elif isinstance(found, (int, float)) and not isinstance(found, bool) and isinstance(wanted, str):
        if Decimal(str(found)) != Decimal(wanted):
            report.add("number", at=place, found=str(found), wanted=wanted)
    elif found != wanted:
        report.add("value", at=place, found=repr(found), wanted=repr(wanted))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("written", type=Path)
    parser.add_argument("wanted", type=Path, help="the same data as JSON in which every scalar is text")
    args = parser.parse_args()
    report = Report(facts={})
    wanted = json.loads(args.wanted.read_text(encoding="utf-8"))
    # PyYAML takes text in any case: read as bytes so that line ends stay as they are.
    differences(yaml.safe_load(args.written.read_bytes()), wanted, "", report)
    return report.finish()


if __name__ == "__main__":
    run(main)
