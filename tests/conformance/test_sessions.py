"""A session from StartSession to its end."""

import datetime
import json
import time
import uuid

import pytest

from support.build import slack
from support.daemon import Daemon
from support.sessions import (
    MOCK,
    engine_configuration,
    get_calculation,
    idle_session,
    printed_by,
    read_object,
    run,
    session_status,
    start_calculation,
    start_session,
    stdout_of,
    terminate,
    wait_for_calculation,
    wait_for_session,
)
from support.waiting import wait_until

MANY = 20


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    """A Jupyter data directory with kernels that are no good."""
    directory = tmp_path_factory.mktemp("jupyter")

    def add(name, *argv):
        spec = directory / "kernels" / name
        spec.mkdir(parents=True)
        contents = {"argv": argv, "display_name": name, "language": "none"}
        (spec / "kernel.json").write_text(json.dumps(contents))

    add("dies", "/bin/sh", "-c", "echo boom >&2; exit 3")
    add("dies-talking", "/bin/sh", "-c", "seq 100000 >&2; echo boom >&2; exit 3")
    add("is-missing", "/nowhere/kernel")
    add("hangs", "/bin/sleep", "600")
    return directory


@pytest.fixture(scope="module")
def daemon_with_bad_kernels(kernels):
    settings = {"session.start_timeout_s": int(3 * slack())}
    with Daemon(settings=settings, env={"JUPYTER_PATH": str(kernels)}) as running:
        yield running


def wait_for_failure(daemon, session):
    wait_until(lambda: session_status(daemon.athena, session)["State"] == "FAILED", "FAILED")
    return session_status(daemon.athena, session)


# ---- the beginning


def test_start_is_answered_at_once_and_the_session_becomes_idle(daemon):
    answer = daemon.athena.start_session(
        WorkGroup="primary", EngineConfiguration=engine_configuration()
    )
    assert answer["State"] in {"CREATING", "CREATED"}
    assert str(uuid.UUID(answer["SessionId"])) == answer["SessionId"]
    status = wait_for_session(daemon.athena, answer["SessionId"], "IDLE")
    assert status["StartDateTime"] <= status["IdleSinceDateTime"] <= status["LastModifiedDateTime"]
    assert "StateChangeReason" not in status
    assert "EndDateTime" not in status


def test_get_session_tells_what_it_was_started_with(daemon):
    athena = daemon.athena
    session = athena.start_session(
        WorkGroup="primary",
        Description="described",
        EngineConfiguration={
            "CoordinatorDpuSize": 1,
            "MaxConcurrentDpus": 4,
            "DefaultExecutorDpuSize": 1,
            "AdditionalConfigs": {**MOCK, "key": "value"},
        },
        NotebookVersion="Athena notebook version 1",
        SessionIdleTimeoutInMinutes=7,
    )["SessionId"]
    answer = athena.get_session(SessionId=session)
    assert answer["SessionId"] == session
    assert answer["WorkGroup"] == "primary"
    assert answer["Description"] == "described"
    assert answer["EngineVersion"] == "PySpark engine version 3"
    assert answer["EngineConfiguration"] == {
        "CoordinatorDpuSize": 1,
        "MaxConcurrentDpus": 4,
        "DefaultExecutorDpuSize": 1,
        "AdditionalConfigs": {**MOCK, "key": "value"},
    }
    assert answer["NotebookVersion"] == "Athena notebook version 1"
    assert answer["SessionConfiguration"]["IdleTimeoutSeconds"] == 420
    assert answer["SessionConfiguration"]["WorkingDirectory"].startswith("s3://")
    assert answer["Statistics"] == {"DpuExecutionInMillis": 0}


def test_kernel_that_does_not_exist_is_refused_at_once(daemon):
    before = daemon.athena.list_sessions(WorkGroup="primary")["Sessions"]
    with pytest.raises(daemon.athena.exceptions.InvalidRequestException) as refused:
        start_session(daemon.athena, {"glaux.kernel": "nope"})
    message = refused.value.response["Error"]["Message"]
    assert "nope" in message
    assert "python3" in message, "it says what there is"
    after = daemon.athena.list_sessions(WorkGroup="primary")["Sessions"]
    assert [s["SessionId"] for s in after] == [s["SessionId"] for s in before]


def test_executor_that_does_not_exist_is_refused_at_once(daemon):
    with pytest.raises(daemon.athena.exceptions.InvalidRequestException) as refused:
        start_session(daemon.athena, {"glaux.executor": "nope"})
    assert "nope" in refused.value.response["Error"]["Message"]


def test_more_dpus_than_the_node_has_are_refused_until_some_are_free(make_daemon):
    athena = make_daemon(settings={"capacity.dpus": 4}).athena
    first = idle_session(athena, MOCK)
    idle_session(athena, MOCK)
    with pytest.raises(athena.exceptions.TooManyRequestsException) as refused:
        start_session(athena, MOCK)
    assert "Maximum allowed sessions" in refused.value.response["Error"]["Message"]
    terminate(athena, first)
    idle_session(athena, MOCK)
    with pytest.raises(athena.exceptions.InvalidRequestException):
        athena.start_session(WorkGroup="primary", EngineConfiguration={"MaxConcurrentDpus": 5})


