"""Makes files that an importer of workbooks must survive.

`hostile.py NAME OUT` writes the one of that name, `hostile.py list` prints the names. None of them is made with the
program's own writer.
"""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MEGABYTE = 1 << 20

Part = str | bytes | Iterable[bytes]


def workbook(out: Path, sheet: Part, *, sheets: int = 1, **parts: Part) -> None:
    """Write a workbook whose sheets all have the same content; further parts by name, with `__` for `/`."""
    numbers = range(1, sheets + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        f'spreadsheetml.worksheet+xml"/>'
        for n in numbers
    )
    names = "".join(f'<sheet name="表{n}" sheetId="{n}" r:id="r{n}"/>' for n in numbers)
    targets = "".join(
        f'<Relationship Id="r{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    files: dict[str, Part] = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" '
        f'ContentType="application/xml"/><Default Extension="rels" ContentType="application/'
        f'vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{targets}</Relationships>',
    }
    for n in numbers:
        files[f"xl/worksheets/sheet{n}.xml"] = sheet
    files |= {name.replace("__", "/") + ".xml": part for name, part in parts.items()}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, part in files.items():
            with archive.open(name, "w", force_zip64=True) as file:
                for piece in [part] if isinstance(part, str | bytes) else part:
                    file.write(piece.encode() if isinstance(piece, str) else piece)


def worksheet(rows: str, after: str = "") -> str:
    """One sheet's markup."""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{after}</worksheet>'


def around(inner: Iterable[bytes], before: str = "", after: str = "") -> Iterator[bytes]:
    """One sheet's markup around rows that are made as they are written."""
    yield f'<worksheet xmlns="{MAIN}"><sheetData>{before}'.encode()
    yield from inner
    yield f"{after}</sheetData></worksheet>".encode()


def text(cell: str, words: str) -> str:
    """One row with one cell of text."""
    digits = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'<row r="{digits}"><c r="{cell}" t="inlineStr"><is><t>{words}</t></is></c></row>'


def repeated(piece: bytes, total: int) -> Iterator[bytes]:
    """So many bytes of the same piece."""
    block = piece * max(1, MEGABYTE // len(piece))
    for _ in range(total // len(block)):
        yield block


def blank_rows(count: int) -> Iterator[bytes]:
    """Rows of one styled cell without content."""
    for first in range(1, count + 1, 10_000):
        last = min(first + 10_000, count + 1)
        yield "".join(f'<row r="{n}"><c r="A{n}" s="1"/></row>' for n in range(first, last)).encode()


def far_cell(out: Path) -> None:
    workbook(out, worksheet(text("A1", "首") + text("XFD1048576", "末")))


def outside_cell(out: Path) -> None:
    workbook(out, worksheet(text("XFE1", "外")))


def bomb(out: Path) -> None:
    workbook(out, around(repeated(b"<row/>", 2_000 * MEGABYTE)))


def lying_bomb(out: Path) -> None:
    """A bomb whose declared sizes are small: the sizes in the directory are overwritten."""
    workbook(out, around(repeated(b"<row/>", 600 * MEGABYTE)))
    data = bytearray(out.read_bytes())
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        # A size of 0xffffffff stands in the extra field, which is then no longer read.
        data[at + 24 : at + 28] = (1_000).to_bytes(4, "little")
        at = data.find(b"PK\x01\x02", at + 4)
    out.write_bytes(data)


def blank_rows_many(out: Path) -> None:
    workbook(out, around(blank_rows(1_048_576), before=text("A1", "首")))


def shared_strings_huge(out: Path) -> None:
    strings = around(repeated(b"<si><t>abcdefgh</t></si>", 200 * MEGABYTE))
    workbook(out, worksheet(""), xl__sharedStrings=strings)


def shared_strings_endless(out: Path) -> None:
    inner = repeated(b"a", 200 * MEGABYTE)
    strings = [f'<sst xmlns="{MAIN}"><si><t>'.encode(), *inner, b"</t></si></sst>"]
    workbook(out, worksheet(""), xl__sharedStrings=strings)


def shared_strings_announced(out: Path) -> None:
    workbook(out, worksheet(""), xl__sharedStrings=f'<sst xmlns="{MAIN}" uniqueCount="99999999999999"/>')


def shared_string_repeated(out: Path) -> None:
    strings = f'<sst xmlns="{MAIN}"><si><t>{"字" * 30_000}</t></si></sst>'
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 100_001))
    workbook(out, worksheet(rows), xl__sharedStrings=strings)


