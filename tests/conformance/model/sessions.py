"""Sessions, their executors and calculations."""

import uuid

from model.cases import KEEP
from model.operations import (
    WORK_GROUP_EXISTS,
    Row,
    Special,
    at,
    known,
    meant,
    page_token,
    pages,
    read_back,
    replay,
    when,
)
from model.outcomes import ACCEPTED, Refused
from model.service_model import request_shape
from model.world import SPARK, SPARK_GROUP, SQL_GROUP, UNKNOWN

SESSION_EXISTS = known("SessionId", "sessions")
CALCULATION_EXISTS = known("CalculationExecutionId", "calculations")
UNKNOWN_SESSION = Special("an unknown session", lambda w, r: {**r, "SessionId": UNKNOWN}, Refused())
UNKNOWN_CALCULATION = Special(
    "an unknown calculation", lambda w, r: {**r, "CalculationExecutionId": UNKNOWN}, Refused()
)
NOT_SPARK = Refused("Workgroup EngineVersion is not Spark.")


# ---- sessions


def after_start_session(world, judge, request, answer):
    session = answer["SessionId"]
    world.sessions.add(session)
    replay(judge, "StartSession", request, answer, Description="something else")
    kept = ("WorkGroup", "Description", "EngineConfiguration", "NotebookVersion")
    shape = request_shape("StartSession")
    written = meant(shape, {name: request[name] for name in kept if name in request})
    wanted = {**written, "SessionId": session}
    if "SessionIdleTimeoutInMinutes" in (all_of := meant(shape, request)):
        minutes = all_of["SessionIdleTimeoutInMinutes"]
        wanted["SessionConfiguration"] = {
            "IdleTimeoutSeconds": 60 * minutes,
            "SessionIdleTimeoutInMinutes": minutes,
        }
    read_back(judge, "GetSession", {"SessionId": session}, wanted)
    judge.ask("TerminateSession", {"SessionId": session})
    replay(judge, "StartSession", request, answer, Description="something else")


def status_fits(operation):
    """What comes with a state: since when a session idles, when and why it ended."""
    wanted = {
        "IDLE": {"IdleSinceDateTime"},
        "TERMINATED": {"EndDateTime", "StateChangeReason"},
        "FAILED": {"EndDateTime", "StateChangeReason"},
    }

    def after(_, judge, request, answer):
        status = answer["Status"]
        missing = wanted.get(status["State"], set()) - set(status)
        judge.expect(operation, not missing, f"without {missing}", request, answer)
        if status["State"] == "TERMINATED":
            told = status.get("StateChangeReason") == "Session was terminated per request"
            judge.expect(operation, told, "not the service's reason", request, answer)

    return after


def in_a_disabled_group(world, request):
    name = f"disabled-{uuid.uuid4()}"
    world.judge.need("CreateWorkGroup", {"Name": name, "Configuration": SPARK})
    world.judge.need("UpdateWorkGroup", {"WorkGroup": name, "State": "DISABLED"})
    return {**request, "WorkGroup": name}


def second_of_a_notebook(world, request):
    return {
        **request,
        "EngineConfiguration": {"AdditionalConfigs": {"NotebookId": world.open_notebook}},
        "NotebookVersion": "Athena notebook version 1",
    }


START_SESSION = Row(
    proper=lambda w: {"WorkGroup": SPARK_GROUP, "EngineConfiguration": {}},
    values={"WorkGroup": KEEP},
    rules=(WORK_GROUP_EXISTS, when(lambda r: r["WorkGroup"] == SQL_GROUP, NOT_SPARK)),
    special=(
        Special("a SQL workgroup", lambda w, r: {**r, "WorkGroup": SQL_GROUP}),
        Special("a workgroup that is not there", lambda w, r: {**r, "WorkGroup": "nowhere"}),
        Special("a workgroup that is disabled", in_a_disabled_group, Refused()),
        Special(
            "a notebook without its version",
            lambda w, r: {
                **r,
                "EngineConfiguration": {"AdditionalConfigs": {"NotebookId": UNKNOWN}},
            },
            Refused("NotebookVersion is required when NotebookId is provided."),
        ),
        Special(
            "a notebook that has a session",
            second_of_a_notebook,
            Refused(type="SessionAlreadyExistsException"),
        ),
    ),
    after=after_start_session,
)


def of_a_session(**more):
    return Row(
        proper=lambda w: {"SessionId": w.any_session()},
        values={"SessionId": KEEP, "NextToken": KEEP},
        rules=(SESSION_EXISTS, page_token),
        special=(UNKNOWN_SESSION,),
        **more,
    )


TERMINATE_SESSION = Row(
    proper=lambda w: {"SessionId": w.doomed_session},
    values={"SessionId": KEEP},
    rules=(SESSION_EXISTS,),
    special=(
        UNKNOWN_SESSION,
        Special("an ended session", lambda w, r: {"SessionId": w.ended_session}),
    ),
    after=lambda w, judge, request, answer: w.used("doomed_session"),
)

