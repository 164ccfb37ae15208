"""What every answer has to look like: held against the model and read by botocore's own parser."""

import datetime
import json
import re
import time

import botocore.parsers

from model import service_model
from model.constraints import INTEGERS, violated_by
from support.raw_http import AMZ_JSON

REQUEST_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# Errors that no model lists: the answer to what is no request of the operation at all.
COMMON_ERRORS = {"SerializationException"}
EXTRA_OF_ERROR = {
    "InvalidRequestException": {"AthenaErrorCode", "ErrorCode"},
    "ResourceNotFoundException": {"ResourceName"},
    "TooManyRequestsException": {"Reason"},
}

STATUS = ["Status.State", "Status.StartDateTime", "Status.LastModifiedDateTime"]
CALCULATION = ["Status.State", "Status.SubmissionDateTime"]
STATISTICS = ["Statistics.DpuExecutionInMillis"]
NOTEBOOK = [
    "NotebookMetadata." + name
    for name in "NotebookId Name WorkGroup CreationTime Type LastModifiedTime".split()
]
WORK_GROUP_DEFAULTS = """ResultConfiguration EnforceWorkGroupConfiguration RequesterPaysEnabled
    PublishCloudWatchMetricsEnabled EnableMinimumEncryptionConfiguration
    EngineVersion.SelectedEngineVersion EngineVersion.EffectiveEngineVersion""".split()

# Members that the contract promises, beyond those the model calls required. [] is every item.
PROMISED = {
    "StartSession": ["SessionId", "State"],
    "GetSession": [
        *"SessionId WorkGroup EngineVersion EngineConfiguration SessionConfiguration".split(),
        *["SessionConfiguration.IdleTimeoutSeconds", "SessionConfiguration.WorkingDirectory"],
        *STATUS,
        *STATISTICS,
    ],
    "GetSessionStatus": ["SessionId", *STATUS],
    "ListSessions": [
        "Sessions[].SessionId",
        "Sessions[].EngineVersion.EffectiveEngineVersion",
        *[f"Sessions[].{each}" for each in STATUS],
    ],
    "TerminateSession": ["State"],
    "ListExecutors": [
        f"ExecutorsSummary[].{name}"
        for name in "ExecutorType ExecutorState StartDateTime ExecutorSize".split()
    ],
    "StartCalculationExecution": ["CalculationExecutionId", "State"],
    "GetCalculationExecution": [
        *"CalculationExecutionId SessionId WorkingDirectory".split(),
        *CALCULATION,
        *STATISTICS,
    ],
    "GetCalculationExecutionStatus": [*CALCULATION, *STATISTICS],
    "GetCalculationExecutionCode": ["CodeBlock"],
    "ListCalculationExecutions": [
        "Calculations[].CalculationExecutionId",
        *[f"Calculations[].{each}" for each in CALCULATION],
    ],
    "StopCalculationExecution": ["State"],
    "CreateNotebook": ["NotebookId"],
    "ImportNotebook": ["NotebookId"],
    "ExportNotebook": [*NOTEBOOK, "Payload"],
    "GetNotebookMetadata": NOTEBOOK,
    "ListNotebookMetadata": [
        each.replace("NotebookMetadata.", "NotebookMetadataList[].") for each in NOTEBOOK
    ],
    "ListNotebookSessions": [
        "NotebookSessionsList[].SessionId",
        "NotebookSessionsList[].CreationTime",
    ],
    "GetWorkGroup": [
        "WorkGroup.State",
        "WorkGroup.CreationTime",
        *[f"WorkGroup.Configuration.{name}" for name in WORK_GROUP_DEFAULTS],
    ],
    "ListWorkGroups": [
        f"WorkGroups[].{name}"
        for name in "Name State Description CreationTime".split()
    ]
    + ["WorkGroups[].EngineVersion.EffectiveEngineVersion"],
    "ListEngineVersions": [
        "EngineVersions[].SelectedEngineVersion",
        "EngineVersions[].EffectiveEngineVersion",
    ],
    "ListApplicationDPUSizes": [
        "ApplicationDPUSizes[].ApplicationRuntimeId",
        "ApplicationDPUSizes[].SupportedDPUSizes[]",
    ],
    "ListTagsForResource": ["Tags[].Key", "Tags[].Value"],
}


class NotStrict(ValueError):
    pass


def strict_json(body):
    """As json.loads, but refuses what other parsers would read differently or not at all."""

    def members(pairs):
        if len({name for name, _ in pairs}) != len(pairs):
            raise NotStrict("a member is there twice")
        return dict(pairs)

    def constant(text):
        raise NotStrict(f"{text} is no JSON")

    return json.loads(body.decode(), object_pairs_hook=members, parse_constant=constant)


def problems(operation, answer):
    """Everything that is wrong with an answer (raw_http.Answer), whatever was asked."""
    found = _header_problems(answer.headers)
    if answer.status not in (200, 400):
        return [*found, f"status {answer.status}"]
    try:
        body = strict_json(answer.body)
    except ValueError as error:
        return [*found, f"the body: {error}"]
    if not isinstance(body, dict):
        return [*found, "the body is no object"]
    if answer.status == 200:
        found += _success_problems(operation, answer, body)
    else:
        found += _error_problems(operation, answer, body)
    return found


def _header_problems(headers):
    found = []
    if headers.get("content-type") != AMZ_JSON:
        found.append(f"content type {headers.get('content-type')}")
    if not REQUEST_ID.fullmatch(headers.get("x-amzn-requestid", "")):
        found.append(f"x-amzn-RequestId is {headers.get('x-amzn-requestid')}")
    if "x-amzn-errortype" in headers:
        found.append("there is an x-amzn-errortype header")
    return found


