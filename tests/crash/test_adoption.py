"""Kernels that compute and print while glauxd is killed and restarted under them: nothing of what they
do is lost, and none of it happens twice.

GLAUX_ADOPTION_SESSIONS and GLAUX_ADOPTION_ROUNDS choose how many and how often."""

import os
import random
import time

import checks
from glauxd import Client, Glauxd

SESSIONS = int(os.environ.get("GLAUX_ADOPTION_SESSIONS", 4))
ROUNDS = int(os.environ.get("GLAUX_ADOPTION_ROUNDS", 2))
READY_LIMIT_S = 120

# Numbered lines, for as long as a file is there; `ran` shows each start of the block.
BLOCK = """
import os, time
with open({evidence!r}, "a") as file:
    file.write({name!r} + "\\n")
lines = 0
while os.path.exists({go_on!r}):
    print({name!r}, lines, flush=True)
    lines += 1
    time.sleep(0.01)
"""


def test_kernels_go_on_whatever_happens_to_the_daemon(tmp_path):
    daemon = Glauxd(tmp_path / "state", "--capacity-dpus", "100000")
    evidence, go_on = tmp_path / "ran", tmp_path / "go-on"
    go_on.touch()
    try:
        daemon.start()
        client = Client(daemon.port)
        sessions = [start_session(client) for _ in range(SESSIONS)]
        for session in sessions:
            wait_for(client, session, "IDLE")
        running = {each: submit(client, each, evidence, go_on) for each in sessions}
        gaps = [go_down_and_up(daemon, sessions, how) for how in [daemon.kill, daemon.stop] * ROUNDS]
        go_on.unlink()
        client = Client(daemon.port)
        for session, calculation in running.items():
            check_whole(client, daemon, session, calculation)
        assert sorted(evidence.read_text().split()) == sorted(sessions), "each block ran once"
        for session in sessions:
            client.call("TerminateSession", SessionId=session)
        checks.wait_until_no_processes(daemon)
        daemon.stop()
        print(
            f"{SESSIONS} kernels, {len(gaps)} restarts; the API was away for "
            f"{min(gaps) * 1000:.0f} to {max(gaps) * 1000:.0f} ms"
        )
    finally:
        if daemon.is_running():
            daemon.kill()
        daemon.end_executors()


def start_session(client):
    return client.call(
        "StartSession", WorkGroup="primary", EngineConfiguration={"MaxConcurrentDpus": 2}
    )["SessionId"]


def submit(client, session, evidence, go_on):
    code = BLOCK.format(evidence=str(evidence), name=session, go_on=str(go_on))
    answer = client.call("StartCalculationExecution", SessionId=session, CodeBlock=code)
    return answer["CalculationExecutionId"]


def go_down_and_up(daemon, sessions, end):
    """How long nobody answered."""
    time.sleep(random.uniform(0, 0.5))
    began = time.monotonic()
    end()
    daemon.start()
    client = Client(daemon.port)
    client.call("ListSessions", WorkGroup="primary")
    gap = time.monotonic() - began
    for session in sessions:
        assert state_of(client, session) == "BUSY"
    client.close()
    return gap


def state_of(client, session):
    return client.call("GetSessionStatus", SessionId=session)["Status"]["State"]


def wait_for(client, session, state):
    limit = time.monotonic() + READY_LIMIT_S
    while state_of(client, session) != state:
        assert time.monotonic() < limit, f"{session} is {state_of(client, session)}"
        time.sleep(0.01)


def check_whole(client, daemon, session, calculation):
    wait_for(client, session, "IDLE")
    answer = client.call("GetCalculationExecution", CalculationExecutionId=calculation)
    assert answer["Status"]["State"] == "COMPLETED", answer
    uri = answer["Result"]["StdOutS3Uri"]
    path = daemon.state_dir / "objects" / uri.removeprefix("s3://")
    lines = path.read_text().splitlines()
    assert lines == [f"{session} {number}" for number in range(len(lines))]
    told = client.call(
        "StartCalculationExecution", SessionId=session, CodeBlock=f"assert lines == {len(lines)}"
    )
    wait_for(client, session, "IDLE")
    after = client.call(
        "GetCalculationExecution", CalculationExecutionId=told["CalculationExecutionId"]
    )
    assert after["Status"]["State"] == "COMPLETED", "its variables are what they were"
