"""What is waited for by the clock is begun before anything else, and looked at last."""

import time

import pytest

from support.daemon import Daemon
from support.sessions import MOCK, idle_session, start_calculation


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


class IdleSessions:
    """Sessions with the shortest idle timeout there is, one minute, and when it began."""

    def __init__(self, daemon):
        self.daemon = daemon
        members = {"SessionIdleTimeoutInMinutes": 1}
        self.idle = idle_session(daemon.athena, MOCK, **members)
        self.busy = idle_session(daemon.athena, MOCK, **members)
        self.running = start_calculation(daemon.athena, self.busy, "sleep 600000")
        self.patient = idle_session(daemon.athena, MOCK, SessionIdleTimeoutInMinutes=480)
        self.began = time.monotonic()


@pytest.fixture(scope="session", autouse=True)
def idle_sessions(request):
    if not any(item.get_closest_marker("slow") for item in request.session.items):
        yield None
        return
    with Daemon() as daemon:
        yield IdleSessions(daemon)
