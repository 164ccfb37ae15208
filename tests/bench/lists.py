"""What a long history costs those who ask, and the daemon's memory: sessions and calculations of a
real glauxd, all of which have ended."""

import json
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from glauxd import Glauxd, KeepAlive, request_bytes

CALCULATIONS_PER_SESSION = 10
CLIENTS = 16
FLAGS = ("--capacity-dpus", "1000000", "--calculation-max-queued", "1000", "--log-level", "warning",
         "--executor-concurrent-launches", "16")
WORK_GROUP = "history"

# Sessions stay by default as long as nobody ends them, and so do these: a list of live ones.
LIVE = 3


def measure(report, scratch, sessions, requests):
    with Glauxd(scratch / "lists", *FLAGS) as daemon:
        _create_work_group(daemon)
        weights = _live_through(daemon, sessions)
        report.section(
            "Memory while a history grows",
            ["", "things", "resident MiB", "caches MiB", "rest, bytes each"],
        )
        _report_memory(report, weights)
        with KeepAlive(daemon.port) as client:
            live = [_start(client) for _ in range(LIVE)]
            for session in live:
                _wait(client, session, "IDLE")
        report.section("Reading it (round trips of one client)", ["", "", "p50 ms", "p99 ms"])
        _report_latencies(report, daemon, live[0], requests)
        before = daemon.resident_mib()
        daemon.stop()
    with Glauxd(scratch / "lists", *FLAGS) as daemon:
        time.sleep(1)
        report.section("Resident MiB", ["", "before", "after a restart"])
        report.row(f"with {weights[-1][0]:,} things that have ended", before, daemon.resident_mib())


def _create_work_group(daemon):
    daemon.call(
        "CreateWorkGroup",
        Name=WORK_GROUP,
        Configuration={
            "EngineVersion": {"SelectedEngineVersion": "PySpark engine version 3"},
            "ExecutionRole": "arn:aws:iam::123456789012:role/bench",
            "AdditionalConfiguration": json.dumps({"CalculationMode": "queue"}),
        },
    )


def _start(client):
    configuration = {"MaxConcurrentDpus": 2, "AdditionalConfigs": {"glaux.executor": "mock"}}
    answer = client.call("StartSession", WorkGroup=WORK_GROUP, EngineConfiguration=configuration)
    return answer["SessionId"]


def _live_through(daemon, sessions):
    """Lives of sessions, one after the other on each client. Answers (things, resident MiB, MiB of
    caches) at ten stages."""
    clients = threading.local()

    def live(_):
        if not hasattr(clients, "one"):
            clients.one = KeepAlive(daemon.port)
        client = clients.one
        session = _start(client)
        for _ in range(CALCULATIONS_PER_SESSION):
            client.call("StartCalculationExecution", SessionId=session, CodeBlock="print 1")
        _wait(client, session, "IDLE")
        client.call("TerminateSession", SessionId=session)
        _wait(client, session, "TERMINATED")

    weights = []
    stage = max(sessions // 10, 1)
    with ThreadPoolExecutor(CLIENTS) as pool:
        for done in range(0, sessions, stage):
            count = min(stage, sessions - done)
            list(pool.map(live, range(count)))
            things = (done + count) * (1 + CALCULATIONS_PER_SESSION)
            weights.append((things, daemon.resident_mib(), daemon.cache_mib()))
    return weights


def _wait(client, session, state):
    while client.call("GetSessionStatus", SessionId=session)["Status"]["State"] != state:
        time.sleep(0.01)


def _report_memory(report, weights):
    """Write buffers and caches of the databases fill up to their bounds, whatever fills them; what
    the rest grows by, it grows with the history."""
    first = weights[0]
    stages = {"first tenth": first, "half": weights[len(weights) // 2 - 1], "all": weights[-1]}
    for name, (things, resident, caches) in stages.items():
        grown = (resident - caches) - (first[1] - first[2])
        each = grown * (1 << 20) / (things - first[0]) if things > first[0] else None
        report.row(name, things, resident, caches, each)


def _report_latencies(report, daemon, live, requests):
    with KeepAlive(daemon.port) as client:
        ended = client.call(
            "ListSessions", WorkGroup=WORK_GROUP, StateFilter="TERMINATED", MaxResults=1
        )
    session = ended["Sessions"][0]["SessionId"]
    for name, operation, members in (
        ("ListSessions, first page", "ListSessions", {"WorkGroup": WORK_GROUP}),
        ("ListSessions TERMINATED, first page of 100", "ListSessions",
         {"WorkGroup": WORK_GROUP, "StateFilter": "TERMINATED"}),
        ("ListCalculationExecutions, first page", "ListCalculationExecutions",
         {"SessionId": session}),
        ("GetSession, ended", "GetSession", {"SessionId": session}),
        ("GetSession, live", "GetSession", {"SessionId": live}),
    ):
        times = _times(daemon, operation, members, requests)
        report.row(name, "", statistics.median(times), times[int(len(times) * 0.99)])


def _times(daemon, operation, members, requests):
    request = request_bytes(operation, members)
    times = []
    with KeepAlive(daemon.port) as client:
        for _ in range(requests):
            began = time.perf_counter()
            client.ask(request)
            times.append((time.perf_counter() - began) * 1000)
    return sorted(times)
