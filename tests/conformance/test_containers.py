"""Sessions in containers, on a real engine: what holds them in, what becomes of them when somebody
dies, and what is left behind."""

import os
import shutil
import signal
import time

import pytest

from support.daemon import Daemon
from support.engine import IMAGE, Engine, settings_of, shared_engine
from support.processes import executor_of
from support.sessions import (
    idle_session,
    printed_by,
    run,
    session_status,
    start_calculation,
    start_session,
    stdout_of,
    wait_for_calculation,
    wait_for_end,
    wait_for_session,
)
from support.waiting import wait_until

CONTAINER = {"glaux.executor": "container"}
COUNTING = """
import os, time
i = 0
while not os.path.exists("stop"):
    print(i, flush=True)
    i += 1
    time.sleep(0.02)
"""
MANY = 10


def file_for(engine, **settings):
    return {"executors": {"container": settings_of(engine, **settings)}}


@pytest.fixture(scope="module")
def engine():
    return shared_engine()


@pytest.fixture
def own_engine():
    """One that a test may stop."""
    own = Engine()
    yield own
    if own.process.poll() is not None:
        own.start()
    own.close()


@pytest.fixture(scope="module")
def contained(engine):
    with Daemon(file=file_for(engine)) as running:
        yield running


@pytest.fixture(scope="module")
def session(contained):
    return idle_session(contained.athena, CONTAINER)


def state_of(daemon, session):
    return session_status(daemon.athena, session)["State"]


def stop_counting(daemon, session):
    (daemon.state_dir / "sessions" / session / "shared" / "work" / "stop").touch()


def assert_counted(daemon, calculation):
    """From 0, without a gap and without a repetition: its whole output, once."""
    ended = wait_for_end(daemon.athena, calculation)
    assert ended["Status"]["State"] == "COMPLETED", ended["Status"]
    printed = stdout_of(daemon, ended)
    assert printed and printed == "".join(f"{i}\n" for i in range(printed.count("\n")))


# ---- what holds the code in


def test_code_is_nobody_in_particular_and_can_do_nothing_special(contained, session):
    status = dict(
        line.split(":\t", 1)
        for line in printed_by(
            contained, session, "print(open('/proc/self/status').read(), end='')"
        ).splitlines()
    )
    assert set(status["Uid"].split()) == {"65532"}
    assert int(status["CapBnd"], 16) == int(status["CapEff"], 16) == 0
    assert status["NoNewPrivs"] == "1"
    assert status["Seccomp"] == "2"


def test_root_is_read_only_and_the_working_directory_is_not(contained, session):
    code = """
for path in ("/x", "/usr/x", "/etc/x"):
    try: open(path, "w")
    except OSError as error: print(path, error.strerror)
open("mine", "w").write("mine"); open("/tmp/mine", "w"); print(open("mine").read())
"""
    refused = "".join(f"{path} Read-only file system\n" for path in ("/x", "/usr/x", "/etc/x"))
    assert printed_by(contained, session, code) == refused + "mine\n"


def test_network_is_refused(contained, session):
    code = """
import socket
try: socket.create_connection(("192.0.2.1", 80), timeout=5)
except OSError as error: print(error.strerror)
print(sorted(name for _, name in socket.if_nameindex() if name != "lo"))
"""
    assert printed_by(contained, session, code) == "Network is unreachable\n[]\n"


def test_code_sees_no_other_session_and_nothing_of_the_host(contained, session):
    code = "import os; print(sorted(os.listdir('/session'))); print(os.listdir('/proc/1/root/'))"
    other = idle_session(contained.athena, CONTAINER)
    seen = printed_by(contained, session, code)
    assert other not in seen
    assert "executor.sock" not in seen


def test_forks_without_end_hit_the_limit(make_daemon, engine):
    daemon = make_daemon(file=file_for(engine, pids=40))
    session = idle_session(daemon.athena, CONTAINER)
    code = """
import os, time
children = []
try:
    while True:
        child = os.fork()
        if child == 0: time.sleep(60); os._exit(0)
        children.append(child)
except OSError as error: print(len(children) < 40, error.strerror)
for child in children: os.kill(child, 9); os.waitpid(child, 0)
"""
    assert printed_by(daemon, session, code) == "True Resource temporarily unavailable\n"
    assert printed_by(daemon, session, "print(1)") == "1\n"


