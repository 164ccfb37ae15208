"""What the model cannot know about an operation, as one row each; the rows are in the files of the
nouns. Rules say what becomes of a request that satisfies every constraint of the model."""

import math
from dataclasses import dataclass, field
from typing import Callable

from model import cases, constraints, values
from model.outcomes import (
    ACCEPTED,
    UNSAID,
    Malformed,
    Refused,
    Unestablished,
    Violates,
)
from model.service_model import request_shape


@dataclass(frozen=True)
class Special:
    """A request that somebody thought of. An outcome of None: the rules say."""

    label: str
    make: Callable  # (world, request) -> request
    outcome: object = None


@dataclass(frozen=True)
class Row:
    # (world) -> a request that succeeds
    proper: Callable
    # Dotted path -> how to make a valid value, (rng) -> value, or KEEP: only the proper one works.
    values: dict = field(default_factory=dict)
    # (world, request) -> outcome, or None if the rule has nothing against it.
    rules: tuple = ()
    special: tuple = ()
    # (world, judge, request, answer) after a success: reads back what was written, tidies up.
    after: Callable = lambda world, judge, request, answer: None

    def is_kept(self, path):
        return self.values.get(cases.text_of(path)) is cases.KEEP

    def samples(self, path, rng):
        own = self.values.get(cases.text_of(path), cases.KEEP)
        if own is cases.KEEP:
            return []
        return [values.Sample(f"its own {number}", own(rng)) for number in range(3)]


def expected(operation, row, world, request):
    """What the request has to be answered with: types, then constraints, then the rules."""
    shape = request_shape(operation)
    try:
        if message := constraints.type_error(shape, request):
            return Malformed(message)
        if violations := constraints.violations(shape, request):
            return Violates(tuple(violations))
    except constraints.OutOfRange:
        return Unestablished()
    except constraints.NullItem:
        return UNSAID
    outcomes = [rule(world, request) for rule in row.rules]
    outcomes = [each for each in outcomes if each is not None]
    if not outcomes:
        return ACCEPTED
    # Of several refusals no source says which comes first.
    return outcomes[0] if len(outcomes) == 1 else Refused(code=None)


# ---- rules


def at(request, path):
    """The member at a dotted path; None: it is absent."""
    for name in path.split("."):
        request = request.get(name) if isinstance(request, dict) else None
    return request


def known(path, collection, outcome=Refused()):
    """The member names something that exists."""

    def rule(world, request):
        value = at(request, path)
        return None if value is None or value in getattr(world, collection) else outcome

    return rule


WORK_GROUP_EXISTS = known("WorkGroup", "work_groups", Refused("WorkGroup is not found."))


def page_token(world, request):
    """No token is made up; where the model lets it be empty, that is the first page."""
    token = request.get("NextToken")
    return Refused(f"The nextPageToken is malformed: {token}") if token else None


def when(condition, outcome):
    return lambda world, request: outcome if condition(request) else None


# ---- reading back


def meant(shape, value):
    """What a daemon understands of a value: no nulls, no unknown members, decimals cut."""
    if shape.type_name == "structure":
        names = [name for name in value if name in shape.members and value[name] is not None]
        return {name: meant(shape.members[name], value[name]) for name in names}
    if shape.type_name == "list":
        return [meant(shape.member, each) for each in value]
    if shape.type_name == "map":
        return {key: each for key, each in value.items() if each is not None}
    return math.trunc(value) if isinstance(value, float) else value


def is_in(wanted, found):
    """Whether what is wanted is there; there may be more, and what is empty may be left out."""
    if isinstance(wanted, dict):
        found = found if isinstance(found, dict) else {}
        return all(is_in(each, found.get(name)) for name, each in wanted.items())
    if wanted in ("", []):
        return found in (None, wanted)
    return wanted == found


def read_back(judge, operation, request, wanted):
    """The answer to the request has what is wanted in it."""
    answer = judge.ask(operation, request)
    if answer is not None:
        problem = f"not as written; {str(wanted)[:300]} was written"
        judge.expect(operation, is_in(wanted, answer), problem, request, answer)


# ---- what every request with a token, and every list, has to do


def replay(judge, operation, request, answer, **changed):
    """Again with the same token: the same answer; with the token and something changed: refused."""
    if request.get("ClientRequestToken") is None:
        return
    again = judge.ask(operation, request)
    if again is not None:
        judge.expect(operation, again == answer, f"a replay of {answer}", request, again)
    mismatch = Refused("Idempotent parameters do not match", code="IDEMPOTENT_PARAMETER_MISMATCH")
    judge.ask(operation, {**request, **changed}, mismatch)


def pages(operation, member, least, state=None):
    """after() of a list: no more items than asked for, at least so many if nothing is filtered out,
    only those of the state that a filter names, and the next page goes on after this one."""

    def after(_, judge, request, answer):
        items = answer[member]
        limit = math.trunc(request.get("MaxResults") or 1000)
        judge.expect(operation, len(items) <= limit, "more than MaxResults", request, answer)
        if state and request.get(state[0]) is not None:
            wanted = request[state[0]]
            of_state = all(at(item, state[1]) == wanted for item in items)
            judge.expect(operation, of_state, "the filter is ignored", request, answer)
        elif request.get("Filters") is None:
            enough = len(items) >= min(least, limit)
            judge.expect(operation, enough, f"fewer than {least}", request, answer)
        if "NextToken" in answer:
            following = {**request, "NextToken": answer["NextToken"]}
            page = judge.ask(operation, following)
            if page is not None:
                goes_on = page[member] and not any(item in items for item in page[member])
                judge.expect(operation, goes_on, "is no next page", following, page)

    return after
