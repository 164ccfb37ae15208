"""The machine went down with everything that ran on it: each session is accounted for, and
processes that were given the pids of old are left alone."""

import json
import os
import signal
import time
import uuid

import pytest

from support import build
from support.sessions import (
    MOCK,
    idle_session,
    run,
    session_status,
    start_calculation,
    stdout_of,
    wait_for_calculation,
    wait_for_end,
)
from support.stranger import Stranger
from support.waiting import wait_until

ANOTHER_BOOT = {"boot_id": "00000000-1111-2222-3333-444444444444"}
ENDED = "The executor ended while glauxd was not running."

# What identity.json says of an executor, and who is there now.
CHANGES = {
    "pid free on another boot": lambda stranger: ANOTHER_BOOT,
    "pid reused on the same boot": lambda stranger: {"pid": stranger.pid},
    "pid and start time alike on another boot": lambda stranger: {
        "pid": stranger.pid,
        "start_time_ticks": stranger.start_time_ticks,
        **ANOTHER_BOOT,
    },
}


@pytest.mark.parametrize("change", CHANGES)
def test_all_that_ran_is_accounted_for_and_nobody_else_is_touched(make_daemon, tmp_path, change):
    daemon = make_daemon()
    athena = daemon.athena
    idle, busy, done, ending = [idle_session(athena, MOCK) for _ in range(4)]
    kernel = idle_session(athena)
    computing = [
        start_calculation(athena, busy, "print begun\nsleep 600000"),
        start_calculation(athena, kernel, "print('begun', flush=True)\nwhile True: pass"),
    ]
    code = f"sleep 500\nprint done\nran {tmp_path / 'ran'}"
    reported = start_calculation(athena, done, code)
    stopping = start_calculation(athena, ending, "ignore-interrupt\nsleep 600000")
    for calculation in [*computing, reported, stopping]:
        wait_for_calculation(athena, calculation, "RUNNING")
    athena.terminate_session(SessionId=ending)
    daemon.kill()
    wait_until((tmp_path / "ran").exists, "the calculation has ended")
    time.sleep(0.2 * build.slack())  # so does its report
    power_off(daemon)

    with Stranger() as stranger:
        change_identities(daemon, CHANGES[change](stranger))
        leave_directory_of_nobodys_session(daemon)
        daemon.start()
        for session in [idle, busy, done, kernel]:
            assert status_at_the_end(daemon, session)["State"] == "FAILED"
            assert status_at_the_end(daemon, session)["StateChangeReason"] == ENDED
        for calculation in computing:
            ended = wait_for_end(daemon.athena, calculation)
            assert ended["Status"]["State"] == "FAILED"
            assert ENDED in ended["Status"]["StateChangeReason"]
            assert stdout_of(daemon, ended) == "begun\n"
        ended = wait_for_end(daemon.athena, reported)
        assert ended["Status"]["State"] == "COMPLETED"
        assert stdout_of(daemon, ended) == "done\n"
        assert ended["Statistics"]["DpuExecutionInMillis"] >= 500
        assert status_at_the_end(daemon, ending)["State"] == "TERMINATED"
        assert wait_for_end(daemon.athena, stopping)["Status"]["State"] in {"CANCELED", "FAILED"}

        directories = daemon.state_dir / "sessions"
        wait_until(lambda: not list(directories.iterdir()), "the session directories are gone")
        assert not daemon.log_lines_with("adopted")
        stranger.assert_never_signalled()
        fresh = idle_session(daemon.athena, MOCK)
        assert run(daemon, fresh, "print again")["Status"]["State"] == "COMPLETED"
        daemon.stop()
        stranger.assert_never_signalled()


def test_those_that_never_said_who_they_are_are_given_up_together(make_daemon):
    """As many as wait for it, they cost no more time than one."""
    daemon = make_daemon()
    sessions = [idle_session(daemon.athena, MOCK) for _ in range(16)]
    daemon.kill()
    power_off(daemon)
    for session in sessions:
        directory = daemon.state_dir / "sessions" / session
        (directory / "identity.json").unlink()
        os.utime(directory, (1, 1))  # long ago
    daemon.start()
    began = time.monotonic()
    for session in sessions:
        assert status_at_the_end(daemon, session)["State"] == "FAILED"
        assert status_at_the_end(daemon, session)["StateChangeReason"] == ENDED
    assert time.monotonic() - began < 2 * build.slack()


def power_off(daemon):
    """Executors and kernels end as they stand."""
    for pid in daemon.session_processes():
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not daemon.session_processes(), "all processes are gone")


def change_identities(daemon, changes):
    for file in (daemon.state_dir / "sessions").glob("*/identity.json"):
        file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def leave_directory_of_nobodys_session(daemon):
    """Of a session that ended long ago, say; its identity names the same process as the others."""
    sessions = daemon.state_dir / "sessions"
    identity = json.loads(next(sessions.glob("*/identity.json")).read_text())
    stray = sessions / str(uuid.uuid4())
    stray.mkdir()
    (stray / "identity.json").write_text(json.dumps({**identity, "session": stray.name}))


def status_at_the_end(daemon, session):
    def look():
        status = session_status(daemon.athena, session)
        return status if status["State"] in {"FAILED", "TERMINATED"} else None

    return wait_until(look, f"session {session} has ended")
