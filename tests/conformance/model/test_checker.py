"""The suite can fail: wrong answers are found, and a case breaks every constraint of the model."""

import copy
import json
import random
import time

import pytest

from model import answers, cases, constraints, service_model, values
from model.outcomes import (
    ACCEPTED,
    UNSAID,
    Either,
    Malformed,
    Refused,
    Unestablished,
    Violates,
)
from model.service_model import request_shape
from model.test_operations import ROWS
from support.raw_http import Answer

REQUEST_ID = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
HEADERS = {"content-type": "application/x-amz-json-1.1", "x-amzn-requestid": REQUEST_ID}
SESSION = {
    "SessionId": "a2c1ebba-ad01-865f-ed2d-a142b7451f7e",
    "WorkGroup": "primary",
    "EngineVersion": "PySpark engine version 3",
    "EngineConfiguration": {"MaxConcurrentDpus": 2, "SparkProperties": {}},
    "SessionConfiguration": {"IdleTimeoutSeconds": 1200, "WorkingDirectory": "s3://glaux/primary"},
    "Status": {
        "StartDateTime": time.time(),
        "LastModifiedDateTime": int(time.time()),
        "State": "IDLE",
    },
    "Statistics": {"DpuExecutionInMillis": 0},
}


def problems(body, status=200, operation="GetSession", headers=HEADERS):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return answers.problems(operation, Answer(status, headers, data))


def session_with(path, value):
    session = copy.deepcopy(SESSION)
    holder = session
    for name in path.split(".")[:-1]:
        holder = holder[name]
    holder[path.split(".")[-1]] = value
    return session


# ---- answers


def test_proper_answer_has_no_problems():
    assert problems(SESSION) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("SessionId", 5),
        ("SessionId", None),
        ("SessionId", ""),
        ("SessionId", "x" * 257),
        ("WorkGroup", "not a name"),
        ("Description", ""),
        ("Description", "x" * 1025),
        ("EngineVersion", {"SelectedEngineVersion": "AUTO"}),
        ("EngineConfiguration.MaxConcurrentDpus", "2"),
        ("EngineConfiguration.MaxConcurrentDpus", 2.0),
        ("EngineConfiguration.MaxConcurrentDpus", True),
        ("EngineConfiguration.MaxConcurrentDpus", 5001),
        ("EngineConfiguration.AdditionalConfigs", []),
        ("EngineConfiguration.AdditionalConfigs", {"key": 5}),
        ("EngineConfiguration.SparkProperties", None),
        ("SessionConfiguration.IdleTimeoutSeconds", 2**63),
        ("SessionConfiguration.Invented", "text"),
        ("Status.StartDateTime", "2026-11-21T07:00:00Z"),
        ("Status.StartDateTime", str(time.time())),
        ("Status.StartDateTime", time.time() * 1000),
        ("Status.EndDateTime", None),
        ("Status.State", "SLEEPING"),
        ("Status", []),
        ("Statistics", {}),
        ("NextToken", "text"),
    ],
)
def test_wrong_member_is_found(path, value):
    assert problems(session_with(path, value))


@pytest.mark.parametrize("path", answers.PROMISED["GetSession"])
def test_missing_member_is_found(path):
    session = copy.deepcopy(SESSION)
    cases.remove(session, tuple(path.split(".")))
    assert f"{path} is missing" in problems(session)


def test_missing_member_that_the_model_requires_is_found():
    assert problems({"ExecutorsSummary": []}, operation="ListExecutors")
    assert not problems({"SessionId": "x", "ExecutorsSummary": []}, operation="ListExecutors")


def test_missing_member_of_an_item_is_found():
    item = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}
    half = {"SelectedEngineVersion": "AUTO"}
    assert not problems({"EngineVersions": [item, item]}, operation="ListEngineVersions")
    assert problems({"EngineVersions": [item, half]}, operation="ListEngineVersions")
    assert problems({"EngineVersions": [item] * 11}, operation="ListEngineVersions")
    assert problems({"EngineVersions": [None]}, operation="ListEngineVersions")


def test_list_that_is_none_is_found():
    for instead in (None, {}, "text", 5, [[]], [5]):
        assert problems({"EngineVersions": instead}, operation="ListEngineVersions")


