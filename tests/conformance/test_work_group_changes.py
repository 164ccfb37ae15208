"""UpdateWorkGroup, DeleteWorkGroup, and what a workgroup gives to its sessions."""

import pytest

from support.sessions import (
    MOCK,
    every_page,
    idle_session,
    start_session,
    terminate,
    wait_for_session,
)
from test_work_groups import ROLE, SPARK, assert_refused, names

KMS_KEY = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
EVERYTHING = {
    **SPARK,
    "ResultConfiguration": {
        "OutputLocation": "s3://results/here",
        "EncryptionConfiguration": {"EncryptionOption": "SSE_KMS", "KmsKey": KMS_KEY},
        "ExpectedBucketOwner": "123456789012",
        "AclConfiguration": {"S3AclOption": "BUCKET_OWNER_FULL_CONTROL"},
    },
    "EnforceWorkGroupConfiguration": False,
    "PublishCloudWatchMetricsEnabled": True,
    "BytesScannedCutoffPerQuery": 10_000_000,
    "RequesterPaysEnabled": True,
    "AdditionalConfiguration": '{"a":1}',
    "CustomerContentEncryptionConfiguration": {"KmsKey": KMS_KEY},
}


def configuration_of(daemon, name):
    return daemon.athena.get_work_group(WorkGroup=name)["WorkGroup"]["Configuration"]


def test_every_member_comes_back_equal(daemon):
    daemon.athena.create_work_group(Name="everything", Configuration=EVERYTHING)
    engine = {**SPARK["EngineVersion"], "EffectiveEngineVersion": "PySpark engine version 3"}
    assert configuration_of(daemon, "everything") == {**EVERYTHING, "EngineVersion": engine}


def test_update_changes_what_it_names_and_nothing_else(daemon):
    athena = daemon.athena
    athena.create_work_group(Name="update", Description="before", Configuration=EVERYTHING)
    before = athena.get_work_group(WorkGroup="update")["WorkGroup"]
    assert set(athena.update_work_group(WorkGroup="update", Description="after")) == {
        "ResponseMetadata"
    }
    assert athena.get_work_group(WorkGroup="update")["WorkGroup"] == {
        **before,
        "Description": "after",
    }
    athena.update_work_group(
        WorkGroup="update",
        Description="",
        ConfigurationUpdates={
            "ResultConfigurationUpdates": {"OutputLocation": "s3://elsewhere/now"},
            "BytesScannedCutoffPerQuery": 20_000_000,
            "EnforceWorkGroupConfiguration": True,
        },
    )
    after = athena.get_work_group(WorkGroup="update")["WorkGroup"]
    assert "Description" not in after
    expected = {**before["Configuration"], "EnforceWorkGroupConfiguration": True}
    expected["BytesScannedCutoffPerQuery"] = 20_000_000
    expected["ResultConfiguration"] = {
        **EVERYTHING["ResultConfiguration"],
        "OutputLocation": "s3://elsewhere/now",
    }
    assert after["Configuration"] == expected


