"""An idle session ends by itself. The sessions are started by conftest.py, a minute ahead."""

import time

import pytest

from support.sessions import (
    session_status,
    stop,
    wait_for_calculation,
    wait_for_session,
)
from support.waiting import wait_until

pytestmark = pytest.mark.slow

MINUTE_S = 60


def wait_a_minute(idle_sessions):
    time.sleep(max(0, idle_sessions.began + MINUTE_S + 1 - time.monotonic()))


def test_idle_session_ends_after_its_timeout_with_the_services_reason(idle_sessions):
    athena = idle_sessions.daemon.athena
    wait_until(
        lambda: session_status(athena, idle_sessions.idle)["State"] == "TERMINATED",
        "the idle session has ended",
        timeout_s=MINUTE_S + 30,
        interval_s=0.2,
    )
    status = session_status(athena, idle_sessions.idle)
    assert status["StateChangeReason"] == "Session was terminated per request"
    age = status["EndDateTime"] - status["StartDateTime"]
    assert MINUTE_S <= age.total_seconds() < MINUTE_S + 20
    listed = athena.list_sessions(WorkGroup="primary")["Sessions"]
    assert idle_sessions.idle not in [each["SessionId"] for each in listed]


def test_session_with_a_longer_timeout_goes_on(idle_sessions):
    wait_a_minute(idle_sessions)
    assert session_status(idle_sessions.daemon.athena, idle_sessions.patient)["State"] == "IDLE"


def test_running_calculation_keeps_its_session_and_idleness_counts_from_its_end(idle_sessions):
    athena = idle_sessions.daemon.athena
    wait_a_minute(idle_sessions)
    assert session_status(athena, idle_sessions.busy)["State"] == "BUSY"
    stop(athena, idle_sessions.running)
    wait_for_calculation(athena, idle_sessions.running, "CANCELED")
    status = wait_for_session(athena, idle_sessions.busy, "IDLE")
    age = status["IdleSinceDateTime"] - status["StartDateTime"]
    assert age.total_seconds() >= MINUTE_S
    time.sleep(1)
    assert session_status(athena, idle_sessions.busy)["State"] == "IDLE"
