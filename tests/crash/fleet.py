"""Sessions with real kernels, and what must be true of them after each restart of the daemon."""

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ledger import ENDED_CALCULATION
from support.json_client import Client, Refused
from support.sessions import read_object
from support.waiting import wait_until

# The coordinator, which runs the code, has one of the DPUs: what it uses is its time.
CONFIGURATION = {"MaxConcurrentDpus": 2, "AdditionalConfigs": {"glaux.executor": "process"}}
START_LIMIT_S = 180
ADOPTION_PATIENCE_S = 30

# How far the meter and the stamps on reports may be apart, on a busy machine.
METER_TOLERANCE_S = 0.2

PREPARE = """
kept = [{name!r}] * 1000
looks = 0
def told():
    return kept[-1], len(kept)
"""

# Its variables are what they were, and this block has run once for each time it was sent.
LOOK = """
looks += 1
assert told() == ({name!r}, 1000)
assert looks == {looks}, looks
"""

# Numbered lines, for as long as a file is there.
COMPUTE = """
import os, time
with open({evidence!r}, "a") as file:
    file.write({name!r} + "\\n")
lines = 0
while os.path.exists({go_on!r}):
    total = sum(i * i for i in range(lines % 1000))
    print({name!r}, lines, total, flush=True)
    lines += 1
    time.sleep(0.03)
"""

END_LATER = """
import os, time
with open({evidence!r}, "a") as file:
    file.write({name!r} + "\\n")
print("before", flush=True)
while not os.path.exists({gate!r}):
    time.sleep(0.005)
print("after")
open({over!r}, "w").close()
{end}
"""
RAISE = "raise ValueError('as told')"


@dataclass
class Kernel:
    session: str
    looks: int = 0
    looking: str = None  # the calculation that looks whether its variables are there


@dataclass
class Ending:
    """A block that waits for a file and ends then, one way or the other."""

    calculation: str
    raises: bool
    gate: Path  # what it waits for
    over: Path  # what it makes when it ends
    running_at: float = None


