"""Shared ground of the judges: the expectation file, the report, and how a cell of a workbook shows a number.

Every judge prints one JSON object and exits 0 (accepted), 1 (differences found) or 2 (could not judge).
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

MONEY_LABEL = "项目资金\n（万元）"
AMOUNT = re.compile(r"-?\d+(\.\d+)?")


@dataclass
class Expected:
    """One table as it must read: `rows` has merged cells repeated in every place that they cover."""

    project: str
    pages: int
    title: list[str]
    rows: list[list[str]]
    # [row, column, rows, columns], all from 0; None where the file does not say.
    merges: list[list[int]] | None

    @property
    def columns(self) -> int:
        return len(self.rows[0])

    def anchors(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Every place of the table, and the top left place of the cell that covers it."""
        places = {(r, c): (r, c) for r in range(len(self.rows)) for c in range(self.columns)}
        for row, column, rows, columns in self.merges or []:
            for r in range(row, row + rows):
                for c in range(column, column + columns):
                    places[r, c] = (row, column)
        return places

    def spans_rows(self, row: int, column: int) -> bool:
        """Whether a cell that covers several rows has its top left place here."""
        return any(m[0] == row and m[1] == column and m[2] > 1 for m in self.merges or [])

    def is_amount(self, row: int, column: int) -> bool:
        """Whether this place is an amount of money, which a workbook must hold as a number."""
        cells = self.rows[row]
        if cells[0] != MONEY_LABEL or column < 3 or not AMOUNT.fullmatch(cells[column]):
            return False
        return column == 4 or cells[3] != cells[2]


def load_expected(path: str) -> Expected:
    data = json.loads(Path(path).read_text(encoding="utf-8"))
    rows = data["rows"]
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        raise ValueError(f"{path}: rows of unequal length")
    return Expected(data["project"], data["pages"], data["title"], rows, data.get("merges"))


@dataclass
class Report:
    """What a judge found; `differences` decide the exit code, `facts` are for the reader."""

    facts: dict[str, Any] = field(default_factory=dict)
    differences: list[dict[str, Any]] = field(default_factory=list)

    def add(self, what: str, **details: Any) -> None:
        self.differences.append({"what": what, **details})

    def expect(self, what: str, expected: Any, found: Any) -> None:
        if expected != found:
            self.add(what, expected=expected, found=found)

    def cell(self, row: int, column: int, expected: str, found: Any, what: str = "cell") -> None:
        """A cell that differs; rows and columns are counted from 1, the title is not counted."""
        if isinstance(found, str):
            expected, found = around_difference(expected, found)
        entry = {"what": what, "row": row + 1, "column": column + 1, "expected": expected, "found": found}
        if not self.differences or not is_beside(self.differences[-1], entry):
            self.differences.append(entry)

    def finish(self) -> int:
        print_json({"ok": not self.differences, **self.facts, "differences": self.differences})
        return 1 if self.differences else 0


def around_difference(expected: str, found: str) -> tuple[str, str]:
    """Long texts cut down to where they begin to differ, short ones as they are."""
    if max(len(expected), len(found)) <= 80:
        return expected, found
    a, b = expected.replace("\n", ""), found.replace("\n", "")
    at = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    start = max(0, at - 20) if a != b else 0
    return tuple(("…" if start else "") + t[start : start + 60] + ("…" if len(t) > start + 60 else "") for t in (a, b))


def is_beside(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """The same difference again in the next place of the row, as a merged cell gives it."""
    if other["column"] - one.get("last_column", one.get("column", 0)) != 1:
        return False
    if any(one.get(key) != other[key] for key in ("what", "row", "expected", "found")):
        return False
    one["last_column"] = other["column"]
    return True


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def run(main: Callable[[], int]) -> None:
    """Run a judge; what it cannot judge at all is exit code 2, as with argparse, and never a traceback alone."""
    # The output is read through a pipe, where Python would otherwise follow the locale.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8")
    try:
        code = main()
    except Exception as error:  # noqa: BLE001 - the last place that can report it
        print_json({"ok": False, "error": f"{type(error).__name__}: {error}"})
        code = 2
    sys.exit(code)


def display(value: int | float, number_format: str) -> str:
    """How a spreadsheet shows a number under one of the plain decimal formats; raises on any other format."""
    number = Decimal(repr(value))
    pattern = number_format.split(";")[0]
    if pattern == "General":
        text = format(number, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    match = re.fullmatch(r"(#,##)?(0+)(?:\.(0*)(#*))?(?:_\s|_\))?", pattern)
    if not match:
        raise ValueError(f"number format not understood: {number_format}")
    thousands, whole, fixed, free = match[1], match[2], len(match[3] or ""), len(match[4] or "")
    rounded = abs(number).quantize(Decimal(1).scaleb(-(fixed + free)), ROUND_HALF_UP)
    integer, _, fraction = format(rounded, "f").partition(".")
    while len(fraction) > fixed and fraction.endswith("0"):
        fraction = fraction[:-1]
    integer = integer.zfill(len(whole))
    if thousands:
        integer = f"{int(integer):,}"
    sign = "-" if number < 0 and rounded != 0 else ""
    # A format such as `0.##` leaves the bare point behind, as Excel does.
    point = "." if "." in pattern and (fraction or not fixed) else ""
    return f"{sign}{integer}{point}{fraction}"
