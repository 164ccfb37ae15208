"""The conformance kit: it passes what keeps the contract, and catches what breaks it, by the right
name."""

import json
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from support import build
from support.engine import settings_of, shared_engine

CHECK = build.BUILD / "bin" / "glaux-executor-check"
BROKEN_EXECUTOR = build.BUILD / "bin" / "broken_executor"

# A fault of the broken executor (fault.h), the cases that are run, and those of them that have to
# fail. All others have to pass.
FAULTS = {
    # bootstrap
    "identifies-itself-late": (
        "bootstrap/",
        ["identity-is-there-before-the-greeting", "identity-names-the-executor"],
    ),
    "has-another-identity": ("bootstrap/", ["identity-names-the-executor"]),
    "listens-to-everybody": ("bootstrap/", ["socket-is-private"]),
    "accepts-the-future": (
        "bootstrap/",
        ["a-newer-daemon-is-greeted-with-the-executors-own-version"],
    ),
    "speaks-to-anybody": (
        "bootstrap/",
        ["a-daemon-without-a-version-is-refused", "a-refusal-is-the-end"],
    ),
    # handshake
    "accepts-any-proof": (
        "handshake/",
        [
            "a-wrong-proof-is-an-exception",
            "the-executors-own-proof-is-not-the-daemons",
            "a-proof-of-another-key-is-refused",
            "a-proof-for-another-session-is-refused",
            "a-second-challenge-replaces-the-first",
            "nonces-are-spent-by-success",
            "nonces-are-spent-by-failure",
            "authenticate-needs-a-challenge",
            "a-challenge-counts-on-its-connection-only",
            "who-proves-nothing-changes-nothing",
        ],
    ),
    "lets-a-proof-be-used-again": (
        "handshake/",
        ["nonces-are-spent-by-success", "nonces-are-spent-by-failure"],
    ),
    "repeats-its-nonce": ("handshake/", ["the-nonce-is-fresh-every-time"]),
    "writes-the-key-down": ("handshake/", ["the-key-is-nowhere-to-be-seen"]),
    "keeps-the-earlier-daemon": ("handshake/", ["the-later-connection-cuts-off-the-earlier"]),
    # describe
    "has-two-versions": ("describe/", ["the-fields-agree-with-the-command-line"]),
    "answers-probes-with-reports": (
        "describe/",
        ["probe-changes-nothing-while-ready", "probe-changes-nothing-after-the-end"],
    ),
    # start, run
    "registers-too-late": (
        "start/",
        [
            "the-coordinator-is-reported-first-and-then-readiness",
            "code-may-arrive-before-the-session-is-ready",
            "code-waits-for-a-slow-start",
        ],
    ),
    "runs-an-id-twice": (
        "run/ kernel-death/no-code",
        [
            "no-code-runs-again",
            "the-same-id-is-not-run-again-after-its-end",
            "the-same-id-is-not-run-for-another-daemon",
            "the-same-id-with-other-code-is-ignored",
            "a-refused-id-is-not-run-later",
        ],
    ),
    "swallows-what-it-refuses": (
        "run/",
        [
            "a-refused-id-is-not-run-later",
            "a-second-calculation-at-a-time-fails-with-the-reason",
            "code-for-a-session-that-ends-fails",
        ],
    ),
    "speaks-after-its-end": ("run/", ["nothing-is-said-of-code-for-a-session-that-has-ended"]),
    # reports
    "skips-a-number": (
        "reports/",
        ["numbers-begin-at-one-without-gaps", "a-slow-reader-gets-larger-batches-and-loses-nothing"],
    ),
    "lives-in-1970": ("reports/", ["times-are-of-now"]),
    "forgets-the-spool": (
        "reports/",
        [
            "reports-are-spooled-before-they-are-sent",
            "the-spool-is-emptied-when-all-is-acknowledged",
            "the-spool-outlives-the-executor",
            "what-is-not-acknowledged-at-the-end-stays-in-the-spool",
        ],
    ),
    "keeps-the-spool-full": ("reports/", ["the-spool-is-emptied-when-all-is-acknowledged"]),
    "sends-the-acknowledged-again": (
        "reports/",
        ["the-acknowledged-is-not-sent-again", "the-spool-is-emptied-when-all-is-acknowledged"],
    ),
    "keeps-the-earlier-watch": ("reports/", ["a-second-watch-replaces-the-first"]),
    "does-not-wait-for-its-reader": (
        "reports/",
        ["a-slow-reader-gets-larger-batches-and-loses-nothing"],
    ),
    "sends-one-at-a-time": ("reports/", ["a-slow-reader-gets-larger-batches-and-loses-nothing"]),
    # output
    "loses-the-last-output": (
        "output/s output/lines output/t",
        ["stdout-is-complete-when-finished", "stderr-is-a-file-of-its-own", "lines-stay-in-order"],
    ),
    "ignores-the-reserve": ("output/t", ["the-reserve-of-the-disk-is-kept"]),
    # interrupt, end
    "ignores-interrupts": (
        "interrupt/",
        [
            "interrupt-stops-code",
            "interrupt-keeps-asking",
            "interrupting-twice-is-harmless",
            "interrupt-of-what-waits-cancels-it",
        ],
    ),
    "interrupts-anything": (
        "interrupt/",
        ["interrupt-of-an-unknown-id-is-ignored", "interrupt-after-the-end-is-ignored"],
    ),
    "asks-only-once": ("interrupt/", ["interrupt-keeps-asking"]),
    "exits-without-a-word": (
        "end/terminate",
        [
            "terminate-ends-the-session-clean",
            "terminate-before-readiness-ends-the-session-clean",
            "terminate-cancels-what-runs",
            "terminate-kills-when-the-grace-has-passed",
        ],
    ),
    "stays-on": ("end/it-exits-when", ["it-exits-when-all-is-acknowledged"]),
    # usage
    "usage-falls": ("usage/", ["totals-never-decrease"]),
    "counts-nothing-in-between": ("usage/", ["usage-is-reported-every-second"]),
    # death, lease, leaks
    "restarts-for-ever": ("kernel-death/", ["one-death-too-many-ends-the-session"]),
    "finishes-before-the-death": ("kernel-death/", ["a-death-is-reported-in-order"]),
    "ignores-the-lease": (
        "lease/",
        [
            "when-the-lease-runs-out-the-session-ends-in-order",
            "who-proves-nothing-does-not-stop-the-clock",
            "without-a-lease-the-session-ends-with-the-connection",
            "an-executor-that-nobody-found-has-its-lease",
        ],
    ),
    "leaves-a-process": (
        "crash/killed-while-code crash/killed-while-idle crash/killed-after",
        [
            "killed-while-idle",
            "killed-while-code-runs",
            "killed-while-code-ignores-interrupts",
            "killed-while-code-prints",
        ],
    ),
    "leaks-descriptors": (
        "leaks/",
        ["descriptors-do-not-grow-with-calculations", "descriptors-do-not-grow-with-deaths"],
    ),
}