@pytest.mark.parametrize(
    ("updates", "path"),
    [
        ({"RemoveBytesScannedCutoffPerQuery": True}, ["BytesScannedCutoffPerQuery"]),
        (
            {"RemoveCustomerContentEncryptionConfiguration": True},
            ["CustomerContentEncryptionConfiguration"],
        ),
        (
            {"ResultConfigurationUpdates": {"RemoveOutputLocation": True}},
            ["ResultConfiguration", "OutputLocation"],
        ),
        (
            {"ResultConfigurationUpdates": {"RemoveEncryptionConfiguration": True}},
            ["ResultConfiguration", "EncryptionConfiguration"],
        ),
        (
            {"ResultConfigurationUpdates": {"RemoveExpectedBucketOwner": True}},
            ["ResultConfiguration", "ExpectedBucketOwner"],
        ),
        (
            {"ResultConfigurationUpdates": {"RemoveAclConfiguration": True}},
            ["ResultConfiguration", "AclConfiguration"],
        ),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else None,
)
def test_remove_takes_away_one_member(daemon, updates, path):
    name = "remove-" + path[-1]
    daemon.athena.create_work_group(Name=name, Configuration=EVERYTHING)
    before = configuration_of(daemon, name)
    daemon.athena.update_work_group(WorkGroup=name, ConfigurationUpdates=updates)
    after = configuration_of(daemon, name)
    inside = before
    for member in path[:-1]:
        inside = inside[member]
    del inside[path[-1]]
    assert after == before


@pytest.mark.parametrize(
    ("updates", "message"),
    [
        (
            {"EngineVersion": {"SelectedEngineVersion": "Apache Spark version 3.5"}},
            "The engine of a WorkGroup cannot be changed after its creation, "
            "from PySpark engine version 3 to Apache Spark version 3.5.",
        ),
        (
            {"ResultConfigurationUpdates": {"OutputLocation": "/tmp"}},
            "OutputLocation /tmp is not of the form s3://bucket/prefix.",
        ),
    ],
)
def test_refused_update_changes_nothing(daemon, updates, message):
    athena = daemon.athena
    if "refused" not in names(daemon):
        athena.create_work_group(Name="refused", Configuration=SPARK)
    before = athena.get_work_group(WorkGroup="refused")
    assert_refused(
        athena,
        message,
        lambda: athena.update_work_group(
            WorkGroup="refused", Description="new", ConfigurationUpdates=updates
        ),
    )
    assert athena.get_work_group(WorkGroup="refused")["WorkGroup"] == before["WorkGroup"]


def test_disabled_work_group_starts_no_session(daemon):
    athena = daemon.athena
    athena.create_work_group(Name="disabled", Configuration=SPARK)
    running = idle_session(athena, MOCK, work_group="disabled")
    athena.update_work_group(WorkGroup="disabled", State="DISABLED")
    assert athena.get_work_group(WorkGroup="disabled")["WorkGroup"]["State"] == "DISABLED"
    assert_refused(
        athena,
        "WorkGroup disabled is disabled.",
        lambda: start_session(athena, MOCK, work_group="disabled"),
    )
    wait_for_session(athena, running, "IDLE")
    athena.update_work_group(WorkGroup="disabled", State="ENABLED")
    start_session(athena, MOCK, work_group="disabled")


def test_defaults_reach_sessions(daemon):
    athena = daemon.athena
    configuration = {**EVERYTHING, "AdditionalConfiguration": '{"SessionIdleTimeoutInMinutes":7}'}
    athena.create_work_group(Name="defaults-of", Configuration=configuration)
    session = athena.get_session(
        SessionId=start_session(athena, MOCK, work_group="defaults-of")
    )
    assert session["EngineVersion"] == "PySpark engine version 3"
    assert session["SessionConfiguration"]["ExecutionRole"] == ROLE
    assert session["SessionConfiguration"]["IdleTimeoutSeconds"] == 7 * 60
    assert session["SessionConfiguration"]["WorkingDirectory"].startswith("s3://results/here/")
    assert session["SessionConfiguration"]["EncryptionConfiguration"] == {
        "EncryptionOption": "SSE_KMS",
        "KmsKey": KMS_KEY,
    }
    own = start_session(athena, MOCK, work_group="defaults-of", SessionIdleTimeoutInMinutes=9)
    assert athena.get_session(SessionId=own)["SessionConfiguration"]["IdleTimeoutSeconds"] == 540


def test_empty_work_group_is_deleted(daemon):
    athena = daemon.athena
    athena.create_work_group(Name="empty", Configuration=SPARK)
    ended = idle_session(athena, MOCK, work_group="empty")
    terminate(athena, ended)
    assert set(athena.delete_work_group(WorkGroup="empty")) == {"ResponseMetadata"}
    assert "empty" not in names(daemon)
    for call in (
        lambda: athena.get_work_group(WorkGroup="empty"),
        lambda: athena.update_work_group(WorkGroup="empty", State="DISABLED"),
        lambda: athena.delete_work_group(WorkGroup="empty"),
        lambda: start_session(athena, MOCK, work_group="empty"),
    ):
        assert_refused(athena, "WorkGroup is not found.", call)
    assert athena.get_session(SessionId=ended)["WorkGroup"] == "empty"
    athena.create_work_group(Name="empty", Description="another", Configuration=SPARK)
    assert athena.get_work_group(WorkGroup="empty")["WorkGroup"]["Description"] == "another"


def test_what_is_in_a_work_group_protects_it_unless_it_may_go_too(daemon):
    athena = daemon.athena
    athena.create_work_group(Name="full", Configuration=SPARK)
    sessions = [idle_session(athena, MOCK, work_group="full") for _ in range(2)]
    notebook = athena.create_notebook(WorkGroup="full", Name="n")["NotebookId"]

    def delete(**option):
        return athena.delete_work_group(WorkGroup="full", **option)

    assert_refused(athena, "WorkGroup full is not empty", delete)
    assert_refused(
        athena, "WorkGroup full is not empty", lambda: delete(RecursiveDeleteOption=False)
    )
    assert athena.get_session_status(SessionId=sessions[0])["Status"]["State"] == "IDLE"
    delete(RecursiveDeleteOption=True)
    assert "full" not in names(daemon)
    for session in sessions:
        status = wait_for_session(athena, session, "TERMINATED")
        assert status["StateChangeReason"] == "Session was terminated per request"
    assert_refused(
        athena,
        f"Notebook {notebook} is not found.",
        lambda: athena.get_notebook_metadata(NotebookId=notebook),
    )


def test_primary_cannot_be_deleted(daemon):
    assert_refused(
        daemon.athena,
        "primary workGroup could not be deleted",
        lambda: daemon.athena.delete_work_group(WorkGroup="primary", RecursiveDeleteOption=True),
    )


def test_changes_outlive_a_restart(make_daemon):
    daemon = make_daemon()
    athena = daemon.athena
    athena.create_work_group(Name="kept", Configuration=EVERYTHING)
    athena.create_work_group(Name="gone", Configuration=SPARK)
    athena.update_work_group(WorkGroup="kept", State="DISABLED", Description="changed")
    athena.delete_work_group(WorkGroup="gone")
    before = athena.get_work_group(WorkGroup="kept")["WorkGroup"]
    daemon.kill()
    daemon.start()
    assert daemon.athena.get_work_group(WorkGroup="kept")["WorkGroup"] == before
    assert names(daemon) == ["kept", "primary"]
    assert_refused(
        daemon.athena,
        "WorkGroup kept is disabled.",
        lambda: start_session(daemon.athena, MOCK, work_group="kept"),
    )


def test_old_sessions_of_a_deleted_work_group_are_no_contents_of_the_next(daemon):
    athena = daemon.athena
    athena.create_work_group(Name="again", Configuration=SPARK)
    session = idle_session(athena, MOCK, work_group="again")
    athena.delete_work_group(WorkGroup="again", RecursiveDeleteOption=True)
    wait_for_session(athena, session, "TERMINATED")
    athena.create_work_group(Name="again", Configuration=SPARK)
    found, _ = every_page(athena.list_sessions, "Sessions", WorkGroup="again")
    assert found == []
    athena.delete_work_group(WorkGroup="again")