# ---- starts that fail


@pytest.mark.parametrize("kernel", ["dies", "dies-talking"])
def test_kernel_that_dies_at_start_fails_the_session_and_its_last_words_are_the_reason(
    daemon_with_bad_kernels, kernel
):
    daemon = daemon_with_bad_kernels
    status = wait_for_failure(daemon, start_session(daemon.athena, {"glaux.kernel": kernel}))
    assert "boom" in status["StateChangeReason"]
    assert "3" in status["StateChangeReason"], "the exit status is named"
    assert len(status["StateChangeReason"]) <= 1024
    assert status["EndDateTime"] >= status["StartDateTime"]


def test_kernel_that_cannot_be_executed_fails_the_session_and_is_named(daemon_with_bad_kernels):
    daemon = daemon_with_bad_kernels
    status = wait_for_failure(daemon, start_session(daemon.athena, {"glaux.kernel": "is-missing"}))
    assert "/nowhere/kernel" in status["StateChangeReason"]


def test_kernel_that_does_not_answer_fails_the_session_after_the_start_timeout(
    daemon_with_bad_kernels,
):
    daemon = daemon_with_bad_kernels
    session = start_session(daemon.athena, {"glaux.kernel": "hangs"})
    status = wait_for_failure(daemon, session)
    assert "session.start_timeout_s" in status["StateChangeReason"]
    wait_until(lambda: not daemon.session_processes(), "its processes are gone")


def test_session_that_failed_at_start_gives_its_dpus_back(daemon_with_bad_kernels):
    daemon = daemon_with_bad_kernels
    wait_for_failure(daemon, start_session(daemon.athena, {"glaux.kernel": "dies"}))
    daemon.wait_for_metric("glaux_dpus_in_use", 0)


# ---- the end


def test_terminate_answers_terminating_and_ends_every_process_of_the_session(make_daemon):
    daemon = make_daemon()
    session = idle_session(daemon.athena)
    assert daemon.session_processes()
    assert daemon.athena.terminate_session(SessionId=session)["State"] == "TERMINATING"
    status = wait_for_session(daemon.athena, session, "TERMINATED")
    assert status["StateChangeReason"] == "Session was terminated per request"
    assert status["EndDateTime"] >= status["StartDateTime"]
    wait_until(lambda: not daemon.session_processes(), "its processes are gone")


def test_terminate_of_an_idle_session_does_not_use_up_its_grace(daemon):
    sessions = [idle_session(daemon.athena) for _ in range(4)]
    asked = time.monotonic()
    for session in sessions:
        daemon.athena.terminate_session(SessionId=session)
    for session in sessions:
        wait_for_session(daemon.athena, session, "TERMINATED")
    assert time.monotonic() - asked < 4 * slack(), "session.terminate_grace_ms is 5000"


def test_terminating_twice_succeeds_and_changes_nothing(daemon):
    session = idle_session(daemon.athena, MOCK)
    first = terminate(daemon.athena, session)
    assert daemon.athena.terminate_session(SessionId=session)["State"] == "TERMINATED"
    assert session_status(daemon.athena, session) == first


def test_terminating_a_failed_session_succeeds_and_changes_nothing(daemon):
    session = start_session(daemon.athena, {**MOCK})
    wait_for_session(daemon.athena, session, "IDLE")
    start_calculation(daemon.athena, session, "crash")
    failed = wait_for_failure(daemon, session)
    assert daemon.athena.terminate_session(SessionId=session)["State"] == "FAILED"
    assert session_status(daemon.athena, session) == failed


def test_terminating_a_starting_session_ends_it(daemon):
    for _ in range(3):
        terminate(daemon.athena, start_session(daemon.athena))


@pytest.mark.parametrize("code", ["import time; time.sleep(60)", "while True: pass"])
def test_terminate_while_running_ends_code_calculation_and_session(daemon, code):
    athena = daemon.athena
    session = idle_session(athena)
    assert printed_by(daemon, session, "print(1)") == "1\n"
    calculation = start_calculation(athena, session, f"print('begun', flush=True)\n{code}")
    wait_until(
        lambda: stdout_of(daemon, get_calculation(athena, calculation)) == "begun\n", "it runs"
    )
    status = terminate(athena, session)
    assert status["StateChangeReason"] == "Session was terminated per request"
    ended = get_calculation(athena, calculation)
    assert ended["Status"]["State"] in {"CANCELED", "FAILED"}
    assert ended["Statistics"]["DpuExecutionInMillis"] > 0
    assert stdout_of(daemon, ended) == "begun\n"


def test_ended_session_refuses_calculations_and_still_answers(daemon):
    athena = daemon.athena
    session = idle_session(athena, MOCK)
    calculation = run(daemon, session, "print kept")
    terminate(athena, session)
    with pytest.raises(athena.exceptions.InvalidRequestException) as refused:
        start_calculation(athena, session, "print refused")
    assert refused.value.response["Error"]["Message"] == (
        "Session is in the TERMINATED state; needs to be IDLE to accept Calculations."
    )
    assert athena.get_session(SessionId=session)["Status"]["State"] == "TERMINATED"
    assert stdout_of(daemon, calculation) == "kept\n"
    listed = athena.list_calculation_executions(SessionId=session)["Calculations"]
    assert len(listed) == 1


