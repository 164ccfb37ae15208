"""StopCalculationExecution stops the code: CANCELED is said when it has stopped, and not before."""

import time

import pytest

from support.build import slack
from support.processes import is_running, kernel_of
from support.sessions import (
    calculation_status,
    idle_session,
    printed_by,
    run,
    start_calculation,
    stdout_of,
    stop,
    wait_for_calculation,
    wait_for_session,
)
from support.waiting import wait_until

CANCEL_LIMIT_S = 2

# Each writes a line to stdout first: that it runs can be seen from outside.
RUNS_LONG = {
    "sleeps": "print('begun', flush=True)\nimport time\ntime.sleep(60)",
    "spins": "print('begun', flush=True)\nwhile True: pass",
    "waits for a subprocess": (
        "print('begun', flush=True)\nimport subprocess\nsubprocess.run(['sleep', '60'])"
    ),
}

# Says that it has begun where an interrupt already finds its handler.
SWALLOWS_INTERRUPTS = """
import time
while True:
    try:
        print('begun', flush=True)
        time.sleep(60)
    except KeyboardInterrupt:
        pass
"""


@pytest.fixture(scope="module")
def session(daemon):
    return idle_session(daemon.athena)


def start_and_see_it_run(daemon, session, code):
    calculation = start_calculation(daemon.athena, session, code)

    def has_begun():
        answer = daemon.athena.get_calculation_execution(CalculationExecutionId=calculation)
        return stdout_of(daemon, answer) == "begun\n"

    wait_until(has_begun, "the code runs")
    return calculation


@pytest.mark.parametrize("kind", RUNS_LONG)
def test_stopped_code_is_canceled_within_two_seconds_and_variables_survive(daemon, session, kind):
    run(daemon, session, f"kept = '{kind}'")
    calculation = start_and_see_it_run(daemon, session, RUNS_LONG[kind])
    asked = time.monotonic()
    assert stop(daemon.athena, calculation) == "CANCELING"
    ended = wait_for_calculation(daemon.athena, calculation, "CANCELED")
    wait_for_session(daemon.athena, session, "IDLE")
    assert time.monotonic() - asked < CANCEL_LIMIT_S * slack()
    assert ended["Status"]["CompletionDateTime"] >= ended["Status"]["SubmissionDateTime"]
    assert printed_by(daemon, session, "print(kept)") == f"{kind}\n"


def test_state_change_reason_of_a_canceled_calculation_is_absent_or_has_a_text(daemon, session):
    calculation = start_and_see_it_run(daemon, session, RUNS_LONG["sleeps"])
    stop(daemon.athena, calculation)
    ended = wait_for_calculation(daemon.athena, calculation, "CANCELED")
    assert ended["Status"].get("StateChangeReason") != ""
    wait_for_session(daemon.athena, session, "IDLE")


def test_calculation_stopped_at_once_is_canceled(daemon, session):
    for _ in range(5):
        calculation = start_calculation(daemon.athena, session, RUNS_LONG["sleeps"])
        stop(daemon.athena, calculation)
        wait_for_calculation(daemon.athena, calculation, "CANCELED")
        wait_for_session(daemon.athena, session, "IDLE")
    assert printed_by(daemon, session, "print('alive')") == "alive\n"


def test_code_that_swallows_the_interrupt_is_canceled_by_killing_its_interpreter(daemon):
    athena = daemon.athena
    own = idle_session(athena)
    kernel = kernel_of(own)
    calculation = start_and_see_it_run(daemon, own, SWALLOWS_INTERRUPTS)
    assert stop(athena, calculation) == "CANCELING"
    ended = wait_for_calculation(athena, calculation, "CANCELED")
    assert not is_running(kernel), "CANCELED was said while the code still ran"
    assert ended["Status"].get("StateChangeReason"), "the interpreter was killed and nobody says so"
    # What becomes of the session: test_kernel_death.py.


def test_code_that_catches_the_interrupt_and_ends_has_the_end_it_came_to(daemon, session):
    code = (
        "import time\ntry:\n    print('begun', flush=True)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('tidied up')"
    )
    calculation = start_and_see_it_run(daemon, session, code)
    stop(daemon.athena, calculation)
    ended = wait_for_calculation(daemon.athena, calculation, "CANCELED", "COMPLETED")
    assert stdout_of(daemon, ended) == "begun\ntidied up\n"
    wait_for_session(daemon.athena, session, "IDLE")


def test_stopping_twice_is_stopping_once(daemon, session):
    calculation = start_and_see_it_run(daemon, session, RUNS_LONG["sleeps"])
    assert stop(daemon.athena, calculation) == "CANCELING"
    assert stop(daemon.athena, calculation) in {"CANCELING", "CANCELED"}
    wait_for_calculation(daemon.athena, calculation, "CANCELED")
    assert stop(daemon.athena, calculation) == "CANCELED"
    wait_for_session(daemon.athena, session, "IDLE")


def test_stopping_an_ended_calculation_changes_nothing(daemon, session):
    calculation = run(daemon, session, "1")["CalculationExecutionId"]
    assert stop(daemon.athena, calculation) == "COMPLETED"
    assert calculation_status(daemon.athena, calculation)["State"] == "COMPLETED"
    assert printed_by(daemon, session, "print('alive')") == "alive\n"
