"""What runs a session's code dies, by itself or by somebody's hand: the calculation FAILED, the session
DEGRADED and then IDLE again with a fresh kernel, or FAILED where the settings have it so."""

import json
import os
import shutil
import signal
import time

import pytest

from support.build import EXECUTORS, slack
from support.processes import executor_of, is_running, kernel_of, labelled
from support.sessions import (
    MOCK,
    calculation_status,
    get_calculation,
    idle_session,
    printed_by,
    run,
    session_status,
    start_calculation,
    stderr_of,
    stdout_of,
    stop,
    wait_for_calculation,
    wait_for_end,
)
from support.waiting import wait_until
from test_cancel import SWALLOWS_INTERRUPTS
from test_work_groups import SPARK

KILLED = "The kernel died: killed by signal 9 (SIGKILL)."
LOST = " Its variables are lost; the session goes on with a fresh kernel."
QUEUE = {**SPARK, "AdditionalConfiguration": '{"CalculationMode":"queue"}'}
NEVER = {"session.kernel_restarts": 0}
NOTICE_LIMIT_S = 2

process_only = pytest.mark.skipif(
    os.environ.get("GLAUX_TEST_EXECUTOR", "process") != "process",
    reason="another executor takes its place; see test_containers.py",
)


def sleep_in(daemon, session, seconds=60):
    code = f"import time\nprint('begun', flush=True)\ntime.sleep({seconds})"
    calculation = start_calculation(daemon.athena, session, code)
    wait_until(
        lambda: stdout_of(daemon, get_calculation(daemon.athena, calculation)) == "begun\n",
        "the code runs",
    )
    return calculation


def wait_for(daemon, session, state):
    """Its status; unlike wait_for_session, DEGRADED is on the way."""

    def look():
        status = session_status(daemon.athena, session)
        return status if status["State"] == state else None

    return wait_until(look, f"session {session} {state}")


def wait_for_fresh_kernel(daemon, session):
    """IDLE again, and saying why: it may have been DEGRADED too shortly to be seen."""

    def look():
        status = session_status(daemon.athena, session)
        return status if status["State"] == "IDLE" and "StateChangeReason" in status else None

    return wait_until(look, f"session {session} has a fresh kernel")


def usage_of(daemon, session):
    return daemon.athena.get_session(SessionId=session)["Statistics"]["DpuExecutionInMillis"]


@pytest.fixture(scope="module")
def bystander(daemon):
    session = idle_session(daemon.athena)
    run(daemon, session, "kept = 'still here'")
    yield session
    assert printed_by(daemon, session, "print(kept)") == "still here\n", "a stranger is untouched"


def test_kernel_killed_while_code_runs(daemon, bystander):
    session = idle_session(daemon.athena)
    run(daemon, session, "kept = 1")
    kernel = kernel_of(session)
    calculation = sleep_in(daemon, session)
    used = usage_of(daemon, session)
    os.kill(kernel, signal.SIGKILL)
    killed = time.monotonic()
    ended = wait_for_end(daemon.athena, calculation)
    assert time.monotonic() - killed < NOTICE_LIMIT_S * slack()
    assert ended["Status"]["State"] == "FAILED"
    assert ended["Status"]["StateChangeReason"] == KILLED
    assert stdout_of(daemon, ended) == "begun\n"
    assert ended["Statistics"]["DpuExecutionInMillis"] > 0
    assert wait_for_fresh_kernel(daemon, session)["StateChangeReason"] == KILLED + LOST
    after_death = usage_of(daemon, session)
    assert after_death >= used
    lost = run(daemon, session, "print(kept)")
    assert lost["Status"]["StateChangeReason"] == "NameError: name 'kept' is not defined"
    assert "StateChangeReason" not in session_status(daemon.athena, session), "it has been seen"
    assert kernel_of(session) != kernel
    assert printed_by(daemon, session, "print(6 * 7)") == "42\n"
    assert usage_of(daemon, session) > after_death, "and grows on"


