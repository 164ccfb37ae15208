"""glauxd ends, in order or by kill -9, and comes back: sessions, what runs in them and what waits
for them go on."""

import fcntl
import os
import signal
import threading
import time

import pytest

from support import build
from support.processes import executor_of
from support.sessions import (
    MOCK,
    calculation_status,
    get_calculation,
    idle_session,
    printed_by,
    run,
    session_status,
    start_calculation,
    start_session,
    stdout_of,
    wait_for_calculation,
    wait_for_end,
    wait_for_session,
)
from support.waiting import wait_until
from test_work_groups import SPARK

QUEUE = {**SPARK, "AdditionalConfiguration": '{"CalculationMode":"queue"}'}
# For as long as the file is there: however long the test's own work takes.
COUNTING_ON = """
import os, time
i = 0
while os.path.exists({go_on!r}):
    print(i, flush=True)
    i += 1
    time.sleep(0.05)
"""


def end(daemon, how):
    daemon.kill() if how == "kill -9" else daemon.stop()


@pytest.mark.parametrize("how", ["kill -9", "stop"])
def test_sessions_and_running_code_go_on(make_daemon, tmp_path, how):
    daemon = make_daemon()
    go_on = tmp_path / "go-on"
    go_on.touch()
    session, idle = idle_session(daemon.athena), idle_session(daemon.athena, MOCK)
    before = run(daemon, session, "x = 41; print('before')")
    processes = set(daemon.session_processes())
    code = COUNTING_ON.format(go_on=str(go_on)) + "x += 1"
    running = start_calculation(daemon.athena, session, code)
    wait_for_calculation(daemon.athena, running, "RUNNING")
    for _ in range(2):
        end(daemon, how)
        daemon.start()
        assert session_status(daemon.athena, session)["State"] == "BUSY"
        assert session_status(daemon.athena, idle)["State"] == "IDLE"
    go_on.unlink()
    ended = wait_for_end(daemon.athena, running)
    assert ended["Status"]["State"] == "COMPLETED"
    printed = stdout_of(daemon, ended)
    assert printed and printed == "".join(f"{i}\n" for i in range(printed.count("\n")))
    assert ended["Statistics"]["DpuExecutionInMillis"] > 0
    wait_for_session(daemon.athena, session, "IDLE")
    assert printed_by(daemon, session, "print(x)") == "42\n"
    assert run(daemon, idle, "print there")["Status"]["State"] == "COMPLETED"
    assert set(daemon.session_processes()) == processes, "they are the same ones"
    after = get_calculation(daemon.athena, before["CalculationExecutionId"])
    assert {**after, "ResponseMetadata": 0} == {**before, "ResponseMetadata": 0}


def test_code_that_ends_while_nobody_looks_has_its_true_end(make_daemon):
    daemon = make_daemon()
    session = idle_session(daemon.athena)
    code = "import time; time.sleep(0.5); print('done'); ended = time.time()"
    calculation = start_calculation(daemon.athena, session, code)
    wait_for_calculation(daemon.athena, calculation, "RUNNING")
    daemon.kill()
    time.sleep(2)
    daemon.start()
    started = time.time()
    ended = wait_for_end(daemon.athena, calculation)
    assert ended["Status"]["State"] == "COMPLETED"
    assert stdout_of(daemon, ended) == "done\n"
    assert ended["Status"]["CompletionDateTime"].timestamp() < started - 0.5
    wait_for_session(daemon.athena, session, "IDLE")
    told = float(printed_by(daemon, session, "print(ended)"))
    assert abs(ended["Status"]["CompletionDateTime"].timestamp() - told) < 0.5


def test_executor_that_dies_while_nobody_looks_fails_its_session_alone(make_daemon):
    daemon = make_daemon()
    session, other = idle_session(daemon.athena), idle_session(daemon.athena, MOCK)
    running = start_calculation(daemon.athena, session, "import time; time.sleep(60)")
    wait_for_calculation(daemon.athena, running, "RUNNING")
    daemon.kill()
    os.kill(executor_of(daemon, session), signal.SIGKILL)
    daemon.start()
    ended = wait_for_end(daemon.athena, running)
    reason = "The executor ended while glauxd was not running."
    assert ended["Status"]["State"] == "FAILED"
    assert reason in ended["Status"]["StateChangeReason"]
    assert wait_for_failed(daemon, session)["StateChangeReason"] == reason
    assert run(daemon, other, "print x")["Status"]["State"] == "COMPLETED"


