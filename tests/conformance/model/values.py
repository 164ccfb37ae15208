"""Values of the model's types: at their limits, broken by one, of a wrong type, random."""

import uuid
from dataclasses import dataclass

from model.constraints import INTEGERS, violated_by, violations
from model.service_model import bounds, pattern_of

LONG = 300  # characters where the model has no maximum
FILLER = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

# Text that something on the way could change, measure differently or refuse.
EDGES = {
    "NUL": "\0",
    "a control character": "\x1f",
    "DEL": "\x7f",
    "a tab": "\t",
    "a newline": "\n",
    "JSON's own characters": '"\\/{}[]',
    "C1": "\x85",
    "a combining mark alone": "\u0301",
    "a letter with a combining mark": "e\u0301",
    "right to left": "\u202e\u05d0",
    "a line separator": "\u2028",
    "a byte order mark": "\ufeff",
    "the last before the surrogates": "\ud7ff",
    "the first after the surrogates": "\ue000",
    "U+FFFD": "\ufffd",
    "U+FFFF": "\uffff",
    "the first astral character": "\U00010000",
    "an emoji": "\U0001f989",
    "the last character": "\U0010ffff",
}
POOL = FILLER * 2 + " _-.+=@,;!?()#%&*<>|~^'$" + "äéßñøžЖλ中文字日本語한글" + "".join(EDGES.values())


@dataclass(frozen=True)
class Sample:
    label: str
    value: object


# ---- strings with a pattern: how to make one of so many characters, as near as the pattern lets


def _of(alphabet):
    return lambda rng, length: "".join(rng.choices(alphabet, k=length))


def _with_prefix(prefix, alphabet):
    def make(rng, length):
        return prefix + _of(alphabet)(rng, max(1, length - len(prefix)))

    return make


def _uuid(rng, _):
    return str(uuid.UUID(int=rng.getrandbits(128)))


NAME = FILLER + "._-"
PATH = FILLER + "+=,.@-_/"
PRINTABLE = "".join(
    each for each in POOL if (each >= " " or each == "\t") and each not in "/:\\\uffff"
)
KMS = "arn:aws:kms:eu-west-1:123456789012:key/"

# The beginning of a pattern -> what it is made of.
MAKERS = {
    "[a-zA-Z0-9._-]{1,128}": _of(NAME),
    "[a-f0-9]{8}-": _uuid,
    "^[0-9]+$": _of("0123456789"),
    r"^arn:aws[a-z\-]*:iam::": _with_prefix("arn:aws:iam::123456789012:role/", PATH),
    r"^arn:aws[a-z\-]*:kms:": _with_prefix(KMS, PATH),
    r"[\u0020-\uD7FF": _of(PRINTABLE),
    r"(?!.*[/:\\])[\u0020-": _of(PRINTABLE),
}


def text_maker(shape):
    pattern = pattern_of(shape)
    if pattern is None:
        return _of(POOL)
    (maker,) = [each for begin, each in MAKERS.items() if pattern.startswith(begin)]
    return maker


def _lengths(shape):
    low, high = bounds(shape)
    if high is None:
        high = 128 if pattern_of(shape) else LONG
    return low if low is not None else 1 if pattern_of(shape) else 0, high


# ---- valid values


def valid(shape, rng):
    """Values at every limit of the type; all satisfy its constraints."""
    samples = _VALID.get(shape.type_name, _valid_numbers)(shape, rng)
    return [each for each in samples if not violations(shape, each.value)]


def _valid_strings(shape, rng):
    if shape.enum:
        return [Sample(each, each) for each in shape.enum]
    low, high = _lengths(shape)
    samples = [
        Sample(f"{low} characters", _filled(shape, rng, low)),
        Sample(f"{high} characters", _filled(shape, rng, high)),
    ]
    for label, edge in EDGES.items():
        samples.append(Sample(label, _around(edge, rng, low, high)))
    if high <= 100_000:
        samples.append(Sample(f"{high} astral characters", "\U0001f989" * high))
    return [each for each in samples if len(each.value) <= high]


def _around(edge, rng, low, high):
    """The edge at the beginning, within and at the end, as far as there is room."""
    text = edge + "x" + edge + "y" + edge
    return (text + "z" * (low - len(text)))[: max(high, 1)] if len(edge) == 1 else text


