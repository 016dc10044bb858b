"""Filter patterns of CloudWatch Logs: which lines of a log FilterLogEvents returns.

Terms, all of which a line must hold, in its own letters: `ERROR`, `"two words"`, `-not_this`; or `?this ?that`, one of which it must hold.
Or conditions on a line that is a JSON object: `{ $.level = "ERROR" && ($.status >= 500 || $.route = "POST /*") }`.
Patterns between `%` and between `[` and `]`, and the words IS, EXISTS and NOT, are AWS's too, and are refused here.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import translate
from typing import Any

Matches = Callable[[str], bool]
_TERM = re.compile(r'\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\w+))(?=\s|$)')
_TOKEN = re.compile(r'\s*(&&|\|\||!=|>=|<=|[=<>()]|\$(?:\.\w+)+|"(?:[^"\\]|\\.)*"|[\w*.:/-]+)')
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
}


class InvalidPattern(ValueError):
    """A pattern that CloudWatch Logs or this emulator does not take."""


def compile_pattern(text: str) -> Matches:
    """Return what says whether a line matches a pattern; an empty one matches every line.

    Raises:  InvalidPattern: the text is no such pattern.
    """
    text = text.strip()
    if text.startswith("{"):
        return _compile_conditions(text)
    terms = list(_read_terms(text))
    kinds = {kind for kind, _ in terms}
    if "?" in kinds:
        if len(kinds) > 1:
            raise InvalidPattern("terms with ? stand beside others, which makes CloudWatch Logs ignore them")
        return lambda line: any(term in line for _, term in terms)
    return lambda line: all((term in line) != (kind == "-") for kind, term in terms)


def _read_terms(text: str) -> Iterator[tuple[str, str]]:
    """Yield each term with what stands before it."""
    place = 0
    while place < len(text):
        found = _TERM.match(text, place)
        if found is None:
            raise InvalidPattern(f"{text[place:]!r} is no term: other signs than letters, digits and _ stand between double quotes")
        place = found.end()
        yield found[1], found[3] or _unquote(found[2])


def _compile_conditions(text: str) -> Matches:
    if not text.endswith("}"):
        raise InvalidPattern("the conditions have no } at their end")
    tokens = _Tokens(text[1:-1])
    holds = _read_any(tokens)
    if rest := tokens.peek():
        raise InvalidPattern(f"{rest!r} is too much")

    def matches(line: str) -> bool:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            return False
        return isinstance(value, dict) and holds(value)

    return matches


Holds = Callable[[Mapping[str, Any]], bool]


class _Tokens:
    """The words and signs of conditions, one after the other."""

    def __init__(self, text: str) -> None:
        self._tokens, place = [], 0
        while place < len(text.rstrip()):
            found = _TOKEN.match(text, place)
            if found is None:
                raise InvalidPattern(f"{text[place:]!r} is no condition")
            place = found.end()
            self._tokens.append(found[1])

    def peek(self) -> str:
        """Return the next one, or nothing."""
        return self._tokens[0] if self._tokens else ""

    def take(self) -> str:
        """Return the next one, and go on."""
        if not self._tokens:
            raise InvalidPattern("the conditions end too early")
        return self._tokens.pop(0)


def _read_any(tokens: _Tokens) -> Holds:
    parts = [_read_all(tokens)]
    while tokens.peek() == "||":
        tokens.take()
        parts.append(_read_all(tokens))
    return lambda line: any(part(line) for part in parts)


def _read_all(tokens: _Tokens) -> Holds:
    parts = [_read_one(tokens)]
    while tokens.peek() == "&&":
        tokens.take()
        parts.append(_read_one(tokens))
    return lambda line: all(part(line) for part in parts)


def _read_one(tokens: _Tokens) -> Holds:
    if tokens.peek() == "(":
        tokens.take()
        inner = _read_any(tokens)
        if tokens.take() != ")":
            raise InvalidPattern("a parenthesis is not closed")
        return inner
    selector, sign, wanted = tokens.take(), tokens.take(), tokens.take()
    if not selector.startswith("$."):
        raise InvalidPattern(f"{selector!r} is no property; write it like $.level")
    if sign in _COMPARE:
        return _compare(selector, sign, wanted)
    if sign not in {"=", "!="}:
        raise InvalidPattern(f"{sign!r} is none of = != < > <= >=")
    pattern = re.compile(translate(_unquote(wanted[1:-1]) if wanted.startswith('"') else wanted))

    def holds(line: Mapping[str, Any]) -> bool:
        value = _select(line, selector)
        return isinstance(value, str | int | float) and bool(pattern.match(str(value))) == (sign == "=")

    return holds


def _compare(selector: str, sign: str, wanted: str) -> Holds:
    try:
        number = float(wanted)
    except ValueError:
        raise InvalidPattern(f"{wanted!r} is no number") from None

    def holds(line: Mapping[str, Any]) -> bool:
        value = _select(line, selector)
        return isinstance(value, int | float) and _COMPARE[sign](value, number)

    return holds


def _select(value: Any, selector: str) -> Any:
    """Return the property that `$.a.b` names, or None."""
    for name in selector.split(".")[1:]:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _unquote(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