@pytest.mark.parametrize("are_adopted", [False, True])
def test_killed_executors_fail_their_sessions_at_once_and_no_other(
    make_daemon, tmp_path, are_adopted
):
    daemon = make_daemon()
    go_on = tmp_path / "go-on"
    go_on.touch()
    busy_kernel, idle_kernel, going_on = [idle_session(daemon.athena) for _ in range(3)]
    busy_mock, idle_mock = [idle_session(daemon.athena, MOCK) for _ in range(2)]
    lost = [
        start_calculation(daemon.athena, busy_kernel, "while True: pass"),
        start_calculation(daemon.athena, busy_mock, "sleep 600000"),
    ]
    code = COUNTING_ON.format(go_on=str(go_on))
    computing = start_calculation(daemon.athena, going_on, code)
    for calculation in [*lost, computing]:
        wait_for_calculation(daemon.athena, calculation, "RUNNING")
    if are_adopted:
        daemon.kill()
        daemon.start()
        run(daemon, idle_kernel, "1")
        run(daemon, idle_mock, "")
    others = set(daemon.session_processes(going_on) + daemon.session_processes(idle_mock))
    killed = [busy_kernel, idle_kernel, busy_mock]
    executors = [executor_of(daemon, session) for session in killed]
    assert len(daemon.session_processes(idle_kernel)) == 2, "an executor and its kernel"

    began = time.monotonic()
    for executor in executors:
        os.kill(executor, signal.SIGKILL)
    reason = "The executor has ended." if are_adopted else "killed by signal 9 (Killed)."
    for session in killed:
        assert reason in wait_for_failed(daemon, session)["StateChangeReason"]
        wait_until(lambda: not daemon.session_processes(session), "its kernel is gone")
    for calculation in lost:
        status = wait_for_end(daemon.athena, calculation)["Status"]
        assert status["State"] == "FAILED"
        assert reason in status["StateChangeReason"]
    assert time.monotonic() - began < 2 * build.slack()

    assert session_status(daemon.athena, going_on)["State"] == "BUSY"
    assert session_status(daemon.athena, idle_mock)["State"] == "IDLE"
    go_on.unlink()
    ended = wait_for_end(daemon.athena, computing)
    assert ended["Status"]["State"] == "COMPLETED"
    lines = stdout_of(daemon, ended).splitlines()
    assert lines == [str(i) for i in range(len(lines))]
    assert run(daemon, idle_mock, "print there")["Status"]["State"] == "COMPLETED"
    assert set(daemon.session_processes()) == others, "they are the same ones, and no more"
    directories = daemon.state_dir / "sessions"
    wait_until(
        lambda: {each.name for each in directories.iterdir()} == {going_on, idle_mock},
        "the directories of those that failed are gone",
    )


def test_lock_that_a_forked_child_of_the_killed_daemon_still_holds_is_waited_for(make_daemon):
    daemon = make_daemon()
    daemon.kill()
    lock = open(daemon.state_dir / "LOCK")
    fcntl.flock(lock, fcntl.LOCK_EX)
    child = threading.Timer(0.5, lock.close)
    child.start()
    daemon.start()
    child.join()


def wait_for_failed(daemon, session):
    def look():
        status = session_status(daemon.athena, session)
        return status if status["State"] == "FAILED" else None

    return wait_until(look, f"session {session} FAILED")


@pytest.mark.parametrize("how", ["kill -9", "stop"])
def test_queue_goes_on_in_its_order(make_daemon, tmp_path, how):
    daemon = make_daemon()
    daemon.athena.create_work_group(Name="queue", Configuration=QUEUE)
    session = idle_session(daemon.athena, MOCK, work_group="queue")
    evidence = tmp_path / "ran"
    running = start_calculation(daemon.athena, session, f"sleep 6000\nran {evidence}")
    queued = [start_calculation(daemon.athena, session, f"ran {evidence}") for _ in range(3)]
    end(daemon, how)
    daemon.start()
    canceled = queued.pop(1)
    daemon.athena.stop_calculation_execution(CalculationExecutionId=canceled)
    assert [calculation_status(daemon.athena, each)["State"] for each in queued] == ["QUEUED"] * 2
    late = start_calculation(daemon.athena, session, f"ran {evidence}")
    end(daemon, how)
    daemon.start()
    for calculation in [running, *queued, late]:
        assert wait_for_end(daemon.athena, calculation)["Status"]["State"] == "COMPLETED"
    assert calculation_status(daemon.athena, canceled)["State"] == "CANCELED"
    assert evidence.read_text().split() == [running, *queued, late]


def test_sessions_on_their_way_up_arrive(make_daemon):
    daemon = make_daemon(settings={"executor.concurrent_launches": 1})
    sessions = [start_session(daemon.athena) for _ in range(3)]
    for _ in range(3):
        daemon.kill()
        daemon.start()
    for session in sessions:
        wait_for_session(daemon.athena, session, "IDLE")
        assert printed_by(daemon, session, "print(1)") == "1\n"


def test_what_was_asked_of_sessions_before_the_end_happens_after_it(make_daemon):
    daemon = make_daemon()
    ending, canceling = idle_session(daemon.athena), idle_session(daemon.athena)
    calculation = start_calculation(daemon.athena, canceling, "import time; time.sleep(60)")
    wait_for_calculation(daemon.athena, calculation, "RUNNING")
    daemon.athena.terminate_session(SessionId=ending)
    daemon.athena.stop_calculation_execution(CalculationExecutionId=calculation)
    daemon.kill()
    daemon.start()
    assert wait_for_session(daemon.athena, ending, "TERMINATED")
    assert wait_for_end(daemon.athena, calculation)["Status"]["State"] == "CANCELED"
    wait_for_session(daemon.athena, canceling, "IDLE")


def test_without_a_lease_sessions_end_with_the_daemon_and_say_so(make_daemon):
    daemon = make_daemon(settings={"executor.lease_s": 0})
    session = idle_session(daemon.athena)
    running = start_calculation(daemon.athena, session, "import time; time.sleep(60)")
    wait_for_calculation(daemon.athena, running, "RUNNING")
    daemon.restart()
    ended = wait_for_end(daemon.athena, running)
    assert ended["Status"]["State"] == "FAILED"
    assert ended["Status"]["StateChangeReason"]
    assert wait_for_failed(daemon, session)["StateChangeReason"]
    wait_until(lambda: not daemon.session_processes(), "its processes are gone")


def test_lease_ends_sessions_that_nobody_comes_back_for(make_daemon):
    daemon = make_daemon(settings={"executor.lease_s": 1})
    idle_session(daemon.athena)
    daemon.kill()
    wait_until(lambda: not daemon.session_processes(), "its processes are gone")
