"""The report for people at a terminal: what is worst, where, how to mend it, and what could not be seen."""

from __future__ import annotations

import textwrap
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from typing import TextIO

from koban.app.earlier import Finding
from koban.app.reports.report import Context, printable
from koban.app.reports.tally import STANDINGS, ControlTally, RuleTally, Tally
from koban.app.scan import Scan, Section
from koban.model.result import Gap, Result, Subject
from koban.model.rule import SEVERITIES
from koban.rules.framework import Framework

WIDTH_MIN, WIDTH_MAX = 60, 120
FULL_MAX = 12  # rules that are shown with resources and fix; the others get a line each
LINES_MAX = 20
FULL_LEAST = 5  # so many are shown in full even if nothing is critical or high
REASONS_SHOWN = 8
GAPS_SHOWN = 12
INDENT = 12  # the column of the severity, before what is said

COLOURS = {
    "critical": "1;97;41",
    "high": "1;31",
    "medium": "1;33",
    "low": "1;36",
    "info": "2",
    "fail": "1;31",
    "unknown": "1;35",
    "excepted": "36",
    "pass": "32",
    "manual": "34",
    "none": "2",
    "strong": "1",
    "dim": "2",
}
WORDS = {"none": "nothing here"}
NEXT = (
    ("-v", "every rule with its resources"),
    ("--output report.html", "a page to search and pass on"),
    ("koban rules show RULE", "why a rule matters, and how to mend what it finds"),
)
UNREAD = {"*": "everything", "Koban::IaC::File": "template"}


