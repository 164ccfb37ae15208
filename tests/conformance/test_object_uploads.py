"""Multipart uploads by boto3: whole or not at all, and going on after a restart."""

import hashlib
import io
import os
import time

import boto3.s3.transfer
import botocore.exceptions
import pytest

from support.daemon import Daemon

BUCKET = "uploads"
MEBIBYTE = 1 << 20
PART = hashlib.shake_256(b"part").digest(5 * MEBIBYTE)
WEEK_S = 7 * 24 * 3600


def refusal(call, **members):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**members)
    answer = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def begin(s3, key, **members):
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key=key, **members)
    return {"Bucket": BUCKET, "Key": key, "UploadId": upload["UploadId"]}


def send(s3, upload, number, body):
    tag = s3.upload_part(**upload, PartNumber=number, Body=body)["ETag"]
    return {"PartNumber": number, "ETag": tag}


def complete(s3, upload, parts):
    return s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})


def is_there(s3, key):
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=key)
    return key in [each["Key"] for each in listed.get("Contents", [])]


def staged(daemon):
    staging = daemon.state_dir / "objects" / "~staging"
    return [path for path in staging.rglob("*") if path.parent.name != "~staging"]


@pytest.fixture
def s3(daemon):
    daemon.s3.create_bucket(Bucket=BUCKET)
    return daemon.s3


def test_parts_become_one_object_in_the_order_of_their_numbers(daemon, s3):
    upload = begin(s3, "a/b", ContentType="x/y", Metadata={"k": "v"})
    last = send(s3, upload, 7, b"the end")
    middle = send(s3, upload, 3, PART[::-1])
    first = send(s3, upload, 1, PART)
    assert not is_there(s3, "a/b")
    parts = s3.list_parts(**upload)["Parts"]
    assert [(part["PartNumber"], part["Size"], part["ETag"]) for part in parts] == [
        (1, len(PART), first["ETag"]),
        (3, len(PART), middle["ETag"]),
        (7, 7, last["ETag"]),
    ]
    answer = complete(s3, upload, [first, middle, last])
    stored = s3.get_object(Bucket=BUCKET, Key="a/b")
    assert stored["Body"].read() == PART + PART[::-1] + b"the end"
    assert (stored["ContentType"], stored["Metadata"]) == ("x/y", {"k": "v"})
    assert stored["ETag"] == answer["ETag"]
    assert staged(daemon) == []
    assert refusal(s3.list_parts, **upload) == ("NoSuchUpload", 404)


def test_transfer_manager_uploads_and_downloads_in_parts(daemon, s3):
    content = os.urandom(20 * MEBIBYTE + 1)
    config = boto3.s3.transfer.TransferConfig(multipart_threshold=8 * MEBIBYTE, max_concurrency=4)
    s3.upload_fileobj(io.BytesIO(content), BUCKET, "managed", Config=config)
    back = io.BytesIO()
    s3.download_fileobj(BUCKET, "managed", back, Config=config)
    assert hashlib.sha256(back.getvalue()).digest() == hashlib.sha256(content).digest()
    assert staged(daemon) == []


def test_part_sent_again_replaces_the_first(s3):
    upload = begin(s3, "again")
    old = send(s3, upload, 1, b"old")
    new = send(s3, upload, 1, b"new")
    assert refusal(complete, s3=s3, upload=upload, parts=[old]) == ("InvalidPart", 400)
    complete(s3, upload, [new])
    assert s3.get_object(Bucket=BUCKET, Key="again")["Body"].read() == b"new"


def test_only_the_named_parts_are_taken(daemon, s3):
    upload = begin(s3, "some")
    first, _ = send(s3, upload, 1, b"1"), send(s3, upload, 2, b"2")
    complete(s3, upload, [first])
    assert s3.get_object(Bucket=BUCKET, Key="some")["Body"].read() == b"1"
    assert staged(daemon) == []


def test_aborted_upload_leaves_nothing(daemon, s3):
    upload = begin(s3, "aborted")
    send(s3, upload, 1, PART)
    s3.abort_multipart_upload(**upload)
    assert staged(daemon) == []
    assert not is_there(s3, "aborted")
    assert refusal(s3.abort_multipart_upload, **upload) == ("NoSuchUpload", 404)
    assert refusal(send, s3=s3, upload=upload, number=2, body=b"x") == ("NoSuchUpload", 404)
    assert refusal(complete, s3=s3, upload=upload, parts=[{"PartNumber": 1, "ETag": "x"}]) == (
        "NoSuchUpload",
        404,
    )


