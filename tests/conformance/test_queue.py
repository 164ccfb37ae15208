"""Workgroups in queue mode: calculations wait for a busy session, first in, first out."""

import pytest

from support.daemon import Daemon
from support.sessions import (
    MOCK,
    calculation_status,
    idle_session,
    new_token,
    session_status,
    start_calculation,
    start_session,
    stop,
    stdout_of,
    terminate,
    wait_for_calculation,
    wait_for_end,
    wait_for_session,
)
from test_work_groups import SPARK, assert_refused

LIMIT = 5


@pytest.fixture(scope="module")
def queueing():
    with Daemon(settings={"calculation.max_queued": LIMIT}) as daemon:
        mode = {"AdditionalConfiguration": '{"CalculationMode":"queue"}'}
        daemon.athena.create_work_group(Name="queue", Configuration={**SPARK, **mode})
        yield daemon


def states(daemon, calculations):
    return [calculation_status(daemon.athena, each)["State"] for each in calculations]


def test_first_in_is_first_out(queueing, tmp_path):
    athena = queueing.athena
    evidence = tmp_path / "ran"
    session = idle_session(athena, MOCK, work_group="queue")
    first = start_calculation(athena, session, "sleep 700")
    queued = []
    for i in range(LIMIT):
        answer = athena.start_calculation_execution(
            SessionId=session, CodeBlock=f"ran {evidence}", Description=str(i)
        )
        assert answer["State"] == "QUEUED"
        queued.append(answer["CalculationExecutionId"])
    assert states(queueing, queued) == ["QUEUED"] * LIMIT
    listed = athena.list_calculation_executions(SessionId=session, StateFilter="QUEUED")
    assert [each["Description"] for each in listed["Calculations"]] == list("43210")
    for calculation in [first, *queued]:
        assert wait_for_end(athena, calculation)["Status"]["State"] == "COMPLETED"
    assert evidence.read_text().split() == queued
    wait_for_session(athena, session, "IDLE")


def test_variables_of_an_earlier_block_are_there_for_a_queued_one(queueing):
    session = start_session(queueing.athena, work_group="queue")
    blocks = ["import time; x = 1", "time.sleep(0.3); x += 1", "print(x)"]
    calculations = [start_calculation(queueing.athena, session, block) for block in blocks]
    ended = wait_for_end(queueing.athena, calculations[-1])
    assert stdout_of(queueing, ended) == "2\n"


def test_a_failed_block_does_not_hold_up_the_queue(queueing):
    athena = queueing.athena
    session = idle_session(athena, MOCK, work_group="queue")
    failing = start_calculation(athena, session, "sleep 200\nfail on purpose")
    waiting = start_calculation(athena, session, "print on")
    assert wait_for_end(athena, failing)["Status"]["State"] == "FAILED"
    assert wait_for_end(athena, waiting)["Status"]["State"] == "COMPLETED"


def test_past_the_limit_calculations_are_refused(queueing):
    athena = queueing.athena
    session = idle_session(athena, MOCK, work_group="queue")
    start_calculation(athena, session, "sleep 60000")
    for _ in range(LIMIT):
        start_calculation(athena, session, "print x")
    with pytest.raises(athena.exceptions.ClientError) as refused:
        start_calculation(athena, session, "print x")
    error = refused.value.response
    assert error["Error"]["Code"] == "TooManyRequestsException"
    assert error["Reason"] == "CONCURRENT_QUERY_LIMIT_EXCEEDED"
    assert f"{LIMIT} Calculations are waiting" in error["Error"]["Message"]
    terminate(athena, session)


def test_queued_calculation_is_canceled_without_having_run(queueing, tmp_path):
    athena = queueing.athena
    evidence = tmp_path / "ran"
    session = idle_session(athena, MOCK, work_group="queue")
    running = start_calculation(athena, session, "sleep 500")
    canceled = start_calculation(athena, session, f"ran {evidence}")
    after = start_calculation(athena, session, "print after")
    assert stop(athena, canceled) == "CANCELED"
    status = calculation_status(athena, canceled)
    assert status["State"] == "CANCELED"
    assert status["CompletionDateTime"] >= status["SubmissionDateTime"]
    assert stop(athena, canceled) == "CANCELED"
    assert wait_for_end(athena, after)["Status"]["State"] == "COMPLETED"
    assert calculation_status(athena, running)["State"] == "COMPLETED"
    assert not evidence.exists()


def test_canceling_what_runs_brings_the_next_ones_turn(queueing):
    athena = queueing.athena
    session = idle_session(athena, MOCK, work_group="queue")
    running = start_calculation(athena, session, "sleep 60000")
    waiting = start_calculation(athena, session, "print on")
    wait_for_calculation(athena, running, "RUNNING")
    assert stop(athena, running) == "CANCELING"
    assert wait_for_end(athena, waiting)["Status"]["State"] == "COMPLETED"
    assert calculation_status(athena, running)["State"] == "CANCELED"


def test_the_same_token_queues_once(queueing):
    athena = queueing.athena
    session = idle_session(athena, MOCK, work_group="queue")
    start_calculation(athena, session, "sleep 60000")
    request = {"SessionId": session, "CodeBlock": "print x", "ClientRequestToken": new_token()}
    first = athena.start_calculation_execution(**request)
    again = athena.start_calculation_execution(**request)
    assert (again["CalculationExecutionId"], again["State"]) == (
        first["CalculationExecutionId"],
        "QUEUED",
    )
    terminate(athena, session)
    assert calculation_status(athena, first["CalculationExecutionId"])["State"] == "CANCELED"


def test_strict_is_the_default_and_the_mode_can_be_changed(queueing):
    athena = queueing.athena
    athena.create_work_group(Name="changing", Configuration=SPARK)
    session = idle_session(athena, MOCK, work_group="changing")
    start_calculation(athena, session, "sleep 60000")
    busy = "Session is in the BUSY state; needs to be IDLE to accept Calculations."
    assert_refused(athena, busy, lambda: start_calculation(athena, session, "print x"))
    for mode in ("queue", "strict"):
        athena.update_work_group(
            WorkGroup="changing",
            ConfigurationUpdates={"AdditionalConfiguration": f'{{"CalculationMode":"{mode}"}}'},
        )
        if mode == "queue":
            queued = start_calculation(athena, session, "print x")
    assert_refused(athena, busy, lambda: start_calculation(athena, session, "print x"))
    assert calculation_status(athena, queued)["State"] == "QUEUED"
    assert session_status(athena, session)["State"] == "BUSY"
    terminate(athena, session)
