"""A full disk and a read-only one: designed states with clear errors, nothing acknowledged lost."""

import os
import time

import botocore.exceptions
import pytest

from support.daemon import Daemon, run_glauxd
from support.evidence import nothing_written
from support.mounts import fill, make_read_only, make_writable, needs_root, tmpfs, tmpfs_over
from support.raw_http import exchange
from support.sessions import (
    MOCK,
    engine_configuration,
    get_calculation,
    idle_session,
    run,
    start_calculation,
    start_session,
    stdout_of,
    wait_for_calculation,
    wait_for_end,
    wait_for_session,
)
from support.waiting import wait_until

SIZE_MIB = 64
REFUSALS = (
    botocore.exceptions.ClientError,  # with an answer
    botocore.exceptions.HTTPClientError,  # or with none
    botocore.exceptions.ConnectionError,
)
WIDE = {"Tags": [{"Key": f"{i:0128}", "Value": "x" * 256} for i in range(50)]}
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture
def disk(tmp_path):
    with tmpfs(tmp_path / "disk", SIZE_MIB) as directory:
        yield directory


def create_work_groups_until_refused(athena, limit=100_000, **members):
    """The names that were acknowledged, and the error that ended it."""
    acknowledged = []
    for i in range(limit):
        name = f"filling-{i}"
        try:
            athena.create_work_group(Name=name, Description="x" * 1024, **members)
        except REFUSALS as error:
            return acknowledged, error
        acknowledged.append(name)
    raise AssertionError("the disk never got full")


@needs_root
def test_commands_are_refused_with_the_reason_while_space_is_short_and_reads_go_on(disk):
    with Daemon(disk / "state", settings={"journal.min_free_mib": 16}) as daemon:
        athena = daemon.athena
        session, loud_session = idle_session(athena, MOCK), idle_session(athena, MOCK)
        running = start_calculation(athena, session, "sleep 1500")
        loud = start_calculation(athena, loud_session, "sleep 1500\nprint no room for this")
        filler = fill(disk, leave_bytes=8 << 20)
        wait_until(lambda: exchange(daemon, HEALTH).status == 503, "/healthz tells")
        # What executors report is taken: the room that is left is for that, and not for output.
        assert wait_for_end(athena, running)["Status"]["State"] == "COMPLETED"
        unheard = wait_for_end(athena, loud)["Status"]
        assert unheard["State"] == "FAILED"
        assert "output cannot be written" in unheard["StateChangeReason"]
        with nothing_written(daemon):
            with pytest.raises(botocore.exceptions.ClientError) as refused:
                athena.create_work_group(Name="refused")
        answer = refused.value.response
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 503
        assert answer["Error"]["Code"] == "ServiceUnavailableException"
        assert "nearly full" in answer["Error"]["Message"]
        assert "journal.min_free_mib" in answer["Error"]["Message"]
        assert athena.list_sessions(WorkGroup="primary")["Sessions"]
        assert daemon.log_lines_with("nearly full")

        filler.unlink()
        wait_until(lambda: exchange(daemon, HEALTH).status == 200, "/healthz recovers")
        athena.create_work_group(Name="taken")
        assert run(daemon, session, "print again")["Status"]["State"] == "COMPLETED"


@needs_root
def test_full_disk_ends_the_daemon_with_a_clear_error_and_loses_nothing_acknowledged(disk):
    with Daemon(disk / "state", settings={"journal.min_free_mib": 0}) as daemon:
        daemon.athena.create_work_group(Name="before")
        filler = fill(disk, leave_bytes=256 << 10)
        acknowledged, error = create_work_groups_until_refused(daemon.athena)
        if isinstance(error, botocore.exceptions.ClientError):
            answer = error.response
            assert answer["ResponseMetadata"]["HTTPStatusCode"] == 500
            assert answer["Error"]["Code"] == "InternalServerException"
            assert "No space left on device" in answer["Error"]["Message"]
        else:
            pytest.fail(f"the command was not answered: {error!r}")
        assert daemon.wait() == 1, "a journal that cannot be written ends the daemon, and says so"
        assert any("No space left" in line for line in daemon.log_lines_with("critical"))

        # With the disk still full: started for reading, or not started and told why.
        try:
            daemon.start()
        except AssertionError as refused:
            assert "No space left" in str(refused)
        else:
            assert daemon.athena.get_work_group(WorkGroup="before")
            daemon.kill()

        filler.unlink()
        daemon.start()
        names = set()
        page = {}
        while True:
            answer = daemon.athena.list_work_groups(**page)
            names |= {each["Name"] for each in answer["WorkGroups"]}
            if "NextToken" not in answer:
                break
            page = {"NextToken": answer["NextToken"]}
        missing = {"before", *acknowledged} - names
        assert not missing
        assert len(names) <= len(acknowledged) + 3, "before, primary, and the one in doubt"
        daemon.athena.create_work_group(Name="after")