def test_memory_limit_is_named_and_the_session_goes_on(contained):
    session = idle_session(contained.athena, CONTAINER)
    code = "x = []\nwhile True: x.append(bytearray(10 << 20))"
    calculation = start_calculation(contained.athena, session, code)
    status = wait_for_end(contained.athena, calculation)["Status"]
    assert status["State"] == "FAILED"
    assert "killed: memory limit 512 MiB" in status["StateChangeReason"]
    wait_until(lambda: state_of(contained, session) == "IDLE", "the session goes on")
    assert printed_by(contained, session, "print(1)") == "1\n"


def test_a_kernel_that_exits_is_told_from_one_that_ran_out_of_memory(contained):
    session = idle_session(contained.athena, CONTAINER)
    for code, how in [("import os; os._exit(3)", "exit status 3"),
                      ("import os; os.kill(os.getpid(), 9)", "signal 9")]:
        calculation = start_calculation(contained.athena, session, code)
        status = wait_for_end(contained.athena, calculation)["Status"]
        assert how in status["StateChangeReason"]
        assert "memory" not in status["StateChangeReason"]
        wait_until(lambda: state_of(contained, session) == "IDLE", "the session goes on")


def test_container_is_labelled_and_limited_by_the_session_s_dpus(contained, engine, session):
    (container,) = engine.containers(session)
    labels = container["Config"]["Labels"]
    assert labels["glaux.session"] == session
    assert labels["glaux.instance"]
    host = container["HostConfig"]
    assert host["Memory"] == 512 << 20
    assert host["NanoCpus"] == 2 * 10**9
    assert host["PidsLimit"] == 512


def test_processor_time_counts_when_it_is_more_than_the_time_that_passed(make_daemon, engine):
    daemon = make_daemon(file=file_for(engine, **{"dpu-vcpus": "0.1"}))
    session = idle_session(daemon.athena, CONTAINER)
    began = time.monotonic()
    ended = run(daemon, session, "import time; t = time.process_time()\n"
                                 "while time.process_time() - t < 0.3: pass")
    elapsed_ms = (time.monotonic() - began) * 1000
    # A tenth of a processor makes a DPU here: 300 ms of one are 3,000 DPU-milliseconds.
    used = ended["Statistics"]["DpuExecutionInMillis"]
    assert 2900 <= used <= max(5000, 10 * elapsed_ms)


def test_end_of_a_session_removes_its_container(contained, engine):
    session = idle_session(contained.athena, CONTAINER)
    assert engine.containers(session)
    contained.athena.terminate_session(SessionId=session)
    wait_for_session(contained.athena, session, "TERMINATED")
    wait_until(lambda: not engine.containers(session), "its container is gone")


# ---- what is not there


def test_absent_engine_is_a_refusal_at_once_and_leaves_nothing(make_daemon, tmp_path):
    socket = tmp_path / "nobody.sock"
    daemon = make_daemon(file={"executors": {"container": {"socket": str(socket)}}})
    with pytest.raises(daemon.athena.exceptions.InvalidRequestException) as refused:
        start_session(daemon.athena, CONTAINER)
    message = refused.value.response["Error"]["Message"]
    assert f"a container engine, which does not answer at {socket}" in message
    assert not daemon.athena.list_sessions(WorkGroup="primary").get("Sessions")
    assert not list((daemon.state_dir / "sessions").glob("*"))


@pytest.mark.parametrize("pull", ["never", "missing"])
def test_absent_image_fails_the_session_and_is_named(make_daemon, engine, pull):
    daemon = make_daemon(file=file_for(engine, image="localhost/nothing:1", pull=pull))
    session = start_session(daemon.athena, CONTAINER)
    wait_until(lambda: state_of(daemon, session) == "FAILED", "the session fails")
    reason = session_status(daemon.athena, session)["StateChangeReason"]
    assert "Image localhost/nothing:1 is not there" in reason
    assert not engine.containers(session)


