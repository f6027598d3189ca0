"""What every editor keeps: a text's bytes as they are, but for what is edited."""

from __future__ import annotations

import codecs


class CannotEdit(Exception):
    """An edit that cannot be made exactly; the message says why, in one line."""


class Ends:
    """How a file's bytes become a text with ``\\n`` at the ends of its lines, and become bytes again."""

    def __init__(self, data: bytes) -> None:
        """Raises CannotEdit where that would not lead back to the very same bytes."""
        self.mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        try:
            text = data[len(self.mark) :].decode("utf-8")
        except UnicodeDecodeError:
            raise CannotEdit("the file is not UTF-8 text") from None
        self.crlf = "\r\n" in text
        self.text = text.replace("\r\n", "\n") if self.crlf else text
        if self.bytes_of(self.text) != data or "\r" in self.text:
            raise CannotEdit("the ends of its lines are of several kinds")

    def bytes_of(self, text: str) -> bytes:
        return self.mark + (text.replace("\n", "\r\n") if self.crlf else text).encode("utf-8")


def line_start(text: str, at: int) -> int:
    """The offset where the line of `at` begins."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """The offset behind the line of `at`, with its end where it has one."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def indent_at(text: str, at: int) -> str:
    """The white space that the line of `at` begins with."""
    start = line_start(text, at)
    end = start
    while end < len(text) and text[end] in " \t":
        end += 1
    return text[start:end]
