"""What glauxd can be told, and what it says when that is wrong: exit code 2, before anything."""

import json

import pytest

from support.daemon import run_glauxd
from support.sessions import MOCK, start_session


def assert_refused(ran, *texts):
    assert ran.returncode == 2, ran.stderr
    assert ran.stdout == ""
    for text in texts:
        assert text in ran.stderr


def run_with(tmp_path, *arguments, env=None):
    """Refused or not, it is not the default state directory that is used."""
    return run_glauxd("--state-dir", tmp_path / "state", *arguments, env=env)


@pytest.mark.parametrize(
    "address", ["0.0.0.0:0", "[::]:0", "192.0.2.1:8420", "example.com:80", ":8420"]
)
def test_address_that_other_machines_could_reach_is_refused(tmp_path, address):
    ran = run_with(tmp_path, "--listen", address)
    assert_refused(ran, "listen", address, "loopback", "127.0.0.1")
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.1:65536", "127.0.0.1:x", ""])
def test_address_that_is_none_is_refused(tmp_path, address):
    assert_refused(run_with(tmp_path, "--listen", address), "listen", "HOST:PORT")


OUT_OF_RANGE = [
    ("http.idle_timeout_s", "0", "from 1 to 3600"),
    ("http.idle_timeout_s", "3601", "from 1 to 3600"),
    ("http.max_body_bytes", "-1", "from 1048576 to 1073741824"),
    ("session.idle_timeout_minutes", "481", "from 1 to 480"),
    ("journal.head_interval_ms", "99999999999999999999", "from 10 to 1000"),
    ("capacity.dpus", "many", "from 2 to 1000000"),
    ("capacity.dpus", "4.5", "from 2 to 1000000"),
    ("log.level", "loud", "trace, debug, info"),
    ("account", "12345", "12 digits"),
    ("audit.reads", "maybe", "true or false"),
]


@pytest.mark.parametrize(("name", "value", "allowed"), OUT_OF_RANGE)
@pytest.mark.parametrize("source", ["flag", "environment", "file"])
def test_value_out_of_range_is_named_with_what_is_allowed(tmp_path, source, name, value, allowed):
    arguments, env = [], {}
    if source == "flag":
        arguments = [f"--{name.replace('.', '-').replace('_', '-')}={value}"]
    elif source == "environment":
        env = {"GLAUX_" + name.replace(".", "_").upper(): value}
    else:
        file = tmp_path / "glaux.json"
        group, _, member = name.rpartition(".")
        setting = {member: value}
        file.write_text(json.dumps({group: setting} if group else setting))
        arguments = ["--config", file]
    ran = run_with(tmp_path, *arguments, env=env)
    assert_refused(ran, name, value, allowed)
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("arguments", "env", "texts"),
    [
        (["--http-idle-timout-s", "5"], {}, ["--http-idle-timout-s", "--http-idle-timeout-s"]),
        (["--nonsense"], {}, ["--nonsense", "no such setting"]),
        ([], {"GLAUX_STATE_DIRECTORY": "/x"}, ["GLAUX_STATE_DIRECTORY", "GLAUX_STATE_DIR"]),
        (["start"], {}, ["start", "check-config"]),
        (["--config", "/nowhere/glaux.json"], {}, ["/nowhere/glaux.json", "No such file"]),
    ],
)
def test_unknown_setting_is_named_with_the_likely_one(tmp_path, arguments, env, texts):
    assert_refused(run_with(tmp_path, *arguments, env=env), *texts)


def test_unknown_setting_in_a_file_is_named_with_its_line(tmp_path):
    file = tmp_path / "glaux.json"
    file.write_text('{\n  // a comment\n  "http": {\n    "idle_timout_s": 5\n  }\n}\n')
    assert_refused(
        run_with(tmp_path, "--config", file), f"{file}:4", "http.idle_timout_s", "idle_timeout_s"
    )


def test_every_problem_is_told_at_once(tmp_path):
    ran = run_with(tmp_path, "--capacity-dpus", "1", "--log-level", "loud", "--nonsense", "x")
    assert_refused(ran, "capacity.dpus", "log.level", "nonsense")


def test_check_config_judges_without_starting(tmp_path):
    file = tmp_path / "glaux.json"
    file.write_text('{"capacity": {"dpus": 8}, "listen": "127.0.0.1:0"} // fine\n')
    good = run_with(tmp_path, "check-config", "--config", file)
    assert (good.returncode, good.stdout) == (0, "The settings are valid.\n")
    file.write_text('{"capacity": {"dpus": 1}}')
    assert_refused(run_with(tmp_path, "check-config", "--config", file), "capacity.dpus", "from 2")
    assert not (tmp_path / "state").exists()


def test_printed_config_is_accepted_as_a_file(tmp_path):
    printed = run_glauxd("print-config")
    assert printed.returncode == 0
    file = tmp_path / "glaux.json"
    file.write_text(printed.stdout)
    checked = run_with(tmp_path, "check-config", "--config", file)
    assert checked.returncode == 0, checked.stderr


def test_help_names_every_flag_with_its_range():
    ran = run_glauxd("--help")
    assert ran.returncode == 0
    for text in ("--listen", "--state-dir", "--executor-dir", "--config", "check-config", "3600"):
        assert text in ran.stdout


def test_flag_wins_over_environment_and_environment_over_file(make_daemon, tmp_path):
    file = tmp_path / "glaux.json"
    file.write_text('{"session": {"idle_timeout_minutes": 3}, "capacity": {"dpus": 5}}')
    env = {
        "GLAUX_CONFIG": str(file),
        "GLAUX_SESSION_IDLE_TIMEOUT_MINUTES": "4",
        "GLAUX_CAPACITY_DPUS": "6",
    }
    athena = make_daemon(env=env, settings={"capacity.dpus": 7}).athena
    answer = athena.get_session(SessionId=start_session(athena, MOCK))
    assert answer["SessionConfiguration"]["IdleTimeoutSeconds"] == 240
    with pytest.raises(athena.exceptions.InvalidRequestException) as refused:
        athena.start_session(WorkGroup="primary", EngineConfiguration={"MaxConcurrentDpus": 8})
    assert "7" in refused.value.response["Error"]["Message"]
