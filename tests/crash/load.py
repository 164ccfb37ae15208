"""Clients that do everything at once until the daemon dies under them."""

import random
import threading
import uuid

from ledger import ENDED_CALCULATION, ENDED_SESSION, Command
from support.json_client import Client, Refused, Unreachable

SESSIONS_EACH = 2

MOCK = {"MaxConcurrentDpus": 2, "AdditionalConfigs": {"glaux.executor": "mock"}}


class Worker(threading.Thread):
    """One client with sessions of its own. What it does is decided by its seed."""

    def __init__(self, port, ledger, run, seed, evidence):
        super().__init__()
        self._client = Client(port)
        self._ledger = ledger
        self._run = run
        self._random = random.Random(seed)
        self._evidence = evidence
        self._sessions = []
        self._calculations = []
        self.failure = None

    def run(self):
        try:
            while True:
                try:
                    self._act()
                except Refused as refusal:
                    assert refusal.status == 400, f"refused with {refusal}"
                    self._ledger.refused(refusal.message)
        except Unreachable:
            pass
        except BaseException as failure:  # the test raises it again
            self.failure = failure
        finally:
            self._client.close()

    def _act(self):
        if not self._sessions:
            return self._start_session()
        actions = [
            (20, self._start_calculation),
            (1, self._start_session),
            (4, self._stop_calculation),
            (1, self._terminate_session),
            (4, self._watch),
            (2, self._list),
        ]
        weights, choices = zip(*actions)
        self._random.choices(choices, weights)[0]()

    def _start_session(self):
        if len(self._sessions) == SESSIONS_EACH:
            return self._terminate_session()
        session = self._send("StartSession", WorkGroup="primary", EngineConfiguration=MOCK)
        self._sessions.append(session)

    def _start_calculation(self):
        code = f"ran {self._evidence}\n"
        if self._random.random() < 0.3:
            code += f"sleep {self._random.randrange(200)}\n"
        calculation = self._send(
            "StartCalculationExecution",
            SessionId=self._random.choice(self._sessions),
            CodeBlock=code,
            Description=f"run {self._run}",
        )
        self._calculations.append(calculation)

    def _stop_calculation(self):
        if not self._calculations:
            return
        calculation = self._calculations[-1]
        answer = self._client.call("StopCalculationExecution", CalculationExecutionId=calculation)
        self._ledger.stopped.setdefault(calculation, answer["State"])

    def _terminate_session(self):
        session = self._sessions.pop(self._random.randrange(len(self._sessions)))
        answer = self._client.call("TerminateSession", SessionId=session)
        self._ledger.terminated.setdefault(session, answer["State"])

    def _watch(self):
        session = self._random.choice(self._sessions)
        answer = self._client.call("GetSessionStatus", SessionId=session)
        self._ledger.observe(session, answer["Status"], ENDED_SESSION)
        if self._calculations:
            calculation = self._random.choice(self._calculations)
            answer = self._client.call(
                "GetCalculationExecution", CalculationExecutionId=calculation
            )
            self._ledger.observe(calculation, answer["Status"], ENDED_CALCULATION)

    def _list(self):
        self._client.call("ListSessions", WorkGroup="primary")
        session = self._random.choice(self._sessions)
        self._client.call("ListCalculationExecutions", SessionId=session)

    def _send(self, operation, **members):
        """With a token, so that it can be asked later what became of it."""
        members["ClientRequestToken"] = str(uuid.UUID(int=self._random.getrandbits(128)))
        command = Command(operation, members, self._run)
        self._ledger.sent(command)
        command.id = replay(self._client, command)
        return command.id


def replay(client, command):
    """Sends the command (again) and returns the id it is answered with."""
    answer = client.call(command.operation, **command.members)
    return answer.get("SessionId") or answer["CalculationExecutionId"]
