"""Prints every cell of a workbook's first sheet that holds something.

A list of pairs: the cell's type as openpyxl sees it ("s" text, "n" number, "f" formula), and its value.
Tests use it where no expectation file exists. Exit code 0, or 2 when the file cannot be read.
"""

from __future__ import annotations

import json
import sys

import openpyxl


def main() -> int:
    """Dump the workbook named on the command line."""
    try:
        book = openpyxl.load_workbook(sys.argv[1])
    except (OSError, KeyError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    sheet = book.worksheets[0]
    cells = [[cell.data_type, cell.value] for row in sheet.iter_rows() for cell in row if cell.value is not None]
    sys.stdout.buffer.write(json.dumps(cells, ensure_ascii=False, default=str).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
