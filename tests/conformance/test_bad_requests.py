"""Requests that HTTP has nothing against and the API refuses: the error, and nothing written."""

import pytest

from support import raw_http
from support.evidence import nothing_written, only_a_refusal_recorded
from support.raw_http import call
from support.sessions import MOCK, idle_session, run

UNKNOWN_ID = "a2c1ebba-ad01-865f-ed2d-a142b7451f7e"
STATES = "CREATING, CREATED, IDLE, BUSY, TERMINATING, TERMINATED, DEGRADED, FAILED"


@pytest.fixture(scope="module")
def session(daemon):
    """There is something that a bad request could change."""
    session = idle_session(daemon.athena, MOCK)
    run(daemon, session, "print here")
    return session


def assert_error(answer, status, type_name, message, code=None):
    """The body has these members and no others; Message has its capital."""
    expected = {"__type": type_name}
    if message is not None:
        expected["Message"] = message
    if code is not None:
        expected |= {"AthenaErrorCode": code, "ErrorCode": code}
    assert (answer.status, answer.json()) == (status, expected)
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
    assert answer.headers["x-amzn-requestid"]
    assert "x-amzn-errortype" not in answer.headers


def assert_invalid(answer, message):
    assert_error(answer, 400, "InvalidRequestException", message, "INVALID_INPUT")


def assert_violation(answer, *texts):
    plural = "" if len(texts) == 1 else "s"
    assert_invalid(answer, f"{len(texts)} validation error{plural} detected: " + "; ".join(texts))


# ---- no JSON


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b'"text"', b"5", b"true", b"{", b'{"WorkGroup":', b"{}{}", b"{'WorkGroup':1}",
     b'{"WorkGroup":"primary",}', b"\x00", b"{" * 100_000, b"[" * 100_000],
    ids=lambda body: body[:20].decode("latin-1"),
)  # fmt: skip
def test_what_is_no_json_object_is_a_serialization_error_without_a_message(daemon, session, body):
    with nothing_written(daemon):
        assert_error(call(daemon, "StartSession", body), 400, "SerializationException", None)


def test_list_for_the_whole_body_is_a_serialization_error(daemon, session):
    with nothing_written(daemon):
        answer = call(daemon, "StartSession", b"[]")
    message = "Start of list found where not expected"
    assert_error(answer, 400, "SerializationException", message)


@pytest.mark.parametrize(
    "text",
    [b"\xff", b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\\ud800", b"\\udc00x"],
    ids=repr,
)
def test_text_that_is_no_utf8_is_a_serialization_error(daemon, session, text):
    body = b'{"Name":"utf8","Description":"' + text + b'"}'
    with nothing_written(daemon):
        assert_error(call(daemon, "CreateWorkGroup", body), 400, "SerializationException", None)


# ---- wrong types


START = {"WorkGroup": "primary", "EngineConfiguration": {"MaxConcurrentDpus": 2}}


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"WorkGroup": 5}, "NUMBER_VALUE can not be converted to a String"),
        ({"WorkGroup": 5.5}, "NUMBER_VALUE can not be converted to a String"),
        ({"WorkGroup": True}, "TRUE_VALUE can not be converted to a String"),
        ({"WorkGroup": False}, "FALSE_VALUE can not be converted to a String"),
        ({"WorkGroup": {}}, "Start of structure or map found where not expected."),
        ({"WorkGroup": []}, "Start of list found where not expected"),
        ({"EngineConfiguration": "text"}, "Expected null"),
        ({"EngineConfiguration": []}, "Start of list found where not expected"),
        (
            {"EngineConfiguration": {"MaxConcurrentDpus": "2"}},
            "STRING_VALUE can not be converted to an Integer",
        ),
        (
            {"EngineConfiguration": {"AdditionalConfigs": {"glaux.kernel": 5}}},
            "NUMBER_VALUE can not be converted to a String",
        ),
        ({"SessionIdleTimeoutInMinutes": "5"}, "STRING_VALUE can not be converted to an Integer"),
        ({"Tags": "text"}, "Expected list or null"),
    ],
    ids=repr,
)
def test_wrong_type_is_a_serialization_error_that_names_both(daemon, session, members, message):
    with nothing_written(daemon):
        answer = call(daemon, "StartSession", {**START, **members})
    assert_error(answer, 400, "SerializationException", message)


