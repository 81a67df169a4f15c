"""Prints the notes of a workbook's first sheet.

An object from cell address to the note's text, as openpyxl reads it. Exit code 0, or 2 when the file cannot be read.
"""

from __future__ import annotations

import json
import sys

import openpyxl


def main() -> int:
    """List the notes of the workbook named on the command line."""
    try:
        book = openpyxl.load_workbook(sys.argv[1])
    except (OSError, KeyError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    cells = (cell for row in book.worksheets[0].iter_rows() for cell in row if cell.comment is not None)
    notes = {cell.coordinate: cell.comment.text for cell in cells}
    sys.stdout.buffer.write(json.dumps(notes, ensure_ascii=False).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