def test_kernel_killed_between_calculations(daemon, bystander):
    session = idle_session(daemon.athena)
    os.kill(kernel_of(session), signal.SIGKILL)
    assert wait_for_fresh_kernel(daemon, session)["StateChangeReason"] == KILLED + LOST
    assert printed_by(daemon, session, "print('alive')") == "alive\n"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import os; os.kill(os.getpid(), 9)", KILLED),
        ("import os; os._exit(3)", "The kernel died: exit status 3."),
        ("import os; os._exit(0)", "The kernel died: exit status 0."),
        ("import os; os.abort()", "The kernel died: killed by signal 6 (SIGABRT)."),
    ],
)
def test_code_that_ends_its_own_kernel(daemon, bystander, code, reason):
    session = idle_session(daemon.athena)
    ended = wait_for_end(daemon.athena, start_calculation(daemon.athena, session, code))
    assert ended["Status"]["State"] == "FAILED"
    assert ended["Status"]["StateChangeReason"] == reason
    assert wait_for_fresh_kernel(daemon, session)["StateChangeReason"] == reason + LOST
    assert printed_by(daemon, session, "print('alive')") == "alive\n"


@pytest.fixture
def plugins(tmp_path):
    """A directory of plugins in which the mock has other settings: plugins(restart_delay_ms=…)."""

    def make(**settings):
        directory = tmp_path / "executors"
        shutil.copytree(EXECUTORS / "mock", directory / "mock")
        file = directory / "mock" / "manifest.json"
        manifest = json.loads(file.read_text())
        manifest["settings"] |= {name.replace("_", "-"): text for name, text in settings.items()}
        file.write_text(json.dumps(manifest))
        return {"executor_dir": directory, "executor.default": "mock"}

    return make


def test_degraded_session_takes_nothing_and_can_be_terminated(make_daemon, plugins):
    daemon = make_daemon(settings=plugins(restart_delay_ms="60000"))
    session = idle_session(daemon.athena)
    calculation = start_calculation(daemon.athena, session, "die It has left.")
    assert wait_for_end(daemon.athena, calculation)["Status"]["StateChangeReason"] == "It has left."
    status = wait_for(daemon, session, "DEGRADED")
    assert status["StateChangeReason"] == "It has left." + LOST
    with pytest.raises(daemon.athena.exceptions.InvalidRequestException) as refused:
        start_calculation(daemon.athena, session, "print x")
    assert refused.value.response["Error"]["Message"] == (
        "Session is in the DEGRADED state; needs to be IDLE to accept Calculations."
    )
    daemon.kill()
    daemon.start()
    assert session_status(daemon.athena, session) == status, "as it was before"
    daemon.athena.terminate_session(SessionId=session)
    wait_for(daemon, session, "TERMINATED")


def test_fresh_kernel_that_does_not_come_up(make_daemon, plugins):
    daemon = make_daemon(settings=plugins(fail_restart="There is no licence left."))
    session = idle_session(daemon.athena)
    start_calculation(daemon.athena, session, "die It has left.")
    assert wait_for(daemon, session, "FAILED")["StateChangeReason"] == (
        "It has left. A fresh one could not be started: There is no licence left."
    )


def test_fresh_kernel_that_hangs(make_daemon, plugins):
    settings = {**plugins(restart_delay_ms="600000"), "session.start_timeout_s": 1}
    daemon = make_daemon(settings=settings)
    session = idle_session(daemon.athena)
    start_calculation(daemon.athena, session, "die It has left.")
    assert wait_for(daemon, session, "FAILED")["StateChangeReason"] == (
        "The kernel died, and a fresh one did not become ready within 1 s (session.start_timeout_s)."
    )
    wait_until(lambda: not daemon.session_processes(), "its executor is gone")


