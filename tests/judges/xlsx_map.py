"""Reads the data of a workbook's tables back by its very hidden map, as the map's description says.

Prints a JSON list with an object for each table: `sheet`, `form`, `version`, `fill`, and `values` from JSON Pointer to
text. With `--data` and data files, in the order of the tables: judges whether the values are those of the files.
With `--fill` and a JSON object from JSON Pointer to value: writes the values into the cells that the map names, and
saves the workbook under `--output` first. Exit code 0, 1 (the values differ), or 2 on failure.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import yaml
from openpyxl.utils.datetime import to_excel

from common import Report, print_json, run

LAYOUT = "2"


@dataclass
class Cell:
    """What the map says of one cell."""

    parts: list[tuple[str | None, str]] = field(default_factory=list)  # path or None, and text
    shown: str | None = None


@dataclass
class Section:
    """What the map says of one table."""

    sheet: str
    form: str = ""
    version: str = ""
    fill: bool = False
    cells: dict[str, Cell] = field(default_factory=dict)
    unprinted: dict[str, str] = field(default_factory=dict)


def read_map(book: Any) -> list[Section]:
    """Raises ValueError when the rows are not as described."""
    sections: list[Section] = []
    for number, row in enumerate(book["_jixiao"].iter_rows(values_only=True)):
        cells = [cell if cell is not None else "" for cell in row] + [""] * 5
        kind, cell, part, path = cells[:4]
        text = "".join(cells[4:])
        if not all(isinstance(one, str) for one in cells):
            raise ValueError(f"row {number + 1} holds something else than text")
        if (kind == "jixiao") != (number == 0):
            raise ValueError(f"row {number + 1}: {kind}")
        if kind == "jixiao":
            if text != LAYOUT:
                raise ValueError(f"layout {text}")
            continue
        if kind == "sheet":
            sections.append(Section(text))
            continue
        section = sections[-1]
        if kind in ("form", "version"):
            setattr(section, kind, text)
        elif kind == "fill":
            section.fill = text == "1"
        elif kind == "computed":
            continue
        elif kind in ("literal", "value"):
            parts = section.cells.setdefault(cell, Cell()).parts
            if part != str(len(parts)) or (kind == "value") != bool(path):
                raise ValueError(f"row {number + 1}: part {part}")
            parts.append((path or None, text))
        elif kind == "shown":
            section.cells[cell].shown = text
        elif kind == "unprinted":
            section.unprinted[path] = text
        else:
            raise ValueError(f"row {number + 1}: {kind}")
    return sections


def text_of(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = to_excel(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return format(Decimal(repr(value)).normalize(), "f")


def values_of(section: Section, sheet: Any) -> dict[str, str]:
    """The values of a table. Raises ValueError when a cell cannot be told apart."""
    values = dict(section.unprinted)
    for address, cell in section.cells.items():
        places = [at for at, (path, _) in enumerate(cell.parts) if path is not None]
        text = text_of(sheet[address].value)
        if not places:
            if text != "".join(words for _, words in cell.parts):
                raise ValueError(f"{address} does not hold the form's words: {text}")
        elif cell.shown is not None:
            if cell.shown != text:
                raise ValueError(f"{address} holds {text!r}, the map says {cell.shown!r}")
            values.update({cell.parts[at][0]: cell.parts[at][1] for at in places})
        else:
            (only,) = places
            if section.fill and len(cell.parts) > 1:
                raise ValueError(f"{address} holds more than its value")
            before = "".join(words for _, words in cell.parts[:only])
            after = "".join(words for _, words in cell.parts[only + 1 :])
            text = text.removeprefix(before).removesuffix(after)
            if text or not section.fill:
                values[cell.parts[only][0]] = text
    return values


def flat(data: Any, path: str = "") -> dict[str, str]:
    """Scalars by JSON Pointer; nothing for what is empty."""
    if isinstance(data, dict):
        items = [(key.replace("~", "~0").replace("/", "~1"), value) for key, value in data.items()]
    elif isinstance(data, list):
        items = list(enumerate(data))
    else:
        return {path: data}
    found: dict[str, str] = {}
    for key, value in items:
        found.update(flat(value, f"{path}/{key}"))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("xlsx", type=Path)
    parser.add_argument("--data", type=Path, nargs="+")
    parser.add_argument("--fill", type=Path)
    parser.add_argument("--output", type=Path)
    args = parser.parse_args()
    book = openpyxl.load_workbook(args.xlsx)
    sections = read_map(book)
    if args.fill:
        wanted = json.loads(args.fill.read_text(encoding="utf-8"))
        section = sections[0]
        for address, cell in section.cells.items():
            for path, _ in cell.parts:
                if path in wanted:
                    target = book[section.sheet][address]
                    target.value = wanted.pop(path)
                    # In a cell for texts a leading "=" begins no formula.
                    if isinstance(target.value, str) and target.number_format == "@":
                        target.data_type = "s"
        if wanted:
            raise ValueError(f"no cell for {', '.join(wanted)}")
        book.save(args.output)
    tables = [
        {
            "sheet": section.sheet,
            "form": section.form,
            "version": section.version,
            "fill": section.fill,
            "values": values_of(section, book[section.sheet]),
        }
        for section in sections
    ]
    if not args.data:
        print_json(tables)
        return 0
    report = Report(facts={"tables": len(tables)})
    report.expect("number of tables", len(args.data), len(tables))
    for table, path in zip(tables, args.data, strict=False):
        # Every scalar as it was typed; what is empty is no value of a table that shows it.
        data = flat(yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.BaseLoader))
        found = table["values"]
        for pointer in sorted(set(data) | set(found)):
            if (data.get(pointer) or "") != (found.get(pointer) or ""):
                report.add("value", table=table["sheet"], at=pointer, expected=data.get(pointer), found=found.get(pointer))
    return report.finish()


if __name__ == "__main__":
    run(main)