# ---- constraints


def null(member):
    return f"Value null at '{member}' failed to satisfy constraint: Member must not be null"


def violated(member, text):
    return f"Value at '{member}' failed to satisfy constraint: Member must {text}"


CONSTRAINTS = [
    ("StartSession", {}, [null("workGroup"), null("engineConfiguration")]),
    ("StartSession", {"WorkGroup": None, "EngineConfiguration": {}}, [null("workGroup")]),
    ("GetSession", {}, [null("sessionId")]),
    ("GetSessionStatus", {}, [null("sessionId")]),
    ("TerminateSession", {}, [null("sessionId")]),
    ("ListSessions", {}, [null("workGroup")]),
    ("ListExecutors", {}, [null("sessionId")]),
    ("StartCalculationExecution", {"CodeBlock": "1"}, [null("sessionId")]),
    ("GetCalculationExecution", {}, [null("calculationExecutionId")]),
    ("GetCalculationExecutionStatus", {}, [null("calculationExecutionId")]),
    ("GetCalculationExecutionCode", {}, [null("calculationExecutionId")]),
    ("StopCalculationExecution", {}, [null("calculationExecutionId")]),
    ("ListCalculationExecutions", {}, [null("sessionId")]),
    ("CreateWorkGroup", {}, [null("name")]),
    ("GetWorkGroup", {}, [null("workGroup")]),
    (
        "GetSession",
        {"SessionId": ""},
        [violated("sessionId", "have length greater than or equal to 1")],
    ),
    (
        "GetSession",
        {"SessionId": "x" * 257},
        [violated("sessionId", "have length less than or equal to 256")],
    ),
    (
        "StopCalculationExecution",
        {"CalculationExecutionId": "x" * 37},
        [violated("calculationExecutionId", "have length less than or equal to 36")],
    ),
    (
        "StartSession",
        {**START, "Description": "é" * 1025},
        [violated("description", "have length less than or equal to 1024")],
    ),
    (
        "StartSession",
        {**START, "Description": ""},
        [violated("description", "have length greater than or equal to 1")],
    ),
    (
        "StartSession",
        {**START, "ClientRequestToken": "x" * 31},
        [violated("clientRequestToken", "have length greater than or equal to 32")],
    ),
    (
        "StartSession",
        {**START, "ClientRequestToken": "x" * 129},
        [violated("clientRequestToken", "have length less than or equal to 128")],
    ),
    (
        "StartSession",
        {**START, "SessionIdleTimeoutInMinutes": 0},
        [violated("sessionIdleTimeoutInMinutes", "have value greater than or equal to 1")],
    ),
    (
        "StartSession",
        {**START, "SessionIdleTimeoutInMinutes": 481},
        [violated("sessionIdleTimeoutInMinutes", "have value less than or equal to 480")],
    ),
    (
        "StartSession",
        {**START, "EngineConfiguration": {"MaxConcurrentDpus": 1}},
        [violated(
            "engineConfiguration.maxConcurrentDpus", "have value greater than or equal to 2"
        )],
    ),
    (
        "StartSession",
        {**START, "EngineConfiguration": {"MaxConcurrentDpus": 5001}},
        [violated(
            "engineConfiguration.maxConcurrentDpus", "have value less than or equal to 5000"
        )],
    ),
    (
        "ListSessions",
        {"WorkGroup": "primary", "MaxResults": 0},
        [violated("maxResults", "have value greater than or equal to 1")],
    ),
    (
        "ListSessions",
        {"WorkGroup": "primary", "MaxResults": 101},
        [violated("maxResults", "have value less than or equal to 100")],
    ),
    (
        "ListWorkGroups",
        {"MaxResults": 51},
        [violated("maxResults", "have value less than or equal to 50")],
    ),
    (
        "ListEngineVersions",
        {"MaxResults": 11},
        [violated("maxResults", "have value less than or equal to 10")],
    ),
    (
        "ListApplicationDPUSizes",
        {"MaxResults": 101},
        [violated("maxResults", "have value less than or equal to 100")],
    ),
    (
        "ListWorkGroups",
        {"NextToken": ""},
        [violated("nextToken", "have length greater than or equal to 1")],
    ),
    (
        "ListSessions",
        {"WorkGroup": "primary", "NextToken": "x" * 2049},
        [violated("nextToken", "have length less than or equal to 2048")],
    ),
    (
        "ListSessions",
        {"WorkGroup": "primary", "StateFilter": "SLEEPING"},
        [violated("stateFilter", f"satisfy enum value set: [{STATES}]")],
    ),
    (
        "ListSessions",
        {"WorkGroup": "primary", "StateFilter": "idle"},
        [violated("stateFilter", f"satisfy enum value set: [{STATES}]")],
    ),
    (
        "ListCalculationExecutions",
        {"SessionId": UNKNOWN_ID, "StateFilter": "CANCELLED"},
        [violated(
            "stateFilter",
            "satisfy enum value set: [CREATING, CREATED, QUEUED, RUNNING, CANCELING, CANCELED, "
            "COMPLETED, FAILED]",
        )],
    ),
    (
        "ListExecutors",
        {"SessionId": UNKNOWN_ID, "ExecutorStateFilter": "IDLE"},
        [violated(
            "executorStateFilter",
            "satisfy enum value set: [CREATING, CREATED, REGISTERED, TERMINATING, TERMINATED, "
            "FAILED]",
        )],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("operation", "members", "texts"),
    CONSTRAINTS,
    ids=[f"{operation}-{repr(members)[:60]}" for operation, members, _ in CONSTRAINTS],
)
def test_violated_constraints_are_all_named(daemon, session, operation, members, texts):
    with nothing_written(daemon):
        assert_violation(call(daemon, operation, members), *texts)


@pytest.mark.parametrize("name", ["", "a b", "ä", "a/b", "x" * 129])
def test_bad_work_group_name_is_a_violation(daemon, session, name):
    with nothing_written(daemon):
        answer = call(daemon, "CreateWorkGroup", {"Name": name})
    assert answer.status == 400
    assert answer.json()["__type"] == "InvalidRequestException"
    assert answer.json()["AthenaErrorCode"] == "INVALID_INPUT"
    assert answer.json()["Message"] == (
        "1 validation error detected: Value at 'name' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9._-]{1,128}"
    )


def test_69000_characters_of_code_are_refused_and_68000_are_not(daemon, session):
    members = {"SessionId": session, "CodeBlock": "x" * 69_000}
    with nothing_written(daemon):
        assert_violation(
            call(daemon, "StartCalculationExecution", members),
            violated("codeBlock", "have length less than or equal to 68000"),
        )
    assert run(daemon, session, "\n" * 68_000)["Status"]["State"] == "COMPLETED"


def test_code_is_measured_in_characters_not_bytes(daemon, session):
    assert run(daemon, session, "\u00a0\n" + "\n" * 67_998)["CalculationExecutionId"]
    members = {"SessionId": session, "CodeBlock": "🦉" * 68_001}
    with nothing_written(daemon):
        assert call(daemon, "StartCalculationExecution", members).status == 400


# ---- operations and content types


@pytest.mark.parametrize(
    "target",
    ["X-Amz-Target: AmazonAthena.Nothing", "X-Amz-Target: AmazonAthena.startSession",
     "X-Amz-Target: StartSession", "X-Amz-Target: amazonathena.StartSession", "X-Amz-Target:",
     "X-Amz-Target: AmazonAthena.", "X-Not-Target: AmazonAthena.StartSession"],
)  # fmt: skip
def test_unknown_operation_is_refused_without_a_message(daemon, session, target):
    with nothing_written(daemon):
        answer = call(daemon, None, START, extra_headers=[target])
    assert_error(answer, 400, "UnknownOperationException", None)


@pytest.mark.parametrize("content_type", [None, "application/x-amz-json-1.0", "text/plain", "x"])
def test_wrong_content_type_is_answered_as_the_service_does(daemon, session, content_type):
    with nothing_written(daemon):
        answer = call(daemon, "StartSession", START, content_type=content_type)
    assert answer.status == 404
    assert answer.body.strip() == b"<UnknownOperationException/>"


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS"])
@pytest.mark.parametrize("path", ["/glaux", "/glaux/key"])
def test_other_methods_are_refused(daemon, session, method, path):
    with nothing_written(daemon):
        answer = raw_http.exchange(
            daemon, f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode()
        )
    assert answer.status == 405


@pytest.mark.parametrize(
    "authorization",
    ["Basic dXNlcjpwYXNz", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b/c",
     "AWS4-HMAC-SHA256 Credential=A/20260101/r/athena/aws4_request, SignedHeaders=host, "
     "Signature=short"],
)  # fmt: skip
def test_malformed_authorization_is_refused(daemon, session, authorization):
    with nothing_written(daemon):
        answer = call(
            daemon, "StartSession", START, extra_headers=[f"Authorization: {authorization}"]
        )
    assert answer.status == 400
    assert answer.json()["__type"] == "IncompleteSignatureException"


# ---- commands that are understood and refused


@pytest.mark.parametrize(
    ("operation", "members", "message"),
    [
        ("TerminateSession", {"SessionId": UNKNOWN_ID}, f"Session {UNKNOWN_ID} is not found."),
        (
            "StartCalculationExecution",
            {"SessionId": UNKNOWN_ID, "CodeBlock": "1"},
            f"Session {UNKNOWN_ID} is not found.",
        ),
        (
            "StopCalculationExecution",
            {"CalculationExecutionId": UNKNOWN_ID},
            f"CalculationExecution {UNKNOWN_ID} is not found.",
        ),
        ("StartSession", {**START, "WorkGroup": "nowhere"}, "WorkGroup is not found."),
        ("CreateWorkGroup", {"Name": "primary"}, "primary workGroup could not be created"),
    ],
)
def test_refused_command_leaves_a_refusal_in_the_journal_and_nothing_else(
    daemon, session, operation, members, message
):
    with only_a_refusal_recorded(daemon):
        assert_invalid(call(daemon, operation, members), message)


@pytest.mark.parametrize(
    "members", [{}, {"CodeBlock": "1", "CalculationConfiguration": {"CodeBlock": "1"}}]
)
def test_code_has_to_be_given_exactly_once(daemon, session, members):
    with only_a_refusal_recorded(daemon):
        answer = call(daemon, "StartCalculationExecution", {"SessionId": session, **members})
    assert answer.json()["__type"] == "InvalidRequestException"
    assert "CodeBlock" in answer.json()["Message"]


@pytest.mark.parametrize("operation", ["GetSession", "GetSessionStatus", "ListExecutors"])
def test_unknown_session_is_not_found_and_reading_writes_nothing(daemon, session, operation):
    with nothing_written(daemon):
        answer = call(daemon, operation, {"SessionId": UNKNOWN_ID})
    assert_invalid(answer, f"Session {UNKNOWN_ID} is not found.")


# ---- what looks bad and is allowed


def test_null_is_absent_unknown_members_are_ignored_and_decimals_are_cut(daemon, session):
    answer = call(
        daemon,
        "ListSessions",
        {"WorkGroup": "primary", "StateFilter": None, "NextToken": None, "MaxResults": 1.9,
         "Nonsense": {"deep": [1, 2]}},
    )  # fmt: skip
    assert answer.status == 200
    assert len(answer.json()["Sessions"]) == 1


def test_timestamps_are_numbers_and_absent_members_are_left_out(daemon, session):
    status = call(daemon, "GetSession", {"SessionId": session}).json()["Status"]
    assert set(status) == {"StartDateTime", "LastModifiedDateTime", "IdleSinceDateTime", "State"}
    assert isinstance(status["StartDateTime"], (int, float))
    assert status["StartDateTime"] > 1_600_000_000
    assert "null" not in call(daemon, "GetSession", {"SessionId": session}).body.decode()


def test_dpus_may_be_left_to_the_daemon(daemon):
    configuration = {"AdditionalConfigs": MOCK}
    answer = call(
        daemon, "StartSession", {"WorkGroup": "primary", "EngineConfiguration": configuration}
    )
    assert answer.status == 200
    daemon.wait_for_metric("glaux_dpus_in_use", 2 + 20)
    call(daemon, "TerminateSession", {"SessionId": answer.json()["SessionId"]})
    daemon.wait_for_metric("glaux_dpus_in_use", 2)


def test_unsigned_requests_and_any_case_of_header_names_are_taken(daemon, session):
    body = b"{}"
    head = (
        "POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-amz-json-1.1\r\n"
        f"x-amz-target: AmazonAthena.ListWorkGroups\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    assert raw_http.exchange(daemon, head.encode() + body).status == 200
