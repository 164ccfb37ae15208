"""ListEngineVersions, ListApplicationDPUSizes."""

import pytest

from support.sessions import every_page

VERSIONS = [
    ("AUTO", "Athena engine version 3"),
    ("Athena engine version 3", "Athena engine version 3"),
    ("PySpark engine version 3", "PySpark engine version 3"),
    ("Apache Spark version 3.5", "Apache Spark version 3.5"),
]


def selected_and_effective(version):
    return version["SelectedEngineVersion"], version["EffectiveEngineVersion"]


def test_engine_versions_are_listed(daemon):
    answer = daemon.athena.list_engine_versions()
    assert [selected_and_effective(each) for each in answer["EngineVersions"]] == VERSIONS
    assert "NextToken" not in answer


@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_pages_of_engine_versions_together_are_the_list(daemon, size):
    found, pages = every_page(daemon.athena.list_engine_versions, "EngineVersions", size)
    assert [selected_and_effective(each) for each in found] == VERSIONS
    assert pages == -(-len(VERSIONS) // size)


def test_every_listed_engine_version_can_be_selected(daemon):
    athena = daemon.athena
    for i, version in enumerate(athena.list_engine_versions()["EngineVersions"]):
        selected = {"SelectedEngineVersion": version["SelectedEngineVersion"]}
        athena.create_work_group(
            Name=f"engine-{i}",
            Configuration={
                "EngineVersion": selected,
                "ExecutionRole": "arn:aws:iam::123456789012:role/service-role/spark",
            },
        )
        created = athena.get_work_group(WorkGroup=f"engine-{i}")["WorkGroup"]["Configuration"]
        assert created["EngineVersion"] == version


def test_dpu_sizes_are_listed(daemon):
    answer = daemon.athena.list_application_dpu_sizes()
    assert answer["ApplicationDPUSizes"] == [
        {"ApplicationRuntimeId": "Athena notebook version 1", "SupportedDPUSizes": [1]}
    ]
    assert "NextToken" not in answer


def test_page_token_of_another_list_is_refused(daemon):
    athena = daemon.athena
    token = athena.list_engine_versions(MaxResults=1)["NextToken"]
    for list_ in (athena.list_application_dpu_sizes, athena.list_work_groups):
        with pytest.raises(athena.exceptions.InvalidRequestException) as refused:
            list_(NextToken=token)
        message = refused.value.response["Error"]["Message"]
        assert message == f"The nextPageToken is malformed: {token}"
