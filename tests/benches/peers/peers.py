"""The same tables by this product and by what a user could pick instead, side by side.

    python peers.py BINARY [ROUNDS]

Every round runs every tool once on the same documents, so that a busy machine slows all of them; the table
gives medians over the rounds. Every document differs from every other in its names and values. Tools that
can stay in one process do so ("warm"). What a tool needs is prepared before its clock starts: data as JSON
for typst, HTML for WeasyPrint, cells with their heights for the workbook libraries.
"""

import copy
import html
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import openpyxl
import typst
import weasyprint
import xlsxwriter
import yaml
from openpyxl.styles import Alignment, Border, Font, Side

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
TITLE = "江苏省省级项目预算绩效目标表"
WIDTHS = [2.6, 2.9, 5.5, 2.9, 3.1]


class Texts(yaml.SafeLoader):
    """Every scalar stays the text that was typed."""


Texts.yaml_implicit_resolvers = {}


def documents(count):
    """Copies of the published tables, each with other names and values."""
    published = sorted((ROOT / "data/江苏省数据局").glob("*.yaml"))
    originals = [yaml.load(path.read_text("utf-8"), Texts) for path in published]
    for number in range(count):
        data = copy.deepcopy(originals[number % len(originals)])
        data["项目名称"] += f"第{number}批"
        data["项目负责人"] += str(number)
        data["立项必要性"] = f"第{number}批。" + data["立项必要性"]
        for groups in data["绩效指标"].values():
            for items in groups.values():
                for position, item in enumerate(items):
                    if position % 2 == 0:
                        item["全年"] += f"（{number}）"
        yield data


def cells(data):
    """The table as (row, column, rows, columns, text, role), as one writes it by hand."""
    out, row = [], 0

    def put(column, text, role="value", rows=1, columns=1):
        out.append((row, column, rows, columns, text, role))

    for a, x, b, y in [
        ("项目名称", data["项目名称"], "主管部门", data["主管部门"]),
        ("项目类型", data["项目类型"], "项目级次", data["项目级次"]),
        ("开始时间", data["开始时间"] + "年", "完成时间", data["完成时间"] + "年"),
        ("实施单位", data["实施单位"], "项目负责人/\n联系电话", f"{data['项目负责人']} {data['联系电话']}"),
    ]:
        put(0, a, "label"), put(1, x, columns=2), put(3, b, "label"), put(4, y)
        row += 1
    for key in ["立项必要性", "实施可行性", "项目实施内容"]:
        put(0, key, "label"), put(1, data[key], "text", columns=4)
        row += 1
    income, spending = data["项目资金"]["收入"], data["项目资金"]["支出"]
    put(0, "项目资金\n（万元）", "label", rows=2 + len(income) + len(spending))
    put(1, "收入", "label", rows=1 + len(income))
    put(2, "", columns=2), put(4, "全年（程）\n预算数", "label")
    row += 1
    for key, amount in income.items():
        put(2, key, "label", columns=2), put(4, amount, "amount")
        row += 1
    put(1, "支出", "label", rows=1 + len(spending))
    put(2, ""), put(3, "半年（程）\n计划执行数", "label"), put(4, "全年（程）\n预算数", "label")
    row += 1
    for line in spending:
        put(2, line["名称"]), put(3, line["半年计划执行数"], "amount"), put(4, line["全年预算数"], "amount")
        row += 1
    for key in ["中长期目标", "年度目标"]:
        put(0, key, "label"), put(1, data[key], "text", columns=4)
        row += 1
    for column, text in enumerate(["一级指标", "二级指标", "三级指标", "半年（程）\n指标值", "全年（程）\n指标值"]):
        put(column, text, "label")
    row += 1
    for first, groups in data["绩效指标"].items():
        put(0, first, "label", rows=sum(max(1, len(items)) for items in groups.values()))
        for second, items in groups.items():
            put(1, second, "label", rows=max(1, len(items)))
            for item in items or [{"指标": "", "半年": "", "全年": ""}]:
                put(2, item["指标"]), put(3, item["半年"]), put(4, item["全年"])
                row += 1
    return out, row


