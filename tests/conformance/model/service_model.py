"""The model of the service: botocore's as installed, and the newest as far as requests differ."""

import copy
import re

import botocore.loaders
import botocore.model

from support.build import REPOSITORY

OPERATIONS = """
    StartSession GetSession GetSessionStatus ListSessions TerminateSession ListExecutors
    StartCalculationExecution GetCalculationExecution GetCalculationExecutionCode
    GetCalculationExecutionStatus ListCalculationExecutions StopCalculationExecution
    CreateNotebook ImportNotebook ExportNotebook UpdateNotebook UpdateNotebookMetadata
    DeleteNotebook GetNotebookMetadata ListNotebookMetadata ListNotebookSessions
    CreatePresignedNotebookUrl
    CreateWorkGroup GetWorkGroup UpdateWorkGroup DeleteWorkGroup ListWorkGroups
    ListEngineVersions ListApplicationDPUSizes TagResource UntagResource ListTagsForResource
""".split()

# Operations that only the newest model has: the tree may know them, this suite cannot.
NEWER_OPERATIONS = {"GetSessionEndpoint", "GetResourceDashboard"}

# Where the newest model asks for something else than the one that Debian 12 installs.
NEWER_CONSTRAINTS = {
    "CoordinatorDpuSize": {"max": 1},
    "DefaultExecutorDpuSize": {"max": 1},
    "EngineConfiguration": {"required": []},
    "NotebookName": {
        "pattern": r"(?!.*[/:\\])[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]+"
    },
    "Payload": {"max": 10_485_760},
    "ImportNotebookInput": {"required": ["WorkGroup", "Name", "Type"]},
    "UpdateNotebookInput": {"required": ["NotebookId", "Payload", "Type"]},
}

# Errors that the newest model lists and the installed one does not.
NEWER_ERRORS = {
    "GetCalculationExecutionCode": ["InvalidRequestException"],
    "StopCalculationExecution": ["InvalidRequestException"],
}

# Members of answers that the newest model has and the installed one does not; clients with the
# installed one drop them.
NEWER_MEMBERS = {
    "EngineConfiguration": {"Classifications", "SparkProperties"},
    "GetSessionResponse": {"MonitoringConfiguration"},
    "SessionConfiguration": {"SessionIdleTimeoutInMinutes"},
    "WorkGroup": {"IdentityCenterApplicationArn"},
    "WorkGroupSummary": {"IdentityCenterApplicationArn"},
    "WorkGroupConfiguration": {
        "EnableMinimumEncryptionConfiguration",
        "EngineConfiguration",
        "IdentityCenterConfiguration",
        "ManagedQueryResultsConfiguration",
        "MonitoringConfiguration",
        "QueryResultsS3AccessGrantsConfiguration",
    },
}


def _newest(installed):
    model = copy.deepcopy(installed)
    for name, constraints in NEWER_CONSTRAINTS.items():
        model["shapes"][name].update(constraints)
    for operation, names in NEWER_ERRORS.items():
        model["operations"][operation]["errors"] += [{"shape": name} for name in names]
    return model


_MODEL = botocore.model.ServiceModel(
    _newest(botocore.loaders.Loader().load_service_model("athena", "service-2")), "athena"
)


def request_shape(operation):
    return _MODEL.operation_model(operation).input_shape


def answer_shape(operation):
    """Its members are those that a client with the installed model understands."""
    return _MODEL.operation_model(operation).output_shape


def error_names(operation):
    return {shape.name for shape in _MODEL.operation_model(operation).error_shapes}


def bounds(shape):
    """(min, max) of a number, or of the length of anything else; None: there is none."""
    return shape.metadata.get("min"), shape.metadata.get("max")


def pattern_of(shape):
    return shape.metadata.get("pattern")


def operations_of_the_tree():
    """The names in glauxd's own table of operations."""
    source = (REPOSITORY / "api" / "operations.cc").read_text()
    return re.findall(r'operation<\w+>\(\s*"(\w+)"', source)
