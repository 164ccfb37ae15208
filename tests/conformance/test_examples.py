"""The example executors of docs/executors.md, driven by a client through the real daemon."""

import os
import signal

import pytest

from support.build import EXECUTORS
from support.processes import executor_of
from support.sessions import (
    idle_session,
    printed_by,
    run,
    session_status,
    start_calculation,
    stderr_of,
    stdout_of,
    stop,
    terminate,
    wait_for_calculation,
    wait_for_end,
    wait_for_session,
)
from support.waiting import wait_until

# Not built where Debian's Rust is missing; scripts/test builds both.
EXAMPLES = ["shell", *(["rust-shell"] if (EXECUTORS / "rust-shell").is_dir() else [])]


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request):
    return {"glaux.executor": request.param}


@pytest.fixture(scope="module")
def session(daemon, example):
    return idle_session(daemon.athena, example)


def begun(daemon, session, code):
    """A calculation of that code, once it has printed that it runs."""
    calculation = start_calculation(daemon.athena, session, f"echo begun\n{code}")

    def has_printed():
        running = daemon.athena.get_calculation_execution(CalculationExecutionId=calculation)
        return stdout_of(daemon, running) == "begun\n"

    wait_for_calculation(daemon.athena, calculation, "RUNNING")
    wait_until(has_printed, "the code runs")
    return calculation


def test_output_is_where_it_belongs(daemon, session):
    ended = run(daemon, session, "echo 'Grüße, 世界'\necho oops >&2\necho")
    assert ended["Status"]["State"] == "COMPLETED"
    assert stdout_of(daemon, ended) == "Grüße, 世界\n\n"
    assert stderr_of(daemon, ended) == "oops\n"
    assert ended["Statistics"]["DpuExecutionInMillis"] >= 1


def test_all_output_is_there_at_the_end(daemon, session):
    printed = printed_by(daemon, session, "seq 1 200000")
    assert printed == "".join(f"{number}\n" for number in range(1, 200001))


def test_code_longer_than_an_argument_may_be(daemon, session):
    lines = [f"echo {number:04}" + " " * 16 for number in range(2000)]
    assert printed_by(daemon, session, "\n".join(lines)).count("\n") == 2000


def test_pipes_break_as_in_any_shell(daemon, session):
    assert printed_by(daemon, session, "yes | head -n 1") == "y\n"


def test_an_exit_status_is_an_error_that_spares_the_session(daemon, session):
    failed = run(daemon, session, "echo short of its end\nexit 3\necho never")
    assert failed["Status"]["State"] == "FAILED"
    assert failed["Status"]["StateChangeReason"] == "exit status 3"
    assert stdout_of(daemon, failed) == "short of its end\n"
    assert printed_by(daemon, session, "echo alive") == "alive\n"


def test_code_that_is_canceled_stops(daemon, session):
    calculation = begun(daemon, session, "sleep 600")
    stop(daemon.athena, calculation)
    assert wait_for_end(daemon.athena, calculation)["Status"]["State"] == "CANCELED"
    wait_for_session(daemon.athena, session, "IDLE")
    assert printed_by(daemon, session, "echo alive") == "alive\n"


def test_a_handler_of_the_interrupt_runs_and_is_heard(daemon, session):
    calculation = begun(daemon, session, "trap 'echo tidied; exit 1' INT\nsleep 600")
    stop(daemon.athena, calculation)
    ended = wait_for_end(daemon.athena, calculation)
    assert ended["Status"]["State"] == "CANCELED"
    assert stdout_of(daemon, ended) == "begun\ntidied\n"
    wait_for_session(daemon.athena, session, "IDLE")


def test_a_calculation_ends_with_what_it_has_started(daemon, session):
    before = set(daemon.session_processes(session))
    run(daemon, session, "sleep 600 &\nsetsid sleep 600 &\n(setsid nohup sleep 600 &)\necho")
    assert set(daemon.session_processes(session)) == before


def test_a_shell_that_dies_is_replaced(daemon, session):
    failed = start_calculation(daemon.athena, session, "kill -KILL $$")
    ended = wait_for_end(daemon.athena, failed)
    assert ended["Status"]["State"] == "FAILED"
    assert "The shell died: killed by signal 9" in ended["Status"]["StateChangeReason"]
    wait_until(
        lambda: session_status(daemon.athena, session)["State"] == "IDLE", "the session goes on"
    )
    assert printed_by(daemon, session, "echo alive") == "alive\n"


def test_a_session_ends_in_order(daemon, example):
    session = idle_session(daemon.athena, example)
    begun(daemon, session, "trap '' INT\nsleep 600")
    terminate(daemon.athena, session)
    wait_until(lambda: not daemon.session_processes(session), "nothing is left")


def test_nothing_outlives_an_executor_that_is_killed(daemon, example):
    session = idle_session(daemon.athena, example)
    begun(daemon, session, "setsid sleep 600 &\nsleep 600")
    os.kill(executor_of(daemon, session), signal.SIGKILL)
    wait_until(lambda: not daemon.session_processes(session), "nothing is left")
    wait_until(
        lambda: session_status(daemon.athena, session)["State"] == "FAILED", "the session FAILED"
    )


def test_sessions_outlive_the_daemon(daemon, example):
    session = idle_session(daemon.athena, example)
    calculation = begun(daemon, session, "sleep 2\necho ended")
    daemon.kill()
    daemon.start()
    ended = wait_for_end(daemon.athena, calculation)
    assert ended["Status"]["State"] == "COMPLETED"
    assert stdout_of(daemon, ended) == "begun\nended\n"
    assert printed_by(daemon, session, "echo alive") == "alive\n"
