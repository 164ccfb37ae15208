"""Debian's boto3 and its AWS CLI, each through every operation there is, in one story."""

import json
import re
import uuid

import boto3
import pytest
from botocore import xform_name

from support import clients
from support.sessions import MOCK
from support.waiting import wait_until
from test_notebooks import VERSION, notebook_text
from test_work_groups import SPARK

ARN = "arn:aws:athena:us-east-1:123456789012:workgroup/"

# Of the model that is installed, what belongs to Spark. The newer ones, and those that have no answer
# yet, are the JavaScript clients' to call.
OPERATIONS = set(
    """StartSession GetSession GetSessionStatus ListSessions TerminateSession ListExecutors
    StartCalculationExecution GetCalculationExecution GetCalculationExecutionStatus
    GetCalculationExecutionCode ListCalculationExecutions StopCalculationExecution CreateNotebook
    ImportNotebook ExportNotebook UpdateNotebook UpdateNotebookMetadata DeleteNotebook
    GetNotebookMetadata ListNotebookMetadata ListNotebookSessions CreateWorkGroup GetWorkGroup
    UpdateWorkGroup DeleteWorkGroup ListWorkGroups ListEngineVersions ListApplicationDPUSizes
    TagResource UntagResource ListTagsForResource""".split()
)


class Boto3:
    """Operations by their names in the model."""

    def __init__(self, url):
        self._client = clients.athena(url)
        self.called = set()

    def call(self, operation, **members):
        self.called.add(operation)
        answer = getattr(self._client, xform_name(operation))(**members)
        answer.pop("ResponseMetadata")
        return answer

    def tags(self, arn):
        self.called.add("ListTagsForResource")
        pages = self._client.get_paginator("list_tags_for_resource").paginate(ResourceARN=arn)
        return [tag for page in pages for tag in page["Tags"]]


class AwsCli:
    def __init__(self, url):
        self._url = url
        self.called = set()

    def call(self, operation, **members):
        self.called.add(operation)
        verb = xform_name(operation, "-")
        answer = clients.aws(
            self._url, "athena", verb, "--no-paginate", "--cli-input-json", json.dumps(members)
        )
        return answer or {}

    def tags(self, arn):
        self.called.add("ListTagsForResource")
        return clients.aws(
            self._url, "athena", "list-tags-for-resource", "--resource-arn", arn, "--page-size", "75"
        )["Tags"]


@pytest.fixture(params=[Boto3, AwsCli], ids=["boto3", "aws"])
def client(request, daemon):
    return request.param(daemon.url)


def pages(client, operation, items, **members):
    """All of a list, in pages of one or two."""
    found = []
    while True:
        answer = client.call(operation, **members)
        found += answer[items]
        if "NextToken" not in answer:
            return found
        members["NextToken"] = answer["NextToken"]


def test_every_operation(client):
    name = "story-" + uuid.uuid4().hex[:8]
    work_groups(client, name)
    engines(client)
    tags(client, name)
    notebook = notebooks(client, name)
    sessions(client, name, notebook)
    client.call("DeleteWorkGroup", WorkGroup=name, RecursiveDeleteOption=True)
    known = boto3.session.Session().client("athena", region_name="us-east-1").meta.service_model
    assert OPERATIONS <= set(known.operation_names)
    assert client.called == OPERATIONS


def work_groups(client, name):
    assert client.call("CreateWorkGroup", Name=name, Configuration=SPARK, Description="d") == {}
    assert client.call("UpdateWorkGroup", WorkGroup=name, Description="e") == {}
    assert client.call("GetWorkGroup", WorkGroup=name)["WorkGroup"]["Description"] == "e"
    listed = pages(client, "ListWorkGroups", "WorkGroups", MaxResults=1)
    assert {"primary", name} <= {each["Name"] for each in listed}


def engines(client):
    versions = pages(client, "ListEngineVersions", "EngineVersions", MaxResults=2)
    assert "PySpark engine version 3" in [each["SelectedEngineVersion"] for each in versions]
    assert pages(client, "ListApplicationDPUSizes", "ApplicationDPUSizes", MaxResults=1)


