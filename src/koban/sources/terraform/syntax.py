"""The syntax of HCL: a text into blocks, arguments and expressions, each with where it stands.

What Terraform itself refuses is refused here, with the line: duplicate arguments, bad numbers, an unknown escape.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from koban.sources.terraform.expressions import (
    Binary,
    Call,
    Conditional,
    Expression,
    ForDirective,
    ForObject,
    ForTuple,
    GetAttribute,
    IfDirective,
    Index,
    Literal,
    Object,
    Parentheses,
    Splat,
    Template,
    Tuple,
    Unary,
    Variable,
)
from koban.sources.terraform.values import number

NESTING_MAX = 200  # brackets within brackets, blocks within blocks


class SyntaxProblem(Exception):
    """What a file says that is no HCL: `line` (1 is the first) and a message in one line."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line
        self.why = why


@dataclass(slots=True)
class Attribute:
    """``name = expression``: `start` and `end` are the offsets of the whole, `at` that of the expression."""

    name: str
    value: Expression
    line: int
    start: int = 0
    at: int = 0
    end: int = 0


@dataclass(slots=True)
class Block:
    """``type "label" { ... }``: `start` and `end` are the offsets of the whole, `inner` that behind its ``{``."""

    type: str
    labels: tuple[str, ...]
    body: Body
    line: int
    start: int = 0
    inner: int = 0
    end: int = 0


@dataclass(slots=True)
class Body:
    """What stands in a file or a block."""

    attributes: dict[str, Attribute] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def blocks_of(self, type_name: str) -> Iterator[Block]:
        return (one for one in self.blocks if one.type == type_name)


