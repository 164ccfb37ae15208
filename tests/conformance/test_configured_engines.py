"""Engine versions of the settings file: what sessions of a workgroup that selects one run on."""

import json
import shutil
import signal

import pytest

from support import build
from support.daemon import run_glauxd
from support.sessions import (
    ENDED_SESSION,
    MOCK,
    every_page,
    idle_session,
    printed_by,
    run,
    session_status,
    start_session,
    wait_for_session,
)
from support.waiting import wait_until
from test_engines import VERSIONS, selected_and_effective
from test_work_groups import ROLE, assert_refused

SCRIPTED = "Scripts 1.0"

# Stands before the mock, writes down what the daemon tells it, and waits while it is told to.
WITNESS = """#!/usr/bin/python3
import os, pathlib, socket, sys, time
here = pathlib.Path(__file__).resolve().parent
if sys.argv[1:]:
    os.execv(here / "mock", ["mock", *sys.argv[1:]])
lifeline = socket.socket(fileno=3)
told = lifeline.recv(1 << 16, socket.MSG_PEEK)
(here / f"told-{os.getpid()}").write_bytes(told)
while (here / "hold").exists():
    time.sleep(0.02)
lifeline.set_inheritable(True)
os.execv(here / "mock", ["mock"])
"""


class Settings:
    """A settings file that can be written again."""

    def __init__(self, path):
        self.path = path

    def write(self, **sections):
        self.path.write_text(json.dumps(sections, indent=1))

    def line_of(self, text):
        """"<file>:<line>" of the only line with this text."""
        lines = self.path.read_text().splitlines()
        (number,) = [i for i, line in enumerate(lines, 1) if text in line]
        return f"{self.path}:{number}"


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path / "glaux.json")


@pytest.fixture
def configured(make_daemon, settings):
    def start(daemon_settings=None, **sections):
        settings.write(**sections)
        return make_daemon(settings=daemon_settings, env={"GLAUX_CONFIG": str(settings.path)})

    return start


def reload(daemon):
    count = len(daemon.log_lines_with("loaded mock"))
    daemon.signal(signal.SIGHUP)
    wait_until(
        lambda: len(daemon.log_lines_with("loaded mock")) > count, "settings and executors are read"
    )


def create_work_group(athena, name, engine, **additional):
    configuration = {
        "EngineVersion": {"SelectedEngineVersion": engine},
        "ExecutionRole": ROLE,
    }
    if additional:
        configuration["AdditionalConfiguration"] = json.dumps(additional)
    athena.create_work_group(Name=name, Configuration=configuration)


def failure_of(athena, session):
    wait_until(
        lambda: session_status(athena, session)["State"] in ENDED_SESSION, "the session has failed"
    )
    status = session_status(athena, session)
    assert status["State"] == "FAILED"
    return status["StateChangeReason"]


# ---- listed, selected


def test_configured_engine_versions_are_listed_behind_the_services_own(configured):
    engines = {f"Engine {i}": {"executor": "mock"} for i in range(9)}
    engines["PySpark engine version 3"] = {"executor": "mock"}
    athena = configured(engines=engines).athena
    expected = VERSIONS + [(f"Engine {i}", f"Engine {i}") for i in range(9)]
    first = athena.list_engine_versions()
    assert len(first["EngineVersions"]) == 10
    found, pages = every_page(athena.list_engine_versions, "EngineVersions", 5)
    assert [selected_and_effective(each) for each in found] == expected
    assert pages == 3


def test_sessions_run_on_what_their_engine_version_is_mapped_to(configured):
    daemon = configured(engines={SCRIPTED: {"executor": "mock"}})
    athena = daemon.athena
    create_work_group(athena, "scripts", SCRIPTED)
    version = athena.get_work_group(WorkGroup="scripts")["WorkGroup"]["Configuration"]
    assert version["EngineVersion"] == {
        "SelectedEngineVersion": SCRIPTED,
        "EffectiveEngineVersion": SCRIPTED,
    }
    session = idle_session(athena, work_group="scripts")
    assert printed_by(daemon, session, "print of a script") == "of a script\n"
    assert athena.get_session(SessionId=session)["EngineVersion"] == SCRIPTED
    (listed,) = athena.list_sessions(WorkGroup="scripts")["Sessions"]
    assert listed["EngineVersion"] == version["EngineVersion"]
    athena.create_notebook(WorkGroup="scripts", Name="n")

    # Where nothing is mapped the default runs; what a client asks for is over both.
    assert printed_by(daemon, idle_session(athena), "print(6 * 7)") == "42\n"
    process = {"glaux.executor": "process"}
    python = idle_session(athena, process, work_group="scripts")
    assert printed_by(daemon, python, "print(6 * 7)") == "42\n"


def test_a_version_of_the_service_can_be_mapped_too(configured):
    daemon = configured(engines={"PySpark engine version 3": {"executor": "mock"}})
    session = idle_session(daemon.athena)
    assert printed_by(daemon, session, "print of a script") == "of a script\n"


