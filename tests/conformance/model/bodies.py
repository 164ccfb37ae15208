"""Requests as JSON text, in more than one of its forms; and bodies that are not a JSON object."""

import json
from dataclasses import dataclass
from typing import Callable

from model.outcomes import ACCEPTED_OR_MALFORMED, Malformed


def encode(request, rng=None):
    """Escaped or as UTF-8, with or without spaces: what any client may send."""
    escaped = rng is None or rng.random() < 0.5
    separators = (",", ":") if rng is None or rng.random() < 0.5 else (" ,\n", "\t: ")
    return json.dumps(request, ensure_ascii=escaped, separators=separators).encode()


@dataclass(frozen=True)
class Damage:
    """What becomes of a proper body. An outcome of None: it means the same as before."""

    label: str
    change: Callable[[bytes], bytes]
    outcome: object = None


def _is(label, body, outcome=Malformed()):
    return Damage(label, lambda _: body, outcome)


def _first(label, text, outcome=Malformed()):
    """Puts a member in front of the others."""

    def change(body):
        separator = b"" if body == b"{}" else b","
        return b"{" + text + separator + body[1:]

    return Damage(label, change, outcome)


def _null_first(body):
    """The first member twice. Later ones win, so the null means nothing."""
    name = next(iter(json.loads(body)), "Nonsense")
    return _first("", f"{json.dumps(name)}:null".encode()).change(body)


LIST = Malformed("Start of list found where not expected")
DEEP = 1000

DAMAGES = [
    _is("empty", b""),
    _is("spaces", b" \n"),
    _is("null", b"null"),
    _is("a string", b'"text"'),
    _is("an empty string", b'""'),
    _is("a number", b"5"),
    _is("true", b"true"),
    _is("a list", b"[]", LIST),
    _is("a list of structures", b"[{}]", LIST),
    _is("NUL", b"\0"),
    _is("a deep list", b"[" * DEEP),
    Damage("cut in half", lambda body: body[: len(body) // 2], Malformed()),
    Damage("without its end", lambda body: body[:-1], Malformed()),
    Damage("twice", lambda body: body + body, Malformed()),
    Damage("with text behind it", lambda body: body + b"x", Malformed()),
    _first("with a comma too many", b'"Nonsense":1,,'),
    _first("with a name without quotes", b"Nonsense:1"),
    _first("with single quotes", b"'Nonsense':1"),
    _first("with NaN", b'"Nonsense":NaN'),
    _first("with a number that begins with 0", b'"Nonsense":01'),
    _first("with a newline in a string", b'"Nonsense":"\n"'),
    _first("with an escape that is none", b'"Nonsense":"\\x41"'),
    _first("with invalid UTF-8", b'"Nonsense":"\xff"'),
    _first("with overlong UTF-8", b'"Nonsense":"\xc0\xaf"'),
    _first("with an encoded surrogate", b'"Nonsense":"\xed\xa0\x80"'),
    _first("with an escaped half of a character", b'"Nonsense":"\\ud800"'),
    _first(
        "with a deep structure",
        b'"Nonsense":' + b'{"a":' * DEEP + b"1" + b"}" * DEEP,
        ACCEPTED_OR_MALFORMED,
    ),
    _first("with an unknown member", b'"Nonsense":{"a":[1,{}],"b":null}', None),
    _first("with a member without a name", b'"":"text"', None),
    _first("with a member in another case", b'"sessionid":5,"WORKGROUP":[]', None),
    Damage("with its first member twice", _null_first),
    Damage("with spaces around it", lambda body: b"\r\n\t " + body + b" \n", None),
]