def run_check(*arguments):
    ran = subprocess.run(
        [CHECK, *map(str, arguments)], capture_output=True, text=True, timeout=600, check=False
    )
    assert ran.stderr == "" or ran.returncode == 2
    return ran


def cases(ran, verdict):
    lines = [line.split(maxsplit=1) for line in ran.stdout.splitlines() if line]
    return sorted(rest.split(":")[0] for word, *more in lines if word == verdict for rest in more)


def broken_plugin(tmp_path, fault):
    """A plugin that differs from the mock in the executable, which reads its fault's name from the
    directory's."""
    directory = tmp_path / fault
    directory.mkdir()
    shutil.copy(build.EXECUTORS / "mock" / "check.json", directory)
    shutil.copy(BROKEN_EXECUTOR, directory)
    manifest = {"name": fault, "executable": BROKEN_EXECUTOR.name, "protocol": 1}
    (directory / "manifest.json").write_text(json.dumps(manifest))
    return directory


def arguments_for(executor):
    """The examples are run as they are where they are built; containers need an engine."""
    if executor != "container":
        return [executor]
    settings = settings_of(shared_engine())
    overlaid = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    # Fewer at once: each kernel takes a second of processor time to come up.
    return [executor, "--sessions", 10, *overlaid]


def with_kernels(executor):
    """Each start of theirs takes a second of processor time: one such run at a time."""
    return pytest.param(executor, marks=pytest.mark.xdist_group("with_kernels"))


@pytest.mark.parametrize(
    "executor", [with_kernels("container"), with_kernels("process"), "rust-shell", "shell", "mock"]
)
def test_an_executor_that_keeps_the_contract_passes(tmp_path, executor):
    if not (build.EXECUTORS / executor).exists():
        pytest.skip(f"{executor} is not built here")
    report = tmp_path / "report.xml"
    arguments = arguments_for(executor)
    ran = run_check(*arguments, "--junit", report, "--timeout-scale", build.slack())
    assert cases(ran, "FAILED") == []
    assert ran.returncode == 0
    suites = ElementTree.parse(report).getroot()
    assert suites.tag == "testsuites"
    reported = [case for suite in suites for case in suite.iter("testcase")]
    assert len(reported) == len(cases(ran, "ok")) + len(cases(ran, "skipped")) > 80
    assert not list(suites.iter("failure"))


def test_another_implementation_passes(tmp_path):
    ran = run_check(broken_plugin(tmp_path, "faultless"), "--timeout-scale", build.slack())
    assert cases(ran, "FAILED") == []
    assert ran.returncode == 0


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_promise_is_caught_by_name(tmp_path, fault):
    chosen, expected = FAULTS[fault]
    only = [argument for pattern in chosen.split() for argument in ("--only", pattern)]
    report = tmp_path / "report.xml"
    # Cases that wait in vain for what a broken executor does not do are cut short.
    ran = run_check(
        broken_plugin(tmp_path, fault), *only, "--junit", report, "--jobs", 12, "--sessions", 5,
        "--timeout-scale", 0.5 * build.slack(),
    )  # fmt: skip
    assert sorted(case.split("/")[1] for case in cases(ran, "FAILED")) == sorted(expected)
    assert ran.returncode == 1
    failures = list(ElementTree.parse(report).getroot().iter("failure"))
    assert len(failures) == len(expected)
    assert all(failure.get("message") for failure in failures)


def test_cases_are_listed_without_an_executor():
    ran = run_check("--list")
    names = ran.stdout.split()
    assert ran.returncode == 0
    assert len(names) == len(set(names)) > 80


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["no-such-plugin"],
        ["./no/such/directory"],
        ["mock", "--set", "no-value"],
        ["mock", "--only", "no-such-case"],
        ["mock", "--jobs", "0"],
        ["mock", "--no-such-option"],
    ],
)
def test_a_wrong_call_is_told_apart_from_a_failure(arguments):
    ran = run_check(*arguments)
    assert ran.returncode == 2
    assert ran.stderr


def test_settings_are_laid_over_the_manifests():
    ran = run_check("mock", "--set", "fail-start=no licence", "--only", "/the-coordinator-has")
    assert ran.returncode == 1
    assert "no licence" in ran.stdout


def test_a_directory_names_a_plugin_too():
    ran = run_check(f"{build.EXECUTORS}/mock/", "--only", "greeting-names-the-pid")
    assert cases(ran, "ok") == ["bootstrap/greeting-names-the-pid"]