def test_what_is_not_configured_cannot_be_selected(configured):
    athena = configured(engines={SCRIPTED: {"executor": "mock"}}).athena
    assert_refused(
        athena,
        "Engine version Scripts 2.0 does not exist.",
        lambda: create_work_group(athena, "scripts", "Scripts 2.0"),
    )


def test_a_work_group_goes_to_a_configured_engine_and_back(configured):
    daemon = configured(engines={SCRIPTED: {"executor": "mock"}})
    athena = daemon.athena

    def select(version):
        athena.update_work_group(
            WorkGroup="primary",
            ConfigurationUpdates={"EngineVersion": {"SelectedEngineVersion": version}},
        )

    athena.create_notebook(WorkGroup="primary", Name="stays")
    before = idle_session(athena)
    select(SCRIPTED)
    assert printed_by(daemon, idle_session(athena), "print of a script") == "of a script\n"
    assert printed_by(daemon, before, "print(6 * 7)") == "42\n"
    select("PySpark engine version 3")
    assert printed_by(daemon, idle_session(athena), "print(6 * 7)") == "42\n"
    assert_refused(
        athena,
        "The engine of a WorkGroup cannot be changed after its creation, "
        "from PySpark engine version 3 to Athena engine version 3.",
        lambda: select("Athena engine version 3"),
    )


# ---- settings reach the executor


def test_settings_of_the_engine_are_over_those_of_the_executor(configured):
    athena = configured(
        executors={"mock": {"fail-start": "as all of them", "start-delay-ms": 1}},
        engines={
            "Broken": {"executor": "mock", "settings": {"fail-start": "as this engine has it"}},
            "Sound": {"executor": "mock", "settings": {"fail-start": ""}},
        },
    ).athena
    create_work_group(athena, "broken", "Broken")
    create_work_group(athena, "sound", "Sound")
    reason = failure_of(athena, start_session(athena, work_group="broken"))
    assert "as this engine has it" in reason
    idle_session(athena, work_group="sound")
    assert "as all of them" in failure_of(athena, start_session(athena, MOCK))


def test_a_reload_is_for_sessions_that_start_from_then_on(configured, settings):
    daemon = configured(engines={SCRIPTED: {"executor": "mock"}})
    athena = daemon.athena
    create_work_group(athena, "scripts", SCRIPTED)
    before = idle_session(athena, work_group="scripts")

    broken = {"executor": "mock", "settings": {"fail-start": "on purpose"}}
    settings.write(engines={SCRIPTED: broken, "New": {"executor": "mock"}})
    reload(daemon)
    reason = failure_of(athena, start_session(athena, work_group="scripts"))
    assert "on purpose" in reason
    create_work_group(athena, "new", "New")
    idle_session(athena, work_group="new")

    settings.write(engines={SCRIPTED: {"executor": 5}})
    daemon.signal(signal.SIGHUP)
    wait_until(lambda: daemon.log_lines_with("engines.Scripts 1.0.executor"), "it is refused")
    idle_session(athena, work_group="new")

    settings.write()
    reload(daemon)
    listed = athena.list_engine_versions()["EngineVersions"]
    assert [selected_and_effective(each) for each in listed] == VERSIONS
    gone = (
        "Engine version Scripts 1.0 of WorkGroup scripts is not configured here any more; "
        "UpdateWorkGroup can select another one."
    )
    assert_refused(athena, gone, lambda: start_session(athena, work_group="scripts"))
    assert run(daemon, before, "print still here")["Status"]["State"] == "COMPLETED"
    daemon.restart()
    athena = daemon.athena
    assert_refused(athena, gone, lambda: start_session(athena, work_group="scripts"))
    athena.update_work_group(WorkGroup="scripts", Description="of old")
    athena.update_work_group(
        WorkGroup="scripts",
        ConfigurationUpdates={
            "EngineVersion": {"SelectedEngineVersion": "PySpark engine version 3"}
        },
    )
    assert printed_by(daemon, idle_session(athena, work_group="scripts"), "print(1)") == "1\n"


@pytest.fixture
def witness(tmp_path):
    """A directory of executors with the mock, and one that writes down what it is told."""
    executors = tmp_path / "executors"
    shutil.copytree(build.EXECUTORS / "mock", executors / "mock")
    shutil.copytree(build.EXECUTORS / "mock", executors / "witness")
    plugin = executors / "witness"
    (plugin / "glaux-executor-mock").rename(plugin / "mock")
    (plugin / "witness").write_text(WITNESS)
    (plugin / "witness").chmod(0o755)
    manifest = {
        "name": "witness",
        "executable": "witness",
        "protocol": 1,
        "settings": {"network": "plain", "image": "plain", "cpus": "plain"},
    }
    (plugin / "manifest.json").write_text(json.dumps(manifest))
    return plugin


def told(witness, session):
    """What the session's executor was told, as the texts in it."""
    for file in witness.glob("told-*"):
        message = file.read_bytes()
        if session.encode() in message:
            return message
    return None


def assert_told(witness, session, *texts):
    message = told(witness, session)
    for text in texts:
        assert text.encode() + b"\0" in message, (text, message)