class Fleet:
    """Some kernels compute and print without end; of the idle ones, every other one gets blocks to
    run that end while the daemon is away."""

    def __init__(self, daemon, directory, computing, idle):
        self._daemon = daemon
        self._directory = directory
        self._evidence = directory / "ran"
        self._go_on = directory / "go-on"
        self._go_on.touch()
        self._blocks = []  # names of those that were sent
        with Client(daemon.port) as client:
            kernels = [Kernel(self._start_session(client)) for _ in range(computing + idle)]
            for kernel in kernels:
                self._wait_until_idle(client, kernel)
                self._run(client, kernel, PREPARE.format(name=kernel.session))
            self._kernels, self._idle = kernels, kernels[computing:]
            self._computing = {k.session: self._compute(client, k) for k in kernels[:computing]}
            self._wait_until_running(client, self._computing.values())

    # ---- while the daemon is there

    def start_blocks_that_end_later(self):
        kernels = self._idle[: max(2, len(self._idle) // 2)]
        with Client(self._daemon.port) as client:
            blocks = [self._end_later(client, each, i % 2 == 1) for i, each in enumerate(kernels)]
            self._wait_until_running(client, [block.calculation for block in blocks])
        for block in blocks:
            block.running_at = time.time()
        return blocks

    def wait_until_adopted(self, client, down):
        """Idle kernels run something; of those that compute, the daemon knows what it cannot have
        known before it went down."""
        idle, computing = list(self._idle), dict(self._computing)
        limit = time.monotonic() + ADOPTION_PATIENCE_S
        while idle or computing:
            assert time.monotonic() < limit, f"not adopted: {idle} {computing}"
            idle = [kernel for kernel in idle if not self._has_looked(client, kernel)]
            for session, calculation in list(computing.items()):
                answer = client.call("GetCalculationExecution", CalculationExecutionId=calculation)
                assert answer["Status"]["State"] == "RUNNING", answer
                could_know = (down - answer["Status"]["SubmissionDateTime"]) * 1000
                if answer["Statistics"]["DpuExecutionInMillis"] > could_know:
                    del computing[session]
            time.sleep(0.005)

    def check_ended(self, client, blocks, down, up):
        """Blocks that ended while the daemon was away: outcome, time, output and usage are true."""
        for block in blocks:
            answer = client.call(
                "GetCalculationExecution", CalculationExecutionId=block.calculation
            )
            status, result = answer["Status"], answer["Result"]
            assert status["State"] == ("FAILED" if block.raises else "COMPLETED"), answer
            completed = status["CompletionDateTime"]
            assert down <= completed <= up, f"{completed} is not in {down} to {up}"
            assert read_object(self._daemon, result["StdOutS3Uri"]) == b"before\nafter\n"
            stderr = read_object(self._daemon, result["StdErrorS3Uri"]).decode()
            assert ("ValueError: as told" in stderr) == block.raises, stderr
            used_s = answer["Statistics"]["DpuExecutionInMillis"] / 1000
            at_least = completed - block.running_at - METER_TOLERANCE_S
            at_most = completed - status["SubmissionDateTime"] + METER_TOLERANCE_S
            assert at_least < used_s < at_most, answer

    def check_states(self, client):
        for kernel in self._kernels:
            status = client.call("GetSessionStatus", SessionId=kernel.session)["Status"]
            assert status["State"] == ("BUSY" if kernel.session in self._computing else "IDLE")

    def finish_computing(self):
        self._go_on.unlink()
        with Client(self._daemon.port) as client:
            for kernel in self._kernels:
                if kernel.session in self._computing:
                    self._check_computed(client, kernel)

    def check_each_block_ran_once(self):
        assert Counter(self._evidence.read_text().split()) == Counter(self._blocks)

    def terminate(self):
        with Client(self._daemon.port) as client:
            for kernel in self._kernels:
                client.call("TerminateSession", SessionId=kernel.session)

    # ---- while it is not

    def end_blocks(self, blocks):
        for block in blocks:
            block.gate.touch()
        for block in blocks:
            wait_until(block.over.exists, "the block has ended")

    # ----

    def _start_session(self, client):
        members = {"WorkGroup": "primary", "EngineConfiguration": CONFIGURATION}
        return client.call("StartSession", **members)["SessionId"]

    def _wait_until_idle(self, client, kernel):
        def look():
            answer = client.call("GetSessionStatus", SessionId=kernel.session)
            return answer["Status"]["State"] == "IDLE"

        wait_until(look, f"{kernel.session} is IDLE", START_LIMIT_S)

    def _submit(self, client, kernel, code):
        members = {"SessionId": kernel.session, "CodeBlock": code}
        return client.call("StartCalculationExecution", **members)["CalculationExecutionId"]

    def _wait_for_end(self, client, calculation):
        def look():
            answer = client.call("GetCalculationExecution", CalculationExecutionId=calculation)
            return answer if answer["Status"]["State"] in ENDED_CALCULATION else None

        return wait_until(look, f"{calculation} has ended")

    def _wait_until_running(self, client, calculations):
        def is_running(calculation):
            answer = client.call("GetCalculationExecution", CalculationExecutionId=calculation)
            return answer["Status"]["State"] == "RUNNING"

        for calculation in calculations:
            wait_until(lambda: is_running(calculation), f"{calculation} is RUNNING")

    def _run(self, client, kernel, code):
        answer = self._wait_for_end(client, self._submit(client, kernel, code))
        assert answer["Status"]["State"] == "COMPLETED", answer

    def _compute(self, client, kernel):
        code = COMPUTE.format(
            evidence=str(self._evidence), name=kernel.session, go_on=str(self._go_on)
        )
        self._blocks.append(kernel.session)
        return self._submit(client, kernel, code)

    def _end_later(self, client, kernel, raises):
        name = f"{kernel.session}-{len(self._blocks)}"
        gate, over = self._directory / f"gate-{name}", self._directory / f"over-{name}"
        code = END_LATER.format(
            evidence=str(self._evidence),
            name=name,
            gate=str(gate),
            over=str(over),
            end=RAISE if raises else "",
        )
        self._blocks.append(name)
        return Ending(self._submit(client, kernel, code), raises, gate, over)

    def _has_looked(self, client, kernel):
        if kernel.looking is None:
            code = LOOK.format(name=kernel.session, looks=kernel.looks + 1)
            try:
                kernel.looking = self._submit(client, kernel, code)
            except Refused as refusal:  # its block has ended, and the daemon does not know yet
                assert "BUSY" in refusal.message
                return False
            kernel.looks += 1
        answer = client.call("GetCalculationExecution", CalculationExecutionId=kernel.looking)
        if answer["Status"]["State"] not in ENDED_CALCULATION:
            return False
        assert answer["Status"]["State"] == "COMPLETED", answer
        kernel.looking = None
        return True

    def _check_computed(self, client, kernel):
        name = kernel.session
        answer = self._wait_for_end(client, self._computing[name])
        assert answer["Status"]["State"] == "COMPLETED", answer
        printed = read_object(self._daemon, answer["Result"]["StdOutS3Uri"]).decode()
        count = printed.count("\n")
        totals = [sum(i * i for i in range(n)) for n in range(1000)]
        expected = "".join(f"{name} {line} {totals[line % 1000]}\n" for line in range(count))
        assert printed == expected, f"{name}: not each line is there once, in order"
        self._wait_until_idle(client, kernel)
        self._run(client, kernel, f"assert lines == {count}, lines")
        self._run(client, kernel, LOOK.format(name=name, looks=1))