def test_empty_page_token_is_found():
    assert not problems({"Sessions": []}, operation="ListSessions")
    assert problems({"Sessions": [], "NextToken": ""}, operation="ListSessions")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"\xff",
        b'{"a":NaN}',
        b'{"State":"IDLE","State":"BUSY"}',
    ],
)
def test_body_that_is_no_proper_json_is_found(body):
    assert problems(body, operation="TerminateSession")


@pytest.mark.parametrize(
    "changed",
    [
        {"content-type": "application/json"},
        {"x-amzn-requestid": ""},
        {"x-amzn-errortype": "InvalidRequestException"},
    ],
)
def test_wrong_header_is_found(changed):
    assert problems(SESSION, headers={**HEADERS, **changed})


@pytest.mark.parametrize("status", [201, 302, 403, 404, 413, 500, 503])
def test_other_status_is_found(status):
    assert problems(SESSION, status)


def test_value_that_a_client_reads_differently_is_found():
    shape = service_model.answer_shape("GetSessionStatus")
    raw = {"SessionId": "x", "Status": {"State": "IDLE", "StartDateTime": 5}}
    assert answers.parsed_problems(shape, raw, {"SessionId": "x"}, "")
    assert answers.parsed_problems(shape, raw, {**raw, "SessionId": "y"}, "")
    assert answers.parsed_problems(shape, raw, raw, ""), "a timestamp that stayed a number"


# ---- errors

INVALID = {
    "__type": "InvalidRequestException",
    "Message": "no",
    "AthenaErrorCode": "INVALID_INPUT",
    "ErrorCode": "INVALID_INPUT",
}


def test_proper_errors_have_no_problems():
    assert problems(INVALID, 400) == []
    assert problems({"__type": "SerializationException"}, 400) == []


@pytest.mark.parametrize(
    "body",
    [
        {"Message": "no"},
        {"__type": "com.amazonaws.athena#InvalidRequestException", "Message": "no"},
        {"__type": "UnknownOperationException"},
        {"__type": "TooManyRequestsException", "Message": "no"},
        {"__type": "InternalServerException"},
        {"__type": "InvalidRequestException"},
        {"__type": "InvalidRequestException", "message": "no"},
        {"__type": "SerializationException", "AthenaErrorCode": "INVALID_INPUT"},
        {**INVALID, "ErrorCode": "OTHER"},
        {**INVALID, "Message": None},
        {**INVALID, "Reason": "no"},
    ],
    ids=str,
)
def test_wrong_error_is_found(body):
    assert problems(body, 400)


# ---- outcomes

MISSING = constraints.Violation("sessionId", "Member must not be null")
TOO_MANY = constraints.Violation("maxResults", "Member must have value less than or equal to 100")
TOLD = (
    "2 validation errors detected: Value null at 'sessionId' failed to satisfy constraint: "
    "Member must not be null; Value at 'maxResults' failed to satisfy constraint: "
    "Member must have value less than or equal to 100"
)


def invalid(message, code="INVALID_INPUT"):
    return {"__type": "InvalidRequestException", "Message": message, "AthenaErrorCode": code}


def serialization(**members):
    return {"__type": "SerializationException", **members}


BOTH = Violates((MISSING, TOO_MANY))
BUSY, UNKNOWN = Refused("busy"), Refused(type="ResourceNotFoundException")

MET = [
    (ACCEPTED, 200, {}),
    (BOTH, 400, invalid(TOLD)),
    (Violates((TOO_MANY, MISSING)), 400, invalid(TOLD)),
    (Refused(), 400, invalid("any")),
    (BUSY, 400, invalid("busy")),
    (UNKNOWN, 400, {"__type": "ResourceNotFoundException", "ResourceName": "arn:x"}),
    (Malformed(), 400, serialization()),
    (Malformed("Expected null"), 400, serialization(Message="Expected null")),
    (Either((ACCEPTED, Refused())), 200, {}),
    (Either((ACCEPTED, Refused())), 400, invalid("any")),
    (Unestablished(), 400, serialization()),
    (Unestablished(), 400, invalid(TOLD)),
    (UNSAID, 200, {}),
    (UNSAID, 400, serialization()),
]

