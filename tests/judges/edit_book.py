"""Changes a workbook as a person would: `edit_book.py IN OUT SCRIPT`.

The script is Python; `book` is the workbook, `sheet` its first sheet, and `find(text)` the first cell of `sheet` that
holds the text or number, or whose text begins with it. `put(path, value)` fills the cell in that the workbook's own
map names for a JSON Pointer.
"""

from __future__ import annotations

import sys
from typing import Any

import openpyxl


def main() -> int:
    """Change the workbook named on the command line."""
    source, target, script = sys.argv[1:]
    book = openpyxl.load_workbook(source)
    names: dict[str, Any] = {"book": book, "sheet": book.worksheets[0]}

    def find(text: str) -> Any:
        cells = (cell for row in names["sheet"].iter_rows() for cell in row if cell.value is not None)
        return next(cell for cell in cells if str(cell.value).startswith(text))

    def put(path: str, value: Any) -> None:
        rows = book["_jixiao"].iter_rows(max_col=4, values_only=True)
        names["sheet"][next(row[1] for row in rows if row[0] == "value" and row[3] == path)] = value

    names |= {"find": find, "put": put}
    exec(script, names)
    book.save(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
