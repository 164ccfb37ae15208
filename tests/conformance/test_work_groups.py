"""CreateWorkGroup, GetWorkGroup, ListWorkGroups."""

import pytest

from support.sessions import (
    MOCK,
    every_page,
    idle_session,
    read_object,
    run,
    start_session,
)

ROLE = "arn:aws:iam::123456789012:role/service-role/spark"
SPARK = {
    "EngineVersion": {"SelectedEngineVersion": "PySpark engine version 3"},
    "ExecutionRole": ROLE,
}


def assert_refused(athena, message, call):
    with pytest.raises(athena.exceptions.InvalidRequestException) as refused:
        call()
    assert refused.value.response["Error"]["Message"] == message
    assert refused.value.response["AthenaErrorCode"] == "INVALID_INPUT"


def names(daemon):
    return [each["Name"] for each in daemon.athena.list_work_groups()["WorkGroups"]]


def test_primary_always_exists_and_runs_spark(daemon):
    work_group = daemon.athena.get_work_group(WorkGroup="primary")["WorkGroup"]
    assert work_group["Name"] == "primary"
    assert work_group["State"] == "ENABLED"
    assert work_group["CreationTime"]
    configuration = work_group["Configuration"]
    assert configuration["EnforceWorkGroupConfiguration"] is False
    assert configuration["EngineVersion"]["EffectiveEngineVersion"] == "PySpark engine version 3"


def test_defaults_are_those_of_the_service(daemon):
    athena = daemon.athena
    assert set(athena.create_work_group(Name="defaults")) == {"ResponseMetadata"}
    work_group = athena.get_work_group(WorkGroup="defaults")["WorkGroup"]
    assert "Description" not in work_group
    assert work_group["State"] == "ENABLED"
    expected = {
        "ResultConfiguration": {},
        "EnforceWorkGroupConfiguration": True,
        "PublishCloudWatchMetricsEnabled": False,
        "RequesterPaysEnabled": False,
        "EngineVersion": {
            "SelectedEngineVersion": "AUTO",
            "EffectiveEngineVersion": "Athena engine version 3",
        },
    }
    assert work_group["Configuration"] == expected


def test_what_was_given_is_answered(daemon):
    given = {
        **SPARK,
        "ResultConfiguration": {
            "OutputLocation": "s3://results/here",
            "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
        },
        "EnforceWorkGroupConfiguration": False,
        "PublishCloudWatchMetricsEnabled": True,
        "BytesScannedCutoffPerQuery": 10_000_000,
        "RequesterPaysEnabled": True,
        "AdditionalConfiguration": '{"a":1}',
        "CustomerContentEncryptionConfiguration": {
            "KmsKey": "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
        },
    }
    daemon.athena.create_work_group(
        Name="given", Description="all of it", Configuration=given, Tags=[{"Key": "k", "Value": ""}]
    )
    work_group = daemon.athena.get_work_group(WorkGroup="given")["WorkGroup"]
    assert work_group["Description"] == "all of it"
    given["EngineVersion"]["EffectiveEngineVersion"] = "PySpark engine version 3"
    assert work_group["Configuration"] == given


def test_list_is_by_name_and_shows_an_empty_description(daemon):
    for name in ("list-b", "list-C", "list-a"):
        daemon.athena.create_work_group(Name=name, Configuration=SPARK)
    listed = daemon.athena.list_work_groups()["WorkGroups"]
    assert [each["Name"] for each in listed] == sorted(each["Name"] for each in listed)
    (summary,) = [each for each in listed if each["Name"] == "list-a"]
    assert summary["Description"] == ""
    assert summary["State"] == "ENABLED"
    assert summary["EngineVersion"]["SelectedEngineVersion"] == "PySpark engine version 3"
    assert summary["CreationTime"]


def test_pages_of_work_groups_together_are_the_list(daemon):
    for i in range(5):
        daemon.athena.create_work_group(Name=f"page-{i}")
    found, pages = every_page(daemon.athena.list_work_groups, "WorkGroups", 2)
    assert [each["Name"] for each in found] == names(daemon)
    assert pages == -(-len(found) // 2)


def test_malformed_page_token_is_refused(daemon):
    assert_refused(
        daemon.athena,
        "The nextPageToken is malformed: nonsense",
        lambda: daemon.athena.list_work_groups(NextToken="nonsense"),
    )


def test_unknown_work_group_is_not_found(daemon):
    athena = daemon.athena
    for call in (
        lambda: athena.get_work_group(WorkGroup="nowhere"),
        lambda: start_session(athena, MOCK, work_group="nowhere"),
        lambda: athena.list_sessions(WorkGroup="nowhere"),
    ):
        assert_refused(athena, "WorkGroup is not found.", call)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"Name": "primary"}, "primary workGroup could not be created"),
        ({"Name": "twice"}, "WorkGroup already exists"),
        (
            {"Name": "new", "Configuration": {"EngineVersion": SPARK["EngineVersion"]}},
            "executionRole is null or empty",
        ),
        (
            {"Name": "new", "Tags": []},
            "Tags provided upon WorkGroup creation must not be empty",
        ),
    ],
)
def test_create_is_refused_and_creates_nothing(daemon, members, message):
    athena = daemon.athena
    if "twice" not in names(daemon):
        athena.create_work_group(Name="twice", Description="the first")
    before = athena.list_work_groups()["WorkGroups"]
    assert_refused(athena, message, lambda: athena.create_work_group(**members))
    assert athena.list_work_groups()["WorkGroups"] == before


def test_unknown_engine_is_refused(daemon):
    athena = daemon.athena
    with pytest.raises(athena.exceptions.InvalidRequestException) as refused:
        athena.create_work_group(
            Name="engine", Configuration={"EngineVersion": {"SelectedEngineVersion": "Flink 9"}}
        )
    assert "Flink 9" in refused.value.response["Error"]["Message"]
    assert "engine" not in names(daemon)


def test_session_in_a_sql_work_group_is_refused(daemon):
    athena = daemon.athena
    athena.create_work_group(Name="sql")
    assert_refused(
        athena,
        "Workgroup EngineVersion is not Spark.",
        lambda: start_session(athena, MOCK, work_group="sql"),
    )


def test_notebook_without_its_version_is_refused(daemon):
    assert_refused(
        daemon.athena,
        "NotebookVersion is required when NotebookId is provided.",
        lambda: start_session(daemon.athena, {**MOCK, "NotebookId": "n"}),
    )


def test_results_go_to_the_work_groups_output_location(daemon):
    location = "s3://somewhere.else/deep/down"
    daemon.athena.create_work_group(
        Name="located",
        Configuration={**SPARK, "ResultConfiguration": {"OutputLocation": location}},
    )
    session = idle_session(daemon.athena, MOCK, work_group="located")
    calculation = run(daemon, session, "print there")
    assert calculation["Result"]["StdOutS3Uri"].startswith(location + "/")
    assert calculation["WorkingDirectory"].startswith(location + "/")
    assert read_object(daemon, calculation["Result"]["StdOutS3Uri"]) == b"there\n"


def test_work_groups_outlive_a_restart(make_daemon):
    daemon = make_daemon()
    daemon.athena.create_work_group(Name="kept", Configuration=SPARK)
    before = daemon.athena.get_work_group(WorkGroup="kept")["WorkGroup"]
    daemon.restart()
    assert daemon.athena.get_work_group(WorkGroup="kept")["WorkGroup"] == before
    assert names(daemon) == ["kept", "primary"]
