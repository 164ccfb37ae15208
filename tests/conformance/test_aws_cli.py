"""The stock AWS CLI drives everything, in the order a person would."""

import json

import pytest

from support import clients
from support.sessions import MOCK, new_token, wait_for_end, wait_for_session

CODE = "import re\nwords = re.findall('o[a-z]+', 'one owl or other')\nprint(len(words), 'words')"


@pytest.fixture(scope="module")
def athena(daemon):
    """athena("list-sessions", "--work-group", "primary")"""
    return lambda *arguments: daemon.aws("athena", *arguments)


@pytest.fixture(scope="module")
def session(daemon, athena):
    answer = athena(
        "start-session", "--work-group", "primary", "--description", "from the CLI",
        "--engine-configuration", "CoordinatorDpuSize=1,MaxConcurrentDpus=3",
        "--session-idle-timeout-in-minutes", "5", "--client-request-token", new_token(),
    )  # fmt: skip
    assert answer["State"] in {"CREATING", "CREATED"}
    wait_for_session(daemon.athena, answer["SessionId"], "IDLE")
    return answer["SessionId"]


@pytest.fixture(scope="module")
def calculation(daemon, athena, session):
    answer = athena(
        "start-calculation-execution", "--session-id", session, "--code-block", CODE,
        "--description", "counts",
    )  # fmt: skip
    calculation = answer["CalculationExecutionId"]

    wait_for_end(daemon.athena, calculation)
    status = athena("get-calculation-execution-status", "--calculation-execution-id", calculation)
    assert status["Status"]["State"] == "COMPLETED"
    assert status["Statistics"]["DpuExecutionInMillis"] > 0
    return calculation


def test_session_is_described(athena, session):
    answer = athena("get-session", "--session-id", session)
    assert answer["Description"] == "from the CLI"
    assert answer["EngineConfiguration"]["MaxConcurrentDpus"] == 3
    assert answer["SessionConfiguration"]["IdleTimeoutSeconds"] == 300
    assert "T" in answer["Status"]["StartDateTime"], "the CLI shows times as ISO 8601"
    status = athena("get-session-status", "--session-id", session)
    assert status["SessionId"] == session


def test_output_is_copied_from_s3(daemon, athena, calculation):
    result = athena("get-calculation-execution", "--calculation-execution-id", calculation)
    assert result["Status"]["State"] == "COMPLETED"
    assert result["Statistics"]["DpuExecutionInMillis"] > 0
    assert daemon.aws("s3", "cp", result["Result"]["StdOutS3Uri"], "-") == b"4 words\n"


def test_code_is_answered(athena, calculation):
    answer = athena("get-calculation-execution-code", "--calculation-execution-id", calculation)
    assert answer == {"CodeBlock": CODE}


def test_everything_is_listed(athena, session, calculation):
    sessions = athena("list-sessions", "--work-group", "primary", "--state-filter", "IDLE")
    assert session in [each["SessionId"] for each in sessions["Sessions"]]
    calculations = athena("list-calculation-executions", "--session-id", session)
    assert calculations["Calculations"][-1]["CalculationExecutionId"] == calculation
    executors = athena("list-executors", "--session-id", session)
    assert executors["ExecutorsSummary"][0]["ExecutorType"] == "COORDINATOR"


def test_calculation_is_stopped(daemon, athena, session):
    running = athena(
        "start-calculation-execution", "--session-id", session, "--code-block", "while True: pass"
    )["CalculationExecutionId"]
    answer = athena("stop-calculation-execution", "--calculation-execution-id", running)
    assert answer["State"] == "CANCELING"
    wait_for_session(daemon.athena, session, "IDLE")
    status = athena("get-calculation-execution-status", "--calculation-execution-id", running)
    assert status["Status"]["State"] == "CANCELED"


def test_work_groups_are_created_shown_and_listed(athena):
    engine = {"EngineVersion": {"SelectedEngineVersion": "PySpark engine version 3"}}
    role = {"ExecutionRole": "arn:aws:iam::123456789012:role/spark"}
    athena(
        "create-work-group", "--name", "from-the-cli", "--description", "a group",
        "--configuration", json.dumps({**engine, **role}), "--tags", "Key=k,Value=v",
    )  # fmt: skip
    shown = athena("get-work-group", "--work-group", "from-the-cli")["WorkGroup"]
    assert shown["Description"] == "a group"
    listed = athena("list-work-groups")["WorkGroups"]
    assert [each["Name"] for each in listed] == ["from-the-cli", "primary"]


def test_session_is_terminated(athena):
    configuration = json.dumps({"MaxConcurrentDpus": 2, "AdditionalConfigs": MOCK})
    session = athena(
        "start-session", "--work-group", "primary", "--engine-configuration", configuration
    )["SessionId"]
    assert athena("terminate-session", "--session-id", session) == {"State": "TERMINATING"}


def test_errors_are_shown_with_their_code_and_message(daemon):
    ran = clients.run_aws(daemon.url, "athena", "get-session", "--session-id", "unknown")
    assert ran.returncode == 254
    assert b"InvalidRequestException" in ran.stderr
    assert b"Session unknown is not found." in ran.stderr
