"""Workgroups and engines."""

import json
import re
import uuid

from model.cases import KEEP
from model.operations import (
    WORK_GROUP_EXISTS,
    Row,
    Special,
    at,
    is_in,
    meant,
    page_token,
    pages,
    read_back,
    when,
)
from model.outcomes import ACCEPTED, ACCEPTED_OR_REFUSED, Refused
from model.service_model import request_shape
from model.tags import TAGS_AT_THEIR_LIMIT, any_tags, expect_tags, tags_are_whole
from model.values import FILLER, NAME
from model.world import SPARK, SPARK_GROUP, UPDATED_GROUP, arn

SQL_ENGINES = ["AUTO", "Athena engine version 3"]
SPARK_ENGINES = ["PySpark engine version 3", "Apache Spark version 3.5"]
LOCATION = re.compile(r"s3://[A-Za-z0-9][A-Za-z0-9.-]{1,61}[A-Za-z0-9](/[A-Za-z0-9_-]+)*/?")


# ---- values that mean something


def any_name(rng):
    return "".join(rng.choices(NAME, k=rng.randint(20, 128)))


def any_location(rng):
    words = ["".join(rng.choices(FILLER, k=rng.randint(1, 20))) for _ in range(rng.randint(0, 4))]
    return "/".join(["s3://bucket-of-results", *words])


def any_json(rng):
    return json.dumps({"NotebookVersion": str(rng.randrange(10**9))})


def location_is_one(path):
    """The model takes any text; what is none may be refused."""

    def rule(_, request):
        location = at(request, path)
        proper = location is None or LOCATION.fullmatch(location)
        return None if proper else ACCEPTED_OR_REFUSED

    return rule


# ---- workgroups

NO_ROLE = Refused("executionRole is null or empty")
NO_TAGS = Refused("Tags provided upon WorkGroup creation must not be empty")


def engine_exists(_, request):
    engine = at(request, "Configuration.EngineVersion.SelectedEngineVersion")
    if engine is None or engine in SQL_ENGINES:
        return None
    if engine in SPARK_ENGINES:
        return None if at(request, "Configuration.ExecutionRole") else NO_ROLE
    return Refused()


def after_create(world, judge, request, answer):
    name = request["Name"]
    wanted = meant(request_shape("CreateWorkGroup"), request)
    tags = wanted.pop("Tags", [])
    engine = at(wanted, "Configuration.EngineVersion")
    if engine:
        engine.pop("EffectiveEngineVersion", None)
    wanted = {"WorkGroup": {**wanted, "State": "ENABLED"}}
    read_back(judge, "GetWorkGroup", {"WorkGroup": name}, wanted)
    if tags_are_whole(world, request) is None:
        expect_tags(judge, arn(f"workgroup/{name}"), tags)
    judge.ask("DeleteWorkGroup", {"WorkGroup": name})
    judge.ask("GetWorkGroup", {"WorkGroup": name}, Refused("WorkGroup is not found."))


CREATE = Row(
    proper=lambda w: {"Name": f"created-{uuid.uuid4()}"},
    values={
        "Name": any_name,
        "Configuration.ResultConfiguration.OutputLocation": any_location,
        "Configuration.EngineVersion.SelectedEngineVersion": lambda rng: rng.choice(
            SQL_ENGINES + SPARK_ENGINES
        ),
        "Configuration.AdditionalConfiguration": any_json,
        "Tags": any_tags,
    },
    rules=(
        location_is_one("Configuration.ResultConfiguration.OutputLocation"),
        engine_exists,
        when(lambda r: r.get("Tags") == [], NO_TAGS),
        tags_are_whole,
    ),
    special=(
        Special(
            "primary",
            lambda w, r: {"Name": "primary"},
            Refused("primary workGroup could not be created"),
        ),
        Special(
            "a name that is taken",
            lambda w, r: {"Name": SPARK_GROUP},
            Refused("WorkGroup already exists"),
        ),
        Special("a Spark workgroup", lambda w, r: {**r, "Configuration": SPARK}, ACCEPTED),
        *TAGS_AT_THEIR_LIMIT,
    ),
    after=after_create,
)

UNKNOWN_GROUP = Special("a workgroup that is not there", lambda w, r: {**r, "WorkGroup": "nowhere"})

# ConfigurationUpdates members -> the member of Configuration that they change.
REMOVERS = {
    "RemoveBytesScannedCutoffPerQuery": "BytesScannedCutoffPerQuery",
    "RemoveCustomerContentEncryptionConfiguration": "CustomerContentEncryptionConfiguration",
}
RESULT_REMOVERS = {
    "RemoveOutputLocation": "OutputLocation",
    "RemoveEncryptionConfiguration": "EncryptionConfiguration",
    "RemoveExpectedBucketOwner": "ExpectedBucketOwner",
    "RemoveAclConfiguration": "AclConfiguration",
}


def removes_what_it_sets(_, request):
    updates = at(request, "ConfigurationUpdates") or {}
    results = updates.get("ResultConfigurationUpdates") or {}
    for holder, removers in ((updates, REMOVERS), (results, RESULT_REMOVERS)):
        for flag, member in removers.items():
            if holder.get(flag) and holder.get(member) is not None:
                return ACCEPTED_OR_REFUSED
    return None


