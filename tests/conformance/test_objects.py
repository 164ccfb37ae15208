"""Objects by boto3: what was put comes back, and what cannot be done says why, in S3's words."""

import base64
import contextlib
import hashlib
import http.client
import threading
import xml.etree.ElementTree as ElementTree
import zlib

import botocore.exceptions
import pytest

from support.raw_http import Answer, Connection

BUCKET = "conformance"
MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def s3(daemon):
    return daemon.s3


def put(s3, key, body=b"x", **members):
    return s3.put_object(Bucket=BUCKET, Key=key, Body=body, **members)


def get(s3, key, **members):
    return s3.get_object(Bucket=BUCKET, Key=key, **members)


def body_of(s3, key, **members):
    return get(s3, key, **members)["Body"].read()


def is_there(s3, key):
    try:
        s3.head_object(Bucket=BUCKET, Key=key)
        return True
    except botocore.exceptions.ClientError as error:
        assert status_of(error) == 404
        return False


def status_of(error):
    return error.response["ResponseMetadata"]["HTTPStatusCode"]


def refusal(call, **members):
    """(code, status) of the error that a call ends with."""
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**members)
    return refused.value.response["Error"]["Code"], status_of(refused.value)


def raw(daemon, method, target, headers=(), body=b""):
    """A request that no SDK would send; the target goes over the wire as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=60)
    with contextlib.closing(connection):
        connection.putrequest(method, target)
        for header in (*headers, f"Content-Length: {len(body)}"):
            connection.putheader(*header.split(": ", 1))
        connection.endheaders(body)
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, response.read())


def staged(daemon):
    """The files that are being written, or were left behind."""
    staging = daemon.state_dir / "objects" / "~staging"
    return sorted(str(path.relative_to(staging)) for path in staging.rglob("*") if path.is_file())


# ---- put and get


@pytest.mark.parametrize("size", [0, 1, 4096, MEBIBYTE + 1, 16 * MEBIBYTE])
def test_object_comes_back_as_it_was_put(s3, size):
    content = hashlib.shake_256(b"seed").digest(size)
    answer = put(s3, f"size/{size}", content)
    read = get(s3, f"size/{size}")
    assert read["ContentLength"] == size
    assert read["Body"].read() == content
    head = s3.head_object(Bucket=BUCKET, Key=f"size/{size}")
    assert head["ContentLength"] == size
    assert head["ETag"] == read["ETag"] == answer["ETag"]
    assert head["LastModified"] == read["LastModified"]


@pytest.mark.parametrize(
    "key",
    [
        "plain",
        "a/b/c/d/e/f",
        "with space/and+plus/and%20percent",
        "ünïcödé/日本語/🦉",
        "q?u=e&r#y;x,y:z@!$'()*[]{}|\\^`\"<>",
        "...",
        ".hidden",
        "trailing.",
        " leading and trailing ",
        "tab\tand\nline",
        "-rf",
        "~staging",
        "s" * 255,
        "/".join(["d" * 100] * 10),
    ],
)
def test_odd_keys_are_keys_like_others(s3, key):
    content = key.encode()
    put(s3, "odd/" + key, content)
    assert body_of(s3, "odd/" + key) == content
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix="odd/" + key)
    assert [each["Key"] for each in listed["Contents"]] == ["odd/" + key]
    s3.delete_object(Bucket=BUCKET, Key="odd/" + key)
    assert not is_there(s3, "odd/" + key)


def test_headers_given_at_put_come_back(s3):
    given = {
        "ContentType": "application/x-thing; a=b",
        "ContentEncoding": "gzip",
        "ContentLanguage": "de",
        "ContentDisposition": 'attachment; filename="x y"',
        "CacheControl": "max-age=60",
        "Metadata": {"one": "1", "two": "zwei; drei: vier"},
    }
    put(s3, "headers", b"x", **given)
    for answer in (get(s3, "headers"), s3.head_object(Bucket=BUCKET, Key="headers")):
        assert {name: answer[name] for name in given} == given
    put(s3, "headers", b"y")
    assert get(s3, "headers")["Metadata"] == {}, "a new object has nothing of the old"


def test_type_is_guessed_from_the_name_where_none_was_given(s3):
    put(s3, "a.csv")
    put(s3, "a.bin")
    assert get(s3, "a.csv")["ContentType"] == "text/csv"
    assert get(s3, "a.bin")["ContentType"] == "binary/octet-stream"


def test_metadata_has_a_limit(s3):
    put(s3, "metadata", Metadata={"a": "x" * 1900})
    assert len(get(s3, "metadata")["Metadata"]["a"]) == 1900
    assert refusal(put, s3=s3, key="metadata2", Metadata={"a": "x" * 2048}) == (
        "MetadataTooLarge",
        400,
    )
    assert not is_there(s3, "metadata2")


def test_put_replaces_and_changes_the_tag(s3):
    first = put(s3, "replaced", b"one")["ETag"]
    second = put(s3, "replaced", b"two")["ETag"]
    assert first != second
    assert body_of(s3, "replaced") == b"two"


def test_open_reader_keeps_what_it_opened(s3):
    old = b"a" * (8 * MEBIBYTE)
    put(s3, "read", old)
    reader = get(s3, "read")["Body"]
    head = reader.read(1)
    put(s3, "read", b"b" * (8 * MEBIBYTE))
    assert head + reader.read() == old


def test_ranges_of_a_put_object(s3):
    put(s3, "range", b"0123456789")
    assert body_of(s3, "range", Range="bytes=2-4") == b"234"
    assert body_of(s3, "range", Range="bytes=-3") == b"789"
    assert body_of(s3, "range", Range="bytes=8-100") == b"89"
    assert refusal(get, s3=s3, key="range", Range="bytes=10-") == ("InvalidRange", 416)


def test_large_put_waits_for_100_continue(daemon):
    with Connection(daemon) as connection:
        connection.send(
            f"PUT /{BUCKET}/expected HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
            "Expect: 100-continue\r\n\r\n".encode()
        )
        assert connection.read_answer().status == 100
        connection.send(b"abc")
        assert connection.read_answer().status == 200


# ---- conditions


def test_if_none_match_star_puts_only_what_is_new(daemon, s3):
    star = ["If-None-Match: *"]
    assert raw(daemon, "PUT", f"/{BUCKET}/cond/new", star, b"1").status == 200
    refused = raw(daemon, "PUT", f"/{BUCKET}/cond/new", star, b"2")
    assert refused.status == 412
    assert b"<Code>PreconditionFailed</Code>" in refused.body
    assert body_of(s3, "cond/new") == b"1"
    assert staged(daemon) == []


def test_one_of_many_racing_creators_wins(daemon, s3):
    statuses = []

    def create(number):
        answer = raw(daemon, "PUT", f"/{BUCKET}/cond/race", ["If-None-Match: *"], b"%d" % number)
        statuses.append((answer.status, b"%d" % number))

    threads = [threading.Thread(target=create, args=(i,)) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [body for status, body in statuses if status == 200]
    assert len(winners) == 1
    assert sorted(status for status, _ in statuses) == [200] + [412] * 15
    assert body_of(s3, "cond/race") == winners[0]


def test_if_match_replaces_only_what_was_read(daemon, s3):
    tag = put(s3, "cond/match", b"1")["ETag"]
    assert raw(daemon, "PUT", f"/{BUCKET}/cond/match", [f"If-Match: {tag}"], b"2").status == 200
    assert raw(daemon, "PUT", f"/{BUCKET}/cond/match", [f"If-Match: {tag}"], b"3").status == 412
    assert body_of(s3, "cond/match") == b"2"
    missing = raw(daemon, "PUT", f"/{BUCKET}/cond/missing", [f"If-Match: {tag}"], b"3")
    assert (missing.status, b"NoSuchKey" in missing.body) == (404, True)


# ---- checksums


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_checksum_of_the_sdk_is_taken_and_verified(s3, algorithm):
    put(s3, "sum/" + algorithm, b"content", ChecksumAlgorithm=algorithm)
    assert body_of(s3, "sum/" + algorithm) == b"content"
    assert "ContentEncoding" not in get(s3, "sum/" + algorithm)
    wrong = {"CRC32": 4, "SHA1": 20, "SHA256": 32}[algorithm] * b"\0"
    members = {f"Checksum{algorithm}": base64.b64encode(wrong).decode()}
    assert refusal(put, s3=s3, key="sum/wrong", **members) == ("BadDigest", 400)
    assert not is_there(s3, "sum/wrong")


def test_content_md5_is_verified(s3):
    good = base64.b64encode(hashlib.md5(b"x").digest()).decode()
    put(s3, "md5", b"x", ContentMD5=good)
    assert refusal(put, s3=s3, key="md5", body=b"y", ContentMD5=good) == ("BadDigest", 400)
    assert refusal(put, s3=s3, key="md5", ContentMD5="no digest") == ("InvalidDigest", 400)
    assert body_of(s3, "md5") == b"x"


def test_content_sha256_is_verified_unless_unsigned(daemon):
    digest = hashlib.sha256(b"x").hexdigest()
    header = "x-amz-content-sha256: "
    assert raw(daemon, "PUT", f"/{BUCKET}/sha", [header + digest], b"x").status == 200
    refused = raw(daemon, "PUT", f"/{BUCKET}/sha", [header + digest], b"y")
    assert (refused.status, b"XAmzContentSHA256Mismatch" in refused.body) == (400, True)
    assert raw(daemon, "PUT", f"/{BUCKET}/sha", [header + "UNSIGNED-PAYLOAD"], b"y").status == 200


def test_chunked_upload_with_a_trailing_checksum(daemon, s3):
    content = b"abcdefghij" * 1000
    crc = base64.b64encode(zlib.crc32(content).to_bytes(4, "big")).decode()
    headers = [
        "Content-Encoding: aws-chunked",
        "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-trailer: x-amz-checksum-crc32",
        f"x-amz-decoded-content-length: {len(content)}",
    ]

    def chunked(trailer, end=b"\r\n"):
        parts = [content[i : i + 4096] for i in range(0, len(content), 4096)]
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        return chunks + b"0\r\nx-amz-checksum-crc32:" + trailer.encode() + b"\r\n" + end

    assert raw(daemon, "PUT", f"/{BUCKET}/chunked", headers, chunked(crc)).status == 200
    read = get(s3, "chunked")
    assert read["Body"].read() == content
    assert "ContentEncoding" not in read
    wrong = raw(daemon, "PUT", f"/{BUCKET}/chunked2", headers, chunked("AAAAAA=="))
    assert (wrong.status, b"<Code>BadDigest</Code>" in wrong.body) == (400, True)
    short = raw(daemon, "PUT", f"/{BUCKET}/chunked2", headers, b"3\r\nabc\r\n0\r\n\r\n")
    assert (short.status, b"<Code>IncompleteBody</Code>" in short.body) == (400, True)
    assert not is_there(s3, "chunked2")


# ---- delete


def test_deleting_is_final_and_repeatable(s3):
    put(s3, "deleted", b"x")
    for _ in range(2):
        answer = s3.delete_object(Bucket=BUCKET, Key="deleted")
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
        assert not is_there(s3, "deleted")


def test_prefix_goes_with_its_last_object(daemon, s3):
    put(s3, "tree/a/b/1")
    put(s3, "tree/a/2")
    s3.delete_object(Bucket=BUCKET, Key="tree/a/b/1")
    bucket = daemon.state_dir / "objects" / BUCKET
    assert sorted(each.name for each in (bucket / "tree" / "a").iterdir()) == ["2"]
    s3.delete_object(Bucket=BUCKET, Key="tree/a/2")
    assert not (bucket / "tree").exists()
    put(s3, "tree")  # what was a prefix may be a key now
    s3.delete_object(Bucket=BUCKET, Key="tree")


def test_deleting_a_prefix_deletes_nothing(s3):
    put(s3, "prefix/below")
    for key in ("prefix", "prefix/", "prefix//", "prefix/below/x", "../conformance/prefix/below"):
        s3.delete_object(Bucket=BUCKET, Key=key)
    assert is_there(s3, "prefix/below")


def test_delete_objects_takes_many_at_once(s3):
    keys = [f"many/{i % 7}/ä&<{i}>" for i in range(300)]
    for key in keys:
        put(s3, key)
    named = [{"Key": key} for key in [*keys, "many/never/there"]]
    answer = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": named})
    assert [each["Key"] for each in answer["Deleted"]] == [each["Key"] for each in named]
    assert "Errors" not in answer
    assert s3.list_objects_v2(Bucket=BUCKET, Prefix="many/")["KeyCount"] == 0


def test_delete_objects_in_quiet_tells_failures_only(s3):
    put(s3, "quiet/1")
    named = [{"Key": "quiet/1"}, {"Key": "quiet/2", "VersionId": "v"}]
    answer = s3.delete_objects(Bucket=BUCKET, Delete={"Objects": named, "Quiet": True})
    assert "Deleted" not in answer
    assert [(each["Key"], each["Code"]) for each in answer["Errors"]] == [
        ("quiet/2", "NotImplemented")
    ]
    assert not is_there(s3, "quiet/1")


def test_delete_objects_needs_its_document(daemon):
    for body in (b"", b"<Delete>", b"{}", b"<Delete></Delete>"):
        answer = raw(daemon, "POST", f"/{BUCKET}?delete", (), body)
        assert (answer.status, b"<Code>MalformedXML</Code>" in answer.body) == (400, True), body


# ---- copy


def test_copy_takes_content_and_headers(s3):
    put(s3, "copy/from ü", b"content", ContentType="a/b", Metadata={"k": "v"})
    source = {"Bucket": BUCKET, "Key": "copy/from ü"}
    answer = s3.copy_object(Bucket="conformance-2", Key="copy/to", CopySource=source)
    copied = s3.get_object(Bucket="conformance-2", Key="copy/to")
    assert copied["Body"].read() == b"content"
    assert (copied["ContentType"], copied["Metadata"]) == ("a/b", {"k": "v"})
    assert copied["ETag"] == answer["CopyObjectResult"]["ETag"]
    assert body_of(s3, "copy/from ü") == b"content"


def test_copy_may_replace_the_headers(s3):
    put(s3, "copy/self", b"content", Metadata={"old": "1"})
    source = {"Bucket": BUCKET, "Key": "copy/self"}
    members = {"Bucket": BUCKET, "Key": "copy/self", "CopySource": source}
    assert refusal(s3.copy_object, **members) == ("InvalidRequest", 400)
    s3.copy_object(**members, MetadataDirective="REPLACE", Metadata={"new": "2"})
    copied = get(s3, "copy/self")
    assert (copied["Metadata"], copied["Body"].read()) == ({"new": "2"}, b"content")


def test_copy_of_what_is_not_there_says_so(s3):
    to = {"Bucket": BUCKET, "Key": "copy/none"}
    for bucket, code in ((BUCKET, "NoSuchKey"), ("no-such-bucket", "NoSuchBucket")):
        source = {"Bucket": bucket, "Key": "copy/missing"}
        assert refusal(s3.copy_object, **to, CopySource=source) == (code, 404)
    put(s3, "copy/if", b"x")
    source = {"Bucket": BUCKET, "Key": "copy/if"}
    refused = refusal(s3.copy_object, **to, CopySource=source, CopySourceIfMatch='"other"')
    assert refused == ("PreconditionFailed", 412)
    assert not is_there(s3, "copy/none")


# ---- buckets


def test_buckets_come_with_their_first_object_or_by_name(s3):
    s3.create_bucket(Bucket="made-by-name")
    s3.create_bucket(Bucket="made-by-name")  # it is the caller's own
    s3.put_object(Bucket="made-by-put", Key="k", Body=b"")
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert {"glaux", "made-by-name", "made-by-put"} <= set(names)
    assert names == sorted(names)
    for name in ("made-by-name", "made-by-put"):
        s3.head_bucket(Bucket=name)
        assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] is None


def test_only_an_empty_bucket_is_deleted(s3):
    s3.put_object(Bucket="to-delete", Key="a/b", Body=b"")
    assert refusal(s3.delete_bucket, Bucket="to-delete") == ("BucketNotEmpty", 409)
    s3.delete_object(Bucket="to-delete", Key="a/b")
    s3.delete_bucket(Bucket="to-delete")
    assert refusal(s3.head_bucket, Bucket="to-delete") == ("404", 404)
    assert refusal(s3.delete_bucket, Bucket="to-delete") == ("NoSuchBucket", 404)


@pytest.mark.parametrize("name", ["ab", "-abc", ".abc", "x" * 64, "metrics", "healthz"])
def test_bucket_names_have_rules(s3, name):
    assert refusal(s3.create_bucket, Bucket=name) == ("InvalidBucketName", 400)
    assert refusal(s3.put_object, Bucket=name, Key="k") == ("InvalidBucketName", 400)


# ---- errors


def test_missing_bucket_and_missing_key_differ(s3):
    assert refusal(get, s3=s3, key="missing") == ("NoSuchKey", 404)
    missing = {"Bucket": "no-such-bucket"}
    assert refusal(s3.get_object, **missing, Key="k") == ("NoSuchBucket", 404)
    assert refusal(s3.delete_object, **missing, Key="k") == ("NoSuchBucket", 404)
    assert refusal(s3.list_objects_v2, **missing) == ("NoSuchBucket", 404)
    assert refusal(s3.get_bucket_location, **missing) == ("NoSuchBucket", 404)


@pytest.mark.parametrize("key", ["a//b", "/a", "a/", "../a", "a/../b", "./a", "a/.", "..", "."])
def test_key_that_cannot_be_a_file_is_refused_with_the_reason(daemon, s3, key):
    target = f"/{BUCKET}/{key}" if key not in ("..", ".") else f"/{BUCKET}/%2e{key[1:]}"
    answer = raw(daemon, "PUT", target, (), b"x")
    assert answer.status == 400
    error = ElementTree.fromstring(answer.body)
    assert error.findtext("Code") == "InvalidArgument"
    assert "Objects are files here" in error.findtext("Message")
    assert error.findtext("Resource") == target
    assert error.findtext("RequestId") == answer.headers["x-amz-request-id"]
    assert staged(daemon) == []


def test_name_is_not_an_object_and_a_prefix_at_once(daemon, s3):
    put(s3, "both/file", b"1")
    for key in ("both/file/below", "both/file/far/below", "both"):
        assert refusal(put, s3=s3, key=key) == ("InvalidArgument", 400), key
    assert body_of(s3, "both/file") == b"1"
    assert staged(daemon) == []


@pytest.mark.parametrize("key", ["k" * 1025, "k" * 256, "a/" * 512 + "b"])
def test_key_that_is_too_long_is_refused(s3, key):
    assert refusal(put, s3=s3, key=key) == ("KeyTooLongError", 400)


def test_key_that_is_not_utf8_is_refused(daemon):
    answer = raw(daemon, "PUT", f"/{BUCKET}/%ff%fe", (), b"x")
    assert (answer.status, b"<Code>InvalidArgument</Code>" in answer.body) == (400, True)


def test_body_beyond_the_limit_of_a_request_is_refused_in_s3s_words(daemon, s3):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        put(s3, "too-large", b"x" * (16 * MEBIBYTE + 1))
    assert refused.value.response["Error"]["Code"] == "EntityTooLarge"
    assert refused.value.response["Error"]["Resource"] == f"/{BUCKET}/too-large"
    assert not is_there(s3, "too-large")


def test_subresources_that_are_not_there_say_so(s3):
    put(s3, "sub", b"kept")
    of_object = {"Bucket": BUCKET, "Key": "sub"}
    refusals = [
        refusal(s3.get_object_acl, **of_object),
        refusal(s3.put_object_tagging, **of_object, Tagging={"TagSet": []}),
        refusal(s3.get_object, **of_object, VersionId="v"),
        refusal(s3.get_object_attributes, **of_object, ObjectAttributes=["ETag"]),
        refusal(s3.put_object_acl, **of_object, ACL="private"),
        refusal(s3.delete_object, **of_object, VersionId="v"),
        refusal(s3.get_bucket_policy, Bucket=BUCKET),
        refusal(s3.put_bucket_versioning, Bucket=BUCKET, VersioningConfiguration={}),
        refusal(s3.delete_bucket_policy, Bucket=BUCKET),
        refusal(s3.list_multipart_uploads, Bucket=BUCKET),
        refusal(s3.list_object_versions, Bucket=BUCKET),
        refusal(put, s3=s3, key="sub", Tagging="a=b"),
    ]
    assert refusals == [("NotImplemented", 501)] * len(refusals)
    assert body_of(s3, "sub") == b"kept"
    assert s3.get_object_tagging(**of_object)["TagSet"] == []


def test_other_methods_are_refused(daemon):
    answer = raw(daemon, "PATCH", f"/{BUCKET}/k", (), b"x")
    assert (answer.status, b"<Code>MethodNotAllowed</Code>" in answer.body) == (405, True)
    assert answer.headers["allow"] == "GET, HEAD, PUT, DELETE, POST"


def test_malformed_url_is_refused(daemon):
    for target in ("/b/%zz", "/b/a%00b", "/b?prefix=%", "/b?%00"):
        answer = raw(daemon, "GET", target)
        assert (answer.status, b"<Code>InvalidURI</Code>" in answer.body) == (400, True), target


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "target",
    [
        "/conformance/../../journal/x",
        "/conformance/%2e%2e/%2e%2e/escaped",
        "/conformance/..%2f..%2fescaped",
        "/../escaped",
        "/%2e%2e/escaped",
        "//escaped",
        "/conformance//../../escaped",
        "/conformance/link/escaped",
        "/linked/escaped",
        "/~staging/new/escaped",
        "/%7Estaging/new/escaped",
    ],
)
def test_no_path_leads_out_of_the_tree(daemon, s3, method, target):
    objects = daemon.state_dir / "objects"
    put(s3, "here")
    for link, to in ((objects / BUCKET / "link", "../.."), (objects / "linked", "..")):
        if not link.is_symlink():
            link.symlink_to(to)
    before = sorted(daemon.state_dir.glob("*"))
    secret = daemon.state_dir / "secret"
    secret.write_text("secret")
    try:
        answer = raw(daemon, method, target, (), b"x" if method == "PUT" else b"")
        assert answer.status in ((204, 404) if method == "DELETE" else (400, 404))
        assert secret.read_text() == "secret"
    finally:
        secret.unlink()
    assert sorted(daemon.state_dir.glob("*")) == before
    assert not list(daemon.state_dir.rglob("escaped"))


# ---- races


def test_racing_puts_leave_one_of_them_whole(daemon, s3):
    contents = [bytes([i]) * (MEBIBYTE + i) for i in range(8)]
    seen = set()
    stop = threading.Event()

    def write(content):
        for _ in range(5):
            put(s3, "race/key", content)

    def read():
        while not stop.is_set():
            seen.add(body_of(s3, "race/key"))

    put(s3, "race/key", contents[0])
    reader = threading.Thread(target=read)
    reader.start()
    writers = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    reader.join()
    assert seen and seen <= set(contents)
    assert body_of(s3, "race/key") in contents
    assert staged(daemon) == []


def test_puts_and_deletes_below_one_prefix_do_not_trip_over_each_other(s3):
    failures = []

    def churn(number):
        try:
            for i in range(40):
                put(s3, f"churn/deep/er/{number}", b"%d" % i)
                s3.delete_object(Bucket=BUCKET, Key=f"churn/deep/er/{number}")
        except botocore.exceptions.ClientError as error:
            failures.append(error)

    threads = [threading.Thread(target=churn, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert s3.list_objects_v2(Bucket=BUCKET, Prefix="churn/")["KeyCount"] == 0


def test_every_answer_has_a_request_id_to_quote(s3):
    ids = [
        answer["ResponseMetadata"]["RequestId"]
        for answer in (put(s3, "id"), get(s3, "id"), s3.delete_object(Bucket=BUCKET, Key="id"))
    ]
    assert all(ids) and len(set(ids)) == len(ids)