MISSED = [
    (ACCEPTED, 400, invalid("any")),
    (BOTH, 200, {}),
    (BOTH, 400, invalid(TOLD.replace("100", "10"))),
    (BOTH, 400, invalid(TOLD.replace("2 ", "1 "))),
    (BOTH, 400, invalid(TOLD.replace("errors", "error"))),
    (BOTH, 400, invalid(TOLD, "OTHER")),
    (BOTH, 400, serialization(Message=TOLD)),
    (Violates((MISSING,)), 400, invalid(TOLD)),
    (Refused(), 200, {}),
    (Refused(), 400, invalid(TOLD)),
    (Refused(), 400, invalid("any", "OTHER")),
    (BUSY, 400, invalid("idle")),
    (UNKNOWN, 400, invalid("any")),
    (UNKNOWN, 400, {"__type": "ResourceNotFoundException", "Message": "no"}),
    (Malformed(), 200, {}),
    (Malformed(), 400, serialization(Message="text")),
    (Malformed("Expected null"), 400, serialization()),
    (Malformed(), 400, invalid(TOLD)),
    (Either((ACCEPTED, Refused())), 400, serialization()),
    (Unestablished(), 200, {}),
    (UNSAID, 400, {"__type": "ResourceNotFoundException", "Message": "no"}),
]


@pytest.mark.parametrize(("outcome", "status", "body"), MET, ids=str)
def test_answer_that_meets_the_outcome(outcome, status, body):
    assert outcome.problems(status, body) == []


@pytest.mark.parametrize(("outcome", "status", "body"), MISSED, ids=str)
def test_answer_that_misses_the_outcome(outcome, status, body):
    assert outcome.problems(status, body)


# ---- what is asked


def constraints_of(shape, path=""):
    """Every constraint of the model that a request can violate alone."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            where = ".".join(filter(None, [path, name[0].lower() + name[1:]]))
            if name in shape.required_members:
                yield where, "Member must not be null"
            yield from constraints_of(member, where)
    elif shape.type_name == "list":
        yield from constraints_of(shape.member, f"{path}.1.member")
    elif shape.type_name == "map":
        yield path, "Map keys must satisfy constraint: ["
        yield path, "Map value must satisfy constraint: ["
    else:
        noun = "length" if shape.type_name == "string" else "value"
        low, high = service_model.bounds(shape)
        if low:
            yield path, f"Member must have {noun} greater than or equal to {low}"
        if high is not None:
            yield path, f"Member must have {noun} less than or equal to {high}"
        if service_model.pattern_of(shape):
            text = f"regular expression pattern: {service_model.pattern_of(shape)}"
            yield path, f"Member must satisfy {text}"
        if shape.type_name == "string" and shape.enum:
            yield path, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"


@pytest.mark.parametrize("operation", service_model.OPERATIONS)
def test_every_constraint_is_broken_by_a_case_and_every_type_is_mistaken(operation):
    shape = request_shape(operation)
    broken, mistaken = set(), 0
    for case in cases.systematic(operation, ROWS[operation], seed=1):
        if case.special or case.damage:
            continue
        request = case.change(values.least(shape, random.Random(1)))
        try:
            if constraints.type_error(shape, request):
                mistaken += 1
                continue
            broken |= {(each.path, each.text) for each in constraints.violations(shape, request)}
        except (constraints.OutOfRange, constraints.NullItem):
            continue
    assert set(constraints_of(shape)) <= broken
    assert mistaken >= 7 * len(list(cases.places(shape)))


@pytest.mark.parametrize("operation", service_model.OPERATIONS)
def test_cases_depend_on_the_seed_alone(operation):
    def requests(seed):
        row, shape = ROWS[operation], request_shape(operation)
        made = list(cases.systematic(operation, row, seed))
        made += [cases.random_case(operation, row, seed, number) for number in range(20)]
        plain = [each for each in made if not each.special]
        rng = random.Random(1)
        return [json.dumps(each.change(values.least(shape, rng))) for each in plain]

    assert requests(1) == requests(1)
    assert requests(1) != requests(2)