# ---- what dies


def counting_sessions(daemon, count=MANY):
    """{session: calculation}, all of them computing."""
    sessions = [start_session(daemon.athena, CONTAINER) for _ in range(count)]
    for session in sessions:
        wait_for_session(daemon.athena, session, "IDLE")
    running = {each: start_calculation(daemon.athena, each, COUNTING) for each in sessions}
    for calculation in running.values():
        wait_for_calculation(daemon.athena, calculation, "RUNNING")
    return running


@pytest.mark.parametrize("how", ["stop", "kill -9"])
def test_restart_of_glauxd_disturbs_no_container(make_daemon, engine, how):
    daemon = make_daemon(file=file_for(engine))
    running = counting_sessions(daemon)
    before = {each["Id"] for session in running for each in engine.containers(session)}
    daemon.stop() if how == "stop" else daemon.kill()
    daemon.start()
    for session, calculation in running.items():
        assert state_of(daemon, session) == "BUSY"
        stop_counting(daemon, session)
        assert_counted(daemon, calculation)
    assert before == {each["Id"] for session in running for each in engine.containers(session)}


@pytest.mark.parametrize("is_glauxd_killed_too", [False, True])
def test_killed_executors_are_replaced_and_their_output_is_whole(
    make_daemon, engine, is_glauxd_killed_too
):
    daemon = make_daemon(file=file_for(engine))
    running = counting_sessions(daemon)
    before = {each["Id"] for session in running for each in engine.containers(session)}
    executors = [executor_of(daemon, session) for session in running]
    if is_glauxd_killed_too:
        daemon.kill()
    for executor in executors:
        os.kill(executor, signal.SIGKILL)
    time.sleep(0.5)  # output that nobody takes
    if is_glauxd_killed_too:
        daemon.start()
    for session in running:
        wait_until(lambda: state_of(daemon, session) == "BUSY", "the session goes on")
    time.sleep(0.5)
    for session, calculation in running.items():
        stop_counting(daemon, session)
        assert_counted(daemon, calculation)
        wait_for_session(daemon.athena, session, "IDLE")
        assert printed_by(daemon, session, "print(i > 0)") == "True\n"
    assert before == {each["Id"] for session in running for each in engine.containers(session)}


def test_code_that_ended_without_its_executor_has_its_true_end(make_daemon, engine):
    daemon = make_daemon(file=file_for(engine))
    session = idle_session(daemon.athena, CONTAINER)
    code = "import time; time.sleep(1); print('done' * 1000); raise KeyError('true')"
    calculation = start_calculation(daemon.athena, session, code)
    wait_for_calculation(daemon.athena, calculation, "RUNNING")
    daemon.kill()
    os.kill(executor_of(daemon, session), signal.SIGKILL)
    time.sleep(2)
    daemon.start()
    ended = wait_for_end(daemon.athena, calculation)
    assert ended["Status"]["State"] == "FAILED"
    assert "KeyError" in ended["Status"]["StateChangeReason"]
    assert stdout_of(daemon, ended) == "done" * 1000 + "\n"


def test_canceling_works_through_a_replaced_executor(make_daemon, engine):
    daemon = make_daemon(file=file_for(engine))
    session = idle_session(daemon.athena, CONTAINER)
    calculation = start_calculation(daemon.athena, session, "import time; time.sleep(600)")
    wait_for_calculation(daemon.athena, calculation, "RUNNING")
    os.kill(executor_of(daemon, session), signal.SIGKILL)
    wait_until(lambda: state_of(daemon, session) == "BUSY", "the session goes on")
    daemon.athena.stop_calculation_execution(CalculationExecutionId=calculation)
    assert wait_for_end(daemon.athena, calculation)["Status"]["State"] == "CANCELED"
    wait_for_session(daemon.athena, session, "IDLE")