@needs_root
def test_views_that_cannot_be_written_end_the_daemon_as_a_failure(tmp_path):
    """The journal itself is well; only what is rebuilt from it is not."""
    state = tmp_path / "state"
    with Daemon(state) as daemon:
        daemon.stop()
        with tmpfs_over(state / "tables", SIZE_MIB):
            daemon.start()
            fill(state / "tables", leave_bytes=256 << 10)
            acknowledged, error = create_work_groups_until_refused(daemon.athena, **WIDE)
            assert isinstance(error, botocore.exceptions.ClientError), "it was not answered"
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 500
            assert "The command is durable" in error.response["Error"]["Message"]
            assert daemon.wait() == 1, "systemd starts it again"
            assert any("No space left" in line for line in daemon.log_lines_with("critical"))
        daemon.start()
        for name in [*acknowledged, f"filling-{len(acknowledged)}"]:
            assert daemon.athena.get_work_group(WorkGroup=name)


@needs_root
def test_output_that_finds_no_space_fails_no_other_session(disk):
    with Daemon(disk / "state", settings={"journal.min_free_mib": 8}) as daemon:
        athena = daemon.athena
        loud, quiet = idle_session(athena), idle_session(athena, MOCK)
        filler = fill(disk, leave_bytes=12 << 20)
        calculation = start_calculation(athena, loud, "print('x' * (30 << 20))\nprint('end')")
        ended = wait_for_end(athena, calculation)
        assert ended["Status"]["State"] == "FAILED", "not all of its output is there"
        assert ended["Status"]["StateChangeReason"]
        filler.unlink()
        wait_until(lambda: exchange(daemon, HEALTH).status == 200, "/healthz recovers")
        assert run(daemon, quiet, "print fine")["Status"]["State"] == "COMPLETED"


QUIET = "sleep 2000"  # it ends while there is no room
PATIENT = "print before\nsleep 8000\nprint after"  # through the shortage

# Ends when told to, with more output than the reserve may miss.
LINE = "x" * 32768
LOUD = f"""
import os, time
print("before", flush=True)
while not os.path.exists({{enough!r}}):
    print({LINE!r})
    time.sleep(0.05)
for _ in range(64):
    print({LINE!r})
"""


def start_ten(daemon, enough):
    """(ten sessions, and their calculations: those that print nothing, before and after, all the
    time)"""
    athena = daemon.athena
    kernels = [start_session(athena) for _ in range(2)]
    mocks = [idle_session(athena, MOCK) for _ in range(8)]
    for kernel in kernels:
        wait_for_session(athena, kernel, "IDLE")
    quiet = [start_calculation(athena, session, QUIET) for session in mocks[:4]]
    patient = [start_calculation(athena, each, PATIENT) for each in mocks[4:]]
    loud = [start_calculation(athena, each, LOUD.format(enough=str(enough))) for each in kernels]
    for calculation in [*quiet, *patient, *loud]:
        wait_for_calculation(athena, calculation, "RUNNING")
    for calculation in patient + loud:
        wait_until(lambda: stdout_of(daemon, get_calculation(athena, calculation)), "it prints")
    return kernels + mocks, quiet, patient, loud


def assert_accounted_for(daemon, sessions, quiet, patient, loud):
    """What needed no room is COMPLETED, what found none says so, and every session goes on."""
    for calculation in quiet:
        assert wait_for_end(daemon.athena, calculation)["Status"]["State"] == "COMPLETED"
    for calculation in patient:
        ended = wait_for_end(daemon.athena, calculation)
        assert ended["Status"]["State"] == "COMPLETED"
        assert stdout_of(daemon, ended) == "before\nafter\n"
    for calculation in loud:
        ended = wait_for_end(daemon.athena, calculation)
        assert ended["Status"]["State"] == "FAILED"
        assert "output cannot be written" in ended["Status"]["StateChangeReason"]
        lines = stdout_of(daemon, ended).splitlines()
        assert lines[0] == "before"
        assert set(lines[1:-1]) <= {LINE}, "whole but for its end"
    for session in sessions:
        wait_for_session(daemon.athena, session, "IDLE")
        assert run(daemon, session, "")["Status"]["State"] == "COMPLETED"


