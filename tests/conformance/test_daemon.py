"""glauxd as a process: health, metrics, signals, and one at a time."""

import re
import shutil
import signal
import socket
import time

import pytest

from support import build
from support.daemon import run_glauxd
from support.raw_http import Connection, exchange, request_head
from support.sessions import MOCK, idle_session, run, start_session
from support.waiting import wait_until

SAMPLE = re.compile(
    r'[a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_]\w*="[^"]*"(,[a-zA-Z_]\w*="[^"]*")*\})? -?[0-9.e+]+'
)


def test_healthz_answers_ok(daemon):
    assert daemon.get("/healthz") == "ok\n"
    head = exchange(daemon, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert head.status == 200


def test_metrics_are_prometheus_text(daemon):
    answer = exchange(daemon, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    described, typed = set(), set()
    for line in answer.body.decode().splitlines():
        if line.startswith("# HELP "):
            described.add(line.split()[2])
        elif line.startswith("# TYPE "):
            assert line.split()[3] in {"counter", "gauge", "histogram", "summary"}
            typed.add(line.split()[2])
        else:
            assert SAMPLE.fullmatch(line), line
            name = re.split(r"[{ ]", line)[0]
            assert re.sub(r"_(bucket|sum|count)$", "", name) in typed & described or name in typed


def test_metrics_count_what_happens(daemon):
    before = daemon.metrics()
    session = idle_session(daemon.athena, MOCK)
    run(daemon, session, "print x")
    after = daemon.metrics()

    def grown(name):
        return after.get(name, 0) - before.get(name, 0)

    assert grown('glaux_api_requests_total{operation="StartSession",status="200"}') == 1
    assert grown('glaux_sessions{state="IDLE"}') == 1
    assert grown("glaux_dpus_in_use") == 2
    assert grown("glaux_journal_sequence") > 2
    assert after["glaux_journal_durable_sequence"] == after["glaux_journal_sequence"]


def test_port_zero_prints_the_port_it_got(daemon):
    assert daemon.port > 0
    with socket.create_connection(("127.0.0.1", daemon.port)):
        pass


def test_port_that_is_taken_is_refused_and_named(daemon, tmp_path):
    ran = run_glauxd("--state-dir", tmp_path / "state", "--listen", f"127.0.0.1:{daemon.port}")
    assert ran.returncode == 1
    assert str(daemon.port) in ran.stderr
    assert "in use" in ran.stderr


def test_second_daemon_on_the_same_state_directory_is_refused_and_names_the_first(daemon):
    ran = run_glauxd("--state-dir", daemon.state_dir, "--listen", "127.0.0.1:0")
    assert ran.returncode == 1
    assert f"glauxd, pid {daemon.process.pid}" in ran.stderr
    assert str(daemon.state_dir) in ran.stderr
    assert daemon.get("/healthz") == "ok\n"


def test_state_directory_of_a_killed_daemon_is_free(make_daemon):
    daemon = make_daemon()
    daemon.athena.create_work_group(Name="kept")
    daemon.kill()
    daemon.start()
    assert daemon.athena.get_work_group(WorkGroup="kept")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_termination_answers_the_request_that_is_coming_in_and_exits_with_0(make_daemon, number):
    daemon = make_daemon()
    body = b'{"Name":"in-flight"}'
    with Connection(daemon) as connection:
        connection.send(request_head("CreateWorkGroup", [f"Content-Length: {len(body)}"]))
        connection.send(body[:5])
        wait_until(lambda: daemon.metrics()["glaux_http_connections"] >= 2, "it is being read")
        daemon.signal(number)
        wait_until(lambda: daemon.log_lines_with("stopping"), "it is stopping")
        connection.send(body[5:])
        answer = connection.read_answer()
        assert answer is not None and answer.status == 200
        assert answer.headers["connection"].lower() == "close"
    assert daemon.wait() == 0
    daemon.start()
    assert daemon.athena.get_work_group(WorkGroup="in-flight")


def test_termination_does_not_wait_for_idle_connections(make_daemon):
    daemon = make_daemon()
    with Connection(daemon) as connection:
        connection.send(request_head("ListWorkGroups", ["Content-Length: 2"]) + b"{}")
        assert connection.read_answer().status == 200
        began = time.monotonic()
        daemon.stop()
        assert time.monotonic() - began < 9, "the drain limit is 10 s"
        assert connection.is_closed()
    daemon.start()


def test_termination_right_after_the_start_is_orderly(make_daemon):
    daemon = make_daemon()
    for _ in range(5):
        daemon.restart()


def test_termination_closes_everything_while_code_runs(make_daemon):
    daemon = make_daemon()
    session = idle_session(daemon.athena)
    daemon.athena.start_calculation_execution(SessionId=session, CodeBlock="while True: pass")
    daemon.stop()
    daemon.start()


def test_hangup_finds_new_executors_and_goes_on(make_daemon, tmp_path):
    executors = tmp_path / "executors"
    executors.mkdir()
    daemon = make_daemon(settings={"executor_dir": executors})
    athena = daemon.athena
    with pytest.raises(athena.exceptions.InvalidRequestException):
        start_session(athena, MOCK)
    shutil.copytree(build.EXECUTORS / "mock", executors / "mock")
    daemon.signal(signal.SIGHUP)
    wait_until(lambda: daemon.log_lines_with("loaded mock"), "the new executor is loaded")
    session = idle_session(athena, MOCK)

    shutil.rmtree(executors / "mock")
    daemon.signal(signal.SIGHUP)

    def is_refused():
        try:
            athena.terminate_session(SessionId=start_session(athena, MOCK))
        except athena.exceptions.InvalidRequestException:
            return True
        return False

    wait_until(is_refused, "the executor is forgotten")
    assert run(daemon, session, "print still here")["Status"]["State"] == "COMPLETED"


def test_hangup_takes_over_what_may_change_and_names_what_needs_a_restart(make_daemon, tmp_path):
    file = tmp_path / "glaux.json"
    file.write_text('{"capacity": {"dpus": 2}}')
    daemon = make_daemon(env={"GLAUX_CONFIG": str(file)})
    athena = daemon.athena
    start_session(athena, MOCK)
    with pytest.raises(athena.exceptions.TooManyRequestsException):
        start_session(athena, MOCK)

    file.write_text('{"capacity": {"dpus": "many"}}')
    daemon.signal(signal.SIGHUP)
    wait_until(lambda: daemon.log_lines_with("capacity.dpus"), "the bad value is told")
    with pytest.raises(athena.exceptions.TooManyRequestsException):
        start_session(athena, MOCK)

    file.write_text('{"capacity": {"dpus": 4}, "http": {"idle_timeout_s": 7}}')
    daemon.signal(signal.SIGHUP)
    wait_until(lambda: daemon.log_lines_with("http.idle_timeout_s"), "what has to wait is told")

    def is_taken():
        try:
            return start_session(athena, MOCK)
        except athena.exceptions.TooManyRequestsException:
            return None

    wait_until(is_taken, "the new capacity counts")


def test_bad_plugins_are_told_and_hide_no_others(make_daemon, tmp_path):
    executors = tmp_path / "executors"
    shutil.copytree(build.EXECUTORS / "mock", executors / "mock")
    for name, manifest in {
        "garbage": "{",
        "renamed": '{"name": "other", "executable": "x", "protocol": 1}',
        "escaping": '{"name": "escaping", "executable": "../../../bin/sh", "protocol": 1}',
        "absent": '{"name": "absent", "executable": "absent", "protocol": 1}',
        "newer": '{"name": "newer", "executable": "x", "protocol": 999}',
    }.items():
        (executors / name).mkdir()
        (executors / name / "manifest.json").write_text(manifest)
    daemon = make_daemon(settings={"executor_dir": executors})
    for name in ("garbage", "renamed", "escaping", "absent", "newer"):
        assert daemon.log_lines_with(f"/{name} is left out"), name
    idle_session(daemon.athena, MOCK)
