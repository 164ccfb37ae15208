"""The requests of one operation: a proper one with one change each, then random ones.

A case is a change, because a proper request names things whose ids only the running daemon knows.
All else depends on the seed, the operation and the case's number: a case can be repeated alone.
"""

import random
from dataclasses import dataclass
from typing import Callable

from model import bodies, values
from model.service_model import request_shape

# In a row's table of values: the member stays as the proper request has it.
KEEP = object()
NONSENSE = {"Nonsense": {"deep": [1, None, "text"]}}


def _unchanged(request):
    return request


@dataclass(frozen=True)
class Case:
    label: str
    change: Callable[[dict], dict] = _unchanged
    damage: bodies.Damage | None = None
    special: object = None


# ---- places


def places(shape, path=()):
    """(path, shape) of every member, also within structures and the first item of lists."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield (*path, name), member
            yield from places(member, (*path, name))
    elif shape.type_name == "list":
        yield (*path, 0), shape.member
        yield from places(shape.member, (*path, 0))


def text_of(path):
    return ".".join("[]" if step == 0 else step for step in path)


def put(request, shape, path, value, rng):
    """Sets a member, and around it the least that is required; gives the request back."""
    holder = request
    for step, following in zip(path, path[1:]):
        shape = shape.member if step == 0 else shape.members[step]
        inner = _at(holder, step)
        if not isinstance(inner, (dict, list)) or (following == 0 and not inner):
            inner = values.least(shape, rng)
            if following == 0:
                inner = [values.least(shape.member, rng)]
            holder[step] = inner
        holder = inner
    holder[path[-1]] = value
    return request


def _at(holder, step):
    return holder[step] if step == 0 else holder.get(step)


def remove(request, path):
    holder = request
    for step in path[:-1]:
        holder = _at(holder, step)
    holder.pop(path[-1])
    return request


# ---- one change each


def systematic(operation, row, seed):
    shape = request_shape(operation)
    yield Case("nothing changed")
    for each in row.special:
        yield Case(each.label, special=each)
    for damage in bodies.DAMAGES:
        yield Case(f"a body {damage.label}", damage=damage)
    for path, member in places(shape):
        rng = random.Random(f"{seed}/{operation}/{text_of(path)}")
        yield from _of_member(row, shape, path, member, rng)


def _of_member(row, shape, path, member, rng):
    where = text_of(path)
    samples = values.valid(member, rng) + row.samples(path, rng)
    samples += values.broken(member, rng) + values.of_wrong_type(member)
    samples.append(values.Sample("null", None))
    if member.type_name == "structure":
        least = values.least(member, rng)
        samples.append(values.Sample("with an unknown member", {**least, **NONSENSE}))
    for each in samples:
        yield Case(f"{where}: {each.label}", _putting(shape, path, each.value, rng.random()))
    if path[-1] != 0:
        yield Case(f"{where}: absent", _removing(shape, path, rng.random()))


def _putting(shape, path, value, seed):
    return lambda request: put(request, shape, path, value, random.Random(seed))


def _removing(shape, path, seed):
    def change(request):
        return remove(put(request, shape, path, None, random.Random(seed)), path)

    return change


# ---- random ones


def random_case(operation, row, seed, number):
    rng = random.Random(f"{seed}/{operation}/random/{number}")
    shape = request_shape(operation)
    if number % 2:
        return Case("any valid request", lambda request: _any_valid(row, shape, request, rng))
    return _broken_twice(row, shape, rng)


def _any_valid(row, shape, request, rng):
    """Every member that may be anything is there half of the times; in any order."""
    for name, member in shape.members.items():
        if row.is_kept((name,)) or (rng.random() < 0.5 and name not in shape.required_members):
            continue
        request[name] = _any_value(row, member, (name,), rng)
    members = list(request.items())
    rng.shuffle(members)
    return dict(members)


def _any_value(row, shape, path, rng):
    own = row.values.get(text_of(path))
    if own is not None and own is not KEEP:
        return own(rng)
    if shape.type_name == "structure":
        chosen = [
            name
            for name in shape.members
            if name in shape.required_members or rng.random() < 0.5
        ]
        return {
            name: _any_value(row, shape.members[name], (*path, name), rng)
            for name in chosen
            if not row.is_kept((*path, name))
        }
    if shape.type_name == "list":
        size = rng.randint(1, 4)
        return [_any_value(row, shape.member, (*path, 0), rng) for _ in range(size)]
    return values.random_value(shape, rng)


def _broken_twice(row, shape, rng):
    """Two members, of which neither is within the other, with any bad value."""
    everywhere = list(places(shape))
    first = rng.choice(everywhere)
    apart = [each for each in everywhere if not _overlap(each[0], first[0])]
    chosen = [first, *rng.sample(apart, min(1, len(apart)))]
    changes, labels = [], []
    for path, member in chosen:
        bad = [each for each in values.broken(member, rng) if values.is_short(each.value)]
        bad = bad or values.of_wrong_type(member)
        sample = rng.choice(bad)
        changes.append((path, sample.value))
        labels.append(f"{text_of(path)}: {sample.label}")

    def change(request):
        request = _any_valid(row, shape, request, rng)
        for path, value in changes:
            request = put(request, shape, path, value, rng)
        return request

    return Case("; ".join(labels), change)


def _overlap(one, other):
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]