def assert_refused_for_space(call, **members):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**members)
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert "nearly full" in answer["Error"]["Message"]


@needs_root
def test_ten_sessions_compute_through_a_shortage_of_space(disk, tmp_path):
    with Daemon(disk / "state", settings={"journal.min_free_mib": 16}) as daemon:
        athena, process = daemon.athena, daemon.process.pid
        sessions, quiet, patient, loud = start_ten(daemon, tmp_path / "enough")
        filler = fill(disk, leave_bytes=8 << 20)
        wait_until(lambda: exchange(daemon, HEALTH).status == 503, "/healthz tells")
        where = {"WorkGroup": "primary", "EngineConfiguration": engine_configuration()}
        assert_refused_for_space(athena.start_session, **where)
        what = {"SessionId": sessions[-1], "CodeBlock": ""}
        assert_refused_for_space(athena.start_calculation_execution, **what)
        assert_refused_for_space(athena.terminate_session, SessionId=sessions[-1])
        assert len(athena.list_sessions(WorkGroup="primary")["Sessions"]) == 10
        for calculation in quiet:
            assert wait_for_end(athena, calculation)["Status"]["State"] == "COMPLETED"
        for calculation in patient:
            assert stdout_of(daemon, get_calculation(athena, calculation)) == "before\n"
        (tmp_path / "enough").touch()
        for calculation in loud:
            wait_for_end(athena, calculation)
        filler.unlink()
        wait_until(lambda: exchange(daemon, HEALTH).status == 200, "/healthz recovers")
        assert_accounted_for(daemon, sessions, quiet, patient, loud)
        assert daemon.process.pid == process


@needs_root
def test_ten_sessions_outlive_a_journal_that_found_no_space(disk, tmp_path):
    with Daemon(disk / "state", settings={"journal.min_free_mib": 0}) as daemon:
        sessions, quiet, patient, loud = start_ten(daemon, tmp_path / "enough")
        ended_at = time.monotonic() + 2.5
        filler = fill(disk, leave_bytes=64 << 10)
        acknowledged, _ = create_work_groups_until_refused(daemon.athena)
        assert daemon.wait() == 1
        assert any("No space left" in line for line in daemon.log_lines_with("critical"))
        (tmp_path / "enough").touch()
        time.sleep(max(0, ended_at - time.monotonic()))
        filler.unlink()
        daemon.start()
        for name in acknowledged:
            assert daemon.athena.get_work_group(WorkGroup=name)
        assert_accounted_for(daemon, sessions, quiet, patient, loud)


def assert_read_only_is_refused(state_dir, *texts):
    ran = run_glauxd("--state-dir", state_dir, "--listen", "127.0.0.1:0")
    assert ran.returncode == 1
    assert str(state_dir) in ran.stderr
    assert any(text in ran.stderr for text in texts), ran.stderr
    assert "listening" not in ran.stdout


@needs_root
def test_read_only_state_directory_is_refused_and_named(disk):
    state = disk / "state"
    state.mkdir()
    make_read_only(disk)
    assert_read_only_is_refused(state, "Read-only file system")
    assert list(state.iterdir()) == []


@needs_root
def test_state_directory_that_became_read_only_is_refused_and_unharmed(disk):
    with Daemon(disk / "state", settings={"journal.min_free_mib": 0}) as daemon:
        daemon.athena.create_work_group(Name="kept")
        daemon.stop()
        make_read_only(disk)
        assert_read_only_is_refused(daemon.state_dir, "Read-only file system")
        make_writable(disk)
        daemon.start()
        assert daemon.athena.get_work_group(WorkGroup="kept")


def test_state_directory_that_cannot_be_made_is_refused_and_named(tmp_path):
    (tmp_path / "file").write_text("")
    assert_read_only_is_refused(tmp_path / "file" / "state", "Not a directory")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_state_directory_without_permission_is_refused_and_named(tmp_path):
    state = tmp_path / "state"
    state.mkdir(mode=0o555)
    assert_read_only_is_refused(state, "Permission denied")
