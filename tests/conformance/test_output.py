"""stdout, stderr and the result are objects: there from the start, growing, whole in the end."""

import hashlib

import botocore.exceptions
import pytest

from support.sessions import (
    get_calculation,
    idle_session,
    object_of,
    printed_by,
    run,
    start_calculation,
    stdout_of,
    stop,
    wait_for_calculation,
    wait_for_session,
)
from support.waiting import wait_until

URIS = ("StdOutS3Uri", "StdErrorS3Uri", "ResultS3Uri")

LINES = 10 * (1 << 20) // 16
TEN_MEBIBYTES = f"for i in range({LINES}):\n    print(f'{{i:015}}')"
EXPECTED = b"".join(b"%015d\n" % i for i in range(LINES))


@pytest.fixture(scope="module")
def session(daemon):
    return idle_session(daemon.athena)


@pytest.fixture(scope="module")
def ten_mebibytes(daemon, session):
    """The stdout object of a calculation that printed 10 MiB."""
    calculation = run(daemon, session, TEN_MEBIBYTES)
    assert calculation["Status"]["State"] == "COMPLETED"
    return object_of(calculation["Result"]["StdOutS3Uri"])


def test_ten_mebibytes_of_output_arrive_whole(daemon, ten_mebibytes):
    answer = daemon.s3.get_object(**ten_mebibytes)
    body = answer["Body"].read()
    assert answer["ContentLength"] == len(EXPECTED) == 10 * (1 << 20)
    assert hashlib.sha256(body).digest() == hashlib.sha256(EXPECTED).digest()


def test_ten_mebibytes_in_one_line_arrive_whole(daemon, session):
    calculation = run(daemon, session, "print('x' * (10 << 20))")
    assert stdout_of(daemon, calculation) == "x" * (10 << 20) + "\n"


def test_head_object_tells_the_size_and_sends_no_body(daemon, ten_mebibytes):
    head = daemon.s3.head_object(**ten_mebibytes)
    assert head["ContentLength"] == len(EXPECTED)
    assert head["ContentType"].startswith("text/plain")
    assert head["ETag"] == daemon.s3.get_object(**ten_mebibytes)["ETag"]


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-15", 0, 15),
        ("bytes=5000000-5000999", 5_000_000, 5_000_999),
        ("bytes=-16", len(EXPECTED) - 16, len(EXPECTED) - 1),
        (f"bytes={len(EXPECTED) - 10}-", len(EXPECTED) - 10, len(EXPECTED) - 1),
        ("bytes=10485750-99999999", 10_485_750, len(EXPECTED) - 1),
    ],
)
def test_range_answers_that_part(daemon, ten_mebibytes, wanted, first, last):
    answer = daemon.s3.get_object(**ten_mebibytes, Range=wanted)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert answer["ContentRange"] == f"bytes {first}-{last}/{len(EXPECTED)}"
    assert answer["Body"].read() == EXPECTED[first : last + 1]


def test_range_behind_the_end_is_refused(daemon, ten_mebibytes):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        daemon.s3.get_object(**ten_mebibytes, Range="bytes=10485760-")
    assert refused.value.response["Error"]["Code"] == "InvalidRange"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 416


def test_all_three_objects_exist_from_the_first_moment(daemon, session):
    athena = daemon.athena
    for _ in range(5):
        calculation = start_calculation(athena, session, "import time; time.sleep(60)")
        result = get_calculation(athena, calculation)["Result"]
        for uri in URIS:
            assert daemon.s3.get_object(**object_of(result[uri]))["Body"].read() == b""
            assert daemon.s3.head_object(**object_of(result[uri]))["ContentLength"] == 0
        stop(athena, calculation)
        wait_for_calculation(athena, calculation, "CANCELED")
        wait_for_session(athena, session, "IDLE")


@pytest.mark.parametrize("code", ["1", "raise ValueError"])
def test_all_three_objects_exist_however_the_calculation_ended(daemon, session, code):
    result = run(daemon, session, code)["Result"]
    for uri in URIS:
        daemon.s3.get_object(**object_of(result[uri]))


def test_stdout_is_readable_while_the_code_runs_and_grows(daemon, session):
    athena = daemon.athena
    code = "import time\nfor i in range(6000):\n    print(i)\n    time.sleep(0.01)"
    calculation = start_calculation(athena, session, code)
    answer = get_calculation(athena, calculation)
    some = wait_until(lambda: stdout_of(daemon, answer), "the first lines")
    more = wait_until(lambda: _longer_stdout(daemon, answer, some), "more lines")
    assert more.startswith(some)
    assert get_calculation(athena, calculation)["Status"]["State"] == "RUNNING"
    stop(athena, calculation)
    ended = wait_for_calculation(athena, calculation, "CANCELED")
    assert stdout_of(daemon, ended).startswith(more)
    wait_for_session(athena, session, "IDLE")


def _longer_stdout(daemon, calculation, text):
    now = stdout_of(daemon, calculation)
    return now if len(now) > len(text) else None


def test_object_that_is_not_there_is_no_such_key(daemon):
    with pytest.raises(daemon.s3.exceptions.NoSuchKey):
        daemon.s3.get_object(Bucket="glaux", Key="nothing/here")


@pytest.mark.parametrize(
    "key", ["../journal/FORMAT", "a/../../LOCK", "%2e%2e/LOCK", "//etc/passwd"]
)
def test_no_key_leads_out_of_the_objects_directory(daemon, key):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        daemon.s3.get_object(Bucket="glaux", Key=key)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 404)


def test_code_that_prints_faster_than_it_is_read_does_not_fill_the_memory(daemon):
    session = idle_session(daemon.athena)
    peak = "import resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    before = int(printed_by(daemon, session, peak))
    code = "for _ in range(1 << 14): print('x' * 4095)"
    assert len(printed_by(daemon, session, code)) == 64 << 20
    grown_mib = (int(printed_by(daemon, session, peak)) - before) >> 10
    assert grown_mib < 32, "half of what was printed"
