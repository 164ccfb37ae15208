"""A calculation runs code in its session's interpreter and says how it ended."""

import pytest

from support.sessions import (
    calculation_status,
    get_calculation,
    idle_session,
    printed_by,
    run,
    start_calculation,
    stderr_of,
    stdout_of,
    stop,
    wait_for_calculation,
    wait_for_end,
    wait_for_session,
)
from support.waiting import wait_until


@pytest.fixture(scope="module")
def session(daemon):
    return idle_session(daemon.athena)


def test_variables_functions_and_imports_outlive_their_calculation(daemon, session):
    first = "import math\nradius = 2\ndef area(r):\n    return math.pi * r * r\n"
    assert run(daemon, session, first)["Status"]["State"] == "COMPLETED"
    assert printed_by(daemon, session, "print(round(area(radius), 3))") == "12.566\n"


def test_sessions_share_no_variables(daemon, session):
    run(daemon, session, "mine = 1")
    other = idle_session(daemon.athena)
    assert printed_by(daemon, other, "print('mine' in globals())") == "False\n"


def test_completed_calculation_tells_everything_but_a_reason(daemon, session):
    calculation = run(daemon, session, "total = sum(range(10**6))", Description="a sum")
    status = calculation["Status"]
    assert status["State"] == "COMPLETED"
    assert "StateChangeReason" not in status
    assert status["SubmissionDateTime"] <= status["CompletionDateTime"]
    assert calculation["Description"] == "a sum"
    assert calculation["SessionId"] == session
    assert calculation["WorkingDirectory"].startswith("s3://")
    assert calculation["Statistics"]["DpuExecutionInMillis"] > 0
    assert calculation["Statistics"]["Progress"]
    assert calculation["Result"]["ResultType"] == "application/vnd.aws.athena.v1+json"


# The text that a client shows, by the submitted code. No header line, the file is <stdin>, lines
# count from the first of the block.
EXCEPTIONS = {
    "unknown name on the second line": (
        "\nfoobar",
        '  File "<stdin>", line 2, in <module>\nNameError: name \'foobar\' is not defined\n',
    ),
    "through a function": (
        "def f():\n    return 1 / 0\n\nf()",
        '  File "<stdin>", line 4, in <module>\n  File "<stdin>", line 2, in f\n'
        "ZeroDivisionError: division by zero\n",
    ),
    "from another exception": (
        "try:\n    {}['a']\nexcept KeyError as error:\n    raise ValueError('bad') from error",
        '  File "<stdin>", line 2, in <module>\nKeyError: \'a\'\n\n'
        "The above exception was the direct cause of the following exception:\n\n"
        '  File "<stdin>", line 4, in <module>\nValueError: bad\n',
    ),
    "syntax": (
        "x = = 1",
        '  File "<stdin>", line 1\n    x = = 1\n        ^\nSyntaxError: invalid syntax\n',
    ),
    "after output to stderr": (
        "import sys\nsys.stderr.write('before\\n')\nraise RuntimeError('after')",
        'before\n  File "<stdin>", line 3, in <module>\nRuntimeError: after\n',
    ),
    "with text beyond ASCII": (
        "raise ValueError('naïve café 🦉')",
        '  File "<stdin>", line 1, in <module>\nValueError: naïve café 🦉\n',
    ),
    "exit": (
        "raise SystemExit(3)",
        '  File "<stdin>", line 1, in <module>\nSystemExit: 3\n',
    ),
}


@pytest.mark.parametrize("form", EXCEPTIONS)
def test_exception_fails_the_calculation_with_the_interpreters_own_text(daemon, session, form):
    code, expected = EXCEPTIONS[form]
    calculation = run(daemon, session, code)
    assert calculation["Status"]["State"] == "FAILED"
    assert stderr_of(daemon, calculation) == expected
    assert stdout_of(daemon, calculation) == ""
    last_line = expected.strip().splitlines()[-1]
    assert calculation["Status"]["StateChangeReason"].startswith(last_line)


def test_long_reason_is_cut_to_what_the_contract_allows(daemon, session):
    calculation = run(daemon, session, "raise ValueError('é' * 5000)")
    reason = calculation["Status"]["StateChangeReason"]
    assert reason.startswith("ValueError: éé")
    assert len(reason) <= 1024
    assert "é" * 5000 in stderr_of(daemon, calculation)


@pytest.mark.parametrize("code", ["raise ValueError('a\\ud800b')", "print('a\\ud800b')"])
def test_text_that_utf8_cannot_carry_does_not_break_the_session(daemon, code):
    own = idle_session(daemon.athena)
    calculation = run(daemon, own, code)
    assert "KernelError" not in calculation["Status"].get("StateChangeReason", "")
    assert "ZMQStream" not in stderr_of(daemon, calculation)
    assert printed_by(daemon, own, "print('alive')") == "alive\n"


def test_what_was_printed_before_an_exception_is_in_stdout(daemon, session):
    calculation = run(daemon, session, "print('so far')\nraise ValueError")
    assert calculation["Status"]["State"] == "FAILED"
    assert stdout_of(daemon, calculation) == "so far\n"