def shared_string_missing(out: Path) -> None:
    workbook(out, worksheet('<row r="1"><c r="A1" t="s"><v>7</v></c></row>'))


def sheets_many(out: Path) -> None:
    workbook(out, worksheet(text("A1", "首")), sheets=3_000)


def sheets_shared(out: Path) -> None:
    """One large part as the content of every sheet."""
    names = "".join(f'<sheet name="表{n}" sheetId="{n}" r:id="r1"/>' for n in range(1, 901))
    rows = repeated(b'<row r="1"><c r="A1"/></row>', 100 * MEGABYTE)
    workbook(out, around(rows), xl__workbook=f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{names}</sheets></workbook>')


def deep(out: Path) -> None:
    workbook(out, around(repeated(b"<a>", 100 * MEGABYTE)))


def endless_cell(out: Path) -> None:
    workbook(out, around(repeated(b"<t>abc</t>", 200 * MEGABYTE), before='<row r="1"><c r="A1" t="inlineStr"><is>'))


def endless_comment(out: Path) -> None:
    workbook(out, around(repeated(b"<->", 200 * MEGABYTE), before="<!--", after="-->"))


def entities(out: Path) -> None:
    inner = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    workbook(out, f'<!DOCTYPE worksheet [<!ENTITY e0 "lol">{inner}]>' + worksheet(text("A1", "&e9;")))


def styles_many(out: Path) -> None:
    fonts = f'<fonts><font><name val="{"a" * 1_900}"/></font></fonts>'
    inner = [f'<styleSheet xmlns="{MAIN}">{fonts}<cellXfs>'.encode(), *repeated(b'<xf fontId="0"/>', 16 * MEGABYTE)]
    workbook(out, worksheet(""), xl__styles=[*inner, b"</cellXfs></styleSheet>"])


def strings_allowed(out: Path) -> None:
    """As many shared strings as are read."""
    inner = (f"<si><t>{n}</t></si>".encode() for n in range(990_000))
    strings = [f'<sst xmlns="{MAIN}" uniqueCount="990000">'.encode(), b"".join(inner), b"</sst>"]
    workbook(out, worksheet('<row r="1"><c r="A1" t="s"><v>7</v></c></row>'), xl__sharedStrings=strings)


def styles_allowed(out: Path) -> None:
    """As many formats as are read, each with names as long as they may be."""
    code = f'<numFmts><numFmt numFmtId="164" formatCode="{"0" * 1_900}"/></numFmts>'
    fonts = f'<fonts><font><name val="{"a" * 1_900}"/></font></fonts>'
    formats = b'<xf numFmtId="164" fontId="0"/>' * 39_990
    inner = [f'<styleSheet xmlns="{MAIN}">{code}{fonts}<cellXfs>'.encode(), formats, b"</cellXfs></styleSheet>"]
    workbook(out, worksheet(text("A1", "首")), xl__styles=inner)


def sheet_allowed(out: Path) -> None:
    """As many blank cells as are read."""
    row = "".join(f'<c r="{letter}1" s="1"/>' for letter in "ABCDEFGHIJ")
    rows = repeated(f"<row>{row}</row>".encode(), 250 * MEGABYTE)
    workbook(out, around(rows, before=text("A1", "首") + '<row r="2"><c r="A2"><v>5</v></c></row>'))


def cells_allowed(out: Path) -> None:
    """Nearly as much text as is read."""
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{"字" * 26}</t></is></c></row>' for n in range(1, 290_000))
    workbook(out, worksheet(rows))


def names_many(out: Path) -> None:
    """A list of names as long as a sheet may be."""
    inner = repeated(b'<definedName name="a">b</definedName>', 200 * MEGABYTE)
    workbook(out, worksheet(""), xl__workbook=around(inner))


def external_links(out: Path) -> None:
    formula = "'[1]other'!A1"
    cell = f'<row r="2"><c r="A2"><f>{formula}</f><v>5</v></c></row>'
    link = f'<externalLink xmlns="{MAIN}"><externalBook/></externalLink>'
    workbook(out, worksheet(text("A1", "首") + cell), xl__externalLinks__externalLink1=link)


def formulas(out: Path) -> None:
    cells = (
        '<c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>1+1</f></c><c r="C1" t="e"><f>X1</f><v>#REF!</v></c>'
        '<c r="D1"><f t="shared" si="99999999999" ref="D1:D2">1</f><v>269.30000000000001</v></c>'
        '<c r="E1" t="str"><f>""</f><v></v></c>'
    )
    workbook(out, worksheet(f'<row r="1">{cells}</row>'))


def merges(out: Path) -> None:
    ranges = ["A1:B2", "B2:C3", "C5:A1", "A9:XFE9", "A1048576:A1048577", "A20:XFD1048576"]
    inner = "".join(f'<mergeCell ref="{name}"/>' for name in ranges)
    workbook(out, worksheet(text("A1", "首"), f"<mergeCells>{inner}</mergeCells>"))


def merges_many(out: Path) -> None:
    inner = repeated(b'<mergeCell ref="A1:B2"/>', 100 * MEGABYTE)
    workbook(out, around(inner, before="</sheetData><mergeCells>", after="</mergeCells><sheetData>"))


def password(out: Path) -> None:
    """What Excel writes for a workbook with a password, as far as it can be told from outside."""
    compound_file(out, "EncryptedPackage")


def old_format(out: Path) -> None:
    compound_file(out, "Workbook")


def compound_file(out: Path, stream: str) -> None:
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
    out.write_bytes(head + "Root Entry".encode("utf-16-le") + bytes(100) + stream.encode("utf-16-le") + bytes(2_000))


def text_file(out: Path) -> None:
    out.write_text("项目名称,主管部门\n甲,乙\n", encoding="gbk")


def binary_workbook(out: Path) -> None:
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.bin", b"\x83\x01\x00")


def open_document(out: Path) -> None:
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")


def archive_only(out: Path) -> None:
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("readme.txt", "x")


def truncated(out: Path) -> None:
    buffer = out.with_suffix(".whole")
    far_cell(buffer)
    data = buffer.read_bytes()
    buffer.unlink()
    out.write_bytes(data[: len(data) * 2 // 3])


def corrupt(out: Path) -> None:
    """One byte of a part's data is wrong."""
    workbook(out, worksheet(text("A1", "甲乙丙丁" * 50)))
    data = bytearray(out.read_bytes())
    at = data.rfind(b"sheet1.xml", 0, data.find(b"PK\x01\x02")) + 60
    data[at] ^= 0xFF
    out.write_bytes(data)


def empty_archive(out: Path) -> None:
    buffer = io.BytesIO()
    zipfile.ZipFile(buffer, "w").close()
    out.write_bytes(buffer.getvalue())


def empty_file(out: Path) -> None:
    out.write_bytes(b"")


def noise(out: Path) -> None:
    out.write_bytes(bytes(range(256)) * 40)


MAKERS: dict[str, Callable[[Path], None]] = {
    maker.__name__.replace("_", "-"): maker
    for maker in (
        far_cell, outside_cell, bomb, lying_bomb, blank_rows_many, shared_strings_huge, shared_strings_endless,
        shared_strings_announced, shared_string_repeated, shared_string_missing, sheets_many, sheets_shared, deep, endless_cell,
        endless_comment, entities, styles_many, strings_allowed, styles_allowed, sheet_allowed, cells_allowed, names_many, external_links, formulas, merges, merges_many, password,
        old_format, text_file, binary_workbook, open_document, archive_only, truncated, corrupt, empty_archive,
        empty_file, noise,
    )
}  # fmt: skip


def main() -> int:
    """Make what the command line names."""
    if sys.argv[1] == "list":
        print("\n".join(MAKERS))
    else:
        MAKERS[sys.argv[1]](Path(sys.argv[2]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
