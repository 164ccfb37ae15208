"""Tags of workgroups and sessions."""

from model.cases import KEEP
from model.operations import Row, Special, page_token, pages, when
from model.outcomes import ACCEPTED, ACCEPTED_OR_REFUSED, NOT_FOUND, Either, Refused
from model.service_model import request_shape
from model.values import random_value
from model.world import SPARK_GROUP, UNKNOWN, arn

TAGS_MAX = 50

# ---- lists of tags


def any_tags(rng):
    shape = request_shape("TagResource").members["Tags"].member
    keys = {random_value(shape.members["Key"], rng) for _ in range(rng.randint(1, 5))}
    value = shape.members["Value"]
    return [{"Key": key, "Value": random_value(value, rng)} for key in sorted(keys)]


def tags_so_many(number):
    return [{"Key": f"k{i}", "Value": ""} for i in range(number)]


TAGS_AT_THEIR_LIMIT = (
    Special("50 tags", lambda w, r: {**r, "Tags": tags_so_many(TAGS_MAX)}, ACCEPTED),
    Special("51 tags", lambda w, r: {**r, "Tags": tags_so_many(TAGS_MAX + 1)}, Refused()),
)


def tags_are_whole(_, request):
    """The model lets tags be without a key; no source says what that means."""
    tags = request.get("Tags") or []
    keys = [tag.get("Key") for tag in tags]
    with_values = all(tag.get("Value") is not None for tag in tags)
    whole = with_values and None not in keys and len(set(keys)) == len(keys)
    return None if whole else ACCEPTED_OR_REFUSED


def expect_tags(judge, resource, tags):
    request = {"ResourceARN": resource}
    answer = judge.ask("ListTagsForResource", request)
    if answer is not None:
        found = [tag for tag in tags if tag not in answer["Tags"]]
        judge.expect("ListTagsForResource", not found, f"without {found}", request, answer)


# ---- resources


def resource_exists(world, request):
    resource = request["ResourceARN"]
    if resource in resources(world):
        return None
    if resource.startswith("arn:aws:athena:"):
        return Refused(type=NOT_FOUND)
    return Either((Refused(type=NOT_FOUND), Refused(code=None)))


def resources(world):
    work_group = f"workgroup/{SPARK_GROUP}"
    return [arn(work_group), arn(f"{work_group}/session/{world.session}")]


def any_resource(world):
    return world.next_of(resources(world))


def after_tag(world, judge, request, answer):
    tags = request["Tags"]
    named = {"ResourceARN": request["ResourceARN"]}
    if tags_are_whole(world, request) is None:
        expect_tags(judge, named["ResourceARN"], tags)
    keys = [tag["Key"] for tag in tags if tag.get("Key") is not None]
    if not keys:
        return
    judge.ask("UntagResource", {**named, "TagKeys": keys})
    left = judge.ask("ListTagsForResource", named)
    if left is not None:
        gone = not any(tag["Key"] in keys for tag in left["Tags"])
        judge.expect("UntagResource", gone, "a tag is still there", named, left)


NO_RESOURCES = tuple(
    Special(
        f"the ARN of nothing, {resource}",
        lambda w, r, resource=resource: {**r, "ResourceARN": arn(resource)},
        Refused(type=NOT_FOUND),
    )
    for resource in ("workgroup/nowhere", f"workgroup/{SPARK_GROUP}/session/{UNKNOWN}")
)

TAG = Row(
    proper=lambda w: {
        "ResourceARN": any_resource(w),
        "Tags": [{"Key": "key", "Value": "value"}],
    },
    values={"ResourceARN": KEEP, "Tags": any_tags},
    rules=(
        resource_exists,
        tags_are_whole,
        when(lambda r: r["Tags"] == [], ACCEPTED_OR_REFUSED),
    ),
    special=(
        *NO_RESOURCES,
        *TAGS_AT_THEIR_LIMIT,
    ),
    after=after_tag,
)

UNTAG = Row(
    proper=lambda w: {"ResourceARN": any_resource(w), "TagKeys": ["key"]},
    values={"ResourceARN": KEEP},
    rules=(resource_exists, when(lambda r: r["TagKeys"] == [], ACCEPTED_OR_REFUSED)),
    special=NO_RESOURCES,
)

LIST_TAGS = Row(
    proper=lambda w: {"ResourceARN": any_resource(w)},
    values={"ResourceARN": KEEP, "NextToken": KEEP},
    rules=(resource_exists, page_token),
    special=NO_RESOURCES,
    after=pages("ListTagsForResource", "Tags", 0),
)

ROWS = {"TagResource": TAG, "UntagResource": UNTAG, "ListTagsForResource": LIST_TAGS}
