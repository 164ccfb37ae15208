"""Replaying a long journal, starting on it, and what a daemon weighs."""

import json
import re
import statistics
import subprocess
import time
from pathlib import Path

from glauxd import Glauxd, tool
from throughput import run_load


def measure(report, scratch, records, tail, starts):
    directory = scratch / "history"
    _run("generate", directory, records, tail)
    replayed = _run("replay", directory)
    report.section("Replay of a journal", ["", "records", "records/s"])
    for name, key in (("reading and hashing alone", "scan"), ("state", "state"),
                      ("state and views", "state_and_views")):
        report.row(name, replayed["records"], replayed[f"{key}_records_per_s"])

    report.section("Start-up", ["", "median ms", "max ms", "replayed", "idle MiB"])
    _measure_starts(report, "an empty journal, created", starts,
                    lambda i: scratch / f"empty-{i}", lambda daemon: daemon.stop())
    _measure_starts(report, "that journal, after a clean stop", starts,
                    lambda _: directory, lambda daemon: daemon.stop())
    _measure_starts(report, "that journal, after kill -9 under load", starts,
                    lambda _: directory, _kill_under_load, skip_first=True)


def _measure_starts(report, name, starts, state_dir, end, skip_first=False):
    times, replayed, resident = [], 0, 0.0
    for i in range(starts + skip_first):
        with Glauxd(state_dir(i)) as daemon:
            time.sleep(1)
            if i >= skip_first:
                times.append(daemon.start_s * 1000)
                replayed = max(replayed, _replayed(state_dir(i)))
                resident = max(resident, daemon.resident_mib())
            end(daemon)
    report.row(name, statistics.median(times), max(times), replayed, resident)


def _kill_under_load(daemon):
    """Durable refusals leave nothing that would have to be cleared up, and a journal's tail that
    has not reached a table file."""
    body = {"SessionId": "0" * 36, "CodeBlock": "print 1"}
    run_load(daemon.pid, daemon.port, "StartCalculationExecution", 64, 1, [body] * 64)
    daemon.kill()


def _replayed(state_dir):
    return int(re.search(r"(\d+) replayed", Path(f"{state_dir}.log").read_text())[1])


def _run(*arguments):
    command = [tool("bench_journal"), *map(str, arguments)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
