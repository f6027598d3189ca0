"""Functions of texts.

Of a text of which some pieces are known (:class:`~koban.model.unknown.Partial`) a function says what those settle.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

from koban.model.unknown import Maybe, Partial, Unknown
from koban.sources.terraform.functions.conversion import NUMBER, STRING, limited, list_type
from koban.sources.terraform.functions.function import NotKnown, function, known, whole
from koban.sources.terraform.functions.graphemes import graphemes
from koban.sources.terraform.functions.pattern import Match, Pattern, matches, pattern, replaced
from koban.sources.terraform.values import (
    ELEMENTS_MAX,
    TEXT_CHARACTERS_MAX,
    EvaluationError,
    JsonText,
    List,
    TooLarge,
    joined,
)

SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def _pieces(text: Unknown) -> list[str | Unknown]:
    """The pieces of a text that is known in part.  The result hangs on the whole where nothing is known of it."""
    if not isinstance(text, Partial) or isinstance(text, JsonText):
        raise NotKnown(text)
    return list(text._pieces)


def _rebuilt(pieces: Sequence[str | Unknown]) -> Any:
    """The text of pieces, called by how it is written."""
    shown = "".join(one if isinstance(one, str) else f"${{{one._path}}}" for one in pieces)
    return joined([one for one in pieces if isinstance(one, Unknown) or one], shown)


def _each_character(change: Callable[[str], str], text: str) -> str:
    """Go changes one code point into one: what would become several stays as it is."""
    if text.isascii():
        return change(text)
    return "".join(one if len(new := change(one)) != 1 else new for one in text)


def _lower(text: str) -> str:
    return _each_character(str.lower, text.replace("\u0130", "i") if "\u0130" in text else text)


def _upper(text: str) -> str:
    return _each_character(lambda one: new if len(new := one.upper()) == len(one) else one.title(), text)


def _case(name: str, change: Callable[[str], str], text: Any) -> Any:
    if not isinstance(text, Unknown):
        return change(text)
    pieces = _pieces(text)
    return _rebuilt(
        [
            change(one) if isinstance(one, str) else Unknown(f"{name}({one._path})", one._why, root=one._root)
            for one in pieces
        ],
    )


@function(STRING, partly=True)
def lower(text: Any) -> Any:
    return _case("lower", _lower, text)


@function(STRING, partly=True)
def upper(text: Any) -> Any:
    return _case("upper", _upper, text)


@function(STRING)
def title(text: Any) -> Any:
    made: list[str] = []
    before = " "
    for one in text:
        raised = one.title() if _parts_words(before) else one
        made.append(raised if len(raised) == 1 else one)
        before = one
    return "".join(made)


def _parts_words(character: str) -> bool:
    if character.isascii():
        return not (character.isalnum() or character == "_")
    return character in SPACES


@function(STRING)
def chomp(text: Any) -> Any:
    return text.rstrip("\r\n")


@function(STRING)
def trimspace(text: Any) -> Any:
    return text.strip(SPACES)


@function(STRING, STRING)
def trim(text: Any, cutset: Any) -> Any:
    return text.strip(cutset) if cutset else text


@function(STRING, STRING, partly=True)
def trimprefix(text: Any, prefix: Any) -> Any:
    start = known(prefix)
    if not isinstance(text, Unknown):
        return text.removeprefix(start)
    if not start:
        return text
    answer = _starts(text, start)
    if isinstance(answer, Unknown):
        raise NotKnown(text)
    if not answer:
        return text
    first, *rest = _pieces(text)
    assert isinstance(first, str)
    return _rebuilt([first[len(start) :], *rest])


@function(STRING, STRING, partly=True)
def trimsuffix(text: Any, suffix: Any) -> Any:
    end = known(suffix)
    if not isinstance(text, Unknown):
        return text.removesuffix(end)
    if not end:
        return text
    answer = _ends(text, end)
    if isinstance(answer, Unknown):
        raise NotKnown(text)
    if not answer:
        return text
    *rest, last = _pieces(text)
    assert isinstance(last, str)
    return _rebuilt([*rest, last[: len(last) - len(end)]])


def _starts(text: Any, prefix: str) -> Any:
    if not prefix:
        return True
    if not isinstance(text, Unknown):
        return text.startswith(prefix)
    return text.startswith(prefix) if isinstance(text, Partial) else text


def _ends(text: Any, suffix: str) -> Any:
    if not suffix:
        return True
    if not isinstance(text, Unknown):
        return text.endswith(suffix)
    return text.endswith(suffix) if isinstance(text, Partial) else text


def _decided(answer: Any) -> Any:
    if isinstance(answer, Unknown):
        raise NotKnown(answer)
    return answer


@function(STRING, STRING, partly=True)
def startswith(text: Any, prefix: Any) -> Any:
    return _decided(_starts(text, known(prefix)))


@function(STRING, STRING, partly=True)
def endswith(text: Any, suffix: Any) -> Any:
    return _decided(_ends(text, known(suffix)))


@function(STRING, STRING, partly=True)
def strcontains(text: Any, part: Any) -> Any:
    wanted = known(part)
    if not isinstance(text, Unknown):
        return wanted in text
    if any(isinstance(one, str) and wanted in one for one in _pieces(text)):
        return True
    raise NotKnown(text)


@function(STRING)
def strrev(text: Any) -> Any:
    return "".join(reversed(graphemes(text)))


@function(STRING, NUMBER, NUMBER, partly=True)
def substr(text: Any, offset: Any, length: Any) -> Any:
    start, count = whole(offset, "the offset"), whole(length, "the length")
    if isinstance(text, Unknown):
        first = _pieces(text)[0]
        # Characters may melt together where pieces meet, so the last known one is not taken.
        if start >= 0 and count >= 0 and isinstance(first, str) and first.isascii() and start + count < len(first):
            return first[start : start + count]
        raise NotKnown(text)
    found = graphemes(text)
    start = max(start + len(found), 0) if start < 0 else start
    return "".join(found[start:] if count < 0 else found[start : start + count])


@function(NUMBER, STRING, partly=True)
def indent(spaces: Any, text: Any) -> Any:
    count = whole(spaces, "the number of spaces", 0)
    if isinstance(text, Unknown):
        if count == 0:
            return text
        raise NotKnown(text)
    if len(text) + count * text.count("\n") > TEXT_CHARACTERS_MAX:
        raise TooLarge(f"a text has more than {TEXT_CHARACTERS_MAX:,} characters")
    return text.replace("\n", "\n" + " " * count) if "\n" in text else text


@function(STRING, rest=list_type(STRING), partly=True)
def join(separator: Any, *lists: Any) -> Any:
    if not lists:
        raise EvaluationError("at least one list is needed")
    pieces: list[Any] = []
    size = 0
    for one in lists:
        if isinstance(one, Unknown):
            raise NotKnown(one)
        for element in one:
            if element is None:
                raise EvaluationError("an element is null")
            if isinstance(element, Maybe):
                raise NotKnown(element)
            added = [separator, element] if pieces else [element]
            size += sum(len(piece) for piece in added if isinstance(piece, str))
            if size > TEXT_CHARACTERS_MAX:
                raise TooLarge(f"a text has more than {TEXT_CHARACTERS_MAX:,} characters")
            pieces += added
    return _rebuilt(pieces)


@function(STRING, STRING)
def split(separator: Any, text: Any) -> Any:
    if separator == "":
        return List(limited(list(text)))
    if text.count(separator) >= ELEMENTS_MAX:
        raise TooLarge(f"a list has more than {ELEMENTS_MAX:,} elements")
    return List(text.split(separator))


@function(STRING, STRING, STRING, partly=True)
def replace(text: Any, part: Any, new: Any) -> Any:
    known([part, new])
    if isinstance(text, Unknown):
        raise NotKnown(text)
    if len(part) > 1 and part.startswith("/") and part.endswith("/"):
        return replaced(pattern(part[1:-1]), text, new, TEXT_CHARACTERS_MAX)
    times = text.count(part)
    if len(text) + times * (len(new) - len(part)) > TEXT_CHARACTERS_MAX:
        raise TooLarge(f"a text has more than {TEXT_CHARACTERS_MAX:,} characters")
    return text.replace(part, new)


def _caught(one: Pattern, found: Match, text: str) -> Any:
    """A match as Terraform gives it: the text, or what each group caught."""
    groups = [
        None if found[at] < 0 else unicodedata.normalize("NFC", text[found[at] : found[at + 1]])
        for at in range(0, len(found), 2)
    ]
    if not one.names:
        return groups[0]
    return dict(zip(one.names, groups[1:], strict=True)) if all(one.names) else groups[1:]


def _compiled(text: str) -> Pattern:
    one = pattern(text)
    if any(one.names) and not all(one.names):
        raise EvaluationError("either all groups have a name, or none")
    return one


@function(STRING, STRING)
def regex(expression: Any, text: Any) -> Any:
    one = _compiled(expression)
    for found in matches(one, text, ELEMENTS_MAX):
        return _caught(one, found, text)
    raise EvaluationError("the pattern matches nowhere")


@function(STRING, STRING)
def regexall(expression: Any, text: Any) -> Any:
    one = _compiled(expression)
    return List(_caught(one, found, text) for found in matches(one, text, ELEMENTS_MAX))
