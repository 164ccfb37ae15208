"""What the model says about a request: the first value of a wrong type, violated constraints."""

import functools
import re
from dataclasses import dataclass

from model import service_model

INTEGERS = {"integer": ("an Integer", 2**31), "long": ("a Long", 2**63)}
LIST = "Start of list found where not expected"
STRUCTURE = "Start of structure or map found where not expected."

# Java, whose expressions these are, writes astral characters as two surrogates.
ASTRAL = (r"\uD800\uDC00-\uDBFF\uDFFF", "\U00010000-\U0010ffff")


class OutOfRange(Exception):
    """A number no Integer or Long holds: refused, but no source says with which error."""


class NullItem(Exception):
    """A null within a list, which is no absent member: no source says what becomes of it."""


@functools.cache
def compiled(pattern):
    return re.compile(pattern.replace(*ASTRAL), re.ASCII)


# ---- types


def kind_of(value):
    if isinstance(value, bool):
        return "TRUE_VALUE" if value else "FALSE_VALUE"
    if isinstance(value, str):
        return "STRING_VALUE"
    return "NUMBER_VALUE"


def type_error(shape, value):
    """The message about the first value of a wrong type, in the order of the document; or None."""
    if value is None:
        return None
    return _READERS.get(shape.type_name, _number_error)(shape, value)


def _structure_error(shape, value):
    if isinstance(value, list):
        return LIST
    if not isinstance(value, dict):
        return "Expected null"
    for name, member in value.items():
        if name in shape.members and (error := type_error(shape.members[name], member)):
            return error
    return None


def _map_error(shape, value):
    if isinstance(value, list):
        return LIST
    if not isinstance(value, dict):
        return "Expected null"
    return next(filter(None, (type_error(shape.value, each) for each in value.values())), None)


def _list_error(shape, value):
    if isinstance(value, dict):
        return STRUCTURE
    if not isinstance(value, list):
        return "Expected list or null"
    return next(filter(None, (type_error(shape.member, each) for each in value)), None)


def _conversion_error(value, target):
    if isinstance(value, list):
        return LIST
    if isinstance(value, dict):
        return STRUCTURE
    return f"{kind_of(value)} can not be converted to {target}"


def _string_error(_, value):
    return None if isinstance(value, str) else _conversion_error(value, "a String")


def _boolean_error(_, value):
    return None if isinstance(value, bool) else _conversion_error(value, "a Boolean")


def _number_error(shape, value):
    target, limit = INTEGERS[shape.type_name]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return _conversion_error(value, target)
    if not -limit <= int(value) < limit:
        raise OutOfRange
    return None


_READERS = {
    "structure": _structure_error,
    "map": _map_error,
    "list": _list_error,
    "string": _string_error,
    "boolean": _boolean_error,
}


# ---- constraints


@dataclass(frozen=True)
class Violation:
    path: str
    text: str
    # The wording about a map's keys and values is not established beyond its beginning.
    exact: bool = True

    def sentence(self):
        value = "Value null" if self.text == "Member must not be null" else "Value"
        return f"{value} at '{self.path}' failed to satisfy constraint: {self.text}"

    def is_told_by(self, sentence):
        expected = self.sentence()
        return sentence == expected if self.exact else sentence.startswith(expected)


def violations(shape, value, path=""):
    """Every violated constraint of a value that has no type error."""
    if shape.type_name == "structure":
        return _of_structure(shape, value, path)
    if shape.type_name == "list":
        return _of_list(shape, value, path)
    if shape.type_name == "map":
        return _of_map(shape, value, path)
    return [Violation(path, text) for text in violated_by(shape, value)]


def _of_structure(shape, value, path):
    found = []
    for name, member in shape.members.items():
        member_path = ".".join(filter(None, [path, name[0].lower() + name[1:]]))
        if value.get(name) is not None:
            found += violations(member, value[name], member_path)
        elif name in shape.required_members:
            found.append(Violation(member_path, "Member must not be null"))
    return found


def _of_list(shape, value, path):
    found = [Violation(path, text) for text in _outside(shape, len(value), "length")]
    for number, each in enumerate(value, 1):
        if each is None:
            raise NullItem
        found += violations(shape.member, each, f"{path}.{number}.member")
    return found


def _of_map(shape, value, path):
    found = []
    if any(violated_by(shape.key, key) for key in value):
        found.append(Violation(path, "Map keys must satisfy constraint: [", exact=False))
    if any(violated_by(shape.value, each) for each in value.values() if each is not None):
        found.append(Violation(path, "Map value must satisfy constraint: [", exact=False))
    return found


def violated_by(shape, value):
    """The texts of the constraints that a string or a number violates by itself."""
    if shape.type_name in INTEGERS:
        return _outside(shape, int(value), "value")
    if shape.type_name != "string":
        return []
    if shape.enum and value not in shape.enum:
        return [f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"]
    texts = _outside(shape, len(value), "length")
    pattern = service_model.pattern_of(shape)
    if pattern and not compiled(pattern).fullmatch(value):
        texts.append(f"Member must satisfy regular expression pattern: {pattern}")
    return texts


def _outside(shape, measure, noun):
    low, high = service_model.bounds(shape)
    texts = []
    if low is not None and measure < low:
        texts.append(f"Member must have {noun} greater than or equal to {low}")
    if high is not None and measure > high:
        texts.append(f"Member must have {noun} less than or equal to {high}")
    return texts
