"""An evidence pack as a document to print and sign: cover, scope, method, then each control with its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import IO, Any

from koban.app.evidence.fonts import fonts, has_no_spaces
from koban.app.evidence.pack import Pack
from koban.app.evidence.standing import STATES, Standing, counts, score
from koban.app.evidence.words import WORDS

EVIDENCE_MAX = 20  # rows of one control; the CSV has all
ROWS_MAX = 3_000  # rows of all controls together
GAPS_MAX = 200
EXCEPTIONS_MAX = 500
CELL_MAX = 600  # letters of a cell
COLOURS = {
    "failed": "#b42318",
    "unknown": "#b54708",
    "excepted": "#6941c6",
    "passed": "#067647",
    "manual": "#344054",
    "not_judged": "#667085",
}
INK, FAINT, LINE, SHADE = "#101828", "#475467", "#d0d5dd", "#f2f4f7"


def write_pdf(pack: Pack, stream: IO[bytes], locale: str = "en") -> None:
    """Writes the document.  The same pack gives the same bytes."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

    said = WORDS[locale]
    title = f"{said['pack']}: {pack.framework.title} {pack.framework.version}"

    def footer(canvas: Any, document: Any) -> None:
        canvas.saveState()
        canvas.setFillColor(FAINT)
        y = 10 * mm
        _line_of(canvas, 18 * mm, y, f"{title} · {_moment(pack.made)}")
        page = said["page"].format(page=document.page)
        _line_of(canvas, A4[0] - 40 * mm, y, page)
        canvas.restoreState()

    document = BaseDocTemplate(
        stream,
        pagesize=A4,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=18 * mm,
        bottomMargin=20 * mm,
        title=title,
        author=f"Koban {pack.version}",
        subject=pack.framework.title,
        lang=locale,
        invariant=1,
    )
    frame = Frame(document.leftMargin, document.bottomMargin, document.width, document.height, 0, 0, 0, 0, id="page")
    document.addPageTemplates([PageTemplate("page", [frame], onPage=footer)])
    document.build(list(_Story(pack, said, document.width).parts()))


def _line_of(canvas: Any, x: float, y: float, text: str) -> None:
    size = 7.5
    for font, piece in fonts().pieces(text[:110]):
        canvas.setFont(font, size)
        canvas.drawString(x, y, piece)
        x += canvas.stringWidth(piece, font, size)


def _moment(when: datetime | None) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC" if when is not None else ""


