"""TagResource, UntagResource, ListTagsForResource, and CopyWorkGroupTags."""

import pytest

from support.raw_http import call
from support.sessions import MOCK, idle_session, start_session, terminate
from test_work_groups import SPARK, assert_refused

ACCOUNT = "arn:aws:athena:us-east-1:123456789012"


def arn(work_group, session=None):
    return f"{ACCOUNT}:workgroup/{work_group}" + (f"/session/{session}" if session else "")


def tags_of(daemon, resource):
    pages = daemon.athena.get_paginator("list_tags_for_resource").paginate(ResourceARN=resource)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def tag(daemon, resource, tags):
    daemon.athena.tag_resource(
        ResourceARN=resource, Tags=[{"Key": key, "Value": value} for key, value in tags.items()]
    )


def start_tagged_session(daemon, **members):
    """StartSession with members that Debian's boto3 does not know yet."""
    body = {"EngineConfiguration": {"AdditionalConfigs": MOCK}, **members}
    answer = call(daemon, "StartSession", body)
    assert answer.status == 200, answer
    return answer.json()["SessionId"]


def test_tags_of_a_work_group(daemon):
    athena = daemon.athena
    athena.create_work_group(
        Name="tagged", Configuration=SPARK, Tags=[{"Key": "team", "Value": "data"}]
    )
    resource = arn("tagged")
    assert tags_of(daemon, resource) == {"team": "data"}
    tag(daemon, resource, {"stage": "test", "team": "other", "empty": ""})
    assert tags_of(daemon, resource) == {"empty": "", "stage": "test", "team": "other"}
    athena.untag_resource(ResourceARN=resource, TagKeys=["team", "never-there"])
    assert tags_of(daemon, resource) == {"empty": "", "stage": "test"}
    assert tags_of(daemon, arn("primary")) == {}


def test_tags_of_a_session(daemon):
    session = idle_session(daemon.athena, MOCK)
    resource = arn("primary", session)
    assert tags_of(daemon, resource) == {}
    tag(daemon, resource, {"run": "17"})
    assert tags_of(daemon, resource) == {"run": "17"}
    terminate(daemon.athena, session)
    assert tags_of(daemon, resource) == {"run": "17"}, "an ended session keeps them"
    assert_refused(
        daemon.athena,
        f"Session {session} has ended; its tags stay as they are.",
        lambda: tag(daemon, resource, {"run": "18"}),
    )


def test_tags_are_copied_to_sessions_that_ask_for_it(daemon):
    daemon.athena.create_work_group(
        Name="copied",
        Configuration=SPARK,
        Tags=[{"Key": "team", "Value": "data"}, {"Key": "stage", "Value": "test"}],
    )
    own = [{"Key": "stage", "Value": "live"}, {"Key": "own", "Value": "1"}]
    copying = start_tagged_session(daemon, WorkGroup="copied", Tags=own, CopyWorkGroupTags=True)
    assert tags_of(daemon, arn("copied", copying)) == {"own": "1", "stage": "live", "team": "data"}
    not_copying = start_tagged_session(daemon, WorkGroup="copied", Tags=own)
    assert tags_of(daemon, arn("copied", not_copying)) == {"own": "1", "stage": "live"}
    tag(daemon, arn("copied"), {"later": "x"})
    assert "later" not in tags_of(daemon, arn("copied", copying))


def test_fifty_tags_are_the_limit(daemon):
    daemon.athena.create_work_group(Name="many", Configuration=SPARK)
    tag(daemon, arn("many"), {f"k{i}": "v" for i in range(50)})
    assert_refused(
        daemon.athena,
        "A resource has at most 50 tags.",
        lambda: tag(daemon, arn("many"), {"one-more": "v"}),
    )
    tag(daemon, arn("many"), {"k7": "w"})
    assert len(tags_of(daemon, arn("many"))) == 50


@pytest.mark.parametrize("operation", ["tag", "untag", "list"])
@pytest.mark.parametrize(
    "unknown",
    [
        arn("nowhere"),
        arn("primary", "11111111-2222-3333-4444-555555555555"),
        arn("primary", "nonsense"),
    ],
)
def test_unknown_resource_is_not_found(daemon, operation, unknown):
    athena = daemon.athena
    call = {
        "tag": lambda: tag(daemon, unknown, {"a": "b"}),
        "untag": lambda: athena.untag_resource(ResourceARN=unknown, TagKeys=["a"]),
        "list": lambda: athena.list_tags_for_resource(ResourceARN=unknown),
    }[operation]
    with pytest.raises(athena.exceptions.ResourceNotFoundException) as refused:
        call()
    assert refused.value.response["ResourceName"] == unknown


def test_session_is_not_found_under_another_work_group(daemon):
    daemon.athena.create_work_group(Name="another", Configuration=SPARK)
    session = start_session(daemon.athena, MOCK)
    with pytest.raises(daemon.athena.exceptions.ResourceNotFoundException):
        tags_of(daemon, arn("another", session))


def test_malformed_arn_is_refused(daemon):
    for malformed in ("x", "arn:aws:s3:::bucket", f"{ACCOUNT}:datacatalog/c"):
        with pytest.raises(daemon.athena.exceptions.InvalidRequestException) as refused:
            tags_of(daemon, malformed)
        assert malformed in refused.value.response["Error"]["Message"]


def test_a_key_is_given_once(daemon):
    assert_refused(
        daemon.athena,
        "Tag key a is given twice.",
        lambda: daemon.athena.tag_resource(
            ResourceARN=arn("primary"),
            Tags=[{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}],
        ),
    )


def test_tags_outlive_a_restart_and_go_with_their_work_group(make_daemon):
    daemon = make_daemon()
    daemon.athena.create_work_group(Name="kept", Configuration=SPARK)
    tag(daemon, arn("kept"), {"a": "1"})
    daemon.restart()
    assert tags_of(daemon, arn("kept")) == {"a": "1"}
    daemon.athena.delete_work_group(WorkGroup="kept")
    daemon.athena.create_work_group(Name="kept", Configuration=SPARK)
    assert tags_of(daemon, arn("kept")) == {}
