"""ListObjectsV2 and ListObjects by boto3's paginators: in order, in pages, stable under change."""

import pytest

from support.sessions import MOCK, idle_session, object_of, run

BUCKET = "listed"

# No key is another one's prefix up to a slash: "a" beside "a/f" could not be a file.
KEYS = sorted(
    [
        "a.txt",
        "a/b/c/d",
        "a/b/e",
        "a/f",
        "a0",
        "logs/2026-01/1",
        "logs/2026-01/2",
        "logs/2026-02/1",
        "ü/ö",
        "日本/語",
        "z z/+%&<>/q",
        *[f"many/{i:04}" for i in range(1203)],
    ],
    key=str.encode,
)

@pytest.fixture(scope="module")
def s3(daemon):
    bucket = daemon.state_dir / "objects" / BUCKET
    for key in KEYS:
        (bucket / key).parent.mkdir(parents=True, exist_ok=True)
        (bucket / key).write_text(key)
    return daemon.s3


def listed(s3, operation="list_objects_v2", page_size=None, **members):
    """(keys, common prefixes) of all pages."""
    keys, prefixes = [], []
    pages = s3.get_paginator(operation).paginate(
        Bucket=BUCKET, PaginationConfig={"PageSize": page_size}, **members
    )
    for page in pages:
        keys += [each["Key"] for each in page.get("Contents", [])]
        prefixes += [each["Prefix"] for each in page.get("CommonPrefixes", [])]
    return keys, prefixes


@pytest.mark.parametrize("operation", ["list_objects_v2", "list_objects"])
@pytest.mark.parametrize("page_size", [None, 7, 400, 5000])
def test_all_keys_come_once_in_the_order_of_their_bytes(s3, operation, page_size):
    assert listed(s3, operation, page_size) == (KEYS, [])


@pytest.mark.parametrize("operation", ["list_objects_v2", "list_objects"])
@pytest.mark.parametrize("page_size", [None, 1, 3])
def test_delimiter_folds_keys_into_prefixes(s3, operation, page_size):
    assert listed(s3, operation, page_size, Delimiter="/") == (
        ["a.txt", "a0"],
        ["a/", "logs/", "many/", "z z/", "ü/", "日本/"],
    )
    assert listed(s3, operation, page_size, Delimiter="/", Prefix="a/") == (["a/f"], ["a/b/"])
    assert listed(s3, operation, page_size, Delimiter="/", Prefix="日") == ([], ["日本/"])
    assert listed(s3, operation, page_size, Delimiter="-", Prefix="logs/") == ([], ["logs/2026-"])


def test_page_says_what_it_is(s3):
    page = s3.list_objects_v2(Bucket=BUCKET, Prefix="many/", MaxKeys=3, StartAfter="many/0100")
    assert [each["Key"] for each in page["Contents"]] == ["many/0101", "many/0102", "many/0103"]
    assert (page["KeyCount"], page["MaxKeys"], page["IsTruncated"]) == (3, 3, True)
    assert (page["Name"], page["Prefix"], page["StartAfter"]) == (BUCKET, "many/", "many/0100")
    head = s3.head_object(Bucket=BUCKET, Key="many/0101")
    entry = page["Contents"][0]
    assert (entry["Size"], entry["ETag"]) == (head["ContentLength"], head["ETag"])
    assert entry["LastModified"].replace(microsecond=0) == head["LastModified"]
    assert entry["StorageClass"] == "STANDARD"


def test_pages_have_at_most_a_thousand_keys(s3):
    page = s3.list_objects_v2(Bucket=BUCKET, Prefix="many/", MaxKeys=5000)
    assert (page["KeyCount"], page["IsTruncated"]) == (1000, True)


def test_pages_stay_in_step_while_keys_come_and_go(daemon, s3):
    first = s3.list_objects_v2(Bucket=BUCKET, Prefix="many/", MaxKeys=10)
    shown = [each["Key"] for each in first["Contents"]]
    s3.delete_object(Bucket=BUCKET, Key=shown[-1])
    s3.put_object(Bucket=BUCKET, Key="many/0003-new", Body=b"")  # behind us
    s3.put_object(Bucket=BUCKET, Key="many/0011-new", Body=b"")  # before us
    try:
        token = first["NextContinuationToken"]
        second = s3.list_objects_v2(
            Bucket=BUCKET, Prefix="many/", MaxKeys=3, ContinuationToken=token
        )
        keys = [each["Key"] for each in second["Contents"]]
        assert keys == ["many/0010", "many/0011", "many/0011-new"]
        daemon.restart()
        again = daemon.s3.list_objects_v2(
            Bucket=BUCKET, Prefix="many/", MaxKeys=3, ContinuationToken=token
        )
        assert [each["Key"] for each in again["Contents"]] == keys, "a token outlives the daemon"
    finally:
        for key in ("many/0003-new", "many/0011-new"):
            daemon.s3.delete_object(Bucket=BUCKET, Key=key)
        daemon.s3.put_object(Bucket=BUCKET, Key=shown[-1], Body=shown[-1].encode())


def test_output_of_calculations_is_listed(daemon):
    calculation = run(daemon, idle_session(daemon.athena, MOCK), "print listed")
    stdout = object_of(calculation["Result"]["StdOutS3Uri"])
    folder = stdout["Key"].rsplit("/", 1)[0] + "/"
    page = daemon.s3.list_objects_v2(Bucket=stdout["Bucket"], Prefix=folder)
    assert stdout["Key"] in [each["Key"] for each in page["Contents"]]
