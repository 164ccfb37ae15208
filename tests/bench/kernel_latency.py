"""What a session and a calculation cost beside the same kernel by hand. Both in turn, so that
whatever else the machine does befalls both."""

import statistics
import time

from glauxd import Glauxd, poll
from raw_kernel import RawKernel


def measure(report, scratch, starts, calculations):
    session_ms, calculation_ms, raw_start_ms, raw_execute_ms = [], [], [], []
    with Glauxd(scratch / "kernels") as daemon:
        for i in range(starts):
            _glaux(daemon, calculations, session_ms, calculation_ms)
            _raw(scratch / f"kernel-{i}", calculations, raw_start_ms, raw_execute_ms)
    report.section("ipykernel (medians)", ["", "glaux ms", "by hand ms", "difference ms", "ratio"])
    add_row(report, "start, until ready", session_ms, raw_start_ms)
    add_row(report, "1+1, until its end is known", calculation_ms, raw_execute_ms)


def _glaux(daemon, calculations, session_ms, calculation_ms):
    began = time.monotonic()
    session = daemon.start_session("process")
    daemon.wait_until_idle(session)
    session_ms.append(ms_since(began))
    for _ in range(calculations):
        began = time.monotonic()
        _calculate(daemon, session)
        calculation_ms.append(ms_since(began))
        daemon.wait_until_idle(session)
    daemon.end_session(session)


def _calculate(daemon, session):
    calculation = daemon.call("StartCalculationExecution", SessionId=session, CodeBlock="1+1")
    identity = {"CalculationExecutionId": calculation["CalculationExecutionId"]}
    poll(daemon.port, "GetCalculationExecutionStatus", identity, "COMPLETED")


def _raw(directory, calculations, start_ms, execute_ms):
    directory.mkdir()
    began = time.monotonic()
    kernel = RawKernel(directory)
    start_ms.append(ms_since(began))
    for _ in range(calculations):
        began = time.monotonic()
        kernel.execute("1+1")
        execute_ms.append(ms_since(began))
    kernel.close()


def ms_since(began):
    return (time.monotonic() - began) * 1000


def add_row(report, name, ours, by_hand):
    a, b = statistics.median(ours), statistics.median(by_hand)
    report.row(name, a, b, a - b, a / b)
