"""Commands a second under load, beside what the HTTP server and the disk give by themselves."""

import json
import shutil
import subprocess

from glauxd import BUILD, Glauxd, session_request, tool

# Enough for every session that a measurement may start.
FLAGS = ("--capacity-dpus", "1000000", "--session-start-timeout-s", "3600", "--log-level", "warning")

# Bytes of a StartCalculationExecution's answer.
ANSWER_BYTES = len('{"CalculationExecutionId":"","State":"CREATING"}') + 36

COLUMNS = ["", "connections", "accepted/s", "busy/s", "durable/s", "p50 ms", "p90 ms", "p99 ms",
           "max ms", "of constant"]


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
            ("StartCalculationExecution", _start_calculation),
            ("StartCalculationExecution, all BUSY", _start_calculation_busy),
        ):
            _row(report, name, connections, measure(scratch, connections, seconds), baseline)


def _constant(connections, seconds):
    server = subprocess.Popen([tool("bench_constant"), str(ANSWER_BYTES)], stdout=subprocess.PIPE)
    try:
        port = int(server.stdout.readline())
        body = {"SessionId": "0" * 36, "CodeBlock": "print 1"}
        return run_load(port, "StartCalculationExecution", connections, seconds, [body] * connections)
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def _start_session(scratch, connections, seconds):
    """Launches are held back (one at a time, and it never gets ready): a second of this load would
    start thousands of processes, and measure them."""
    executors = scratch / "slow-executors"
    if not executors.exists():
        shutil.copytree(BUILD / "executors" / "mock", executors / "mock")
        manifest = executors / "mock" / "manifest.json"
        settings = json.loads(manifest.read_text())
        settings["settings"]["start-delay-ms"] = "3600000"
        manifest.write_text(json.dumps(settings))
    flags = ("--executor-dir", str(executors), "--executor-concurrent-launches", "1")
    with _daemon(scratch, *flags) as daemon:
        bodies = [session_request("mock")] * connections
        return run_load(daemon.port, "StartSession", connections, seconds, bodies)


def _start_calculation(scratch, connections, seconds):
    """Each connection goes round its own idle sessions; one that is asked again before its
    calculation has ended refuses, durably too."""
    sessions_each = max(2, min(8, 256 // connections))
    with _daemon(scratch) as daemon:
        sessions = [daemon.start_session("mock") for _ in range(sessions_each * connections)]
        for session in sessions:
            daemon.wait_until_idle(session)
        bodies = [{"SessionId": session, "CodeBlock": "print 1"} for session in sessions]
        return run_load(daemon.port, "StartCalculationExecution", connections, seconds, bodies)


def _start_calculation_busy(scratch, connections, seconds):
    """Every command is refused because the session is BUSY: journaled and synced like any other,
    without an executor that takes its share of the processors."""
    with _daemon(scratch) as daemon:
        session = daemon.start_session("mock")
        daemon.wait_until_idle(session)
        daemon.call("StartCalculationExecution", SessionId=session, CodeBlock="sleep 3600000")
        bodies = [{"SessionId": session, "CodeBlock": "print 1"}] * connections
        return run_load(daemon.port, "StartCalculationExecution", connections, seconds, bodies)


def _daemon(scratch, *flags):
    state = scratch / "state"
    shutil.rmtree(state, ignore_errors=True)
    return Glauxd(state, *FLAGS, *flags)


def run_load(port, operation, connections, seconds, bodies):
    return _json(
        tool("bench_load"), port, operation, connections, seconds,
        stdin="".join(json.dumps(body) + "\n" for body in bodies),
    )


def _answers_per_s(load):
    return (load["accepted"] + load["busy"] + load["refused"]) / load["seconds"]


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
    )


def _json(*command, stdin=""):
    done = subprocess.run(
        [str(part) for part in command], input=stdin.encode(), stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout)