def test_no_restarts_by_configuration(make_daemon):
    daemon = make_daemon(settings=NEVER)
    busy, idle, other = (idle_session(daemon.athena) for _ in range(3))
    run(daemon, other, "kept = 1")
    calculation = sleep_in(daemon, busy)
    executors = [executor_of(daemon, session) for session in (busy, idle)]
    os.kill(kernel_of(busy), signal.SIGKILL)
    os.kill(kernel_of(idle), signal.SIGKILL)
    ended = wait_for_end(daemon.athena, calculation)
    assert ended["Status"]["State"] == "FAILED"
    assert ended["Status"]["StateChangeReason"] == KILLED
    for session in busy, idle:
        assert wait_for(daemon, session, "FAILED")["StateChangeReason"] == KILLED
        with pytest.raises(daemon.athena.exceptions.InvalidRequestException) as refused:
            start_calculation(daemon.athena, session, "print(1)")
        assert refused.value.response["Error"]["Message"] == (
            "Session is in the FAILED state; needs to be IDLE to accept Calculations."
        )
    assert printed_by(daemon, other, "print(kept)") == "1\n"
    assert not labelled(busy) + labelled(idle)
    wait_until(lambda: not any(map(is_running, executors)), "their executors are gone")


def test_kernel_that_dies_again_and_again_ends_its_session(make_daemon):
    daemon = make_daemon(settings={"session.kernel_restarts": 2})
    session, other = idle_session(daemon.athena), idle_session(daemon.athena, MOCK)
    code = "import os; os.kill(os.getpid(), 9)"
    for _ in range(2):
        wait_for_end(daemon.athena, start_calculation(daemon.athena, session, code))
        wait_for_fresh_kernel(daemon, session)
        assert printed_by(daemon, session, "print('alive')") == "alive\n"
    last = wait_for_end(daemon.athena, start_calculation(daemon.athena, session, code))
    reason = KILLED + " It had been started again 2 times within ten minutes."
    assert last["Status"]["State"] == "FAILED"
    assert last["Status"]["StateChangeReason"] == reason
    assert wait_for(daemon, session, "FAILED")["StateChangeReason"] == reason
    assert run(daemon, other, "print x")["Status"]["State"] == "COMPLETED"


def test_queue_goes_on_with_the_fresh_kernel(make_daemon):
    daemon = make_daemon()
    daemon.athena.create_work_group(Name="queue", Configuration=QUEUE)
    session = idle_session(daemon.athena, work_group="queue")
    running = sleep_in(daemon, session)
    queued = [start_calculation(daemon.athena, session, f"print({i})") for i in range(2)]
    os.kill(kernel_of(session), signal.SIGKILL)
    assert wait_for_end(daemon.athena, running)["Status"]["StateChangeReason"] == KILLED
    for i, calculation in enumerate(queued):
        ended = wait_for_end(daemon.athena, calculation)
        assert ended["Status"]["State"] == "COMPLETED", stderr_of(daemon, ended)
        assert stdout_of(daemon, ended) == f"{i}\n"


def test_kernel_that_dies_while_nobody_looks_is_replaced_all_the_same(make_daemon):
    daemon = make_daemon()
    session = idle_session(daemon.athena)
    calculation = sleep_in(daemon, session)
    kernel = kernel_of(session)
    daemon.kill()
    os.kill(kernel, signal.SIGKILL)
    time.sleep(2)
    daemon.start()
    ended = wait_for_end(daemon.athena, calculation)
    assert ended["Status"]["StateChangeReason"] == KILLED
    assert wait_for_fresh_kernel(daemon, session)["StateChangeReason"] == KILLED + LOST
    assert printed_by(daemon, session, "print('alive')") == "alive\n"


def test_daemon_killed_while_the_fresh_kernel_starts(make_daemon):
    daemon = make_daemon()
    session = idle_session(daemon.athena)
    os.kill(kernel_of(session), signal.SIGKILL)
    wait_until(lambda: session_status(daemon.athena, session).get("StateChangeReason"), "noticed")
    daemon.kill()
    daemon.start()
    wait_for_fresh_kernel(daemon, session)
    assert printed_by(daemon, session, "print('alive')") == "alive\n"


