"""What must hold of a daemon that was killed and started again."""

import time

from ledger import ENDED_CALCULATION, ENDED_SESSION
from load import replay
from support.json_client import Refused
from support.waiting import wait_until

# An executor that lost its daemon, and the daemon that clears up after it, get this long.
SETTLE_LIMIT_S = 20


def check_session(client, ledger, session):
    status = client.call("GetSession", SessionId=session)["Status"]
    ledger.observe(session, status, ENDED_SESSION)
    acknowledged = ledger.terminated.get(session)
    if acknowledged == "TERMINATING":
        assert status["State"] in {"TERMINATING", "TERMINATED"}, f"{session}: {status}"
    elif acknowledged is not None:
        assert status["State"] == acknowledged, f"{session}: {status}"
    return status


def check_calculation(client, ledger, calculation):
    answer = client.call("GetCalculationExecution", CalculationExecutionId=calculation)
    status = answer["Status"]
    ledger.observe(calculation, status, ENDED_CALCULATION)
    if calculation in ledger.stopped:
        assert status["State"] in {"CANCELING", *ENDED_CALCULATION}, f"{calculation}: {status}"
    return status


def check_command(client, ledger, command):
    """An acknowledged command is there."""
    if command.operation == "StartSession":
        check_session(client, ledger, command.id)
    else:
        check_calculation(client, ledger, command.id)


def check_token(client, command):
    """The same token is answered with the same id. Of a command that was not acknowledged nothing
    is known: it may have been carried out, and may be carried out or refused now."""
    if command.id is not None:
        assert replay(client, command) == command.id
        return
    try:
        command.id = replay(client, command)
    except Refused:
        pass


def wait_until_ended(client, ledger, sessions):
    """Sessions of a daemon that is gone end, and say why."""
    waiting = set(sessions)
    limit = time.monotonic() + SETTLE_LIMIT_S
    while waiting:
        statuses = {each: check_session(client, ledger, each) for each in waiting}
        for session, status in statuses.items():
            if status["State"] in ENDED_SESSION:
                assert status.get("StateChangeReason"), f"{session} does not say why: {status}"
                waiting.remove(session)
        if waiting:
            assert time.monotonic() < limit, f"still not ended: {statuses}"
            time.sleep(0.05)


def wait_until_up_or_ended(client, ledger, sessions):
    def on_their_way():
        states = {each: check_session(client, ledger, each)["State"] for each in sessions}
        return {each for each, state in states.items() if state in {"CREATING", "CREATED"}}

    wait_until(lambda: not on_their_way(), "all sessions are up or ended", SETTLE_LIMIT_S)


def wait_until_no_processes(daemon):
    wait_until(lambda: not daemon.session_processes(), "no process left", SETTLE_LIMIT_S)


class Evidence:
    """A file to which all code that runs appends its name, a line each."""

    def __init__(self, path):
        self.path = path
        self.ran = set()
        self._read_through = 0
        path.touch()

    def check_nothing_ran_twice(self):
        """Reads what has come since the last time."""
        with self.path.open("rb") as file:
            file.seek(self._read_through)
            added = file.read()
        whole = added[: added.rfind(b"\n") + 1]
        self._read_through += len(whole)
        for name in whole.decode().split():
            assert name not in self.ran, f"{name} ran twice"
            self.ran.add(name)


def check_ran_as_told(client, ledger, ran):
    """What ran was journaled before, and what COMPLETED did run."""
    for calculation in ran:
        check_calculation(client, ledger, calculation)
    for command in ledger.acknowledged("StartCalculationExecution"):
        if ledger.ended.get(command.id, {}).get("State") == "COMPLETED":
            assert command.id in ran, f"{command.id} is COMPLETED and never ran"
