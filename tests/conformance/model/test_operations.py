"""Every operation of the API: requests made from the model, answers held against it."""

import random

import pytest

from model import bodies, notebooks, operations, service_model, sessions, tags, work_groups
from model.cases import random_case, systematic
from model.outcomes import UNSAID

REQUESTS_MIN = 5000
RANDOM_PER_OPERATION = 100
FINDINGS_SHOWN = 10

ROWS = {**sessions.ROWS, **notebooks.ROWS, **work_groups.ROWS, **tags.ROWS}


def numbered_cases(operation, run):
    cases = list(systematic(operation, ROWS[operation], run.seed))
    for number in range(RANDOM_PER_OPERATION):
        cases.append(random_case(operation, ROWS[operation], run.seed, number))
    for number, case in enumerate(cases):
        if run.only in (None, f"{operation}#{number}"):
            yield number, case


def put_to(world, operation, case, rng):
    """Sends one case and, after a success, what reads back what it wrote."""
    row, judge = ROWS[operation], world.judge
    request = row.proper(world)
    if case.special:
        request = case.special.make(world, request)
    request = case.change(request)
    outcome = case.special and case.special.outcome
    outcome = outcome or operations.expected(operation, row, world, request)
    body = bodies.encode(request, rng)
    if case.damage:
        body = case.damage.change(bodies.encode(request))
        outcome = case.damage.outcome or outcome
    answer = judge.ask(operation, request, outcome, body)
    if answer is not None and outcome is not UNSAID:
        row.after(world, judge, request, answer)


def test_the_tree_and_this_suite_know_the_same_operations():
    of_the_tree = set(service_model.operations_of_the_tree())
    assert of_the_tree - service_model.NEWER_OPERATIONS == set(service_model.OPERATIONS)
    assert set(ROWS) == set(service_model.OPERATIONS)


@pytest.mark.parametrize("operation", service_model.OPERATIONS)
def test_answers_are_those_of_the_model(operation, world, run):
    judge, problems = world.judge, []
    judge.findings.clear()
    for number, case in numbered_cases(operation, run):
        judge.case = f"{operation}#{number}, {case.label}"
        run.generated += 1
        try:
            put_to(world, operation, case, random.Random(f"{run.seed}/{judge.case}"))
        except AssertionError as error:
            problems.append(f"{judge.case}: {error}")
    run.operations.add(operation)
    problems += told_once(judge.findings)
    if problems:
        shown = "\n\n".join(problems[:FINDINGS_SHOWN])
        pytest.fail(
            f"{len(problems)} kinds of findings; to send a case alone: GLAUX_MODEL_SEED={run.seed} "
            f"GLAUX_MODEL_CASE={operation}#N\n\n{shown}",
            pytrace=False,
        )


def told_once(findings):
    """The first finding of each kind, and how many there are of it."""
    kinds = {}
    for finding in findings:
        kinds.setdefault((finding.operation, finding.problems[0][:40]), []).append(finding)
    return [f"[{len(alike)} times] {alike[0]}" for alike in kinds.values()]


def test_there_were_enough_requests(run):
    if run.only is not None:
        assert run.generated == 1, f"there is no case {run.only}"
    elif run.operations == set(service_model.OPERATIONS):
        assert run.generated >= REQUESTS_MIN