def engine_stays(_, request):
    engine = at(request, "ConfigurationUpdates.EngineVersion.SelectedEngineVersion")
    return None if engine is None or engine in SQL_ENGINES else Refused()


def updated(updates, removers):
    """(what has to be there afterwards, what must not)"""
    gone = [member for flag, member in removers.items() if updates.get(flag)]
    kept = {n: v for n, v in updates.items() if n not in removers and n not in gone}
    return kept, gone


def after_update(world, judge, request, answer):
    if removes_what_it_sets(world, request) is not None:
        return
    wanted = meant(request_shape("UpdateWorkGroup"), request)
    updates = wanted.pop("ConfigurationUpdates", {})
    results = updates.pop("ResultConfigurationUpdates", {})
    if "EngineVersion" in updates:
        updates["EngineVersion"].pop("EffectiveEngineVersion", None)
    kept, gone = updated(updates, REMOVERS)
    kept_results, gone_results = updated(results, RESULT_REMOVERS)
    named = {"WorkGroup": wanted.pop("WorkGroup")}
    found = judge.ask("GetWorkGroup", named)
    if found is None:
        return
    configuration = found["WorkGroup"]["Configuration"]
    as_written = is_in(wanted, found["WorkGroup"]) and is_in(kept, configuration)
    as_written &= is_in(kept_results, configuration["ResultConfiguration"])
    judge.expect("UpdateWorkGroup", as_written, "is not as written", request, found)
    present = set(configuration) & set(gone) | set(configuration["ResultConfiguration"]) & set(
        gone_results
    )
    judge.expect("UpdateWorkGroup", not present, "was not removed", request, found)


UPDATE = Row(
    proper=lambda w: {"WorkGroup": UPDATED_GROUP},
    values={
        "WorkGroup": KEEP,
        "ConfigurationUpdates.ResultConfigurationUpdates.OutputLocation": any_location,
        "ConfigurationUpdates.EngineVersion.SelectedEngineVersion": lambda rng: rng.choice(
            SQL_ENGINES
        ),
        "ConfigurationUpdates.AdditionalConfiguration": any_json,
    },
    rules=(
        WORK_GROUP_EXISTS,
        location_is_one("ConfigurationUpdates.ResultConfigurationUpdates.OutputLocation"),
        engine_stays,
        removes_what_it_sets,
    ),
    special=(
        UNKNOWN_GROUP,
        Special(
            "another engine",
            lambda w, r: {
                **r,
                "ConfigurationUpdates": {
                    "EngineVersion": SPARK["EngineVersion"],
                    "ExecutionRole": SPARK["ExecutionRole"],
                },
            },
            Refused(),
        ),
    ),
    after=after_update,
)


def group_with_a_session(world, request):
    name = f"in-use-{uuid.uuid4()}"
    world.judge.need("CreateWorkGroup", {"Name": name, "Configuration": SPARK})
    world.work_groups.add(name)
    world.in_use[name] = (world.start_session(name), world.create_notebook(work_group=name))
    return {"WorkGroup": name, "RecursiveDeleteOption": True}


def group_with_a_notebook(world, request):
    name = "not-empty"
    if name not in world.work_groups:
        world.judge.need("CreateWorkGroup", {"Name": name, "Configuration": SPARK})
        world.work_groups.add(name)
        world.create_notebook(work_group=name)
    return {"WorkGroup": name}


def after_delete(world, judge, request, answer):
    name = request["WorkGroup"]
    judge.ask("GetWorkGroup", {"WorkGroup": name}, Refused("WorkGroup is not found."))
    world.work_groups.discard(name)
    world.used("doomed_group")
    if name in world.in_use:
        session, made = world.in_use.pop(name)
        world.wait_for_session(session, "TERMINATED")
        judge.ask("GetNotebookMetadata", {"NotebookId": made}, Refused())


DELETE = Row(
    proper=lambda w: {"WorkGroup": w.doomed_group},
    values={"WorkGroup": KEEP},
    rules=(WORK_GROUP_EXISTS,),
    special=(
        UNKNOWN_GROUP,
        Special("primary", lambda w, r: {"WorkGroup": "primary"}, Refused()),
        Special("all of a workgroup in use", group_with_a_session, ACCEPTED),
        Special(
            "a workgroup with a notebook",
            group_with_a_notebook,
            Refused("WorkGroup not-empty is not empty"),
        ),
    ),
    after=after_delete,
)


# ---- lists of everything


def everything(operation, member, least):
    return Row(
        proper=lambda w: {},
        values={"NextToken": KEEP},
        rules=(page_token,),
        after=pages(operation, member, least),
    )


ROWS = {
    "CreateWorkGroup": CREATE,
    "GetWorkGroup": Row(
        proper=lambda w: {"WorkGroup": SPARK_GROUP},
        values={"WorkGroup": KEEP},
        rules=(WORK_GROUP_EXISTS,),
        special=(UNKNOWN_GROUP,),
    ),
    "UpdateWorkGroup": UPDATE,
    "DeleteWorkGroup": DELETE,
    "ListWorkGroups": everything("ListWorkGroups", "WorkGroups", 4),
    "ListEngineVersions": everything("ListEngineVersions", "EngineVersions", 4),
    "ListApplicationDPUSizes": everything("ListApplicationDPUSizes", "ApplicationDPUSizes", 1),
}
