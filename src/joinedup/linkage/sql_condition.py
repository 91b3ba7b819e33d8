"""The small part of SQL in which Splink writes its levels and blocking rules, read into a tree.

No database is asked and nothing is executed: ``read_sql`` gives plain values that ``splink_levels`` turns
into our own conditions. What lies outside this part raises SqlError with a few words on which piece it was.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, is_dataclass
from typing import cast

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
    | '(?P<text>(?:[^']|'')*)'
    | "(?P<quoted>(?:[^"]|"")*)"
    | `(?P<ticked>[^`]*)`
    | (?P<word>[^\W\d]\w*)
    | (?P<sign>->|::|<>|!=|<=|>=|\|\||[=<>(),.\[\]+\-*/:])
    )""",
    re.VERBOSE,
)
_DEEPEST = 100


class SqlError(Exception):
    """The SQL holds something outside the part that is read; the message names it."""


@dataclass(frozen=True)
class Column:
    """A column of one side. name: as written, with ``_l``/``_r`` or ``l.``/``r.`` not yet taken off."""

    name: str
    table: str = ""


@dataclass(frozen=True)
class Literal:
    """Text or a number written in the SQL."""

    value: str | float


@dataclass(frozen=True)
class Call:
    """A function of its arguments; also casts (``cast``, with the type as a Literal), array places, arrays written
    out (``list``) and functions written out (``lambda``, with its one parameter as a Column)."""

    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Operation:
    """A sign between two parts: arithmetic, ``||`` or a comparison."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class IsNull:
    """Whether a value is missing (or, negated, present)."""

    value: Node
    negated: bool = False


@dataclass(frozen=True)
class Logic:
    """``and`` / ``or`` of several parts, or ``not`` of one. Nested ands (ors) are one."""

    word: str
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Case:
    """``case``: conditions with the value of each, and the value of ``else``."""

    whens: tuple[tuple[Node, Node], ...]
    otherwise: Node | None


Node = Column | Literal | Call | Operation | IsNull | Logic | Case


def read_sql(sql: str) -> Node:
    """Return the tree of one condition; raises SqlError.

    >>> read_sql('"dob_l" IS NULL')
    IsNull(value=Column(name='dob_l', table=''), negated=False)
    """
    reader = _Reader(_tokens(sql))
    tree = reader.either(0)
    if not reader.is_done:
        raise SqlError(f"'{reader.shown}' is not expected there")
    return tree


def matched(form: Node, node: Node) -> dict[str, Node] | None:
    """What the columns of a form stand for in a tree that has the form otherwise; None where it has not.

    >>> form = read_sql("abs(x - y) <= 1")
    >>> sorted(matched(form, read_sql("abs(l.a - r.a) <= 1")))
    ['x', 'y']
    """
    found: dict[str, Node] = {}
    return found if _fits(form, node, found) else None


def _fits(form: object, node: object, found: dict[str, Node]) -> bool:
    if isinstance(form, Column):
        return bool(found.setdefault(form.name, cast("Node", node)) == node)
    if isinstance(form, tuple):
        if not isinstance(node, tuple) or len(node) != len(form):
            return False
        return all(_fits(one, other, found) for one, other in zip(form, node, strict=True))
    if is_dataclass(form):
        alike = type(node) is type(form)
        return alike and all(
            _fits(getattr(form, field.name), getattr(node, field.name), found) for field in fields(form)
        )
    return form == node


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


def _tokens(sql: str) -> list[_Token]:
    tokens, at, end = [], 0, len(sql.rstrip())
    while at < end:
        found = _TOKEN.match(sql, at)
        if found is None or found.lastgroup is None:
            raise SqlError(f"'{sql[at : at + 20].strip()}' cannot be read")
        text = found[found.lastgroup]
        kind = "name" if found.lastgroup in ("quoted", "ticked") else found.lastgroup
        doubled = {"text": "'", "quoted": '"'}.get(found.lastgroup)
        tokens.append(_Token(kind, text.replace(doubled * 2, doubled) if doubled else text))
        at = found.end()
    return tokens


class _Reader:
    """Recursive descent over the tokens; each method reads one strength of binding."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def is_done(self) -> bool:
        return self._at >= len(self._tokens)

    @property
    def shown(self) -> str:
        return "the end" if self.is_done else self._tokens[self._at].text

    def _is_word(self, *words: str) -> bool:
        if self.is_done:
            return False
        token = self._tokens[self._at]
        return token.kind == "word" and token.text.lower() in words

    def _take_word(self, *words: str) -> str:
        if not self._is_word(*words):
            return ""
        self._at += 1
        return self._tokens[self._at - 1].text.lower()

    def _take_sign(self, *signs: str) -> str:
        if self.is_done:
            return ""
        token = self._tokens[self._at]
        if token.kind != "sign" or token.text not in signs:
            return ""
        self._at += 1
        return token.text

    def _expect(self, sign: str) -> None:
        if not self._take_sign(sign):
            raise SqlError(f"'{sign}' is missing before '{self.shown}'")

    def either(self, depth: int) -> Node:
        if depth > _DEEPEST:
            raise SqlError("brackets are nested too deeply")
        parts = [self._all(depth)]
        while self._take_word("or"):
            parts.append(self._all(depth))
        return _logic("or", parts)

    def _all(self, depth: int) -> Node:
        parts = [self._negation(depth)]
        while self._take_word("and"):
            parts.append(self._negation(depth))
        return _logic("and", parts)

    def _negation(self, depth: int) -> Node:
        if self._take_word("not"):
            if depth > _DEEPEST:
                raise SqlError("'not' is nested too deeply")
            return Logic("not", (self._negation(depth + 1),))
        return self._comparison(depth)

    def _comparison(self, depth: int) -> Node:
        left = self._sum(depth)
        sign = self._take_sign("=", "<>", "!=", "<=", ">=", "<", ">")
        if sign:
            return Operation("<>" if sign == "!=" else sign, left, self._sum(depth))
        if self._take_word("is"):
            negated = bool(self._take_word("not"))
            if not self._take_word("null"):
                raise SqlError(f"'is {self.shown}'")
            return IsNull(left, negated)
        return left

    def _sum(self, depth: int) -> Node:
        left = self._product(depth)
        while sign := self._take_sign("||", "+", "-"):
            left = Operation(sign, left, self._product(depth))
        return left

    def _product(self, depth: int) -> Node:
        left = self._signed(depth)
        while sign := self._take_sign("*", "/"):
            left = Operation(sign, left, self._signed(depth))
        return left

    def _signed(self, depth: int) -> Node:
        if self._take_sign("-"):
            inner = self._part(depth)
            if isinstance(inner, Literal) and not isinstance(inner.value, str):
                return Literal(-inner.value)
            raise SqlError("a minus sign before something other than a number")
        return self._part(depth)

    def _part(self, depth: int) -> Node:
        node = self._plain(depth)
        while True:
            if self._take_sign("::"):
                node = Call("cast", (node, Literal(self._type())))
            elif self._take_sign("["):
                node = Call("element", (node, self._sum(depth)))
                self._expect("]")
            else:
                return node

    def _plain(self, depth: int) -> Node:
        if self._take_sign("("):
            inner = self.either(depth + 1)
            self._expect(")")
            return inner
        if self.is_done:
            raise SqlError("it ends too early")
        token = self._tokens[self._at]
        if self._take_sign("["):
            return Call("list", self._listed("]", depth))
        if self._take_word("case"):
            return self._case(depth)
        if token.kind == "sign" or self._is_word("select", "null", "in", "between", "like"):
            raise SqlError(f"'{token.text}'")
        self._at += 1
        if token.kind == "number":
            return Literal(float(token.text))
        if token.kind == "text":
            return Literal(token.text)
        if token.kind == "word" and self._take_sign("("):
            return self._call(token.text.lower(), depth)
        if token.kind == "word" and self._take_sign("->"):
            return Call("lambda", (Column(token.text), self.either(depth + 1)))
        if token.kind == "word" and token.text.lower() == "lambda" and not self.is_done:
            name = self._tokens[self._at].text
            self._at += 1
            self._expect(":")
            return Call("lambda", (Column(name), self.either(depth + 1)))
        if self._take_sign("."):
            if self.is_done or self._tokens[self._at].kind not in ("word", "name"):
                raise SqlError(f"'{self.shown}' after a dot")
            self._at += 1
            return Column(self._tokens[self._at - 1].text, token.text.lower())
        return Column(token.text)

    def _call(self, name: str, depth: int) -> Node:
        if name in ("cast", "try_cast"):
            inner = self.either(depth + 1)
            if not self._take_word("as"):
                raise SqlError(f"'{self.shown}' in a cast")
            kind = self._type()
            self._expect(")")
            return Call("cast", (inner, Literal(kind)))
        return Call(name, self._listed(")", depth))

    def _listed(self, end: str, depth: int) -> tuple[Node, ...]:
        """What stands between commas, up to a closing sign."""
        parts: list[Node] = []
        if not self._take_sign(end):
            parts.append(self.either(depth + 1))
            while self._take_sign(","):
                parts.append(self.either(depth + 1))
            self._expect(end)
        return tuple(parts)

    def _case(self, depth: int) -> Node:
        whens = []
        while self._take_word("when"):
            asked = self.either(depth + 1)
            if not self._take_word("then"):
                raise SqlError(f"'{self.shown}' where 'then' is expected")
            whens.append((asked, self.either(depth + 1)))
        otherwise = self.either(depth + 1) if self._take_word("else") else None
        if not whens or not self._take_word("end"):
            raise SqlError(f"'{self.shown}' in a case")
        return Case(tuple(whens), otherwise)

    def _type(self) -> str:
        if self.is_done or self._tokens[self._at].kind != "word":
            raise SqlError(f"'{self.shown}' as a type")
        self._at += 1
        return self._tokens[self._at - 1].text.lower()


def _logic(word: str, parts: list[Node]) -> Node:
    if len(parts) == 1:
        return parts[0]
    flat: list[Node] = []
    for part in parts:
        flat += part.parts if isinstance(part, Logic) and part.word == word else [part]
    return Logic(word, tuple(flat))
