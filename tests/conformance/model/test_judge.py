"""What is found about answers that only together are wrong: pages, replays, what was written."""

import json

import pytest

from model import operations
from model.judge import Judge
from model.outcomes import Refused
from support.raw_http import AMZ_JSON, Answer

REQUEST_ID = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
HEADERS = {"content-type": AMZ_JSON, "x-amzn-requestid": REQUEST_ID}
TOKEN = {"ClientRequestToken": REQUEST_ID, "WorkGroup": "primary", "Name": "a name"}
MISMATCH = {
    "__type": "InvalidRequestException",
    "Message": "Idempotent parameters do not match",
    "AthenaErrorCode": "IDEMPOTENT_PARAMETER_MISMATCH",
    "ErrorCode": "IDEMPOTENT_PARAMETER_MISMATCH",
}


class Rehearsed(Judge):
    """Gets the given answers instead of a daemon's; None: no answer."""

    def __init__(self, *given):
        super().__init__(port=0)
        self._given = list(given)

    def send(self, operation, body):
        given = self._given.pop(0)
        if given is None:
            return None
        status = 400 if "__type" in given else 200
        return Answer(status, HEADERS, json.dumps(given).encode())


def engines(*numbers):
    names = [f"engine {number}" for number in numbers]
    return [{"SelectedEngineVersion": name, "EffectiveEngineVersion": name} for name in names]


def test_proper_answer_is_no_finding():
    judge = Rehearsed({"State": "TERMINATING"})
    assert judge.ask("TerminateSession", {"SessionId": "x"}) == {"State": "TERMINATING"}
    assert judge.findings == []


@pytest.mark.parametrize("answer", [None, {}, {"State": "GONE"}, MISMATCH], ids=str)
def test_answer_that_is_not_the_expected_is_a_finding_and_no_answer(answer):
    judge = Rehearsed(answer)
    assert judge.ask("TerminateSession", {"SessionId": "x"}) is None
    (finding,) = judge.findings
    assert "TerminateSession" in str(finding) and '{"SessionId":"x"}' in str(finding)


def test_refusal_that_is_expected_is_no_finding():
    judge = Rehearsed({**MISMATCH, "Message": "no"})
    assert judge.ask("TerminateSession", {}, Refused("no", code=None)) is None
    assert judge.findings == []


def test_preparation_that_fails_ends_what_needs_it():
    with pytest.raises(AssertionError, match="Idempotent parameters"):
        Rehearsed(MISMATCH).need("TerminateSession", {})


@pytest.mark.parametrize(
    ("replayed", "changed", "findings"),
    [
        ({"NotebookId": REQUEST_ID}, MISMATCH, 0),
        ({"NotebookId": REQUEST_ID.replace("0", "1")}, MISMATCH, 1),
        ({"NotebookId": REQUEST_ID}, {"NotebookId": REQUEST_ID}, 1),
        (MISMATCH, {**MISMATCH, "Message": "no"}, 2),
    ],
)
def test_replay_has_the_same_answer_and_a_changed_one_is_refused(replayed, changed, findings):
    judge = Rehearsed(replayed, changed)
    operations.replay(judge, "CreateNotebook", TOKEN, {"NotebookId": REQUEST_ID}, Name="other")
    assert len(judge.findings) == findings


def test_request_without_a_token_is_not_replayed():
    operations.replay(Rehearsed(), "CreateNotebook", {"ClientRequestToken": None}, {}, Name="other")


@pytest.mark.parametrize(
    ("first", "second", "findings"),
    [
        ({"EngineVersions": engines(1, 2)}, None, 0),
        ({"EngineVersions": engines(1, 2, 3)}, None, 1),
        ({"EngineVersions": engines(1)}, None, 1),
        (
            {"EngineVersions": engines(1, 2), "NextToken": "t"},
            {"EngineVersions": engines(3)},
            0,
        ),
        (
            {"EngineVersions": engines(1, 2), "NextToken": "t"},
            {"EngineVersions": engines(2)},
            1,
        ),
        ({"EngineVersions": engines(1, 2), "NextToken": "t"}, {"EngineVersions": []}, 1),
        ({"EngineVersions": engines(1, 2), "NextToken": "t"}, MISMATCH, 1),
    ],
)
def test_pages_keep_to_their_size_and_go_on(first, second, findings):
    judge = Rehearsed(second)
    after = operations.pages("ListEngineVersions", "EngineVersions", 2)
    after(None, judge, {"MaxResults": 2.9}, first)
    assert len(judge.findings) == findings


def test_filter_that_is_ignored_is_found():
    after = operations.pages("ListSessions", "Sessions", 3, ("StateFilter", "Status.State"))
    for states, findings in ((["IDLE", "IDLE"], 0), (["IDLE", "BUSY"], 1)):
        judge = Rehearsed()
        sessions = [{"Status": {"State": state}} for state in states]
        after(None, judge, {"StateFilter": "IDLE"}, {"Sessions": sessions})
        assert len(judge.findings) == findings


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ({"CodeBlock": "e\u0301\0"}, True),
        ({"CodeBlock": "é\0"}, False),
        ({"CodeBlock": "e\u0301"}, False),
        ({"CodeBlock": "e\u0301\0", "Description": ""}, True),
        ({"CodeBlock": "e\u0301\0", "Description": "lost"}, False),
        ({"CodeBlock": "e\u0301\0", "Nested": {}}, True),
        ({"CodeBlock": "e\u0301\0", "Nested": {"Name": 0}}, False),
    ],
)
def test_what_was_written_is_read_back(written, kept):
    judge = Rehearsed({"CodeBlock": "e\u0301\0"})
    operations.read_back(judge, "GetCalculationExecutionCode", {}, written)
    assert (judge.findings == []) is kept
