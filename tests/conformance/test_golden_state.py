"""State directories of earlier builds are understood: what was answered from them is answered again."""

import subprocess

import pytest

from support import build, golden
from support.daemon import Daemon
from support.sessions import MOCK, idle_session, run
from support.waiting import wait_until


def verify(state_dir):
    command = [build.BUILD / "bin" / "glauxctl", "journal", "verify", "--state-dir", state_dir]
    verified = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.mark.parametrize("name", golden.names())
def test_earlier_state_answers_as_it_did(name, tmp_path):
    golden.unpack(name, tmp_path)
    verify(tmp_path)
    recorded = golden.recorded_answers(name)
    with Daemon(tmp_path) as daemon:

        def is_settled():
            return not golden.differences(recorded, golden.answers(daemon))

        try:
            wait_until(is_settled, "what was under way has been accounted for")
        except AssertionError:
            pytest.fail("\n".join(golden.differences(recorded, golden.answers(daemon))))
        assert daemon.session_processes() == [], "nothing of it runs any more, and nothing anew"
        assert run(daemon, idle_session(daemon.athena, MOCK), "print x")["Status"]["State"] == (
            "COMPLETED"
        )
        daemon.restart()
        assert golden.differences(recorded, without_new_sessions(recorded, daemon)) == []
    verify(tmp_path)


def without_new_sessions(recorded, daemon):
    """Lists are longer by the session that the test has started."""
    answered = golden.answers(daemon)
    return {
        key: recorded[key] if key.startswith("list_sessions") else answered[key] for key in recorded
    }


def test_there_is_one_of_each_release():
    assert "state-0.1" in golden.names()
