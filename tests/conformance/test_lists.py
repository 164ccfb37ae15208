"""Lists: newest first, filtered by state, in pages whose tokens stay good."""

import pytest

from support.sessions import (
    EVERY_SESSION_STATE,
    MOCK,
    every_page,
    idle_session,
    run,
    start_calculation,
    start_session,
    stop,
    terminate,
    wait_for_calculation,
    wait_for_session,
)

SESSIONS = 7


@pytest.fixture(scope="module")
def sessions(daemon):
    """In the order they were started; the second and third have ended."""
    started = [idle_session(daemon.athena, MOCK, Description=str(i)) for i in range(SESSIONS)]
    terminate(daemon.athena, started[1])
    terminate(daemon.athena, started[2])
    return started


@pytest.fixture(scope="module")
def active(sessions):
    return [sessions[0], *sessions[3:]]


def ids(summaries):
    return [summary["SessionId"] for summary in summaries]


def list_sessions(daemon, **members):
    return daemon.athena.list_sessions(WorkGroup="primary", **members)


def test_sessions_are_listed_newest_first_and_only_active_ones(daemon, active):
    answer = list_sessions(daemon)
    assert ids(answer["Sessions"]) == active[::-1]
    assert "NextToken" not in answer


def test_session_summary_has_its_members(daemon, active):
    newest = list_sessions(daemon)["Sessions"][0]
    assert newest["SessionId"] == active[-1]
    assert newest["Description"] == str(SESSIONS - 1)
    assert newest["EngineVersion"] == {
        "SelectedEngineVersion": "PySpark engine version 3",
        "EffectiveEngineVersion": "PySpark engine version 3",
    }
    assert newest["Status"]["State"] == "IDLE"
    assert newest["Status"] == daemon.athena.get_session_status(SessionId=active[-1])["Status"]


def test_state_filter_finds_ended_sessions(daemon, sessions):
    ended = list_sessions(daemon, StateFilter="TERMINATED")["Sessions"]
    assert ids(ended) == [sessions[2], sessions[1]]


def test_state_filters_find_every_session_once(daemon, sessions):
    found = []
    for state in EVERY_SESSION_STATE:
        summaries = list_sessions(daemon, StateFilter=state)["Sessions"]
        assert all(summary["Status"]["State"] == state for summary in summaries)
        found += ids(summaries)
    assert sorted(found) == sorted(sessions)


