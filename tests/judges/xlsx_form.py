"""Prints how the first sheet of a workbook is made: its page, and each cell with its format and its stored result.

Exit code 0, or 2 when the file cannot be read.
"""

from __future__ import annotations

import json
import sys

import openpyxl


def main() -> int:
    """Describe the workbook named on the command line."""
    try:
        formulas = openpyxl.load_workbook(sys.argv[1])
        results = openpyxl.load_workbook(sys.argv[1], data_only=True)
    except (OSError, KeyError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    sheet, values = formulas.worksheets[0], results.worksheets[0]
    cells = {
        cell.coordinate: {
            "value": cell.value,
            "result": values[cell.coordinate].value,
            "format": cell.number_format,
            "locked": cell.protection.locked,
            "align": cell.alignment.horizontal,
            "indent": cell.alignment.indent,
            "border": cell.border.left.style is not None,
            "height": sheet.row_dimensions[cell.row].height,
        }
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }
    hidden = formulas["_jixiao"]
    book = {
        "orientation": sheet.page_setup.orientation,
        "titles": sheet.print_title_rows,
        "merged": sorted(str(area) for area in sheet.merged_cells.ranges),
        "cells": cells,
        "map": [[cell.value for cell in row] for row in hidden.iter_rows()],
    }
    sys.stdout.buffer.write(json.dumps(book, ensure_ascii=False, default=str).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