def tags(client, name):
    given = [{"Key": "k", "Value": "v"}, {"Key": "l", "Value": ""}]
    assert client.call("TagResource", ResourceARN=ARN + name, Tags=given) == {}
    assert client.call("UntagResource", ResourceARN=ARN + name, TagKeys=["l"]) == {}
    assert client.tags(ARN + name) == given[:1]


def notebooks(client, name):
    text = notebook_text()
    created = client.call("CreateNotebook", WorkGroup=name, Name="created")["NotebookId"]
    imported = client.call(
        "ImportNotebook", WorkGroup=name, Name="imported", Payload=text, Type="IPYNB"
    )["NotebookId"]
    assert client.call("UpdateNotebookMetadata", NotebookId=created, Name="renamed") == {}
    metadata = client.call("GetNotebookMetadata", NotebookId=created)["NotebookMetadata"]
    assert metadata["Name"] == "renamed"
    listed = pages(
        client, "ListNotebookMetadata", "NotebookMetadataList", WorkGroup=name, MaxResults=1
    )
    assert [each["NotebookId"] for each in listed] == [imported, created]
    assert client.call("UpdateNotebook", NotebookId=created, Payload=text, Type="IPYNB") == {}
    assert client.call("ExportNotebook", NotebookId=created)["Payload"] == text
    assert client.call("DeleteNotebook", NotebookId=created) == {}
    return imported


def sessions(client, name, notebook):
    session = client.call(
        "StartSession",
        WorkGroup=name,
        EngineConfiguration={
            "MaxConcurrentDpus": 2,
            "AdditionalConfigs": {**MOCK, "NotebookId": notebook},
        },
        NotebookVersion=VERSION,
    )["SessionId"]
    wait_for(client, "GetSessionStatus", "IDLE", SessionId=session)
    assert client.call("GetSession", SessionId=session)["WorkGroup"] == name
    (of_notebook,) = pages(
        client, "ListNotebookSessions", "NotebookSessionsList", NotebookId=notebook, MaxResults=1
    )
    assert of_notebook["SessionId"] == session
    calculations(client, session)
    listed = pages(client, "ListSessions", "Sessions", WorkGroup=name, MaxResults=1)
    assert [each["SessionId"] for each in listed] == [session]
    executors = pages(client, "ListExecutors", "ExecutorsSummary", SessionId=session, MaxResults=1)
    assert [each["ExecutorType"] for each in executors] == ["COORDINATOR"]
    assert client.call("TerminateSession", SessionId=session)["State"] == "TERMINATING"


def calculations(client, session):
    first = start(client, session, "print 1")
    wait_for(client, "GetCalculationExecutionStatus", "COMPLETED", CalculationExecutionId=first)
    wait_for(client, "GetSessionStatus", "IDLE", SessionId=session)
    second = start(client, session, "sleep 60000")
    stopped = client.call("StopCalculationExecution", CalculationExecutionId=second)["State"]
    assert re.fullmatch("CANCELING|CANCELED", stopped)
    code = client.call("GetCalculationExecutionCode", CalculationExecutionId=first)["CodeBlock"]
    assert code == "print 1"
    calculation = client.call("GetCalculationExecution", CalculationExecutionId=first)
    assert calculation["Result"]["StdOutS3Uri"].startswith("s3://")
    listed = pages(
        client, "ListCalculationExecutions", "Calculations", SessionId=session, MaxResults=1
    )
    assert [each["CalculationExecutionId"] for each in listed] == [second, first]


def start(client, session, code):
    answer = client.call("StartCalculationExecution", SessionId=session, CodeBlock=code)
    assert answer["State"] == "CREATING"
    return answer["CalculationExecutionId"]


def wait_for(client, operation, state, **members):
    wait_until(
        lambda: client.call(operation, **members)["Status"]["State"] == state, f"{state} {members}"
    )
