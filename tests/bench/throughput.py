"""Commands a second under load, beside what the HTTP server and the disk give by themselves."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from glauxd import BUILD, Glauxd, session_request, tool

# Enough for every session that a measurement may start.
FLAGS = ("--capacity-dpus", "1000000", "--session-start-timeout-s", "3600", "--log-level", "warning")

# Bytes of a StartCalculationExecution's answer.
ANSWER_BYTES = len('{"CalculationExecutionId":"","State":"CREATING"}') + 36

COLUMNS = ["", "connections", "accepted/s", "busy/s", "durable/s", "p50 ms", "p90 ms", "p99 ms",
           "max ms", "of constant", "server µs"]


def measure_storage(report, scratch, seconds):
    report.section("The disk", ["", "", "of raw"])
    figures = _json(tool("bench_storage"), scratch / "storage", seconds)
    raw, through_journal = figures["raw_records_per_s"], figures["journal_records_per_s"]
    report.row("fdatasync of 4 KiB, median ms", figures["fsync_ms"], None)
    report.row("RocksDB, synced batches of 64, records/s", raw, 1.0)
    report.row("journal, the same records, records/s", through_journal, through_journal / raw)


def measure_commands(report, scratch, connection_counts, seconds):
    report.section("Commands (load generator on the same processors)", COLUMNS)
    for connections in connection_counts:
        constant = _constant(connections, seconds)
        _row(report, "constant answer", connections, constant, None)
        baseline = _answers_per_s(constant)
        for name, measure in (
            ("StartSession", _start_session),
            ("StartSession, launches waiting", _start_session_waiting),
            ("StartCalculationExecution", _start_calculation),
            ("StartCalculationExecution, all BUSY", _start_calculation_busy),
        ):
            _row(report, name, connections, measure(scratch, connections, seconds), baseline)


def _constant(connections, seconds):
    server = subprocess.Popen([tool("bench_constant"), str(ANSWER_BYTES)], stdout=subprocess.PIPE)
    try:
        port = int(server.stdout.readline())
        body = {"SessionId": "0" * 36, "CodeBlock": "print 1"}
        bodies = [body] * connections
        return run_load(server.pid, port, "StartCalculationExecution", connections, seconds, bodies)
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def _start_session(scratch, connections, seconds):
    """As it is: executors are started as fast as the daemon and the processors can."""
    with _daemon(scratch) as daemon:
        bodies = [session_request("mock")] * connections
        return run_load(daemon.pid, daemon.port, "StartSession", connections, seconds, bodies)


def _start_session_waiting(scratch, connections, seconds):
    """The commands alone: the first executor never connects, and the others wait for their turn."""
    plugin = _stuck_executor(scratch)
    flags = ("--executor-dir", str(plugin.parent), "--executor-concurrent-launches", "1")
    with _daemon(scratch, *flags) as daemon:
        bodies = [session_request("mock")] * connections
        return run_load(daemon.pid, daemon.port, "StartSession", connections, seconds, bodies)


def _stuck_executor(scratch):
    plugin = scratch / "stuck-executors" / "mock"
    if not plugin.exists():
        mock = BUILD / "executors" / "mock"
        plugin.mkdir(parents=True)
        shutil.copy(mock / "manifest.json", plugin)
        executable = plugin / "glaux-executor-mock"
        executable.write_text(
            f'#!/bin/sh\n[ "$1" = describe ] && exec "{mock}/glaux-executor-mock" describe\n'
            "exec cat <&3 >/dev/null\n"  # the lifeline: ends with the daemon
        )
        executable.chmod(0o755)
    return plugin


def _start_calculation(scratch, connections, seconds):
    """Each connection goes round its own idle sessions; one that is asked again before its
    calculation has ended refuses, durably too."""
    sessions_each = max(2, min(8, 256 // connections))
    with _daemon(scratch) as daemon:
        sessions = [daemon.start_session("mock") for _ in range(sessions_each * connections)]
        for session in sessions:
            daemon.wait_until_idle(session)
        bodies = [{"SessionId": session, "CodeBlock": "print 1"} for session in sessions]
        return run_load(daemon.pid, daemon.port, "StartCalculationExecution", connections, seconds, bodies)


def _start_calculation_busy(scratch, connections, seconds):
    """Every command is refused because the session is BUSY: journaled and synced like any other,
    without an executor that takes its share of the processors."""
    with _daemon(scratch) as daemon:
        session = daemon.start_session("mock")
        daemon.wait_until_idle(session)
        daemon.call("StartCalculationExecution", SessionId=session, CodeBlock="sleep 3600000")
        bodies = [{"SessionId": session, "CodeBlock": "print 1"}] * connections
        return run_load(daemon.pid, daemon.port, "StartCalculationExecution", connections, seconds, bodies)


def _daemon(scratch, *flags):
    """On a directory of its own that is left until the end: what ext4 has to do for a new file grows
    with the files that were deleted a moment ago."""
    return Glauxd(tempfile.mkdtemp(prefix="state-", dir=scratch), *FLAGS, *flags)


def run_load(pid, port, operation, connections, seconds, bodies):
    """What bench_load prints, and `server_us`: the processor time the server spent on a command, all
    its threads together, without its executors'. Says more than the rate where others work too."""
    before = _cpu_s(pid)
    load = _json(
        tool("bench_load"), port, operation, connections, seconds,
        stdin="".join(json.dumps(body) + "\n" for body in bodies),
    )
    load["server_us"] = (_cpu_s(pid) - before) / _answers(load) * 1e6
    return load


def _cpu_s(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _answers(load):
    return load["accepted"] + load["busy"] + load["refused"]


def _answers_per_s(load):
    return _answers(load) / load["seconds"]


def _row(report, name, connections, load, baseline):
    if load["refused"]:
        raise RuntimeError(f"{name}: {load['refused']} commands were refused")
    rate = _answers_per_s(load)
    report.row(
        name,
        connections,
        load["accepted"] / load["seconds"],
        load["busy"] / load["seconds"],
        rate if baseline else None,
        load["p50_ms"], load["p90_ms"], load["p99_ms"], load["max_ms"],
        rate / baseline if baseline else None,
        load["server_us"],
    )


def _json(*command, stdin=""):
    done = subprocess.run(
        [str(part) for part in command], input=stdin.encode(), stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout)
