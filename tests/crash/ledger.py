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

    commands: list = field(default_factory=list)  # in the order of the runs
    run_begins: list = field(default_factory=list)  # for each run, where its commands begin
    terminated: dict = field(default_factory=dict)  # session: the state acknowledged
    stopped: dict = field(default_factory=dict)  # calculation: the state acknowledged
    ended: dict = field(default_factory=dict)  # session or calculation: its Status when it ended
    refusals: dict = field(default_factory=dict)  # text: how often
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin_run(self):
        """The number of the run."""
        self.run_begins.append(len(self.commands))
        return len(self.run_begins) - 1

    def of_run(self, run):
        if not 0 <= run < len(self.run_begins):
            return []
        begins = [*self.run_begins[run : run + 2], len(self.commands)]
        return self.commands[begins[0] : begins[1]]

    def sample_before(self, run, size, choose):
        """Some commands of the runs before this one."""
        earlier = self.run_begins[run]
        return [self.commands[i] for i in choose.sample(range(earlier), min(size, earlier))]

    def sessions_of_run(self, run):
        """Those that were acknowledged."""
        return {c.id for c in self.of_run(run) if c.operation == "StartSession" and c.id}

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
