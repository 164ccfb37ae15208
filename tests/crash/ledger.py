"""What the clients were told: the promises a restarted daemon is held to."""

import threading
from dataclasses import dataclass, field

ENDED_SESSION = {"TERMINATED", "FAILED"}
ENDED_CALCULATION = {"COMPLETED", "FAILED", "CANCELED"}


@dataclass
class Command:
    """A request with a ClientRequestToken. `id` is what it was answered with, if it was."""

    operation: str
    members: dict
    run: int
    id: str = None


@dataclass
class Ledger:
    """Written by the clients' threads while there is load, read by the test when there is none."""

    commands: list = field(default_factory=list)
    terminated: dict = field(default_factory=dict)  # session: the state acknowledged
    stopped: dict = field(default_factory=dict)  # calculation: the state acknowledged
    ended: dict = field(default_factory=dict)  # session or calculation: its Status when it ended
    refusals: dict = field(default_factory=dict)  # text: how often
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sent(self, command):
        with self._lock:
            self.commands.append(command)

    def refused(self, message):
        with self._lock:
            self.refusals[message] = self.refusals.get(message, 0) + 1

    def observe(self, identity, status, end_states):
        """Notes a terminal status; one that differs from what was seen before is a broken promise."""
        with self._lock:
            before = self.ended.get(identity)
            assert before is None or before == status, (
                f"{identity} ended as {before} and is now {status}"
            )
            if status["State"] in end_states:
                self.ended[identity] = status

    def acknowledged(self, operation):
        return [c for c in self.commands if c.operation == operation and c.id is not None]