def _filled(shape, rng, length):
    if length > 10_000:
        return (FILLER * (length // len(FILLER) + 1))[:length]
    return text_maker(shape)(rng, length) if length or pattern_of(shape) else ""


def _valid_numbers(shape, rng):
    low, high = _range(shape)
    between = rng.randint(low, high)
    samples = [Sample(str(each), each) for each in sorted({low, between, high})]
    if high < 2**40:
        samples.append(Sample(f"{between}.9, to be cut", between + 0.9))
        samples.append(Sample(f"{high}.9, to be cut", high + 0.9))
    return samples


def _range(shape):
    low, high = bounds(shape)
    limit = INTEGERS[shape.type_name][1]
    return low if low is not None else -limit, high if high is not None else limit - 1


def _valid_lists(shape, rng):
    return [
        Sample("an empty list", []),
        Sample("one item", [random_value(shape.member, rng)]),
        Sample("50 items", [random_value(shape.member, rng) for _ in range(50)]),
    ]


def _valid_maps(shape, rng):
    samples = [Sample("an empty map", {})]
    for each in valid(shape.key, rng):
        samples.append(Sample(f"a key, {each.label}", {each.value: "v"}))
    for each in valid(shape.value, rng):
        samples.append(Sample(f"a value, {each.label}", {"key": each.value}))
    samples.append(Sample("many", {f"key {i}": str(i) for i in range(100)}))
    samples.append(Sample("a null, which is absent", {"key": "v", "other": None}))
    return samples


def _valid_structures(shape, rng):
    return [Sample("the least structure", least(shape, rng))]


_VALID = {
    "string": _valid_strings,
    "boolean": lambda *_: [Sample("true", True), Sample("false", False)],
    "list": _valid_lists,
    "map": _valid_maps,
    "structure": _valid_structures,
}


def least(shape, rng):
    """A valid value with nothing that is not required."""
    if shape.type_name == "structure":
        return {name: least(shape.members[name], rng) for name in shape.required_members}
    if shape.type_name in ("list", "map"):
        return [] if shape.type_name == "list" else {}
    if shape.type_name == "boolean":
        return True
    return random_value(shape, rng)


def random_value(shape, rng):
    """Any valid value; every optional member is there half of the times."""
    return _RANDOM.get(shape.type_name, _random_number)(shape, rng)


def _random_string(shape, rng):
    if shape.enum:
        return rng.choice(shape.enum)
    low, high = _lengths(shape)
    while True:
        length = rng.randint(low, min(high, low + rng.choice((8, 40, 300))))
        text = text_maker(shape)(rng, length)
        if not violated_by(shape, text):
            return text


def _random_number(shape, rng):
    return rng.randint(*_range(shape))


def _random_structure(shape, rng):
    names = [
        name for name in shape.members if name in shape.required_members or rng.random() < 0.5
    ]
    return {name: random_value(shape.members[name], rng) for name in names}


def _random_map(shape, rng):
    size = rng.randint(0, 4)
    return {random_value(shape.key, rng): random_value(shape.value, rng) for _ in range(size)}


_RANDOM = {
    "string": _random_string,
    "boolean": lambda _, rng: rng.random() < 0.5,
    "list": lambda shape, rng: [random_value(shape.member, rng) for _ in range(rng.randint(1, 4))],
    "map": _random_map,
    "structure": _random_structure,
}


# ---- values that are refused


def is_short(value):
    """Not of megabytes, of which a few are enough."""
    return not isinstance(value, str) or len(value) <= 100_000


def broken(shape, rng):
    """Of the right type, each with at least one constraint violated, most by one."""
    samples = _BROKEN.get(shape.type_name, lambda *_: [])(shape, rng)
    return [each for each in samples if violations(shape, each.value)]


def _broken_strings(shape, rng):
    if shape.enum:
        first = shape.enum[0]
        wrong = ["", "UNKNOWN", first.lower(), first + " ", first[:-1], first + "\0"]
        return [Sample(f"no name of the enumeration: {each!r}", each) for each in wrong]
    low, high = _lengths(shape)
    samples = [Sample(f"{high + 1} characters", _filled(shape, rng, high + 1))]
    if low > 0:
        samples.append(Sample(f"{low - 1} characters", _filled(shape, rng, low)[: low - 1]))
    if high <= 100_000:
        samples.append(Sample(f"{high + 1} astral characters", "\U0001f989" * (high + 1)))
    if pattern_of(shape):
        proper = _filled(shape, rng, min(high, max(low, 12)))
        edges = [*EDGES.items(), *[(repr(each), each) for each in " /:\\*"]]
        for label, edge in rng.sample(edges, 12):
            at_begin = rng.random() < 0.5
            within = edge + proper[len(edge) :] if at_begin else proper[: -len(edge)] + edge
            samples.append(Sample(f"{label} within", within))
    return samples


def _broken_numbers(shape, rng):
    low, high = bounds(shape)
    limit = INTEGERS[shape.type_name][1]
    wrong = [-limit, -1, 0, limit - 1]
    wrong += [] if low is None else [low - 1, low - 0.1]
    wrong += [] if high is None else [high + 1, high + 1.5]
    return [Sample(str(each), each) for each in dict.fromkeys(wrong)]


def _broken_maps(shape, rng):
    samples = []
    for each in broken(shape.key, rng):
        samples.append(Sample(f"a key, {each.label}", {"key": "v", each.value: "v"}))
    for each in broken(shape.value, rng):
        samples.append(Sample(f"a value, {each.label}", {"key": "v", "other": each.value}))
    return samples


_BROKEN = {
    "string": _broken_strings,
    "integer": _broken_numbers,
    "long": _broken_numbers,
    "map": _broken_maps,
}

ANY_TYPE = ["text", "", "5", 5, -1, 0.5, True, False, [], ["text"], {}, {"Key": "text"}]


def of_wrong_type(shape):
    own = {
        "string": str,
        "boolean": bool,
        "list": list,
        "map": dict,
        "structure": dict,
    }.get(shape.type_name, (int, float))
    wrong = [each for each in ANY_TYPE if not isinstance(each, own) or _is_bool_for(own, each)]
    samples = [Sample(f"of a wrong type, {each!r}", each) for each in wrong]
    if shape.type_name == "map":
        inner = [Sample("", {"key": each.value}) for each in of_wrong_type(shape.value)]
        samples += [Sample(f"of a wrong type, {each.value!r}", each.value) for each in inner]
    if shape.type_name in INTEGERS:
        limit = INTEGERS[shape.type_name][1]
        samples += [Sample(str(each), each) for each in (limit, -limit - 1, 10**30)]
    return samples


def _is_bool_for(own, value):
    return isinstance(value, bool) and own is not bool
