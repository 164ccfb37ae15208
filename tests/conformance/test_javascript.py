"""The JavaScript clients, @aws-sdk/client-athena and client-s3: the tests in js/, one by one.

They run together, in one process of node, before the first of them is looked at. By hand:
    cd tests/conformance/js && ./install && node all.mjs http://127.0.0.1:8420
"""

import collections
import filecmp
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from support.build import slack

SUITE = Path(__file__).parent / "js"
TIMEOUT_S = 120
TITLE = re.compile(r'^test\(\s*"([^"]+)"', re.MULTILINE)


def titles():
    """The titles of all tests, as their sources have them."""
    for file in sorted(SUITE.glob("*.test.mjs")):
        subject = file.name.removesuffix(".test.mjs")
        for title in TITLE.findall(file.read_text()):
            yield pytest.param(title, id=f"{subject}: {title}")


def assert_installed():
    lock, installed = SUITE / "package-lock.json", SUITE / "node_modules"
    copy = installed / ".installed-package-lock.json"
    if not copy.exists() or not filecmp.cmp(lock, copy, shallow=False):
        pytest.fail("the JavaScript clients are not installed: run tests/conformance/js/install")


class Run:
    """What came of one run of the whole suite."""

    def __init__(self, url, results):
        # The client of this version warns on stderr that later ones will want a newer node.
        env = {**os.environ, "NODE_NO_WARNINGS": "1"}
        reporter = [
            f"--test-reporter={(SUITE / 'reporter.mjs').as_uri()}",
            f"--test-reporter-destination={results}",
        ]
        with open(results.with_suffix(".out"), "w+b") as output:
            try:
                subprocess.run(
                    ["node", *reporter, "all.mjs", url],
                    cwd=SUITE,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    timeout=TIMEOUT_S * slack(),
                    check=False,
                )
            except subprocess.TimeoutExpired:
                output.write(f"ended after {TIMEOUT_S * slack()} s\n".encode())
            output.seek(0)
            self.output = output.read().decode(errors="replace")
        lines = results.read_text().splitlines() if results.exists() else []
        self.results = [json.loads(line) for line in lines]

    def result_of(self, title):
        for result in self.results:
            if result["name"] == title:
                return result
        return {"passed": False, "failure": f"it did not run:\n{self.output}"}


@pytest.fixture(scope="module")
def suite(daemon, tmp_path_factory):
    assert_installed()
    return Run(daemon.url, tmp_path_factory.mktemp("javascript") / "results")


@pytest.mark.parametrize("title", titles())
def test_javascript(suite, title):
    result = suite.result_of(title)
    assert result["passed"], result["failure"]


def test_every_result_belongs_to_one_of_these_tests(suite):
    ran = collections.Counter(result["name"] for result in suite.results)
    assert ran == collections.Counter(param.values[0] for param in titles())
