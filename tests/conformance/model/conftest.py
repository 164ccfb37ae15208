"""One daemon for the whole suite, its seed, and what a run says at its end."""

import os
import random

import pytest

from model.judge import Judge
from model.world import SETTINGS, World
from support.daemon import Daemon


class Run:
    """What is the same for all tests of the suite."""

    def __init__(self):
        self.seed = int(os.environ.get("GLAUX_MODEL_SEED") or random.randrange(2**32))
        self.only = os.environ.get("GLAUX_MODEL_CASE")
        self.generated = 0
        self.operations = set()
        self.judge = None


RUN = Run()


@pytest.fixture(scope="session")
def run():
    return RUN


@pytest.fixture(scope="module")
def world():
    with Daemon(settings=SETTINGS) as daemon:
        RUN.judge = Judge(daemon.port)
        yield World(RUN.judge)
        RUN.judge.close()


def pytest_terminal_summary(terminalreporter):
    if RUN.judge is not None:
        terminalreporter.write_line(
            f"model-driven: {RUN.generated} requests generated, {RUN.judge.requests} sent with "
            f"those that prepare and read back; GLAUX_MODEL_SEED={RUN.seed}"
        )