_IDENTIFIER = re.compile(r"[^\W\d][\w-]*")
_SPACE = re.compile(r"(?:[ \t\r]+|/\*(?s:.*?)\*/)*")
_SPACE_AND_LINES = re.compile(r"(?:[ \t\r\n]+|#[^\n]*|//[^\n]*|/\*(?s:.*?)\*/)*")
_LINE_END = re.compile(r"(?:#[^\n]*|//[^\n]*)?(?:\n|\Z)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_PLAIN_STRING = re.compile(r'"([^"\\$%\n]*)"')
_HEREDOC = re.compile(r"<<(-?)([^\W\d][\w-]*)\r?\n")
_OPERATOR = re.compile(r"\|\||&&|==|!=|<=|>=|<|>|\+|-|\*|/(?![/*])|%")
_LITERAL = re.compile(r"(?:[^\"\\$%\n]|\$(?!\$*\{)|%(?!%*\{))+")
_BINDS = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, ">": 4, "<=": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_KEYWORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
EXPONENT_MAX = 10_000


class Parser:
    """One text being read; `position` is where it is."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.depth = 0
        self.space = _SPACE
        self.starts = [0]
        find = text.find
        at = find("\n")
        while at >= 0:
            self.starts.append(at + 1)
            at = find("\n", at + 1)

    def line(self, offset: int) -> int:
        return bisect_right(self.starts, offset)

    def refuse(self, why: str, offset: int | None = None) -> SyntaxProblem:
        return SyntaxProblem(self.line(self.position if offset is None else offset), why)

    def _enter(self) -> None:
        self.depth += 1
        if self.depth > NESTING_MAX:
            raise self.refuse(f"it nests more than {NESTING_MAX} deep")

    # Structure

    def file(self) -> Body:
        body = self.body("")
        if self.position < len(self.text):
            raise self.refuse("a } without its {")
        return body

    def body(self, closing: str) -> Body:
        """Arguments and blocks up to `closing`, which is not read."""
        made = Body()
        text = self.text
        self._enter()
        while True:
            self.position = start = _SPACE_AND_LINES.match(text, self.position).end()  # type: ignore[union-attr]
            if start >= len(text):
                if closing:
                    raise self.refuse("a { without its }")
                break
            if text[start] == "}":
                break
            found = _IDENTIFIER.match(text, start)
            if found is None:
                quoted = _PLAIN_STRING.match(text, start)
                what = "an argument or block has no name" if quoted is None else "an argument's name is not quoted"
                raise self.refuse(f"{what}: {_shown(text, start)}")
            name = found[0]
            self.position = self.space.match(text, found.end()).end()  # type: ignore[union-attr]
            if text[self.position : self.position + 1] == "=" and text[self.position + 1 : self.position + 2] != "=":
                self.position += 1
                self._skip()
                at = self.position
                value = self.expression()
                end = self.position
                line = self.line(start)
                if name in made.attributes:
                    first = made.attributes[name].line
                    raise SyntaxProblem(line, f"the argument {name} is set twice (first on line {first})")
                made.attributes[name] = Attribute(name, value, line, start, at, end)
                self._end_of_line(closing)
            else:
                made.blocks.append(self._block(name, start))
        self.depth -= 1
        return made

    def _end_of_line(self, closing: str) -> None:
        self._skip()
        found = _LINE_END.match(self.text, self.position)
        if found is not None:
            self.position = found.end()
        elif not (closing and self.text[self.position : self.position + 1] == "}"):
            raise self.refuse(f"a new line is missing before {_shown(self.text, self.position)}")

    def _block(self, name: str, start: int) -> Block:
        labels: list[str] = []
        text = self.text
        while True:
            self._skip()
            character = text[self.position : self.position + 1]
            if character == "{":
                break
            if character == '"':
                quoted = self._quoted()
                label = quoted.known_text()
                if label is None:
                    raise self.refuse(f"a label of block {name} is a template")
                labels.append(label)
                continue
            found = _IDENTIFIER.match(text, self.position)
            if found is None:
                raise self.refuse(f"after {name}, = or a block's {{ is missing")
            labels.append(found[0])
            self.position = found.end()
        self.position += 1
        inner = self.position
        body = self.body("}")
        self.position += 1
        end = self.position
        made = Block(name, tuple(labels), body, self.line(start), start, inner, end)
        self._end_of_line("}")
        return made

    # Expressions

    def _skip(self) -> None:
        self.position = self.space.match(self.text, self.position).end()  # type: ignore[union-attr]

    def _peek(self, text: str) -> bool:
        self._skip()
        return self.text.startswith(text, self.position)

    def _take(self, text: str) -> bool:
        self._skip()
        if self.text.startswith(text, self.position):
            self.position += len(text)
            return True
        return False

    def _expect(self, text: str, where: str) -> None:
        if not self._take(text):
            if self.position >= len(self.text):
                raise self.refuse(f"{text} is missing at the end of the file, {where}")
            raise self.refuse(f"{text} is missing {where}, before {_shown(self.text, self.position)}")

    def expression(self) -> Expression:
        self._enter()
        condition = self._binary(1)
        self._skip()
        if self.text.startswith("?", self.position):
            self.position += 1
            self._lines_may_follow()
            then = self.expression()
            self._lines_may_follow()
            self._expect(":", "in a conditional")
            self._lines_may_follow()
            condition = Conditional(condition, then, self.expression())
        self.depth -= 1
        return condition

    def _lines_may_follow(self) -> None:
        self._skip()

    def _binary(self, binds: int) -> Expression:
        left = self._unary()
        text = self.text
        while True:
            self._skip()
            found = _OPERATOR.match(text, self.position)
            if found is None:
                return left
            operator = found[0]
            own = _BINDS[operator]
            if own < binds:
                return left
            self.position = found.end()
            left = Binary(operator, left, self._binary(own + 1))

    def _unary(self) -> Expression:
        self._skip()
        character = self.text[self.position : self.position + 1]
        if character and character in "-!":
            if character == "!" and self.text.startswith("!=", self.position):
                raise self.refuse("a value is missing before !=")
            self.position += 1
            self._enter()
            made = Unary(character, self._unary())
            self.depth -= 1
            return made
        return self._postfix(self._primary())

    def _primary(self) -> Expression:
        text, start = self.text, self.position
        character = text[start : start + 1]
        if character == '"':
            plain = _PLAIN_STRING.match(text, start)
            if plain is not None:
                self.position = plain.end()
                return Literal(plain[1])
            return self._quoted()
        found = _IDENTIFIER.match(text, start)
        if found is not None:
            self.position = found.end()
            name = found[0]
            if text.startswith("::", self.position) or text.startswith("(", self.position):
                return self._call(name, start)
            if name in _KEYWORDS:
                return Literal(_KEYWORDS[name])
            return Variable(name, self.line(start))
        if character.isdigit():
            return self._number()
        if character == "(":
            return self._bracketed(self._parentheses)
        if character == "[":
            return self._bracketed(self._tuple)
        if character == "{":
            return self._bracketed(self._object)
        if character == "<":
            heredoc = _HEREDOC.match(text, start)
            if heredoc is not None:
                return self._heredoc(heredoc)
        if not character or character == "\n":
            raise self.refuse("a value is missing at the end of the line")
        raise self.refuse(f"a value is missing before {_shown(text, start)}")

    def _number(self) -> Literal:
        found = _NUMBER.match(self.text, self.position)
        assert found is not None
        after = self.text[found.end() : found.end() + 1]
        if after and (after.isalnum() or after == "_"):
            raise self.refuse(f"{_shown(self.text, self.position)} is not a number")
        self.position = found.end()
        written = found[0]
        if written.isdigit():
            if len(written) > 4_000:
                raise self.refuse("a number has more than 4,000 digits")
            return Literal(int(written))
        mantissa, _, exponent = written.lower().partition("e")
        if (exponent and abs(int(exponent)) > EXPONENT_MAX) or len(mantissa) > 4_000:
            raise self.refuse(f"{_shown(written, 0)} is too large a number")
        return Literal(number(Decimal(written)))

    def _bracketed(self, read: Any) -> Expression:
        """Inside brackets lines may break anywhere; outside of them again, they end an argument."""
        before, self.space = self.space, _SPACE_AND_LINES
        self._enter()
        self.position += 1
        made: Expression = read()
        self.depth -= 1
        self.space = before
        return made

    def _parentheses(self) -> Expression:
        inner = self.expression()
        self._expect(")", "after (")
        return Parentheses(inner)

    def _tuple(self) -> Expression:
        if self._word("for"):
            return self._for(False)
        elements: list[Expression] = []
        while not self._take("]"):
            elements.append(self.expression())
            if not self._take(","):
                self._expect("]", "after the elements of a list")
                break
        return Tuple(elements)

    def _word(self, word: str) -> bool:
        self._skip()
        found = _IDENTIFIER.match(self.text, self.position)
        if found is None or found[0] != word:
            return False
        # `for` may also be the name of a key: {for = 1}
        after = _SPACE_AND_LINES.match(self.text, found.end()).end()  # type: ignore[union-attr]
        if self.text[after : after + 1] in ("=", ":", ",", "]", "}", "."):
            return False
        self.position = found.end()
        return True

    def _object(self) -> Expression:
        if self._word("for"):
            return self._for(True)
        items: list[tuple[Expression, Expression, int]] = []
        while not self._take("}"):
            line = self.line(self.position)
            key = self.expression()
            if isinstance(key, Variable):
                key = Literal(key.name)
            if not self._take("="):
                self._expect(":", "after a key of an object")
            self._skip()
            self.space = _SPACE  # a new line ends an item as a comma does
            value = self.expression()
            self._skip()
            ended = _LINE_END.match(self.text, self.position)
            self.space = _SPACE_AND_LINES
            items.append((key, value, line))
            if self._take(","):
                continue
            if ended is None or not ended[0]:
                self._expect("}", "after the items of an object")
                break
        return Object(items)

    def _for(self, object_: bool) -> Expression:
        names = [self._identifier("after for")]
        if self._take(","):
            names.append(self._identifier("after for"))
        if not self._word("in"):
            raise self.refuse("in is missing after for")
        collection = self.expression()
        self._expect(":", "in a for expression")
        key = None
        value = self.expression()
        grouped = False
        if object_:
            self._expect("=>", "in a for expression that makes an object")
            key, value = value, self.expression()
            grouped = self._take("...")
        condition = self.expression() if self._word("if") else None
        self._expect("}" if object_ else "]", "at the end of a for expression")
        if key is not None:
            return ForObject(tuple(names), collection, key, value, condition, grouped)
        return ForTuple(tuple(names), collection, value, condition)

    def _identifier(self, where: str) -> str:
        self._skip()
        found = _IDENTIFIER.match(self.text, self.position)
        if found is None:
            raise self.refuse(f"a name is missing {where}")
        self.position = found.end()
        return found[0]

    def _call(self, name: str, start: int) -> Expression:
        while self.text.startswith("::", self.position):
            self.position += 2
            name += "::" + self._identifier("after ::")
        if not self.text.startswith("(", self.position):
            raise self.refuse(f"( is missing after {name}")
        line = self.line(start)

        def arguments() -> Expression:
            made: list[Expression] = []
            spread = False
            while not self._take(")"):
                made.append(self.expression())
                if self._take("..."):
                    spread = True
                    self._expect(")", f"after the arguments of {name}")
                    break
                if not self._take(","):
                    self._expect(")", f"after the arguments of {name}")
                    break
            return Call(name, made, spread, line)

        return self._bracketed(arguments)

    def _postfix(self, value: Expression) -> Expression:
        text = self.text
        while True:
            character = text[self.position : self.position + 1]
            if character == ".":
                if text.startswith("...", self.position):
                    return value
                value = self._dot(value)
            elif character == "[":
                value = self._bracketed(lambda inner=value: self._index(inner))
            else:
                if self.space is _SPACE_AND_LINES and character and character in " \t\r\n#/":
                    # Inside brackets a chain may go on in the next line.
                    after = _SPACE_AND_LINES.match(text, self.position).end()  # type: ignore[union-attr]
                    if text[after : after + 1] == "." and not text.startswith("...", after):
                        self.position = after
                        continue
                return value

    def _dot(self, value: Expression) -> Expression:
        text = self.text
        self.position += 1
        if text.startswith("*", self.position):
            self.position += 1
            each: Expression = Splat.element()
            while text.startswith(".", self.position) and not text.startswith("...", self.position):
                found = _IDENTIFIER.match(text, self.position + 1)
                if found is None:
                    break
                self.position = found.end()
                each = GetAttribute(each, found[0])
            return Splat(value, each)
        self._skip()
        found = _IDENTIFIER.match(text, self.position)
        if found is not None:
            self.position = found.end()
            return GetAttribute(value, found[0])
        digits = re.compile(r"\d+").match(text, self.position)
        if digits is None:
            raise self.refuse("a name is missing after .")
        self.position = digits.end()
        return Index(value, Literal(int(digits[0][:18])))

    def _index(self, value: Expression) -> Expression:
        if self._take("*"):
            self._expect("]", "after [*")
            each: Expression = Splat.element()
            while True:
                if self.text.startswith(".", self.position) and not self.text.startswith("...", self.position):
                    if self.text.startswith(".*", self.position):
                        break
                    each = self._dot(each)
                elif self.text.startswith("[", self.position) and not self.text.startswith("[*]", self.position):
                    each = self._bracketed(lambda inner=each: self._index(inner))
                else:
                    break
            return Splat(value, each, full=True)
        key = self.expression()
        self._expect("]", "after [")
        return Index(value, key)

    # Templates

    def _quoted(self) -> Template:
        """A quoted text with interpolations, directives and escapes."""
        start = self.position
        self.position += 1
        parts = self._template_parts('"', start)
        return Template(parts, self.line(start))

    def _template_parts(self, closing: str, start: int) -> list[Any]:
        """The parts of a quoted text, up to and with its closing quote."""
        text = self.text
        tokens: list[Any] = []
        literal: list[str] = []
        while True:
            here = self.position
            found = _LITERAL.match(text, here)
            if found is not None:
                literal.append(found[0])
                self.position = found.end()
                continue
            character = text[here : here + 1]
            if character == closing:
                self.position += 1
                break
            if not character or character == "\n":
                raise self.refuse("a text has no closing quote", start)
            if character == "\\":
                literal.append(self._escape())
                continue
            if text.startswith(character * 2 + "{", here):
                literal.append(character + "{")
                self.position += 3
                continue
            if text.startswith(character + "{", here):
                if literal:
                    tokens.append("".join(literal))
                    literal = []
                tokens.append(self._interpolation(character))
                continue
            literal.append(character)
            self.position += 1
        if literal:
            tokens.append("".join(literal))
        return _assembled(_stripped(tokens), self)

    def _escape(self) -> str:
        text, here = self.text, self.position
        letter = text[here + 1 : here + 2]
        if letter in _ESCAPES and letter:
            self.position += 2
            return _ESCAPES[letter]
        width = {"u": 4, "U": 8}.get(letter)
        if width is not None:
            digits = text[here + 2 : here + 2 + width]
            if re.fullmatch(r"[0-9a-fA-F]+", digits) and len(digits) == width and int(digits, 16) < 0x110000:
                self.position += 2 + width
                return chr(int(digits, 16))
        shown = letter if letter.isprintable() and letter else repr(letter)
        raise self.refuse(f"\\{shown} is no escape of HCL; write \\\\ for a backslash")

    def _interpolation(self, character: str) -> Any:
        """``${ expression }`` or ``%{ directive }``, as a token of its template."""
        start = self.position
        self.position += 2
        before, self.space = self.space, _SPACE_AND_LINES
        self._enter()
        strips_left = self._take("~")
        made: Any
        if character == "$":
            made = _Interpolation(self.expression())
        else:
            made = self._directive(start)
        made.strips_left = strips_left
        made.strips_right = self._take("~")
        self.space = before
        self.depth -= 1
        # The closing brace belongs to the text around: spaces behind it count.
        self.position = _SPACE_AND_LINES.match(self.text, self.position).end()  # type: ignore[union-attr]
        if not self.text.startswith("}", self.position):
            raise self.refuse("} is missing at the end of an interpolation", start)
        self.position += 1
        return made

    def _directive(self, start: int) -> _Directive:
        word = self._identifier("after %{")
        made = _Directive(word, self.line(start))
        if word == "if":
            made.condition = self.expression()
        elif word == "for":
            made.names = [self._identifier("after for")]
            if self._take(","):
                made.names.append(self._identifier("after for"))
            if not self._word("in"):
                raise self.refuse("in is missing after for")
            made.condition = self.expression()
        elif word not in ("else", "endif", "endfor"):
            raise self.refuse(f"{word} is no directive of a template", start)
        return made

    def _heredoc(self, opened: re.Match[str]) -> Expression:
        flush, marker = bool(opened[1]), opened[2]
        end = re.compile(rf"^[ \t]*{re.escape(marker)}[ \t]*\r?(?=\n|\Z)", re.MULTILINE).search(self.text, opened.end())
        if end is None:
            raise self.refuse(f"the text that <<{marker} begins has no end")
        line = self.line(opened.start())
        inner = Parser.__new__(Parser)
        inner.text, inner.position, inner.depth = self.text[: end.start()], opened.end(), self.depth
        inner.space, inner.starts = _SPACE, self.starts
        tokens = _stripped(inner.unquoted())
        if flush:
            _flush(tokens)
        self.position = end.end()
        return Template(_assembled(tokens, self), line, heredoc=True)

    def unquoted(self) -> list[Any]:
        """The tokens of a template without quotes, up to the end of the text: each line is a token of its own."""
        text = self.text
        tokens: list[Any] = []
        literal: list[str] = []

        def settle() -> None:
            if literal:
                tokens.append("".join(literal))
                literal.clear()

        while self.position < len(text):
            here = self.position
            character = text[here]
            if character in "$%":
                if text.startswith(character * 2 + "{", here):
                    literal.append(character + "{")
                    self.position += 3
                    continue
                if text.startswith("{", here + 1):
                    settle()
                    tokens.append(self._interpolation(character))
                    continue
            found = _UNQUOTED.match(text, here)
            if found is None:
                literal.append(character)
                self.position += 1
            else:
                literal.append(found[0])
                self.position = found.end()
            if literal[-1].endswith("\n"):
                settle()
        settle()
        return tokens


_UNQUOTED = re.compile(r"[^$%\n]*\n|[^$%\n]+")


@dataclass(slots=True)
class _Interpolation:
    value: Expression
    strips_left: bool = False
    strips_right: bool = False


@dataclass(slots=True)
class _Directive:
    word: str
    line: int
    condition: Expression | None = None
    names: list[str] = field(default_factory=list)
    strips_left: bool = False
    strips_right: bool = False


def _stripped(tokens: list[Any]) -> list[Any]:
    """The tokens with the space beside strip marks (``~``) taken away: that of the one text before or behind."""
    texts = list(tokens)
    for position, token in enumerate(texts):
        if isinstance(token, str):
            continue
        if token.strips_left and position and isinstance(texts[position - 1], str):
            texts[position - 1] = texts[position - 1].rstrip()
        if token.strips_right and position + 1 < len(texts) and isinstance(texts[position + 1], str):
            texts[position + 1] = texts[position + 1].lstrip()
    return texts


def _flush(tokens: list[Any]) -> None:
    """Take the indentation that all lines share away from each.

    As Terraform has it, a line begins behind a text that ends one: what a strip mark took the end of goes on.
    """
    lines: list[int] = []
    least: int | None = None
    fresh = True
    for position, token in enumerate(tokens):
        if not isinstance(token, str):
            if fresh:
                least = 0
            fresh = False
            continue
        if fresh and token != "\n":  # noqa: S105  no secret
            indent = len(token) - len(token.lstrip())
            least = indent if least is None else min(least, indent)
            lines.append(position)
        fresh = token.endswith("\n")
    for position in lines:
        tokens[position] = tokens[position][least or 0 :]


def _assembled(tokens: list[Any], parser: Parser) -> list[Any]:
    """The parts of a template: texts, expressions and directives with what stands inside them."""
    parts, rest, _ = _nested(tokens, 0, (), parser)
    assert rest == len(tokens)
    return parts


def _nested(tokens: list[Any], position: int, until: tuple[str, ...], parser: Parser) -> tuple[list[Any], int, str]:
    parts: list[Any] = []
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if isinstance(token, str):
            if token:
                parts.append(token)
        elif isinstance(token, _Interpolation):
            parts.append(token.value)
        elif token.word in until:
            return parts, position, token.word
        elif token.word == "if":
            then, position, word = _nested(tokens, position, ("else", "endif"), parser)
            otherwise: list[Any] = []
            if word == "else":
                otherwise, position, word = _nested(tokens, position, ("endif",), parser)
            if not word:
                raise SyntaxProblem(token.line, "%{ if } has no %{ endif }")
            parts.append(IfDirective(token.condition, Template(then, token.line), Template(otherwise, token.line)))
        elif token.word == "for":
            inner, position, word = _nested(tokens, position, ("endfor",), parser)
            if not word:
                raise SyntaxProblem(token.line, "%{ for } has no %{ endfor }")
            parts.append(ForDirective(tuple(token.names), token.condition, Template(inner, token.line)))
        else:
            raise SyntaxProblem(token.line, f"%{{ {token.word} }} has no beginning")
    return parts, position, ""


def _shown(text: str, at: int) -> str:
    """A few characters of the text, for messages."""
    line = text[at : at + 30].split("\n", 1)[0].strip()
    return repr(line[:20]) if line else "the end of the line"


def parse(text: str) -> Body:
    """The blocks and arguments of a file.  Raises SyntaxProblem."""
    if text.startswith("\ufeff"):
        text = text[1:]
    parser = Parser(text)
    try:
        return parser.file()
    except RecursionError:
        raise parser.refuse("it nests too deeply") from None


def parse_expression(text: str) -> Expression:
    """The expression that a whole text is.  Raises SyntaxProblem."""
    parser = Parser(text)
    parser.space = _SPACE_AND_LINES
    try:
        made = parser.expression()
        parser._skip()
    except RecursionError:
        raise parser.refuse("it nests too deeply") from None
    if parser.position < len(text):
        raise parser.refuse(f"nothing should follow, and there is {_shown(text, parser.position)}")
    return made


def parse_template(text: str, quoted: bool = False) -> Template:
    """A text that is a template itself, as a file for ``templatefile`` or a string of JSON syntax (`quoted`) is.

    Raises SyntaxProblem.
    """
    parser = Parser(text)
    try:
        return Template(_assembled(_stripped(parser.unquoted()), parser), 1, heredoc=not quoted)
    except RecursionError:
        raise parser.refuse("it nests too deeply") from None