def test_refused_completion_changes_nothing_and_may_be_repeated(s3):
    upload = begin(s3, "careful")
    bodies = enumerate((PART, b"2", b"3"), 1)
    first, second, third = (send(s3, upload, number, body) for number, body in bodies)
    missing = {"PartNumber": 9, "ETag": first["ETag"]}
    wrong = {"PartNumber": 1, "ETag": '"0"'}
    for parts, code in (
        ([second, first], "InvalidPartOrder"),
        ([first, first], "InvalidPartOrder"),
        ([first, missing], "InvalidPart"),
        ([wrong, second], "InvalidPart"),
        ([first, second, third], "EntityTooSmall"),
        ([], "MalformedXML"),
    ):
        assert refusal(complete, s3=s3, upload=upload, parts=parts) == (code, 400), code
        assert not is_there(s3, "careful")
    complete(s3, upload, [first, third])
    assert s3.head_object(Bucket=BUCKET, Key="careful")["ContentLength"] == len(PART) + 1


def test_id_belongs_to_its_object(s3):
    upload = begin(s3, "mine")
    send(s3, upload, 1, b"x")
    for other in (
        {**upload, "Key": "other"},
        {**upload, "Bucket": "glaux"},
        {**upload, "UploadId": "0" * 32},
        {**upload, "UploadId": "../new"},
        {**upload, "UploadId": "."},
    ):
        assert refusal(s3.list_parts, **other) == ("NoSuchUpload", 404)
        assert refusal(send, s3=s3, upload=other, number=1, body=b"y") == ("NoSuchUpload", 404)
        assert refusal(s3.abort_multipart_upload, **other) == ("NoSuchUpload", 404)
    assert len(s3.list_parts(**upload)["Parts"]) == 1
    s3.abort_multipart_upload(**upload)


@pytest.mark.parametrize("number", [0, 10_001, -1])
def test_part_numbers_have_bounds(s3, number):
    upload = begin(s3, "numbers")
    assert refusal(send, s3=s3, upload=upload, number=number, body=b"x") == ("InvalidArgument", 400)
    s3.abort_multipart_upload(**upload)


def test_checksum_of_a_part_is_verified(s3):
    upload = begin(s3, "checked")
    assert refusal(s3.upload_part, **upload, PartNumber=1, Body=b"x", ChecksumCRC32="AAAAAA==") == (
        "BadDigest",
        400,
    )
    assert "Parts" not in s3.list_parts(**upload)
    s3.abort_multipart_upload(**upload)


def test_parts_are_listed_in_pages(s3):
    upload = begin(s3, "pages")
    for number in range(1, 8):
        send(s3, upload, number, b"x")
    pages = s3.get_paginator("list_parts").paginate(**upload, PaginationConfig={"PageSize": 3})
    numbers = [[part["PartNumber"] for part in page["Parts"]] for page in pages]
    assert numbers == [[1, 2, 3], [4, 5, 6], [7]]
    s3.abort_multipart_upload(**upload)


def test_part_may_be_copied_from_an_object(s3):
    s3.put_object(Bucket=BUCKET, Key="source", Body=PART + b"0123456789")
    source = {"Bucket": BUCKET, "Key": "source"}
    upload = begin(s3, "copied")
    parts = []
    wanted_parts = [f"bytes=0-{len(PART) - 1}", f"bytes={len(PART) + 2}-{len(PART) + 4}"]
    for number, wanted in enumerate(wanted_parts, 1):
        answer = s3.upload_part_copy(
            **upload, PartNumber=number, CopySource=source, CopySourceRange=wanted
        )
        parts.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
    complete(s3, upload, parts)
    assert s3.get_object(Bucket=BUCKET, Key="copied")["Body"].read() == PART + b"234"


def test_upload_goes_on_after_a_crash(tmp_path):
    with Daemon(tmp_path / "state") as daemon:
        upload = begin(daemon.s3, "crashed", Metadata={"k": "v"})
        first = send(daemon.s3, upload, 1, PART)
        daemon.kill()
        half_written = tmp_path / "state" / "objects" / "~staging" / "new" / "half"
        half_written.write_bytes(b"half")
        daemon.start()
        assert not half_written.exists()
        second = send(daemon.s3, upload, 2, b"2")
        complete(daemon.s3, upload, [first, second])
        daemon.kill()
        daemon.start()
        stored = daemon.s3.get_object(Bucket=BUCKET, Key="crashed")
        assert stored["Body"].read() == PART + b"2"
        assert stored["Metadata"] == {"k": "v"}


@pytest.mark.parametrize("seen_by", ["the next upload", "a restart"])
def test_upload_that_nobody_goes_on_with_is_removed_after_a_week(make_daemon, seen_by):
    daemon = make_daemon()
    old, young = begin(daemon.s3, "old"), begin(daemon.s3, "young")
    for upload in (old, young):
        send(daemon.s3, upload, 1, b"x")
    uploads = daemon.state_dir / "objects" / "~staging" / "uploads"
    for upload, age_s in ((old, WEEK_S + 60), (young, WEEK_S - 60)):
        then = time.time() - age_s
        os.utime(uploads / upload["UploadId"], (then, then))
    if seen_by == "a restart":
        daemon.restart()
    else:
        begin(daemon.s3, "next")
    assert not (uploads / old["UploadId"]).exists()
    assert refusal(daemon.s3.list_parts, **old) == ("NoSuchUpload", 404)
    assert len(daemon.s3.list_parts(**young)["Parts"]) == 1
