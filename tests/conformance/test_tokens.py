"""ClientRequestToken: the same request again is answered with the first one's result."""

import pytest

from support import clients
from support.sessions import (
    MOCK,
    engine_configuration,
    idle_session,
    new_token,
    run,
    start_calculation,
    start_session,
    terminate,
    wait_for_end,
    wait_for_session,
)


@pytest.fixture(scope="module")
def session(daemon):
    return idle_session(daemon.athena, MOCK)


def assert_mismatch(refused):
    assert refused.value.response["AthenaErrorCode"] == "IDEMPOTENT_PARAMETER_MISMATCH"
    assert refused.value.response["Error"]["Message"] == "Idempotent parameters do not match"


def test_same_token_starts_one_session(daemon):
    token = new_token()
    before = len(daemon.athena.list_sessions(WorkGroup="primary")["Sessions"])
    ids = {start_session(daemon.athena, MOCK, ClientRequestToken=token) for _ in range(3)}
    assert len(ids) == 1
    assert len(daemon.athena.list_sessions(WorkGroup="primary")["Sessions"]) == before + 1


def test_same_token_runs_code_once(daemon, session, tmp_path):
    token, evidence = new_token(), tmp_path / "ran"
    code = f"ran {evidence}"
    first = start_calculation(daemon.athena, session, code, ClientRequestToken=token)
    wait_for_end(daemon.athena, first)
    wait_for_session(daemon.athena, session, "IDLE")
    assert start_calculation(daemon.athena, session, code, ClientRequestToken=token) == first
    wait_for_session(daemon.athena, session, "IDLE")
    assert evidence.read_text() == f"{first}\n"


def test_same_token_is_answered_while_the_session_is_busy_with_it(daemon, session):
    token = new_token()
    first = start_calculation(daemon.athena, session, "sleep 500", ClientRequestToken=token)
    assert start_calculation(daemon.athena, session, "sleep 500", ClientRequestToken=token) == first
    wait_for_end(daemon.athena, first)
    wait_for_session(daemon.athena, session, "IDLE")


@pytest.mark.parametrize(
    "changed",
    [
        {"Description": "other"},
        {"SessionIdleTimeoutInMinutes": 3},
        {"EngineConfiguration": engine_configuration(MOCK, dpus=3)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_changed_parameter_of_start_session_is_a_mismatch(daemon, changed):
    members = {
        "WorkGroup": "primary",
        "EngineConfiguration": engine_configuration(MOCK),
        "ClientRequestToken": new_token(),
    }
    athena = daemon.athena
    first = athena.start_session(**members)["SessionId"]
    with pytest.raises(athena.exceptions.InvalidRequestException) as refused:
        athena.start_session(**{**members, **changed})
    assert_mismatch(refused)
    assert athena.start_session(**members)["SessionId"] == first, "the token is still the first's"


def test_changed_code_is_a_mismatch_and_does_not_run(daemon, session, tmp_path):
    token, evidence = new_token(), tmp_path / "ran"
    wait_for_end(
        daemon.athena, start_calculation(daemon.athena, session, "", ClientRequestToken=token)
    )
    wait_for_session(daemon.athena, session, "IDLE")
    with pytest.raises(daemon.athena.exceptions.InvalidRequestException) as refused:
        start_calculation(daemon.athena, session, f"ran {evidence}", ClientRequestToken=token)
    assert_mismatch(refused)
    assert not evidence.exists()


def test_tokens_are_compared_as_they_are(daemon):
    token = new_token()
    ids = {
        start_session(daemon.athena, MOCK, ClientRequestToken=each)
        for each in (token, token.upper(), token + " ")
    }
    assert len(ids) == 3


def test_token_belongs_to_its_operation(daemon, session):
    token = new_token()
    start_session(daemon.athena, MOCK, ClientRequestToken=token)
    assert run(daemon, session, "", ClientRequestToken=token)["Status"]["State"] == "COMPLETED"


def test_token_belongs_to_its_principal(daemon):
    token = new_token()
    other = clients.athena(daemon.url, access_key="AKIAOTHEROTHEROTHER0")
    ids = {start_session(who, MOCK, ClientRequestToken=token) for who in (daemon.athena, other)}
    assert len(ids) == 2


def test_refused_request_does_not_use_up_its_token(daemon):
    token = new_token()
    athena = daemon.athena
    with pytest.raises(athena.exceptions.InvalidRequestException):
        start_session(athena, {"glaux.kernel": "nope"}, ClientRequestToken=token)
    start_session(athena, MOCK, ClientRequestToken=token)


def test_token_is_honoured_after_the_session_has_ended(daemon):
    token = new_token()
    session = start_session(daemon.athena, MOCK, ClientRequestToken=token)
    wait_for_session(daemon.athena, session, "IDLE")
    terminate(daemon.athena, session)
    assert start_session(daemon.athena, MOCK, ClientRequestToken=token) == session


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_token_is_honoured_after_a_restart(make_daemon, end):
    daemon = make_daemon()
    token, other_token = new_token(), new_token()
    session = start_session(daemon.athena, MOCK, ClientRequestToken=token)
    wait_for_session(daemon.athena, session, "IDLE")
    calculation = run(daemon, session, "print x", ClientRequestToken=other_token)
    getattr(daemon, end)()
    daemon.start()
    athena = daemon.athena
    assert start_session(athena, MOCK, ClientRequestToken=token) == session
    again = start_calculation(athena, session, "print x", ClientRequestToken=other_token)
    assert again == calculation["CalculationExecutionId"]
    with pytest.raises(athena.exceptions.InvalidRequestException) as refused:
        start_session(athena, MOCK, ClientRequestToken=token, Description="changed")
    assert_mismatch(refused)


def test_without_a_token_every_request_is_a_new_one(daemon):
    assert start_session(daemon.athena, MOCK) != start_session(daemon.athena, MOCK)