def test_the_work_groups_network_reaches_its_sessions(configured, witness):
    engine = {"executor": "witness", "settings": {"image": "debian:12", "network": "engine"}}
    daemon = configured({"executor_dir": witness.parent}, engines={"Boxes": engine})
    athena = daemon.athena
    for name, additional in {
        "silent": {},
        "closed": {"Network": "none"},
        "open": {"CalculationMode": "queue", "Network": "bridge"},
    }.items():
        create_work_group(athena, name, "Boxes", **additional)
        session = idle_session(athena, work_group=name)
        network = additional.get("Network", "engine")
        assert_told(witness, session, "network", network, "image", "debian:12", "cpus", "plain")
    assert_refused(
        athena,
        "WorkGroup closed says what network its sessions have; executor mock leaves them the "
        "machine's.",
        lambda: start_session(athena, MOCK, work_group="closed"),
    )
    assert_refused(
        athena,
        "AdditionalConfiguration: 1 validation error detected: Value at 'network' failed to "
        "satisfy constraint: Member must satisfy enum value set: [none, bridge]",
        lambda: create_work_group(athena, "other", "Boxes", Network="host"),
    )


def test_a_session_that_the_next_daemon_launches_gets_the_same(configured, witness):
    engine = {"executor": "witness", "settings": {"image": "debian:12"}}
    daemon = configured(
        {"executor_dir": witness.parent, "executor.concurrent_launches": 1},
        engines={"Boxes": engine},
    )
    athena = daemon.athena
    create_work_group(athena, "boxes", "Boxes", Network="bridge")
    first = idle_session(athena, work_group="boxes")
    (witness / "hold").touch()
    starting = start_session(athena, work_group="boxes")
    waiting = start_session(athena, work_group="boxes")
    wait_until(lambda: told(witness, starting), "the launch that the other waits for has begun")
    athena.update_work_group(
        WorkGroup="boxes", ConfigurationUpdates={"AdditionalConfiguration": "{}"}
    )
    assert told(witness, waiting) is None
    daemon.kill()
    (witness / "hold").unlink()
    daemon.start()
    wait_for_session(daemon.athena, waiting, "IDLE")
    assert_told(witness, waiting, "network", "bridge", "image", "debian:12")

    # The name of the installation is the one thing of 16 digits in there, and stays the same.
    def instance(session):
        digits = set(b"0123456789abcdef")
        return [
            text
            for text in told(witness, session).split(b"\0")
            if len(text) == 16 and set(text) <= digits
        ]

    assert len(instance(first)) == 1
    assert instance(waiting) == instance(first)


# ---- mistakes


def test_what_cannot_work_is_told_at_the_start_and_refused_to_clients(configured, settings):
    daemon = configured(
        executors={"mock": {"start-delay-ms": 0}},
        engines={
            "Nowhere": {"executor": "nowhere"},
            "Mistyped": {"executor": "mock", "settings": {"start-delay": 5}},
            "Odd": {"kernel": "cobol"},
        },
    )
    athena = daemon.athena
    for text in (
        settings.line_of('"nowhere"') + ": engines: Nowhere: executor nowhere is not installed; "
        "there is: container, mock, process",
        settings.line_of('"start-delay"') + ": engines: Mistyped: executor mock has no setting "
        "'start-delay'; did you mean 'start-delay-ms'?",
        settings.line_of('"cobol"') + ": engines: Odd: executor process has no kernel 'cobol'; it "
        "has: python3",
    ):
        assert daemon.log_lines_with(text), daemon.log()
    for name in ("Nowhere", "Mistyped", "Odd"):
        create_work_group(athena, name, name)

    def refusal(work_group):
        with pytest.raises(athena.exceptions.InvalidRequestException) as refused:
            start_session(athena, work_group=work_group)
        return refused.value.response["Error"]["Message"]

    assert refusal("Nowhere").startswith("Executor nowhere does not exist here; there is: ")
    assert refusal("Odd").startswith("Kernel cobol does not exist here; executor process has: ")
    assert refusal("Mistyped") == (
        "The settings of glauxd give executor mock a setting 'start-delay', which it does not "
        "have; the daemon's log says where."
    )
    idle_session(athena, MOCK)
    settings.write(engines={"Mistyped": {"executor": "mock", "settings": {"start-delay-ms": 5}}})
    reload(daemon)
    idle_session(athena, work_group="Mistyped")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"engines": {"E":\n {"image": "x"}}}', ":2: engines.E.image: an engine has"),
        ('{"engines": {"AUTO": {}}}', ":1: engines.AUTO: this engine version is the one for SQL"),
        ('{"engine": {"E": {"executor": "x"}}}', "did you mean 'engines'?"),
        ('{"executors": {"mock":\n {"a": []}}}', ":2: executors.mock.a: a list is not allowed"),
    ],
)
def test_mistakes_of_form_are_refused_with_their_place(tmp_path, text, told):
    file = tmp_path / "glaux.json"
    file.write_text(text)
    ran = run_glauxd("check-config", "--config", file)
    assert ran.returncode == 2
    assert str(file) in ran.stderr
    assert told in ran.stderr
