"""`aws s3` on files and folders, and what is on the disk after a crash and when it is full."""

import os
import subprocess

import botocore.exceptions
import pytest

from support import clients
from support.daemon import Daemon
from support.mounts import fill, free_bytes, needs_root, tmpfs
from support.raw_http import exchange
from support.waiting import wait_until

MEBIBYTE = 1 << 20
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
FILES = {
    "top.txt": b"top",
    "empty": b"",
    "folder/with space/ümläut.csv": b"a,b\n1,2\n",
    "folder/deep/er/x+y%20z&.bin": bytes(range(256)) * 100,
    "large.bin": bytes(range(251)) * (20 * MEBIBYTE // 251),  # `aws` sends it in parts
}


@pytest.fixture
def folder(tmp_path):
    return make_folder(tmp_path / "local")


def make_folder(folder):
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def contents(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def aws_s3(daemon, *arguments):
    """The lines that `aws s3 …` prints, without the progress."""
    ran = clients.run_aws(daemon.url, "s3", *map(str, arguments))
    assert ran.returncode == 0, ran.stderr.decode()
    return ran.stdout.decode().splitlines()


def keys_of(daemon, bucket):
    pages = daemon.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {each["Key"] for page in pages for each in page.get("Contents", [])}


def staged(daemon):
    staging = daemon.state_dir / "objects" / "~staging"
    return [path for path in staging.rglob("*") if path.parent.name != "~staging"]


# ---- aws s3


@pytest.mark.parametrize("name", FILES)
def test_cp_takes_a_file_there_and_back(daemon, folder, tmp_path, name):
    uri = f"s3://cli-cp/some/{name}"
    aws_s3(daemon, "cp", "--no-progress", folder / name, uri)
    aws_s3(daemon, "cp", "--no-progress", uri, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == FILES[name]


def test_cp_reads_and_writes_streams(daemon):
    target = "s3://cli-streams/k"
    env = {
        **os.environ,
        "AWS_ACCESS_KEY_ID": clients.ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": clients.REGION,
    }
    command = ["/usr/bin/aws", "--endpoint-url", daemon.url, "s3", "cp", "-", target]
    subprocess.run(command, env=env, input=b"piped", check=True, timeout=60, capture_output=True)
    assert aws_s3(daemon, "cp", target, "-") == ["piped"]


def test_cp_of_a_folder_there_and_back(daemon, folder, tmp_path):
    aws_s3(daemon, "cp", "--recursive", folder, "s3://cli-folder/in/side")
    assert keys_of(daemon, "cli-folder") == {f"in/side/{name}" for name in FILES}
    aws_s3(daemon, "cp", "--recursive", "s3://cli-folder/in", tmp_path / "back")
    assert contents(tmp_path / "back" / "side") == FILES


def test_cp_and_mv_between_buckets(daemon, folder):
    aws_s3(daemon, "cp", folder / "large.bin", "s3://cli-from/large")
    aws_s3(daemon, "cp", "s3://cli-from/large", "s3://cli-to/copied")
    aws_s3(daemon, "mv", "s3://cli-from/large", "s3://cli-to/moved")
    for key in ("copied", "moved"):
        got = daemon.s3.get_object(Bucket="cli-to", Key=key)["Body"].read()
        assert got == FILES["large.bin"]
    assert keys_of(daemon, "cli-from") == set()


def test_ls_shows_buckets_prefixes_and_objects(daemon, folder):
    aws_s3(daemon, "cp", "--recursive", folder, "s3://cli-ls")
    assert "cli-ls" in [line.split()[-1] for line in aws_s3(daemon, "ls")]
    lines = [line.split() for line in aws_s3(daemon, "ls", "s3://cli-ls/")]
    assert [(line[-2], line[-1]) for line in lines] == [
        ("PRE", "folder/"),
        ("0", "empty"),
        (str(len(FILES["large.bin"])), "large.bin"),
        ("3", "top.txt"),
    ]
    below = aws_s3(daemon, "ls", "--recursive", "s3://cli-ls/folder/")
    assert [line.split(maxsplit=3)[3] for line in below] == [
        "folder/deep/er/x+y%20z&.bin",
        "folder/with space/ümläut.csv",
    ]


def test_ls_of_nothing_says_so(daemon):
    ran = clients.run_aws(daemon.url, "s3", "ls", "s3://cli-nowhere")
    assert ran.returncode != 0
    assert b"NoSuchBucket" in ran.stderr


def test_rm_takes_one_or_all(daemon, folder):
    aws_s3(daemon, "cp", "--recursive", folder, "s3://cli-rm")
    aws_s3(daemon, "rm", "s3://cli-rm/top.txt")
    assert keys_of(daemon, "cli-rm") == set(FILES) - {"top.txt"}
    aws_s3(daemon, "rm", "--recursive", "s3://cli-rm/folder")
    assert keys_of(daemon, "cli-rm") == {"empty", "large.bin"}
    aws_s3(daemon, "rm", "--recursive", "s3://cli-rm")
    assert keys_of(daemon, "cli-rm") == set()
    assert list((daemon.state_dir / "objects" / "cli-rm").iterdir()) == []


def test_mb_and_rb(daemon, folder):
    aws_s3(daemon, "mb", "s3://cli-made")
    aws_s3(daemon, "cp", folder / "top.txt", "s3://cli-made/a/b")
    refused = clients.run_aws(daemon.url, "s3", "rb", "s3://cli-made")
    assert refused.returncode != 0 and b"BucketNotEmpty" in refused.stderr
    aws_s3(daemon, "rb", "--force", "s3://cli-made")
    assert "cli-made" not in [line.split()[-1] for line in aws_s3(daemon, "ls")]


def test_sync_moves_only_what_differs(daemon, folder, tmp_path):
    bucket = "s3://cli-sync/tree"
    aws_s3(daemon, "mb", "s3://cli-sync")  # sync lists before it writes
    assert len(aws_s3(daemon, "sync", "--no-progress", folder, bucket)) == len(FILES)
    assert aws_s3(daemon, "sync", "--no-progress", folder, bucket) == []
    (folder / "top.txt").write_bytes(b"changed")
    (folder / "empty").unlink()
    lines = aws_s3(daemon, "sync", "--no-progress", "--delete", folder, bucket)
    assert sorted(line.split(":")[0] for line in lines) == ["delete", "upload"]
    aws_s3(daemon, "sync", bucket, tmp_path / "back")
    assert contents(tmp_path / "back") == contents(folder)
    assert aws_s3(daemon, "sync", "--no-progress", bucket, tmp_path / "back") == []


def test_presigned_urls_work_without_credentials(daemon):
    daemon.s3.put_object(Bucket="cli-signed", Key="k k", Body=b"signed")
    url = daemon.s3.generate_presigned_url("get_object", {"Bucket": "cli-signed", "Key": "k k"})
    assert daemon.get(url.removeprefix(daemon.url)) == "signed"


# ---- the disk


def test_what_was_acknowledged_survives_a_kill(tmp_path):
    with Daemon(tmp_path / "state") as daemon:
        expected = {}
        for round_number in range(3):
            for i in range(20):
                key = f"round/{round_number}/{i % 5}/{i}"
                expected[key] = b"%d" % i * (1000 * i)
                daemon.s3.put_object(
                    Bucket="kept", Key=key, Body=expected[key], Metadata={"i": str(i)}
                )
            gone = f"round/{round_number}/0/0"
            daemon.s3.delete_object(Bucket="kept", Key=gone)
            del expected[gone]
            daemon.kill()
            daemon.start()
            assert keys_of(daemon, "kept") == set(expected)
            for key, body in expected.items():
                answer = daemon.s3.get_object(Bucket="kept", Key=key)
                assert answer["Body"].read() == body
                assert answer["Metadata"] == {"i": key.rsplit("/", 1)[1]}


def refused_put(daemon, body=b"x", key="refused/deep/key"):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        daemon.s3.put_object(Bucket="glaux", Key=key, Body=body)
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert answer["Error"]["Code"] == "ServiceUnavailable"
    return answer["Error"]["Message"]


@needs_root
def test_object_that_finds_no_space_is_refused_and_leaves_nothing(tmp_path):
    with tmpfs(tmp_path / "disk", 64) as disk:
        with Daemon(disk / "state", settings={"journal.min_free_mib": 0}) as daemon:
            daemon.s3.put_object(Bucket="glaux", Key="before", Body=b"before")
            upload = daemon.s3.create_multipart_upload(Bucket="glaux", Key="parts")
            name = {"Bucket": "glaux", "Key": "parts", "UploadId": upload["UploadId"]}
            filler = fill(disk, leave_bytes=6 * MEBIBYTE)
            before, entries = free_bytes(disk), len(staged(daemon))
            assert "No space left" in refused_put(daemon, b"x" * (8 * MEBIBYTE))
            with pytest.raises(botocore.exceptions.ClientError) as refused:
                daemon.s3.upload_part(**name, PartNumber=1, Body=b"x" * (8 * MEBIBYTE))
            assert refused.value.response["Error"]["Code"] == "ServiceUnavailable"
            assert len(staged(daemon)) == entries
            assert not (daemon.state_dir / "objects" / "glaux" / "refused").exists()
            assert abs(free_bytes(disk) - before) < MEBIBYTE
            assert keys_of(daemon, "glaux") == {"before"}
            filler.unlink()
            daemon.s3.put_object(Bucket="glaux", Key="after", Body=b"x" * (8 * MEBIBYTE))


@needs_root
def test_objects_are_refused_with_the_reason_while_space_is_short(tmp_path):
    with tmpfs(tmp_path / "disk", 64) as disk:
        with Daemon(disk / "state", settings={"journal.min_free_mib": 16}) as daemon:
            s3 = daemon.s3
            s3.put_object(Bucket="glaux", Key="old", Body=b"old")
            upload = s3.create_multipart_upload(Bucket="glaux", Key="parts")
            filler = fill(disk, leave_bytes=8 * MEBIBYTE)
            wait_until(lambda: exchange(daemon, HEALTH).status == 503, "/healthz tells")
            message = refused_put(daemon)
            assert "nearly full" in message and "journal.min_free_mib" in message
            name = {"Bucket": "glaux", "Key": "parts", "UploadId": upload["UploadId"]}
            for call, members in (
                (s3.create_bucket, {"Bucket": "new-bucket"}),
                (s3.upload_part, {**name, "PartNumber": 1, "Body": b"x"}),
                (s3.create_multipart_upload, {"Bucket": "glaux", "Key": "more"}),
                (s3.copy_object, {"Bucket": "glaux", "Key": "copy", "CopySource": "glaux/old"}),
            ):
                with pytest.raises(botocore.exceptions.ClientError) as refused:
                    call(**members)
                assert refused.value.response["Error"]["Code"] == "ServiceUnavailable", call
            assert s3.get_object(Bucket="glaux", Key="old")["Body"].read() == b"old"
            s3.abort_multipart_upload(**name)
            s3.delete_object(Bucket="glaux", Key="old")
            assert keys_of(daemon, "glaux") == set()
            filler.unlink()
            wait_until(lambda: exchange(daemon, HEALTH).status == 200, "/healthz recovers")
            s3.put_object(Bucket="glaux", Key="new", Body=b"new")
