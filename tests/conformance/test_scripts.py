"""What people's own scripts do, as they are found in public: no state is checked, only slept."""

import time

from support import build
from support.sessions import stdout_of


def test_script_that_sleeps_five_seconds_and_submits(daemon):
    athena = daemon.athena
    sizes = {"CoordinatorDpuSize": 1, "MaxConcurrentDpus": 60, "DefaultExecutorDpuSize": 1}
    session = athena.start_session(WorkGroup="primary", EngineConfiguration=sizes)["SessionId"]
    time.sleep(5 * build.slack())
    calculation = athena.start_calculation_execution(SessionId=session, CodeBlock="print(6 * 7)")[
        "CalculationExecutionId"
    ]
    while True:
        status = athena.get_calculation_execution_status(CalculationExecutionId=calculation)
        if status["Status"]["State"] in ("CANCELED", "COMPLETED", "FAILED"):
            break
        time.sleep(0.5)
    assert status["Status"]["State"] == "COMPLETED"
    result = athena.get_calculation_execution(CalculationExecutionId=calculation)
    assert stdout_of(daemon, result) == "42\n"
    assert athena.terminate_session(SessionId=session)["State"] == "TERMINATING"
