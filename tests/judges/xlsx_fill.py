"""Shows what a workbook that is to be filled in asks for and allows. Prints one JSON object; exit code 0, or 2.

`sheets`: title, state and protection. Of the first sheet: `open` (unlocked cells with ground, number format and value),
`locked` (locked cells that hold something), `validations`, `demands` (conditional formats), and how it is printed.
"""

from __future__ import annotations

import argparse
from typing import Any

import openpyxl
from openpyxl.cell.cell import MergedCell

from common import print_json, run


def validation(one: Any) -> dict[str, Any]:
    return {
        "cells": str(one.sqref).split(),
        "type": one.type or "any",
        "operator": one.operator or "between",
        "formulas": [formula for formula in (one.formula1, one.formula2) if formula is not None],
        "style": one.errorStyle or "stop",
        "dropdown": one.type == "list" and not one.showDropDown,
        "title": one.promptTitle,
        "hint": one.prompt,
        "error": one.error,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("xlsx")
    args = parser.parse_args()
    book = openpyxl.load_workbook(args.xlsx)
    sheet = book.worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row if not isinstance(cell, MergedCell)]
    rules = [
        {"range": str(where.sqref), "formula": rule.formula[0], "ground": rule.dxf.fill.bgColor.rgb}
        for where, found in sheet.conditional_formatting._cf_rules.items()  # noqa: SLF001 - there is no other way
        for rule in found
    ]
    print_json({
        "sheets": [
            {"title": one.title, "state": one.sheet_state, "protected": bool(one.protection.sheet),
             "password": one.protection.password, "rows_can_grow": not one.protection.formatRows}
            for one in book.worksheets
        ],
        "open": {
            cell.coordinate: {"ground": cell.fill.fgColor.rgb, "format": cell.number_format, "value": cell.value}
            for cell in cells if not cell.protection.locked
        },
        "locked": {
            cell.coordinate: {"format": cell.number_format, "value": cell.value}
            for cell in cells if cell.protection.locked and cell.value is not None
        },
        "validations": [validation(one) for one in sheet.data_validations.dataValidation],
        "demands": rules,
        "macros": book.vba_archive is not None,
        "paper": [sheet.page_setup.orientation, sheet.page_setup.paperSize],
        "plain_print": bool(sheet.page_setup.blackAndWhite),
        "guide": [[cell.value for cell in row] for row in book.worksheets[1].iter_rows()],
    })
    return 0


if __name__ == "__main__":
    run(main)