def test_nothing_stray_is_left_after_everything_was_killed(make_daemon, own_engine):
    """glauxd, the executors, and the kernels of some; others' containers stay."""
    engine = own_engine
    foreign = engine.podman("run", "--detach", "--network", "none",
                            "--ulimit", "nproc=4096", "--ulimit", "nofile=4096",
                            "--label", "glaux.session=another", IMAGE, "sleep", "600").strip()
    daemon = make_daemon(file=file_for(engine))
    running = counting_sessions(daemon, 4)
    sessions = list(running)
    executors = [executor_of(daemon, session) for session in sessions]
    kernels = [each["State"]["Pid"] for session in sessions[:2]
               for each in engine.containers(session)]
    daemon.kill()
    for process in [*executors, *kernels]:
        os.kill(process, signal.SIGKILL)
    # One whose session nobody will go on with.
    shutil.rmtree(daemon.state_dir / "sessions" / sessions[3] / "shared", ignore_errors=True)
    (daemon.state_dir / "sessions" / sessions[3] / "session.json").unlink()
    daemon.start()
    for session in sessions[:2]:
        status = wait_for_end(daemon.athena, running[session])["Status"]
        assert status["State"] == "FAILED"
    for session in sessions:
        daemon.athena.terminate_session(SessionId=session)
    ended = ("TERMINATED", "FAILED")
    for session in sessions:
        wait_until(lambda: state_of(daemon, session) in ended, "the session ends")
    wait_until(lambda: [each["Id"] for each in engine.containers()] == [foreign],
               "only the foreign container is left")


# ---- an engine that comes and goes


def test_stopped_engine_degrades_sessions_until_it_is_back(make_daemon, own_engine):
    daemon = make_daemon(file=file_for(own_engine))
    running = counting_sessions(daemon, 3)
    idle = idle_session(daemon.athena, CONTAINER)
    own_engine.stop()
    for session in [*running, idle]:
        wait_until(lambda: state_of(daemon, session) == "DEGRADED", "the session is DEGRADED")
    reason = session_status(daemon.athena, idle)["StateChangeReason"]
    assert "container engine" in reason and "does not answer" in reason
    with pytest.raises(daemon.athena.exceptions.InvalidRequestException):
        start_session(daemon.athena, CONTAINER)
    (finished, calculation), *others = running.items()
    stop_counting(daemon, finished)
    assert_counted(daemon, calculation)  # the kernel is well; it is the engine that is not
    own_engine.start()
    for session, _ in others:
        wait_until(lambda: state_of(daemon, session) == "BUSY", "the session is BUSY again")
    for session in (idle, finished):
        wait_until(lambda: state_of(daemon, session) == "IDLE", "the session is IDLE again")
    for session, calculation in others:
        stop_counting(daemon, session)
        assert_counted(daemon, calculation)


def test_kernel_that_died_while_the_engine_was_away_is_told_of_truthfully(make_daemon, own_engine):
    daemon = make_daemon(file=file_for(own_engine), settings={"session.kernel_restarts": 0})
    session = idle_session(daemon.athena, CONTAINER)
    calculation = start_calculation(daemon.athena, session, COUNTING)
    wait_for_calculation(daemon.athena, calculation, "RUNNING")
    (container,) = own_engine.containers(session)
    own_engine.stop()
    wait_until(lambda: state_of(daemon, session) == "DEGRADED", "the session is DEGRADED")
    os.kill(container["State"]["Pid"], signal.SIGKILL)
    own_engine.start()
    wait_until(lambda: state_of(daemon, session) == "FAILED", "the session is FAILED")
    status = wait_for_end(daemon.athena, calculation)["Status"]
    assert status["State"] == "FAILED"
    assert "The kernel died" in status["StateChangeReason"]
    wait_until(lambda: not own_engine.containers(session), "its container is gone")


def test_engine_that_stops_answering_at_all_is_noticed(make_daemon, own_engine):
    daemon = make_daemon(file=file_for(own_engine))
    session = idle_session(daemon.athena, CONTAINER)
    own_engine.process.send_signal(signal.SIGSTOP)
    try:
        wait_until(lambda: state_of(daemon, session) == "DEGRADED", "the session is DEGRADED")
    finally:
        own_engine.process.send_signal(signal.SIGCONT)
    wait_until(lambda: state_of(daemon, session) == "IDLE", "the session is IDLE again")