@pytest.mark.parametrize("restarts", [3, 0])
def test_canceled_code_that_swallows_interrupts(make_daemon, restarts):
    daemon = make_daemon(settings={"session.kernel_restarts": restarts})
    session = idle_session(daemon.athena)
    calculation = start_calculation(daemon.athena, session, SWALLOWS_INTERRUPTS)
    wait_for_calculation(daemon.athena, calculation, "RUNNING")
    stop(daemon.athena, calculation)
    assert wait_for_end(daemon.athena, calculation)["Status"]["State"] == "CANCELED"
    reason = f"The kernel was killed to stop calculation {calculation}, which ignored interrupts."
    if restarts:
        assert wait_for_fresh_kernel(daemon, session)["StateChangeReason"] == reason + LOST
        assert printed_by(daemon, session, "print('alive')") == "alive\n"
    else:
        assert wait_for(daemon, session, "FAILED")["StateChangeReason"] == reason


def test_sessions_without_their_kernel_can_be_terminated(daemon):
    for _ in range(3):
        session = idle_session(daemon.athena)
        os.kill(kernel_of(session), signal.SIGKILL)
        daemon.athena.terminate_session(SessionId=session)
        wait_for(daemon, session, "TERMINATED")


@process_only
def test_executor_killed_fails_its_session_within_two_seconds(daemon, bystander):
    session = idle_session(daemon.athena)
    kernel, executor = kernel_of(session), executor_of(daemon, session)
    calculation = sleep_in(daemon, session)
    os.kill(executor, signal.SIGKILL)
    killed = time.monotonic()
    status = wait_for(daemon, session, "FAILED")
    assert time.monotonic() - killed < NOTICE_LIMIT_S * slack()
    assert status["StateChangeReason"] == "The executor was killed by signal 9 (Killed)."
    assert not is_running(kernel), "its kernel went with it"
    ended = calculation_status(daemon.athena, calculation)
    assert ended["State"] == "FAILED"
    assert status["StateChangeReason"] in ended["StateChangeReason"]


DETACHES = """
import subprocess
sleep = subprocess.Popen(["sleep", "600"], start_new_session=True, cwd="/")
print(sleep.pid)
"""


@process_only
@pytest.mark.parametrize("while_nobody_looks", [False, True])
def test_what_code_detached_ends_when_its_executor_is_killed(make_daemon, while_nobody_looks):
    daemon = make_daemon()
    session = idle_session(daemon.athena)
    detached = int(printed_by(daemon, session, DETACHES))
    executor = executor_of(daemon, session)
    if while_nobody_looks:
        daemon.kill()
    os.kill(executor, signal.SIGKILL)
    if while_nobody_looks:
        daemon.start()
    wait_for(daemon, session, "FAILED")
    assert not is_running(detached)
    wait_until(lambda: not (daemon.state_dir / "sessions" / session).exists(), "all is cleared up")


@process_only
def test_what_cannot_be_cleared_up_is_told_and_kept(make_daemon, tmp_path):
    executors = tmp_path / "executors"
    shutil.copytree(EXECUTORS, executors)
    binary = executors / "process" / "glaux-executor-process"
    daemon = make_daemon(settings={"executor_dir": str(executors)})
    session = idle_session(daemon.athena)
    binary.rename(binary.with_suffix(".away"))
    binary.write_text("#!/bin/sh\necho 'the engine does not answer'\nexit 1\n")
    binary.chmod(0o755)
    os.kill(executor_of(daemon, session), signal.SIGKILL)
    status = wait_for(daemon, session, "FAILED")
    assert "Something of it may be left: " in status["StateChangeReason"]
    assert "ended with exit status 1: the engine does not answer." in status["StateChangeReason"]
    assert daemon.log_lines_with("something may be left")
    assert (daemon.state_dir / "sessions" / session).exists()
    binary.with_suffix(".away").rename(binary)
    daemon.kill()
    daemon.start()
    wait_until(lambda: not (daemon.state_dir / "sessions" / session).exists(), "all is cleared up")