def heights(table, rows):
    """Row heights in points, good enough and free of charge for the others."""
    out = [20.0] * rows
    for row, column, tall, wide, text, _ in table:
        if tall == 1:
            width = sum(WIDTHS[column : column + wide]) / 2.54 * 72 - 8
            lines = sum(max(1, -(-len(part) * 10.5 // width)) for part in text.split("\n"))
            out[row] = max(out[row], lines * 13.0 + 8)
    return [min(height, 409.0) for height in out]


def page(data):
    """The table as a page for WeasyPrint."""
    table, rows = cells(data)
    lines = [[] for _ in range(rows)]
    for row, _, tall, wide, text, role in table:
        tag = "th" if role == "label" else "td"
        words = html.escape(text).replace("\n", "<br>")
        lines[row].append(f'<{tag} class="{role}" rowspan="{tall}" colspan="{wide}">{words}</{tag}>')
    body = "".join(f"<tr>{''.join(line)}</tr>" for line in lines)
    columns = "".join(f'<col style="width: {width}cm">' for width in WIDTHS)
    style = (
        "@page { size: A4; margin: 2cm } body { font: 10.5pt 'Noto Serif CJK SC' } h1, h2 { text-align: center }"
        "table { border-collapse: collapse; table-layout: fixed; width: 17cm } tr { break-inside: avoid }"
        "th, td { border: 0.5pt solid; padding: 4pt; font-weight: normal; text-align: center } .text { text-align: left }"
    )
    return (
        f'<html lang="zh-CN"><head><title>{html.escape(data["项目名称"])}</title><style>{style}</style></head><body>'
        f"<h1>{TITLE}</h1><h2>{data['年度']}年度</h2><table>{columns}{body}</table></body></html>"
    )


def with_xlsxwriter(tables, folder):
    for number, (table, tall) in enumerate(tables):
        book = xlsxwriter.Workbook(str(folder / f"{number}.xlsx"))
        base = {"font_name": "宋体", "font_size": 10.5, "border": 1, "valign": "vcenter", "text_wrap": True}
        formats = {
            role: book.add_format(base | {"align": "left" if role == "text" else "center"})
            for role in ["label", "value", "text", "amount"]
        }
        formats["amount"].set_num_format("0.00")
        sheet = book.add_worksheet("绩效目标表")
        sheet.set_paper(9), sheet.center_horizontally(), sheet.fit_to_pages(1, 0)
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width * 4.6)
        for row, height in enumerate(tall):
            sheet.set_row(row, height)
        for row, column, rows, columns, text, role in table:
            if rows > 1 or columns > 1:
                sheet.merge_range(row, column, row + rows - 1, column + columns - 1, "", formats[role])
            if role == "amount":
                sheet.write_number(row, column, float(text), formats[role])
            else:
                sheet.write_string(row, column, text, formats[role])
        book.close()


def with_openpyxl(tables, folder):
    side = Side(style="thin")
    border, font = Border(side, side, side, side), Font(name="宋体", size=10.5)
    for number, (table, tall) in enumerate(tables):
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title, sheet.page_setup.paperSize = "绩效目标表", 9
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        for column, width in enumerate(WIDTHS):
            sheet.column_dimensions["ABCDE"[column]].width = width * 4.6
        for row, height in enumerate(tall):
            sheet.row_dimensions[row + 1].height = height
        for row, column, rows, columns, text, role in table:
            for r in range(row, row + rows):
                for c in range(column, column + columns):
                    sheet.cell(r + 1, c + 1).border = border
            if rows > 1 or columns > 1:
                sheet.merge_cells(None, row + 1, column + 1, row + rows, column + columns)
            cell = sheet.cell(row + 1, column + 1)
            cell.font, cell.border = font, border
            side_of_text = "left" if role == "text" else "center"
            cell.alignment = Alignment(horizontal=side_of_text, vertical="center", wrap_text=True)
            if role == "amount":
                cell.value, cell.number_format = float(text), "0.00"
            else:
                cell.value = text
        book.save(folder / f"{number}.xlsx")


class Bench:
    def __init__(self, binary, folder, count):
        self.binary, self.folder, self.count = binary, folder, count
        self.data = list(documents(count))
        source = folder / "data"
        source.mkdir()
        for number, data in enumerate(self.data):
            text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=10**9)
            (source / f"{number}.yaml").write_text(text, "utf-8")
        self.json = [json.dumps(data | {"标题": TITLE}, ensure_ascii=False) for data in self.data]
        self.pages = [page(data) for data in self.data]
        self.tables = []
        for data in self.data:
            table, rows = cells(data)
            self.tables.append((table, heights(table, rows)))

    def ours(self, kind, out):
        run = [self.binary, "render", self.folder / "data", "-o", out, "--format", kind, "-j", "1", "--quiet"]
        subprocess.run(run, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self.count

    def typst_warm(self, out):
        compiler = typst.Compiler(input=str(HERE / "table.typ"))
        for number, data in enumerate(self.json):
            pdf = compiler.compile(sys_inputs={"data": data}, format="pdf", pdf_standards=["a-2a"])
            (out / f"{number}.pdf").write_bytes(pdf)
        return self.count

    def typst_process(self, out, count=8):
        code = (
            "import sys, typst; typst.compile(sys.argv[1], output=sys.argv[2], format='pdf', "
            "sys_inputs={'data': sys.stdin.read()}, pdf_standards=['a-2a'])"
        )
        for number, data in enumerate(self.json[:count]):
            run = [sys.executable, "-c", code, HERE / "table.typ", out / f"{number}.pdf"]
            subprocess.run(run, check=True, input=data.encode())
        return count

    def weasyprint(self, out, count=5):
        for number, text in enumerate(self.pages[:count]):
            weasyprint.HTML(string=text).write_pdf(out / f"{number}.pdf", pdf_variant="pdf/a-2u", pdf_tags=True)
        return count

    def libreoffice(self, out, count=20):
        books = [str(self.folder / "books" / f"{number}.xlsx") for number in range(count)]
        run = ["soffice", f"-env:UserInstallation=file://{self.folder}/office", "--headless"]
        run += ["--convert-to", "pdf", "--outdir", out, *books]
        subprocess.run(run, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return count

    def xlsxwriter(self, out):
        with_xlsxwriter(self.tables, out)
        return self.count

    def openpyxl(self, out, count=25):
        with_openpyxl(self.tables[:count], out)
        return count


def main():
    binary, rounds = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory(prefix="jixiao-peers-") as folder:
        folder = pathlib.Path(folder)
        bench = Bench(binary, folder, 400)
        bench.ours("xlsx", folder / "books")
        tools = {
            "jixiao, PDF/A-2a": lambda out: bench.ours("pdf", out),
            "typst package, warm, PDF/A-2a": bench.typst_warm,
            "typst, a process each, PDF/A-2a": bench.typst_process,
            "WeasyPrint, warm, tagged PDF/A-2u": bench.weasyprint,
            "LibreOffice, one process, PDF": bench.libreoffice,
            "jixiao, workbook": lambda out: bench.ours("xlsx", out),
            "XlsxWriter, workbook": bench.xlsxwriter,
            "openpyxl, workbook": bench.openpyxl,
        }
        times = {name: [] for name in tools}
        for turn in range(rounds):
            for name, tool in tools.items():
                out = folder / "out"
                shutil.rmtree(out, ignore_errors=True)
                out.mkdir()
                begin = time.perf_counter()
                done = tool(out)
                took = time.perf_counter() - begin
                files = sum(1 for path in out.rglob("*") if path.suffix in (".pdf", ".xlsx"))
                assert files == done, f"{name}: {files} of {done} files"
                times[name].append(took / done * 1000)
            print(f"round {turn + 1} of {rounds}", file=sys.stderr)
        print("| tool | ms a document | times ours | rounds from … to … times |")
        print("|---|---|---|---|")
        ours = None
        for name, values in times.items():
            if name.startswith("jixiao"):
                ours = values
            ratios = [value / own for value, own in zip(values, ours)]
            spread = f"{min(ratios):.2f}–{max(ratios):.2f}"
            print(f"| {name} | {statistics.median(values):.1f} | {statistics.median(ratios):.2f} | {spread} |")


if __name__ == "__main__":
    main()