class _Story:
    def __init__(self, pack: Pack, said: dict[str, str], width: float) -> None:
        from reportlab.lib.styles import ParagraphStyle

        self.pack = pack
        self.said = said
        self.width = width
        self.rows_left = ROWS_MAX
        base = ParagraphStyle("text", fontName="Vera", fontSize=9, leading=13, textColor=INK, splitLongWords=1)
        self.styles = {
            "text": base,
            "title": ParagraphStyle("title", base, fontSize=22, leading=29, spaceAfter=8),
            "subtitle": ParagraphStyle("subtitle", base, fontSize=13, leading=18, textColor=FAINT, spaceAfter=20),
            "h1": ParagraphStyle("h1", base, fontSize=15, leading=20, spaceBefore=16, spaceAfter=6, keepWithNext=1),
            "h2": ParagraphStyle("h2", base, fontSize=10.5, leading=14, spaceBefore=11, spaceAfter=3, keepWithNext=1),
            "cell": ParagraphStyle("cell", base, fontSize=7.5, leading=10),
            "head": ParagraphStyle("head", base, fontSize=7.5, leading=10, textColor=FAINT),
            "faint": ParagraphStyle("faint", base, fontSize=8, leading=11, textColor=FAINT, spaceAfter=3),
        }
        self.anywhere = {name: ParagraphStyle(f"{name}-cjk", one, wordWrap="CJK") for name, one in self.styles.items()}

    def say(self, text: Any, style: str = "text", *, bold: bool = False, colour: str = "") -> Any:
        """A paragraph."""
        from reportlab.platypus import Paragraph

        told = str(text if text is not None else "")
        if len(told) > CELL_MAX and style in ("cell", "head"):
            told = told[: CELL_MAX - 1] + "…"
        made = fonts().text(told, bold)
        if colour:
            made = f'<font color="{colour}">{made}</font>'
        return Paragraph(made, (self.anywhere if has_no_spaces(told) else self.styles)[style])

    def table(self, head: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[float]) -> Any:
        """A table whose first row is repeated on each page, and whose rows may break."""
        from reportlab.platypus import LongTable

        cells = [[self.say(one, "head", bold=True) for one in head]]
        cells += [[one if hasattr(one, "wrap") else self.say(one, "cell") for one in row] for row in rows]
        total = sum(widths)
        style: list[Any] = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, 0), SHADE),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ("LEFTPADDING", (0, 0), (-1, -1), 3),
            ("RIGHTPADDING", (0, 0), (-1, -1), 3),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ]
        scaled = [self.width * one / total for one in widths]
        return LongTable(cells, scaled, repeatRows=1, splitByRow=1, splitInRow=1, style=style, hAlign="LEFT")

    def state(self, state: str) -> Any:
        return self.say(self.said[state], "cell", bold=True, colour=COLOURS[state])

    def parts(self) -> Iterator[Any]:
        from reportlab.platypus import PageBreak

        yield from self.cover()
        yield PageBreak()
        yield from self.scope()
        yield from self.method()
        yield from self.summary()
        yield from self.exceptions()
        yield PageBreak()
        yield self.say(self.said["controls"], "h1", bold=True)
        for one in self.pack.standings:
            yield from self.control(one)

    def cover(self) -> Iterator[Any]:
        from reportlab.platypus import Spacer

        pack, said = self.pack, self.said
        yield Spacer(1, 130)
        yield self.say(said["pack"], "title", bold=True)
        yield self.say(f"{pack.framework.title} {pack.framework.version}", "subtitle")
        about = [
            (said["framework"], f"{pack.framework.id} {pack.framework.version}"),
            (said["publisher"], pack.framework.publisher),
            (said["made"], _moment(pack.made)),
            (said["made_by"], pack.made_by),
            (said["by_version"], pack.version),
        ]
        if pack.limited:
            about.append((said["limited"], pack.limited))
        number = counts(pack.standings)
        points = score(number)
        about.append((said["score"], said["nothing_judged"] if points is None else f"{points:.1f} %"))
        yield self.table(("", ""), about, (1, 3))
        yield Spacer(1, 18)
        yield self.states(number)

    def states(self, number: Any) -> Any:
        rows = [[self.state(one), number[one]] for one in STATES]
        return self.table((self.said["state"], self.said["controls"]), rows, (1, 3))

    def scope(self) -> Iterator[Any]:
        pack, said = self.pack, self.said
        yield self.say(said["scope"], "h1", bold=True)
        yield self.say(said["scope_text"])
        yield self.say(said["target"], "h2", bold=True)
        rows = [(one.name, one.kind, _moment(one.finished) or said["never"]) for one in pack.scanned]
        yield self.table((said["target"], said["kind"], said["last_scan"]), rows, (5, 1, 2))
        if pack.places:
            yield self.say(said["account"], "h2", bold=True)
            places = [(one.account, one.name, one.environment) for one in pack.places]
            yield self.table((said["account"], said["name"], said["environment"]), places, (2, 4, 2))
        yield self.say(said["not_read"], "h2", bold=True)
        if not pack.not_read:
            yield self.say(said["nothing_not_read"])
            return
        gaps = [(one.type, one.account, one.region, one.why) for one in pack.not_read[:GAPS_MAX]]
        yield self.table((said["type"], said["account"], said["region"], said["why"]), gaps, (3, 2, 2, 5))
        if pack.not_read_count > len(gaps):
            yield self.say(said["more"].format(count=pack.not_read_count - len(gaps)), "faint")

    def method(self) -> Iterator[Any]:
        yield self.say(self.said["method"], "h1", bold=True)
        yield self.say(self.said["method_text"])

    def summary(self) -> Iterator[Any]:
        said = self.said
        yield self.say(said["summary"], "h1", bold=True)
        sections: dict[str, list[Standing]] = {}
        for one in self.pack.standings:
            sections.setdefault(one.section, []).append(one)
        rows = []
        for name, own in sections.items():
            number = counts(own)
            rows.append([name, *(number[one] or "" for one in STATES)])
        yield self.table((said["section"], *(said[one] for one in STATES)), rows, (3, 2, 2, 2, 2, 2, 2))

    def exceptions(self) -> Iterator[Any]:
        pack, said = self.pack, self.said
        yield self.say(said["exceptions"], "h1", bold=True)
        if not pack.exceptions:
            yield self.say(said["no_exceptions"])
            return
        rows = [
            (
                one.id,
                " ".join(filter(None, (one.rule, one.account, one.uid))) or "-",
                one.reason,
                f"{one.decided_by} {_moment(one.decided)}",
                one.expires.isoformat(),
            )
            for one in pack.exceptions[:EXCEPTIONS_MAX]
        ]
        head = (said["number"], said["for_what"], said["reason"], said["decided"], said["until"])
        yield self.table(head, rows, (1, 4, 5, 3, 2))
        if len(pack.exceptions) > EXCEPTIONS_MAX:
            yield self.say(said["more"].format(count=len(pack.exceptions) - EXCEPTIONS_MAX), "faint")

    def control(self, one: Standing) -> Iterator[Any]:
        said, tally = self.said, one.tally
        yield self.say(f"{one.control.id}  {one.control.title}", "h2", bold=True)
        numbers = (("failed", tally.open), ("unknown", tally.unknown), ("excepted", tally.excepted))
        told = ", ".join(f"{said[name]} {number}" for name, number in (*numbers, ("passed", tally.passed)) if number)
        state = f'<font color="{COLOURS[one.state]}">{fonts().text(said[one.state], bold=True)}</font>'
        yield self.marked(state, f"   {said[one.control.responsibility]}   {told}")
        if one.rules:
            yield self.say(f"{said['rule']}: {', '.join(one.rules)}"[:1_500], "faint")
        if one.state == "manual":
            yield self.say(said["manual_text"], "faint")
        elif one.state == "not_judged":
            yield self.say(said["not_judged_text"], "faint")
        else:
            yield from self.evidence(one)

    def marked(self, markup: str, text: str) -> Any:
        from reportlab.platypus import Paragraph

        return Paragraph(markup + fonts().text(text), self.styles["faint"])

    def evidence(self, one: Standing) -> Iterator[Any]:
        said = self.said
        limit = min(EVIDENCE_MAX, self.rows_left)
        rows = []
        for each in self.pack.evidence(one.rules, limit) if limit else ():
            found = each.message if each.state != "passed" else ""
            if each.because:
                found = f"{found} ({'; '.join(each.because)})" if found else "; ".join(each.because)
            where = " ".join(filter(None, (each.account, each.region, each.environment)))
            if each.file:
                where = f"{where} {each.file}:{each.line or 1}".strip()
            rows.append([self.state(each.state), each.rule, each.uid, where, found, _moment(each.last_seen)])
        self.rows_left -= len(rows)
        head = (said["state"], said["rule"], said["resource"], said["place"], said["message"], said["last_read"])
        if rows:
            yield self.table(head, rows, (1.5, 2.8, 4.2, 2.5, 3.8, 1.8))
        more = one.tally.judged - len(rows)
        if more > 0:
            yield self.say(said["more"].format(count=more), "faint")
