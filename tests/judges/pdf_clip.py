"""Reads the characters of a PDF in drawing order, with the clip that each was drawn under.

An office program draws the whole text of a cell that is too small for it and lets the clip cut it off, so
the text alone does not tell what a reader sees. A clip is taken for the rectangle around its path.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pdfminer.converter import PDFLayoutAnalyzer
from pdfminer.layout import LTChar
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.utils import apply_matrix_pt

Box = tuple[float, float, float, float]  # left, bottom, right, top, in points from the foot of the page
SLACK = 0.5  # points


@dataclass
class Glyph:
    """One drawn character."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    clip: Box

    def whole(self) -> bool:
        """Whether all of it is inside the clip; a Han glyph stands 0.88 em above and 0.12 em below its baseline."""
        left, bottom, right, top = self.clip
        return (
            # Full-width punctuation may lose its blank half, Latin may overhang.
            left - self.size / 2 <= self.left
            and self.right <= right + self.size / 2
            and bottom - SLACK <= self.baseline - 0.12 * self.size
            and self.baseline + 0.88 * self.size <= top + SLACK
        )

    def half(self) -> bool:
        """Whether its middle is inside the clip."""
        left, bottom, right, top = self.clip
        return left <= (self.left + self.right) / 2 <= right and bottom <= self.baseline + 0.38 * self.size <= top


class Device(PDFLayoutAnalyzer):
    """Collects glyphs under the clip that the interpreter has set."""

    def __init__(self, resources: PDFResourceManager) -> None:
        super().__init__(resources, laparams=None)
        self.glyphs: list[Glyph] = []
        self.clip: Box = (0, 0, 0, 0)

    def render_char(self, *args: Any, **kwargs: Any) -> float:
        advance = super().render_char(*args, **kwargs)
        char = self.cur_item._objs[-1]
        if isinstance(char, LTChar):
            baseline = char.matrix[5]
            self.glyphs.append(Glyph(char.get_text(), char.x0, char.x1, baseline, char.size, self.clip))
        return advance


class Interpreter(PDFPageInterpreter):
    """Follows the clip through `q`, `Q`, `W` and `W*`, which pdfminer itself passes over."""

    def init_state(self, ctm: Any) -> None:
        super().init_state(ctm)
        self.clips: list[Box] = []
        self.clipping = False

    def do_q(self) -> None:
        self.clips.append(self.device.clip)
        super().do_q()

    def do_Q(self) -> None:  # noqa: N802 - named by the PDF operator
        if self.clips:
            self.device.clip = self.clips.pop()
        super().do_Q()

    def do_W(self) -> None:  # noqa: N802
        self.clipping = True

    def do_W_a(self) -> None:  # noqa: N802
        self.clipping = True

    def do_n(self) -> None:
        if self.clipping:
            self.clipping = False
            points = [
                apply_matrix_pt(self.ctm, (step[i], step[i + 1]))
                for step in self.curpath
                for i in range(1, len(step) - 1, 2)
            ]
            if points:
                xs, ys = [p[0] for p in points], [p[1] for p in points]
                left, bottom, right, top = self.device.clip
                self.device.clip = (max(left, min(xs)), max(bottom, min(ys)), min(right, max(xs)), min(top, max(ys)))
        super().do_n()


def read_glyphs(path: str) -> list[list[Glyph]]:
    """The glyphs of each page, white space left out."""
    pages = []
    resources = PDFResourceManager()
    device = Device(resources)
    interpreter = Interpreter(resources, device)
    with open(path, "rb") as file:
        for page in PDFPage.get_pages(file):
            device.glyphs = []
            device.clip = tuple(page.mediabox)
            interpreter.process_page(page)
            pages.append([glyph for glyph in device.glyphs if glyph.text.strip()])
    return pages
