"""Fixtures of all tests against the real binaries, and what a failed one shows."""

import contextlib
import os

import pytest

from support import build, engine
from support.daemon import Daemon

LOG_TAIL = 6000


def pytest_configure(config):
    if not build.GLAUXD.exists():
        pytest.exit(f"{build.GLAUXD} is not there; build it, or set GLAUX_BUILD", returncode=2)
    runs_tests = hasattr(config, "workerinput") or not config.getoption("numprocesses", None)
    if os.environ.get("GLAUX_TEST_EXECUTOR") == "container" and runs_tests:
        container = engine.settings_of(engine.shared_engine())
        Daemon.defaults = {
            "settings": {"executor.default": "container"},
            "file": {"executors": {"container": container}},
        }


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for daemon in Daemon.running:
            title = f"log of glauxd with {daemon.state_dir}"
            report.sections.append((title, daemon.log()[-LOG_TAIL:]))


@pytest.fixture(scope="module")
def daemon():
    """One for all tests of a module. They share it, so they count on nothing being there alone."""
    with Daemon() as running:
        yield running


@pytest.fixture
def make_daemon():
    """Daemons for one test: make_daemon(settings={…}); they end with it, in order."""
    with contextlib.ExitStack() as made:
        yield lambda **arguments: made.enter_context(Daemon(**arguments))