LIST_SESSIONS = Row(
    proper=lambda w: {"WorkGroup": w.any_session() and SPARK_GROUP},
    values={"WorkGroup": KEEP, "NextToken": KEEP},
    rules=(WORK_GROUP_EXISTS, page_token),
    after=pages("ListSessions", "Sessions", 3, ("StateFilter", "Status.State")),
)

# It comes later; until then it says so.
CREATE_PRESIGNED_NOTEBOOK_URL = Row(
    proper=lambda w: {"SessionId": w.any_session()},
    values={"SessionId": KEEP},
    rules=(lambda w, r: Refused(code=None),),
)


# ---- calculations


def after_start_calculation(world, judge, request, answer):
    calculation = answer["CalculationExecutionId"]
    world.used("idle_session")
    world.calculations.add(calculation)
    replay(judge, "StartCalculationExecution", request, answer, Description="something else")
    identified = {"CalculationExecutionId": calculation}
    code = request.get("CodeBlock")
    if code is None:
        code = at(request, "CalculationConfiguration.CodeBlock")
    read_back(judge, "GetCalculationExecutionCode", identified, {"CodeBlock": code})
    wanted = {**identified, "SessionId": request["SessionId"]}
    wanted["Description"] = request.get("Description") or ""
    read_back(judge, "GetCalculationExecution", identified, wanted)
    world.wait_for_end(calculation)
    replay(judge, "StartCalculationExecution", request, answer, Description="something else")


def code_once(_, request):
    given = [at(request, "CodeBlock"), at(request, "CalculationConfiguration.CodeBlock")]
    return None if given.count(None) == 1 else Refused()


def not_idle(state):
    return Refused(f"Session is in the {state} state; needs to be IDLE to accept Calculations.")


START_CALCULATION = Row(
    proper=lambda w: {"SessionId": w.idle_session, "CodeBlock": "print here"},
    values={"SessionId": KEEP, "CalculationConfiguration": KEEP},
    rules=(SESSION_EXISTS, code_once),
    special=(
        UNKNOWN_SESSION,
        Special(
            "code in the deprecated place",
            lambda w, r: {
                "SessionId": r["SessionId"],
                "CalculationConfiguration": {"CodeBlock": "print here"},
            },
        ),
        Special("no code", lambda w, r: {"SessionId": r["SessionId"]}),
        Special(
            "a busy session", lambda w, r: {**r, "SessionId": w.busy_session}, not_idle("BUSY")
        ),
        Special(
            "an ended session",
            lambda w, r: {**r, "SessionId": w.ended_session},
            not_idle("TERMINATED"),
        ),
    ),
    after=after_start_calculation,
)


def of_a_calculation(**more):
    return Row(
        proper=lambda w: {"CalculationExecutionId": w.any_calculation()},
        values={"CalculationExecutionId": KEEP},
        rules=(CALCULATION_EXISTS,),
        **{"special": (UNKNOWN_CALCULATION,), **more},
    )


def has_results(_, judge, request, answer):
    paths = ("Result.StdOutS3Uri", "Result.StdErrorS3Uri", "Status.CompletionDateTime")
    missing = [path for path in paths if at(answer, path) is None]
    judge.expect("GetCalculationExecution", not missing, f"without {missing}", request, answer)
    completed = answer["Status"]["State"] == "COMPLETED"
    silent = "StateChangeReason" not in answer["Status"]
    problem = "a reason exactly if it did not complete"
    judge.expect("GetCalculationExecution", completed == silent, problem, request, answer)


def after_stop(world, judge, request, answer):
    if answer["State"] == "CANCELING":
        world.wait_for_end(request["CalculationExecutionId"])


STOP_CALCULATION = of_a_calculation(
    special=(
        UNKNOWN_CALCULATION,
        Special(
            "a running calculation",
            lambda w, r: {"CalculationExecutionId": w.run("sleep 3600000")},
            ACCEPTED,
        ),
    ),
    after=after_stop,
)

LIST_CALCULATIONS = Row(
    proper=lambda w: {"SessionId": w.any_calculation() and w.session},
    values={"SessionId": KEEP, "NextToken": KEEP},
    rules=(SESSION_EXISTS, page_token),
    special=(UNKNOWN_SESSION,),
    after=pages("ListCalculationExecutions", "Calculations", 3, ("StateFilter", "Status.State")),
)

ROWS = {
    "StartSession": START_SESSION,
    "GetSession": of_a_session(after=status_fits("GetSession")),
    "GetSessionStatus": of_a_session(after=status_fits("GetSessionStatus")),
    "ListSessions": LIST_SESSIONS,
    "TerminateSession": TERMINATE_SESSION,
    "ListExecutors": of_a_session(
        after=pages(
            "ListExecutors", "ExecutorsSummary", 1, ("ExecutorStateFilter", "ExecutorState")
        )
    ),
    "CreatePresignedNotebookUrl": CREATE_PRESIGNED_NOTEBOOK_URL,
    "StartCalculationExecution": START_CALCULATION,
    "GetCalculationExecution": of_a_calculation(after=has_results),
    "GetCalculationExecutionStatus": of_a_calculation(),
    "GetCalculationExecutionCode": of_a_calculation(),
    "ListCalculationExecutions": LIST_CALCULATIONS,
    "StopCalculationExecution": STOP_CALCULATION,
}