def test_failed_calculation_leaves_the_session_idle_with_its_variables(daemon, session):
    run(daemon, session, "kept = 'kept'")
    run(daemon, session, "lost = undefined")
    assert printed_by(daemon, session, "print(kept)") == "kept\n"


def test_subprocess_output_is_the_calculations_output(daemon, session):
    code = "import subprocess\nsubprocess.run(['sh', '-c', 'echo out; echo err >&2'])"
    calculation = run(daemon, session, code)
    assert stdout_of(daemon, calculation) == "out\n"
    assert stderr_of(daemon, calculation) == "err\n"


def test_busy_session_refuses_a_calculation_with_the_exact_sentence(daemon, session):
    athena = daemon.athena
    running = start_calculation(athena, session, "import time; time.sleep(60)")
    with pytest.raises(athena.exceptions.InvalidRequestException) as refused:
        start_calculation(athena, session, "print(1)")
    assert refused.value.response["Error"]["Message"] == (
        "Session is in the BUSY state; needs to be IDLE to accept Calculations."
    )
    assert refused.value.response["AthenaErrorCode"] == "INVALID_INPUT"
    assert wait_for_session(athena, session, "BUSY")
    listed = athena.list_calculation_executions(SessionId=session)["Calculations"]
    assert listed[0]["CalculationExecutionId"] == running
    stop(athena, running)
    wait_for_calculation(athena, running, "CANCELED")
    wait_for_session(athena, session, "IDLE")


def test_statistics_are_in_every_answer_and_grow_while_the_code_runs(daemon, session):
    athena = daemon.athena
    calculation = start_calculation(athena, session, "import time; time.sleep(60)")

    def dpu_millis():
        answer = athena.get_calculation_execution_status(CalculationExecutionId=calculation)
        whole = get_calculation(athena, calculation)
        assert whole["Statistics"]["DpuExecutionInMillis"] >= 0
        return answer["Statistics"]["DpuExecutionInMillis"]

    assert dpu_millis() >= 0
    earlier = wait_until(dpu_millis, "some usage is reported")
    wait_until(lambda: dpu_millis() > earlier, "more usage is reported")
    stop(athena, calculation)
    final = wait_for_calculation(athena, calculation, "CANCELED")
    assert final["Statistics"]["DpuExecutionInMillis"] > earlier
    session_total = athena.get_session(SessionId=session)["Statistics"]["DpuExecutionInMillis"]
    assert session_total >= final["Statistics"]["DpuExecutionInMillis"]


def test_session_statistics_are_the_sum_of_its_calculations(daemon):
    own = idle_session(daemon.athena)
    assert daemon.athena.get_session(SessionId=own)["Statistics"] == {"DpuExecutionInMillis": 0}
    used = [
        run(daemon, own, "sum(range(10**6))")["Statistics"]["DpuExecutionInMillis"]
        for _ in range(3)
    ]
    total = daemon.athena.get_session(SessionId=own)["Statistics"]["DpuExecutionInMillis"]
    assert total == sum(used)


def test_code_is_answered_as_it_was_submitted(daemon, session):
    code = "# naïve 🦉\r\nprint('tab\\there', \"quotes\")\n\n"
    calculation = run(daemon, session, code)
    answer = daemon.athena.get_calculation_execution_code(
        CalculationExecutionId=calculation["CalculationExecutionId"]
    )
    assert answer["CodeBlock"] == code


def test_code_of_the_longest_allowed_length_runs_and_is_answered(daemon, session):
    end = "print('the end')"
    code = "#" * (68000 - len(end) - 1) + "\n" + end
    assert len(code) == 68000
    calculation = run(daemon, session, code)
    assert stdout_of(daemon, calculation) == "the end\n"
    answer = daemon.athena.get_calculation_execution_code(
        CalculationExecutionId=calculation["CalculationExecutionId"]
    )
    assert answer["CodeBlock"] == code


def test_code_may_be_given_as_the_deprecated_calculation_configuration(daemon, session):
    answer = daemon.athena.start_calculation_execution(
        SessionId=session, CalculationConfiguration={"CodeBlock": "print('old way')"}
    )
    calculation = answer["CalculationExecutionId"]
    assert stdout_of(daemon, wait_for_end(daemon.athena, calculation)) == "old way\n"
    code = daemon.athena.get_calculation_execution_code(CalculationExecutionId=calculation)
    assert code["CodeBlock"] == "print('old way')"
    wait_for_session(daemon.athena, session, "IDLE")


def test_empty_code_completes(daemon, session):
    assert run(daemon, session, "")["Status"]["State"] == "COMPLETED"


def test_submission_is_answered_before_the_code_has_run(daemon, session):
    answer = daemon.athena.start_calculation_execution(SessionId=session, CodeBlock="1")
    assert answer["State"] == "CREATING"
    calculation = answer["CalculationExecutionId"]
    assert calculation_status(daemon.athena, calculation)["State"] in {
        "CREATING", "CREATED", "QUEUED", "RUNNING", "COMPLETED"
    }  # fmt: skip
    wait_for_end(daemon.athena, calculation)
    wait_for_session(daemon.athena, session, "IDLE")