def test_executor_that_crashes_fails_calculation_and_session_with_reasons(daemon):
    athena = daemon.athena
    session = idle_session(athena, MOCK)
    calculation = start_calculation(athena, session, "print before\ncrash")
    ended = wait_for_calculation(athena, calculation, "FAILED")
    assert ended["Status"]["StateChangeReason"]
    assert stdout_of(daemon, ended) == "before\n"
    status = wait_for_failure(daemon, session)
    assert "signal 9" in status["StateChangeReason"]


# ---- executors


def test_executors_are_listed_with_all_their_members(daemon):
    athena = daemon.athena
    before_ms = time.time() * 1000 - 1000
    session = idle_session(athena)
    answer = athena.list_executors(SessionId=session)
    assert answer["SessionId"] == session
    assert "NextToken" not in answer
    (executor,) = answer["ExecutorsSummary"]
    assert set(executor) == {
        "ExecutorId", "ExecutorType", "StartDateTime", "ExecutorState", "ExecutorSize"
    }  # fmt: skip
    uuid.UUID(executor["ExecutorId"])
    assert executor["ExecutorType"] == "COORDINATOR"
    assert executor["ExecutorState"] == "REGISTERED"
    assert executor["ExecutorSize"] == 1
    assert before_ms < executor["StartDateTime"] < time.time() * 1000 + 1000

    registered = athena.list_executors(SessionId=session, ExecutorStateFilter="REGISTERED")
    assert registered["ExecutorsSummary"] == [executor]
    failed = athena.list_executors(SessionId=session, ExecutorStateFilter="FAILED")
    assert failed["ExecutorsSummary"] == []

    terminate(athena, session)
    (ended,) = athena.list_executors(SessionId=session)["ExecutorsSummary"]
    assert ended["ExecutorState"] == "TERMINATED"
    assert ended["TerminationDateTime"] >= executor["StartDateTime"]


# ---- many


def test_twenty_sessions_at_once_each_keep_their_own_state(make_daemon):
    daemon = make_daemon()
    athena = daemon.athena
    sessions = [start_session(athena, Description=str(i)) for i in range(MANY)]
    assert len(set(sessions)) == MANY
    for session in sessions:
        wait_for_session(athena, session, "IDLE")
    first = [start_calculation(athena, s, f"mine = {i}") for i, s in enumerate(sessions)]
    for calculation, session in zip(first, sessions):
        wait_for_calculation(athena, calculation, "COMPLETED")
        wait_for_session(athena, session, "IDLE")
    second = [start_calculation(athena, s, "print(mine)") for s in sessions]
    for i, calculation in enumerate(second):
        answer = wait_for_calculation(athena, calculation, "COMPLETED")
        assert read_object(daemon, answer["Result"]["StdOutS3Uri"]) == b"%d\n" % i
    listed = athena.list_sessions(WorkGroup="primary")["Sessions"]
    assert [s["SessionId"] for s in listed] == sessions[::-1]
    assert daemon.metrics()["glaux_dpus_in_use"] == 2 * MANY
    for session in sessions:
        athena.terminate_session(SessionId=session)
    for session in sessions:
        wait_for_session(athena, session, "TERMINATED")
    wait_until(lambda: not daemon.session_processes(), "their processes are gone")


def test_unknown_session_is_an_invalid_request_wherever_it_is_named(daemon):
    athena = daemon.athena
    for unknown in ("a2c1ebba-ad01-865f-ed2d-a142b7451f7e", "no such session", "🦉"):
        for call in (
            athena.get_session,
            athena.get_session_status,
            athena.terminate_session,
            athena.list_executors,
            athena.list_calculation_executions,
            lambda SessionId: athena.start_calculation_execution(
                SessionId=SessionId, CodeBlock="1"
            ),
        ):
            with pytest.raises(athena.exceptions.InvalidRequestException) as refused:
                call(SessionId=unknown)
            assert refused.value.response["AthenaErrorCode"] == "INVALID_INPUT"
            assert "is not found" in refused.value.response["Error"]["Message"]


def test_timestamps_are_numbers_on_the_wire_and_times_in_the_client(daemon):
    session = start_session(daemon.athena, MOCK)
    started = session_status(daemon.athena, session)["StartDateTime"]
    age = datetime.datetime.now(datetime.timezone.utc) - started
    assert abs(age.total_seconds()) < 60 * slack()


def test_unknown_calculation_is_an_invalid_request_wherever_it_is_named(daemon):
    athena = daemon.athena
    for call in (
        athena.get_calculation_execution,
        athena.get_calculation_execution_status,
        athena.get_calculation_execution_code,
        athena.stop_calculation_execution,
    ):
        with pytest.raises(athena.exceptions.InvalidRequestException) as refused:
            call(CalculationExecutionId="a2c1ebba-ad01-865f-ed2d-a142b7451f7e")
        assert "is not found" in refused.value.response["Error"]["Message"]