@pytest.mark.parametrize("page_size", [1, 2, 3, SESSIONS - 2, SESSIONS])
def test_pages_together_are_the_list(daemon, active, page_size):
    found, pages = every_page(
        daemon.athena.list_sessions, "Sessions", page_size, WorkGroup="primary"
    )
    assert ids(found) == active[::-1]
    assert pages == -(-len(active) // page_size)


def test_ended_sessions_are_paged_too(daemon, sessions):
    found, pages = every_page(
        daemon.athena.list_sessions, "Sessions", 1, WorkGroup="primary", StateFilter="TERMINATED"
    )
    assert ids(found) == [sessions[2], sessions[1]]
    assert pages == 2


def test_page_token_gives_the_same_page_again(daemon, active):
    token = list_sessions(daemon, MaxResults=2)["NextToken"]
    again = [ids(list_sessions(daemon, MaxResults=2, NextToken=token)["Sessions"]) for _ in "12"]
    assert again[0] == again[1] == active[::-1][2:4]


def test_page_token_stays_good_when_newer_sessions_come_and_older_go(make_daemon):
    daemon = make_daemon()
    started = [idle_session(daemon.athena, MOCK) for _ in range(4)]
    first = list_sessions(daemon, MaxResults=2)
    assert ids(first["Sessions"]) == [started[3], started[2]]
    newer = idle_session(daemon.athena, MOCK)
    terminate(daemon.athena, started[1])
    terminate(daemon.athena, started[2])  # the one the token was made behind
    rest = list_sessions(daemon, MaxResults=2, NextToken=first["NextToken"])
    assert ids(rest["Sessions"]) == [started[0]]
    assert newer not in ids(rest["Sessions"])


def test_page_token_stays_good_after_a_restart(make_daemon):
    daemon = make_daemon()
    started = [idle_session(daemon.athena, MOCK) for _ in range(3)]
    for session in started:
        terminate(daemon.athena, session)
    members = {"MaxResults": 1, "StateFilter": "TERMINATED"}
    token = list_sessions(daemon, **members)["NextToken"]
    daemon.restart()
    page = list_sessions(daemon, **members, NextToken=token)
    assert ids(page["Sessions"]) == [started[1]]


@pytest.mark.parametrize("token", ["x", "not a token", "AAAAAAAAAAAA", "🦉", "a" * 2048])
def test_malformed_page_token_is_refused_and_named(daemon, active, token):
    athena = daemon.athena
    with pytest.raises(athena.exceptions.InvalidRequestException) as refused:
        list_sessions(daemon, NextToken=token)
    assert refused.value.response["Error"]["Message"] == (
        f"The nextPageToken is malformed: {token}"
    )
    assert refused.value.response["AthenaErrorCode"] == "INVALID_INPUT"


def test_empty_page_token_which_the_model_allows_is_the_first_page(daemon, active):
    first = list_sessions(daemon)["Sessions"]
    assert ids(list_sessions(daemon, NextToken="")["Sessions"]) == ids(first)


def test_page_token_of_another_list_is_refused(daemon, active):
    athena = daemon.athena
    token = list_sessions(daemon, MaxResults=1)["NextToken"]
    for call in (
        lambda: list_sessions(daemon, NextToken=token, StateFilter="IDLE"),
        lambda: athena.list_executors(SessionId=active[0], NextToken=token),
        lambda: athena.list_calculation_executions(SessionId=active[0], NextToken=token),
        lambda: athena.list_work_groups(NextToken=token),
    ):
        with pytest.raises(athena.exceptions.InvalidRequestException) as refused:
            call()
        assert "malformed" in refused.value.response["Error"]["Message"]


def test_page_token_with_one_character_changed_is_refused(daemon, active):
    token = list_sessions(daemon, MaxResults=1)["NextToken"]
    for at in range(0, len(token), 3):
        forged = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        with pytest.raises(daemon.athena.exceptions.InvalidRequestException):
            list_sessions(daemon, NextToken=forged)


def test_list_of_an_unknown_work_group_is_refused(daemon):
    athena = daemon.athena
    with pytest.raises(athena.exceptions.InvalidRequestException) as refused:
        athena.list_sessions(WorkGroup="nowhere")
    assert refused.value.response["Error"]["Message"] == "WorkGroup is not found."


def test_sessions_are_listed_by_work_group(daemon, active):
    daemon.athena.create_work_group(
        Name="elsewhere",
        Configuration={
            "EngineVersion": {"SelectedEngineVersion": "PySpark engine version 3"},
            "ExecutionRole": "arn:aws:iam::123456789012:role/spark",
        },
    )
    theirs = start_session(daemon.athena, MOCK, work_group="elsewhere")
    wait_for_session(daemon.athena, theirs, "IDLE")
    assert ids(daemon.athena.list_sessions(WorkGroup="elsewhere")["Sessions"]) == [theirs]
    assert theirs not in ids(list_sessions(daemon)["Sessions"])
    terminate(daemon.athena, theirs)


# ---- calculations


@pytest.fixture(scope="module")
def calculations(daemon):
    """(session, its calculations in the order they were started): completed, failed, canceled."""
    athena = daemon.athena
    session = idle_session(athena, MOCK, work_group=_work_group_for_calculations(athena))
    started = []
    for code in ("", "fail because", "sleep 60000", "", "fail again"):
        calculation = start_calculation(athena, session, code, Description=code or "nothing")
        if code.startswith("sleep"):
            stop(athena, calculation)
        wait_for_calculation(athena, calculation, "COMPLETED", "FAILED", "CANCELED")
        wait_for_session(athena, session, "IDLE")
        started.append(calculation)
    return session, started


def _work_group_for_calculations(athena):
    athena.create_work_group(
        Name="calculating",
        Configuration={
            "EngineVersion": {"SelectedEngineVersion": "PySpark engine version 3"},
            "ExecutionRole": "arn:aws:iam::123456789012:role/spark",
        },
    )
    return "calculating"


def calculation_ids(summaries):
    return [summary["CalculationExecutionId"] for summary in summaries]


def test_calculations_are_listed_newest_first_with_all_states(daemon, calculations):
    session, started = calculations
    answer = daemon.athena.list_calculation_executions(SessionId=session)
    assert calculation_ids(answer["Calculations"]) == started[::-1]
    assert [c["Status"]["State"] for c in answer["Calculations"]] == [
        "FAILED", "COMPLETED", "CANCELED", "FAILED", "COMPLETED"
    ]  # fmt: skip
    assert answer["Calculations"][0]["Description"] == "fail again"
    assert "NextToken" not in answer


@pytest.mark.parametrize(
    ("state", "expected"),
    [("COMPLETED", [3, 0]), ("FAILED", [4, 1]), ("CANCELED", [2]), ("RUNNING", [])],
)
def test_calculations_are_filtered_by_state(daemon, calculations, state, expected):
    session, started = calculations
    answer = daemon.athena.list_calculation_executions(SessionId=session, StateFilter=state)
    assert calculation_ids(answer["Calculations"]) == [started[i] for i in expected]


@pytest.mark.parametrize("page_size", [1, 2, 4, 5])
def test_pages_of_calculations_together_are_the_list(daemon, calculations, page_size):
    session, started = calculations
    found, pages = every_page(
        daemon.athena.list_calculation_executions, "Calculations", page_size, SessionId=session
    )
    assert calculation_ids(found) == started[::-1]
    assert pages == -(-len(started) // page_size)


def test_default_page_is_the_largest_allowed(make_daemon):
    daemon = make_daemon()
    session = idle_session(daemon.athena, MOCK)
    for _ in range(101):
        run(daemon, session, "")
    answer = daemon.athena.list_calculation_executions(SessionId=session)
    assert len(answer["Calculations"]) == 100
    rest = daemon.athena.list_calculation_executions(
        SessionId=session, NextToken=answer["NextToken"]
    )
    assert len(rest["Calculations"]) == 1
    assert "NextToken" not in rest
