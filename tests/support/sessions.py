"""What a client does with sessions and calculations, in as few words as tests like."""

import uuid

from support.waiting import wait_until

ENDED_SESSION = {"TERMINATED", "DEGRADED", "FAILED"}
ENDED_CALCULATION = {"COMPLETED", "FAILED", "CANCELED"}
EVERY_SESSION_STATE = (
    "CREATING CREATED IDLE BUSY TERMINATING TERMINATED DEGRADED FAILED".split()
)

# A session that a script runs, not an interpreter; see plugins/mock/README.md.
MOCK = {"glaux.executor": "mock"}


def engine_configuration(additional_configs=None, dpus=2):
    configuration = {"MaxConcurrentDpus": dpus}
    if additional_configs:
        configuration["AdditionalConfigs"] = dict(additional_configs)
    return configuration


def new_token():
    return str(uuid.uuid4())


def start_session(athena, additional_configs=None, work_group="primary", **members):
    """Its id; it may not be IDLE yet."""
    answer = athena.start_session(
        WorkGroup=work_group,
        EngineConfiguration=engine_configuration(additional_configs),
        **members,
    )
    return answer["SessionId"]


def session_status(athena, session):
    return athena.get_session_status(SessionId=session)["Status"]


def wait_for_session(athena, session, *states):
    """Its status, once it is in one of the states."""

    def look():
        status = session_status(athena, session)
        if status["State"] in states:
            return status
        assert status["State"] not in ENDED_SESSION, status
        return None

    return wait_until(look, f"session {session} in {states}")


def idle_session(athena, additional_configs=None, **members):
    session = start_session(athena, additional_configs, **members)
    wait_for_session(athena, session, "IDLE")
    return session


def terminate(athena, session):
    athena.terminate_session(SessionId=session)
    return wait_for_session(athena, session, "TERMINATED")


def start_calculation(athena, session, code, **members):
    """Its id; it has not ended yet."""
    answer = athena.start_calculation_execution(SessionId=session, CodeBlock=code, **members)
    return answer["CalculationExecutionId"]


def calculation_status(athena, calculation):
    return athena.get_calculation_execution_status(CalculationExecutionId=calculation)["Status"]


def wait_for_calculation(athena, calculation, *states):
    """What GetCalculationExecution says, once it is in one of the states."""

    def look():
        state = calculation_status(athena, calculation)["State"]
        if state in states:
            return athena.get_calculation_execution(CalculationExecutionId=calculation)
        assert state not in ENDED_CALCULATION, get_calculation(athena, calculation)
        return None

    return wait_until(look, f"calculation {calculation} in {states}")


def get_calculation(athena, calculation):
    return athena.get_calculation_execution(CalculationExecutionId=calculation)


def wait_for_end(athena, calculation):
    return wait_for_calculation(athena, calculation, *ENDED_CALCULATION)


def stop(athena, calculation):
    return athena.stop_calculation_execution(CalculationExecutionId=calculation)["State"]


def object_of(uri):
    """s3://bucket/key as the arguments of an S3 call."""
    scheme, rest = uri.split("://")
    assert scheme == "s3", uri
    bucket, key = rest.split("/", 1)
    return {"Bucket": bucket, "Key": key}


def read_object(daemon, uri):
    return daemon.s3.get_object(**object_of(uri))["Body"].read()


def stdout_of(daemon, calculation):
    return read_object(daemon, calculation["Result"]["StdOutS3Uri"]).decode()


def stderr_of(daemon, calculation):
    return read_object(daemon, calculation["Result"]["StdErrorS3Uri"]).decode()


def run(daemon, session, code, **members):
    """Runs the code to its end, whichever that is."""
    calculation = start_calculation(daemon.athena, session, code, **members)
    ended = wait_for_end(daemon.athena, calculation)
    wait_for_session(daemon.athena, session, "IDLE")
    return ended


def printed_by(daemon, session, code):
    """What the code printed; it has to complete."""
    calculation = run(daemon, session, code)
    assert calculation["Status"]["State"] == "COMPLETED", stderr_of(daemon, calculation)
    return stdout_of(daemon, calculation)


def every_page(operation, items, page_size=None, **members):
    """All items of a List operation, following NextToken, and the number of pages."""
    if page_size:
        members["MaxResults"] = page_size
    found, pages = [], 0
    while True:
        answer = operation(**members)
        found += answer[items]
        pages += 1
        if "NextToken" not in answer:
            return found, pages
        assert answer["NextToken"] != ""
        members["NextToken"] = answer["NextToken"]