class Table:
    """Holds no results: everything that it shows is in the tally."""

    def __init__(self, stream: TextIO, context: Context) -> None:
        self.stream = stream
        self.context = context
        self.width = max(WIDTH_MIN, min(WIDTH_MAX, context.width))

    def add(self, result: Result) -> None:
        """The tally counts it."""

    def finish(self, scan: Scan, tally: Tally) -> None:
        for line in self.lines(scan, tally):
            self.stream.write(line.rstrip() + "\n")

    def lines(self, scan: Scan, tally: Tally) -> Iterator[str]:
        context = self.context
        wants = [one for one in ("fail", "unknown") if not context.only or one in context.only]
        yield ""
        yield from self._head(scan)
        if context.detail >= 0:
            if "fail" in wants:
                yield from self._failures(tally)
            for framework in context.frameworks:
                yield from self._framework(framework, tally)
            if "unknown" in wants and tally.reasons:
                yield from self._unknown(tally)
            for earlier in scan.earlier:
                if earlier.listed:
                    yield from self._compared("Gone", "no longer there", list(earlier.gone()))
                    yield from self._compared("Stays", "there before, and still", list(earlier.stays()))
            if scan.gaps:
                yield from self._gaps(scan.gaps)
            for section in scan.sections:
                yield from self._section(section)
        yield from self._totals(scan, tally)

    # Sections, in the order in which they stand on the screen.

    def _head(self, scan: Scan) -> Iterator[str]:
        when = scan.started.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
        title = self._cut(printable(scan.title), self.width - len(when) - 13)
        left = f"  {self._paint('strong', 'Koban')}   {title}"
        yield self._ends(left, self._paint("dim", when))
        yield self._rule()

    def _failures(self, tally: Tally) -> Iterator[str]:
        failing = tally.failing()
        if not failing:
            return
        full = [one for at, one in enumerate(failing) if one.severity in ("critical", "high") or at < FULL_LEAST]
        if self.context.detail == 0:
            full = full[:FULL_MAX]
        else:
            full = failing
        for one in full:
            yield ""
            yield from self._failure(one)
        rest = failing[len(full) :]
        if rest:
            yield ""
            yield from self._heading("Also found", "resources, what is wrong with them, and the rule")
            for one in rest[:LINES_MAX]:
                yield self._one_line(one)
        if len(rest) > LINES_MAX:
            left = Counter(one.severity for one in rest[LINES_MAX:])
            counts = ", ".join(f"{left[severity]} {severity}" for severity in SEVERITIES if left[severity])
            text = f"and {sum(left.values())} more rules ({counts}); -v shows all"
            yield " " * INDENT + self._paint("dim", self._cut(text, self.width - INDENT - 1))

    def _failure(self, one: RuleTally) -> Iterator[str]:
        label = self._paint(one.severity, f"{one.severity.upper():^10}")
        share = f"{one.failures:,} of {one.judged:,}"
        room = self.width - INDENT - len(share) - 3
        first, *more = self._wrap(one.summary, room)
        yield self._ends(f" {label} {self._paint('strong', first)}", self._paint("dim", share))
        for line in more:
            yield " " * INDENT + self._paint("strong", line)
        yield " " * INDENT + self._paint("dim", self._controls(one))
        left = one.failures - len(one.failed)
        column = max([38, *(_columns(_place(subject)[0]) for subject in one.failed)]) + 2
        for at, subject in enumerate(one.failed):
            last = at == len(one.failed) - 1 and not left
            yield self._resource(subject, self._glyph("└", "`-") if last else self._glyph("├", "|-"), column)
        if left:
            yield f"{' ' * INDENT}{self._glyph('└', '`-')} {self._paint('dim', f'and {left:,} more')}"
        if one.fix:
            for at, line in enumerate(self._wrap(one.fix[:1].upper() + one.fix[1:], self.width - INDENT - 7)):
                lead = self._paint("pass", "Fix ") if at == 0 else "    "
                yield f"{' ' * INDENT}{lead} {line}"

    def _controls(self, one: RuleTally) -> str:
        dot = self._glyph(" · ", " - ")
        shown, rest = one.controls[:4], len(one.controls) - 4
        text = dot.join((one.rule, *(control.replace(":", " ") for control in shown)))
        return self._cut(text + (f" +{rest}" if rest > 0 else ""), self.width - INDENT - 1)

    def _resource(self, subject: Subject, branch: str, column: int) -> str:
        name, where = _place(subject)
        room = self.width - INDENT - len(branch) - 3
        where = self._cut(where, room // 2)
        name = self._cut(name, room - _columns(where) - 2)
        gap = " " * max(2, min(room - _columns(name) - _columns(where), column - _columns(name)))
        return f"{' ' * INDENT}{self._paint('dim', branch)} {name}{gap}{self._paint('dim', where)}"

    def _one_line(self, one: RuleTally) -> str:
        label = self._paint(one.severity, f"{one.severity.upper():^10}")
        rule = self._cut(one.rule, self.width // 2 - 8)
        room = self.width - INDENT - len(rule) - 11
        text = self._cut(one.summary.removesuffix("."), room)
        return self._ends(f" {label} {one.failures:>6,}  {text}", self._paint("dim", rule))

    def _framework(self, framework: Framework, tally: Tally) -> Iterator[str]:
        controls = tally.controls(framework)
        yield ""
        yield from self._heading(f"{framework.title} {framework.version}")
        ids = max(len(one.control.id) for one in controls)
        for one in controls:
            if self.context.only and one.standing not in self.context.only:
                continue
            if one.standing == "none" and self.context.detail < 1:  # the counts below tell how many there are
                continue
            yield from self._control(one, ids)
        counts = Counter(one.standing for one in controls)
        yield ""
        yield "  " + self._counted((standing, counts[standing]) for standing in STANDINGS if counts[standing])
        yield from self._functions(framework, tally)

    def _control(self, one: ControlTally, ids: int) -> Iterator[str]:
        word = self._paint(one.standing, f"{WORDS.get(one.standing, one.standing):<12}")
        judged = one.counts.total()
        right: str = one.control.responsibility
        if one.standing == "fail":
            right = f"{one.counts['fail']:,} of {judged:,}   {right}"
        room = self.width - 17 - ids - len(right) - 2
        text = self._cut(one.control.title, room)
        yield self._ends(f"  {word} {one.control.id:<{ids}}  {text}", self._paint("dim", right))

    def _functions(self, framework: Framework, tally: Tally) -> Iterator[str]:
        functions = tally.functions(framework)
        if not functions:
            return
        yield ""
        yield "  " + self._paint("strong", "By function of NIST CSF 2.0")
        size = self.width - 46
        for name, counts in functions.items():
            judged = counts["pass"] + counts["fail"] + counts["unknown"] + counts["excepted"]
            bar = self._bar(counts, judged, min(size, 40))
            text = f"{counts['pass']:>3} of {judged} pass" if judged else self._paint("dim", "nothing judged")
            left = f", {counts['manual']} manual" if counts["manual"] else ""
            yield f"  {name:<10} {bar} {text}{self._paint('dim', left)}"

    def _bar(self, counts: Counter[str], judged: int, size: int) -> str:
        if not judged:
            return self._paint("dim", self._glyph("·", ".") * size)
        good = round(size * counts["pass"] / judged)
        bad = min(size - good, max(round(size * counts["fail"] / judged), 1 if counts["fail"] else 0))
        return (
            self._paint("pass", self._glyph("█", "#") * good)
            + self._paint("fail", self._glyph("▒", "x") * bad)
            + self._paint("unknown", self._glyph("░", "?") * (size - good - bad))
        )

    def _unknown(self, tally: Tally) -> Iterator[str]:
        yield ""
        yield from self._heading(
            "Could not tell", f"{tally.verdicts['unknown'] - tally.known['unknown']:,} checks hang on this"
        )
        ranked = tally.ranked_reasons()
        shown = ranked if self.context.detail > 0 else ranked[:REASONS_SHOWN]
        for one in shown:
            count = self._paint("unknown", f"{one.count:>9,}")
            rules = f"{len(one.rules)} rule{'s' if len(one.rules) > 1 else ''}"
            yield self._ends(
                f" {count}  {self._cut(printable(one.text), self.width - INDENT - 12)}", self._paint("dim", rules)
            )
        left = len(ranked) - len(shown) + tally.reasons_left_out
        if left:
            yield f"{' ' * INDENT}{self._paint('dim', f'and {left:,} more reasons')}"

    def _compared(self, heading: str, aside: str, findings: Sequence[Finding]) -> Iterator[str]:
        if not findings:
            return
        yield ""
        yield from self._heading(f"{heading}: {len(findings):,}", aside)
        ranked = sorted(findings, key=lambda one: (SEVERITIES.index(one.severity), one.rule, one.what))
        shown = ranked if self.context.detail > 0 else ranked[:LINES_MAX]
        for one in shown:
            how = one.severity if one.verdict == "fail" else one.verdict
            rule = self._cut(one.rule, self.width // 2 - 8)
            text = self._cut(printable(one.what), self.width - INDENT - _columns(rule) - 4)
            yield self._ends(f" {self._paint(how, f'{how.upper():^10}')} {text}", self._paint("dim", rule))
        if len(ranked) > len(shown):
            yield f"{' ' * INDENT}{self._paint('dim', f'and {len(ranked) - len(shown):,} more; -v shows all')}"

    def _gaps(self, gaps: Sequence[Gap]) -> Iterator[str]:
        yield ""
        yield from self._heading("Not read", "these can hide findings")
        named = list(named_gaps(gaps))
        shown = named if self.context.detail > 0 else named[:GAPS_SHOWN]
        for what, where, why in shown:
            place = self._cut(printable(where), self.width // 2)
            room = self.width - _columns(place) - 6
            yield self._ends(f"  {self._cut(printable(what), room)}", self._paint("dim", place))
            yield f"    {self._paint('dim', self._cut(printable(why), self.width - 5))}"
        if len(named) > len(shown):
            yield self._paint("dim", f"  and {len(named) - len(shown):,} more; -v shows them all")

    def _section(self, section: Section) -> Iterator[str]:
        yield ""
        yield from self._heading(section.title, section.aside)
        for word, what, where in section.lines:
            place = self._cut(printable(where), self.width // 3)
            first, *more = self._wrap(what, self.width - INDENT - _columns(place) - 3)
            yield self._ends(f"  {self._paint('dim', f'{word:<9}')} {first}", self._paint("dim", place))
            yield from (" " * INDENT + line for line in more)

    def _totals(self, scan: Scan, tally: Tally) -> Iterator[str]:
        if self.context.detail >= 0:
            yield ""
            yield self._rule()
        verdicts = tally.verdicts
        if not tally.total:
            yield "  Nothing here that a rule is for."
            return
        yield "  " + self._counted((v, verdicts[v]) for v in ("fail", "unknown", "excepted", "pass") if verdicts[v])
        worst = [(one, tally.failed[one]) for one in SEVERITIES if tally.failed[one]]
        if worst:
            yield "  " + self._counted(worst)
        if tally.known.total():
            yield "  " + self._paint("dim", f"{tally.known.total():,} of these findings were known before")
        judged = f"{tally.total:,} checks by {len(tally.rules):,} rules"
        parts = len(list(named_gaps(scan.gaps)))
        unread = f"; {parts:,} part{'s' if parts > 1 else ''} not read" if parts else ""
        yield "  " + self._paint("dim", judged + unread)
        if self.context.detail == 0 and tally.failed.total():
            yield ""
            for what, how in NEXT:
                yield f"  {what:<26}{self._paint('dim', self._cut(how, self.width - 29))}"

    # Typography.

    def _heading(self, text: str, aside: str = "") -> Iterator[str]:
        text = self._cut(text, self.width - 3)
        fits = _columns(text) + _columns(aside) + 4 < self.width
        yield self._ends(f"  {self._paint('strong', text)}", self._paint("dim", aside if fits else ""))
        yield "  " + self._paint("dim", self._glyph("─", "-") * _columns(text))

    def _rule(self) -> str:
        return "  " + self._paint("dim", self._glyph("─", "-") * (self.width - 3))

    def _counted(self, counts: Iterable[tuple[str, int]]) -> str:
        made = [self._paint(word, f"{count:,} {WORDS.get(word, word)}") for word, count in counts]
        return self._glyph("  ·  ", "  |  ").join(made)

    def _paint(self, how: str, text: str) -> str:
        return f"\x1b[{COLOURS[how]}m{text}\x1b[0m" if self.context.colour and text else text

    def _glyph(self, drawn: str, plain: str) -> str:
        return plain if self.context.ascii else drawn

    def _ends(self, left: str, right: str) -> str:
        """`left` and `right` at the two ends of the line."""
        gap = self.width - _columns(_bare(left)) - _columns(_bare(right)) - 1
        return f"{left}{' ' * max(1, gap)}{right}"

    def _wrap(self, text: str, room: int) -> list[str]:
        return textwrap.wrap(self._plain(printable(text)), max(20, room), break_long_words=True) or [""]

    def _cut(self, text: str, room: int) -> str:
        text = self._plain(text)
        if _columns(text) <= room:
            return text
        mark = self._glyph("…", "...")
        while text and _columns(text) > room - len(mark):
            text = text[:-1]
        return text + mark

    def _plain(self, text: str) -> str:
        return text.encode("ascii", "backslashreplace").decode() if self.context.ascii else text


def _place(subject: Subject) -> tuple[str, str]:
    """The resource's name and where it is: in a file, in an account, or both."""
    name = subject.name if subject.account else subject.address
    written = f"{subject.file}:{subject.line}" if subject.file and subject.line else subject.file
    place = filter(None, (subject.account, subject.region, written))
    return printable(name or subject.address or subject.name or subject.uid), printable("  ".join(place))


def named_gaps(gaps: Iterable[Gap]) -> Iterator[tuple[str, str, str]]:
    """(what, where, why) of all that was not read; places with the same trouble together, in a fixed order."""
    places: dict[tuple[str, str], dict[str, list[str]]] = {}
    for gap in gaps:
        regions = places.setdefault((gap.type, gap.why), {}).setdefault(gap.account, [])
        if gap.region and gap.region not in regions:
            regions.append(gap.region)
    for (what, why), accounts in sorted(places.items()):
        alike: dict[tuple[str, ...], list[str]] = {}
        for account, regions in sorted(accounts.items()):
            alike.setdefault(tuple(sorted(regions)), []).append(account)
        where = "; ".join(_together(", ".join(alike[regions]), ", ".join(regions)) for regions in alike)
        yield UNREAD.get(what, what), where, why


def _together(accounts: str, regions: str) -> str:
    return f"{accounts} in {regions}" if accounts and regions else accounts or regions


def _columns(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text
    )


def _bare(text: str) -> str:
    """Without colours."""
    if "\x1b" not in text:
        return text
    pieces = text.split("\x1b[")
    return pieces[0] + "".join(piece.split("m", 1)[-1] for piece in pieces[1:])


def report(stream: TextIO, context: Context) -> Table:
    return Table(stream, context)
