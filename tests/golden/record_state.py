#!/usr/bin/python3
"""Makes tests/golden/<name>: GLAUX_BUILD=<a release's build> tests/golden/record_state.py state-0.1"""

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support import golden
from support.daemon import Daemon
from support.sessions import (
    EVERY_SESSION_STATE,
    MOCK,
    idle_session,
    run,
    session_status,
    start_calculation,
    start_session,
    stop,
    terminate,
    wait_for_calculation,
)
from support.waiting import wait_until

DEADLINES_S = 61
ROLE = "arn:aws:iam::000000000000:role/glaux"
SPARK = {
    "ExecutionRole": ROLE,
    "EngineVersion": {"SelectedEngineVersion": "PySpark engine version 3"},
}
QUEUE = {**SPARK, "AdditionalConfiguration": '{"CalculationMode":"queue"}'}
NOTEBOOK = '{"cells":[],"metadata":{"text":"\u00e9"},"nbformat":4,"nbformat_minor":5}'


def fill(daemon):
    """One of everything, ended and not."""
    athena = daemon.athena
    tags = [{"Key": "team", "Value": "owls"}]
    athena.create_work_group(Name="queue", Description="waits", Configuration=QUEUE, Tags=tags)
    athena.create_work_group(Name="gone", Configuration=SPARK)
    athena.delete_work_group(WorkGroup="gone")
    kept = athena.import_notebook(
        WorkGroup="primary", Name="kept", Type="IPYNB", Payload=NOTEBOOK
    )["NotebookId"]
    renamed = athena.create_notebook(WorkGroup="primary", Name="old")["NotebookId"]
    athena.update_notebook_metadata(NotebookId=renamed, Name="renamed")
    deleted = athena.create_notebook(WorkGroup="primary", Name="deleted")["NotebookId"]
    athena.delete_notebook(NotebookId=deleted)

    ended = idle_session(athena, {**MOCK, "NotebookId": kept}, NotebookVersion="v")
    run(daemon, ended, "print hello\nprogress 50%\nresult {}", Description="said hello")
    run(daemon, ended, "fail NameError: name 'x' is not defined")
    canceled = start_calculation(athena, ended, "sleep 60000")
    wait_for_calculation(athena, canceled, "RUNNING")
    stop(athena, canceled)
    wait_for_calculation(athena, canceled, "CANCELED")
    terminate(athena, ended)

    interpreted = idle_session(athena, Description="a Python kernel")
    run(daemon, interpreted, "print('é', 6 * 7)\n6 * 7")
    run(daemon, interpreted, "undefined")
    terminate(athena, interpreted)

    failed = idle_session(athena, MOCK, Description="loses its interpreter")
    start_calculation(athena, failed, "die The interpreter is gone.")
    wait_until(lambda: session_status(athena, failed)["State"] == "FAILED", "it has failed")

    queueing = idle_session(athena, MOCK, work_group="queue", Description="busy at the end")
    running = start_calculation(athena, queueing, "print half\nsleep 600000")
    wait_for_calculation(athena, running, "RUNNING")
    for text in ("first", "second"):
        start_calculation(athena, queueing, f"print {text}", Description=text)
    # What becomes of these two depends on when they are looked at: their deadlines pass.
    athena.create_work_group(Name="late", Configuration=SPARK)
    late = {"work_group": "late", "SessionIdleTimeoutInMinutes": 1}
    idle_session(athena, MOCK, Description="idle at the end", **late)
    start_session(athena, MOCK, Description="starting at the end", **late)


def answers_from(state_dir, directory):
    with Daemon(golden.copy(state_dir, directory)) as daemon:
        def has_settled():
            live = set(EVERY_SESSION_STATE) - {"TERMINATED", "FAILED"}
            return not any(
                daemon.athena.list_sessions(WorkGroup=group, StateFilter=state)["Sessions"]
                for group in ("primary", "queue", "late")
                for state in live
            )

        wait_until(has_settled, "every session has been accounted for")
        return golden.answers(daemon)


def main():
    name = sys.argv[1]
    with tempfile.TemporaryDirectory() as directory:
        state_dir = Path(directory) / "state"
        with Daemon(state_dir, {"journal.snapshot_records": 40}) as daemon:
            fill(daemon)
            daemon.kill()
            for pid in daemon.session_processes():
                os.kill(pid, signal.SIGKILL)
        golden.pack(name, state_dir)
        unpacked = Path(directory) / "unpacked"
        golden.unpack(name, unpacked)
        first = answers_from(unpacked, Path(directory) / "first")
        time.sleep(DEADLINES_S)
        second = answers_from(unpacked, Path(directory) / "second")
        golden.record_answers(name, golden.in_common(first, second))


main()