def _parsed(operation, answer):
    """What a client with the installed botocore makes of it."""
    response = {"status_code": answer.status, "headers": answer.headers, "body": answer.body}
    shape = service_model.answer_shape(operation)
    return botocore.parsers.create_parser("json").parse(response, shape)


# ---- success


def _success_problems(operation, answer, body):
    shape = service_model.answer_shape(operation)
    if found := value_problems(shape, body, operation):
        return found
    promised = PROMISED.get(operation, [])
    if missing := [path for path in promised if not all(has_path(body, path))]:
        return [f"{path} is missing" for path in missing]
    parsed = _parsed(operation, answer)
    parsed.pop("ResponseMetadata")
    return parsed_problems(shape, body, parsed, operation)


def has_path(value, path):
    """For every place the path leads to, whether there is something; lists may be empty."""
    head, _, rest = path.partition(".")
    name = head.removesuffix("[]")
    if not isinstance(value, dict) or name not in value:
        yield False
        return
    member = value[name]
    for each in member if head.endswith("[]") else [member]:
        if rest:
            yield from has_path(each, rest)
        else:
            yield True


def value_problems(shape, value, path):
    if value is None:
        return [f"{path} is null"]
    if shape.type_name in _CONTAINERS:
        return _CONTAINERS[shape.type_name](shape, value, path)
    if not _has_type(shape, value):
        return [f"{path} is no {shape.type_name}: {json.dumps(value)[:80]}"]
    if shape.type_name == "timestamp" and not _is_recent(value):
        return [f"{path} is not in seconds since 1970, or not of today: {value}"]
    return [f"{path}: {text}" for text in violated_by(shape, value)]


def _has_type(shape, value):
    if shape.type_name in INTEGERS:
        limit = INTEGERS[shape.type_name][1]
        return type(value) is int and -limit <= value < limit
    if shape.type_name == "timestamp":
        return type(value) in (int, float)
    return type(value) is {"string": str, "boolean": bool}[shape.type_name]


def _is_recent(seconds):
    return abs(time.time() - seconds) < datetime.timedelta(days=1).total_seconds()


def _structure_problems(shape, value, path):
    if not isinstance(value, dict):
        return [f"{path} is no structure"]
    found = [f"{path}.{name} is missing" for name in shape.required_members if name not in value]
    newer = service_model.NEWER_MEMBERS.get(shape.name, set())
    for name, member in value.items():
        if name in shape.members:
            found += value_problems(shape.members[name], member, f"{path}.{name}")
        elif name not in newer:
            found.append(f"{path}.{name} is no member of {shape.name}")
        elif member is None:
            found.append(f"{path}.{name} is null")
        if name == "NextToken" and member == "":
            found.append(f"{path}.NextToken is empty")
    return found


def _list_problems(shape, value, path):
    if not isinstance(value, list):
        return [f"{path} is no list"]
    found = []
    high = service_model.bounds(shape)[1]
    if high is not None and len(value) > high:
        found.append(f"{path} has {len(value)} items, more than {high}")
    for number, each in enumerate(value):
        found += value_problems(shape.member, each, f"{path}[{number}]")
    return found


def _map_problems(shape, value, path):
    if not isinstance(value, dict):
        return [f"{path} is no map"]
    found = []
    for key, each in value.items():
        found += value_problems(shape.key, key, f"{path}, a key")
        found += value_problems(shape.value, each, f"{path}[{key[:20]!r}]")
    return found


_CONTAINERS = {
    "structure": _structure_problems,
    "list": _list_problems,
    "map": _map_problems,
}


def parsed_problems(shape, raw, parsed, path):
    """Whether the client's parser has kept every member that the model knows."""
    if shape.type_name == "structure":
        known = [name for name in raw if name in shape.members]
        found = [f"{path}.{name} is lost in parsing" for name in known if name not in parsed]
        for name in known:
            if name in parsed:
                member = shape.members[name]
                found += parsed_problems(member, raw[name], parsed[name], f"{path}.{name}")
        return found
    if shape.type_name == "list":
        found = [] if len(raw) == len(parsed) else [f"{path} changes its length in parsing"]
        for one, other in zip(raw, parsed):
            found += parsed_problems(shape.member, one, other, path + "[]")
        return found
    if shape.type_name == "timestamp":
        is_time = isinstance(parsed, datetime.datetime) and abs(parsed.timestamp() - raw) < 0.01
        return [] if is_time else [f"{path} is parsed as {parsed!r}"]
    return [] if raw == parsed else [f"{path} is parsed as {parsed!r}"[:200]]


# ---- errors


def _error_problems(operation, answer, body):
    name = body.get("__type")
    if not isinstance(name, str):
        return ["there is no __type"]
    found = []
    if name not in service_model.error_names(operation) | COMMON_ERRORS:
        found.append(f"{name} is no error of {operation}")
    if "Message" not in body and name != "SerializationException":
        found.append("there is no Message")
    allowed = {"__type", "Message"} | EXTRA_OF_ERROR.get(name, set())
    for member, value in body.items():
        if member not in allowed:
            found.append(f"{member} is no member of {name}")
        if not isinstance(value, str) or value == "":
            found.append(f"{member} is {value!r}")
    if body.get("AthenaErrorCode") != body.get("ErrorCode"):
        found.append("AthenaErrorCode and ErrorCode differ")
    if found:
        return found
    error = _parsed(operation, answer)["Error"]
    if error["Code"] != name or error["Message"] != body.get("Message", ""):
        found.append(f"botocore reads it as {error}")
    return found
