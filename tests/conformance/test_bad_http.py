"""Requests that are bad as HTTP: refused, and no other client notices."""

import itertools
import json
import time

import pytest

from support.build import slack
from support.daemon import Daemon
from support.evidence import nothing_written
from support.raw_http import Connection, call, exchange, request_head
from support.sessions import MOCK, idle_session
from support.waiting import wait_until

MAX_BODY = 16 << 20
MAX_HEADERS = 32 << 10

# Would start a session if it got through.
START = json.dumps(
    {"WorkGroup": "primary",
     "EngineConfiguration": {"MaxConcurrentDpus": 2, "AdditionalConfigs": MOCK}}
).encode()  # fmt: skip
LENGTH = len(START)


@pytest.fixture(scope="module")
def daemon():
    with Daemon(settings={"http.max_header_bytes": MAX_HEADERS}) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def session(daemon):
    return idle_session(daemon.athena, MOCK)


def start(*headers, body=START):
    return request_head("StartSession", headers) + body


def assert_refused(daemon, request, status, by_the_parser=False):
    """By an error in the API's form, and the connection, whose framing is lost, is closed. What
    libmicrohttpd cannot parse it answers with a page of its own (docs/decisions/0005)."""
    with nothing_written(daemon), Connection(daemon) as connection:
        connection.send(request)
        answer = connection.read_answer()
        assert answer is not None, "closed without an answer"
        assert answer.status == status
        assert answer.headers["connection"].lower() == "close"
        assert by_the_parser or connection.is_closed()
    if by_the_parser:
        return
    assert answer.headers.get("content-type") == "application/x-amz-json-1.1", answer
    error = answer.json()
    assert error["__type"] == "SerializationException"
    assert error["Message"]


# ---- framing


@pytest.mark.parametrize(
    "length", ["-1", "-2", "+5", "0x10", "5, 5", "five", "5 5", "", "1e3"]
)
def test_content_length_that_is_no_number_is_refused(daemon, length):
    assert_refused(daemon, start(f"Content-Length: {length}"), 400, by_the_parser=True)


@pytest.mark.parametrize("length", [2**32, 2**63, 2**64 - 1, 2**64 + LENGTH, 10**30])
def test_content_length_beyond_every_number_is_too_large(daemon, length):
    assert_refused(daemon, start(f"Content-Length: {length}"), 413, by_the_parser=length >= 2**64)


@pytest.mark.parametrize("second", [LENGTH, LENGTH + 1, 0], ids=["same", "longer", "zero"])
def test_doubled_content_length_is_refused_even_if_both_agree(daemon, second):
    request = start(f"Content-Length: {LENGTH}", f"Content-Length: {second}")
    assert_refused(daemon, request, 400)


@pytest.mark.parametrize("length_first", [True, False])
def test_content_length_beside_transfer_encoding_is_refused(daemon, length_first):
    headers = [f"Content-Length: {LENGTH}", "Transfer-Encoding: chunked"]
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (LENGTH, START)
    request = start(*(headers if length_first else headers[::-1]), body=chunked)
    assert_refused(daemon, request, 400)


@pytest.mark.parametrize("encoding", ["gzip, chunked", "identity", "chunked, chunked", "nonsense"])
def test_other_transfer_encodings_are_refused(daemon, encoding):
    assert_refused(daemon, start(f"Transfer-Encoding: {encoding}"), 400)


def test_chunked_body_is_taken(daemon):
    chunks = b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
    request = request_head("ListWorkGroups", ["Transfer-Encoding: chunked"]) + chunks
    assert exchange(daemon, request).status == 200


@pytest.mark.parametrize("chunk", [b"zz\r\n{}\r\n0\r\n\r\n", b"-2\r\n{}\r\n0\r\n\r\n"])
def test_malformed_chunk_starts_nothing(daemon, chunk):
    with nothing_written(daemon):
        answer = exchange(daemon, start("Transfer-Encoding: chunked", body=chunk))
        assert answer is None or answer.status == 400


@pytest.mark.parametrize(
    "request_line", ["", "GARBAGE", "POST /", "POST / HTTP/9.9", "\x16\x03\x01"]
)
def test_malformed_request_line_starts_nothing_and_ends_the_connection(daemon, request_line):
    head = start(f"Content-Length: {LENGTH}").split(b"\r\n", 1)[1]
    with nothing_written(daemon), Connection(daemon) as connection:
        connection.send(request_line.encode() + b"\r\n" + head)
        answer = connection.read_answer()
        assert answer is None or answer.status in (400, 501, 505)
        assert connection.is_closed()


def test_header_name_with_a_space_is_refused(daemon):
    assert_refused(daemon, start(f"Content-Length : {LENGTH}"), 400)


# ---- size


def test_body_over_the_limit_is_refused_before_it_is_sent(daemon):
    assert_refused(daemon, start(f"Content-Length: {MAX_BODY + 1}", body=b"{"), 413)


def test_client_that_sends_its_whole_oversized_body_still_reads_the_answer(daemon):
    body = b'{"WorkGroup":"' + b"x" * MAX_BODY + b'"}'
    assert_refused(daemon, start(f"Content-Length: {len(body)}", body=body), 413)


def test_chunked_body_over_the_limit_is_refused(daemon):
    chunk = b"100000\r\n" + b" " * (1 << 20) + b"\r\n"
    body = chunk * 17 + b"0\r\n\r\n"
    with nothing_written(daemon):
        answer = exchange(daemon, start("Transfer-Encoding: chunked", body=body))
    assert answer.status == 413
    assert answer.json()["__type"] == "SerializationException"


def test_body_of_exactly_the_limit_is_read(daemon):
    text = b'{"WorkGroup":"nowhere","EngineConfiguration":{}}'
    answer = call(daemon, "ListSessions", text + b" " * (MAX_BODY - len(text)))
    assert answer.json()["Message"] == "WorkGroup is not found."


FLOODS = {
    "one header over the limit": [f"X-Flood: {'x' * MAX_HEADERS}"],
    "many headers": [f"X-Flood-{i}: {'x' * 1000}" for i in range(100)],
    "very many headers": [f"X-{i}: 1" for i in range(10_000)],
    "one huge header": [f"X-Flood: {'x' * (4 << 20)}"],
}


@pytest.mark.parametrize("flood", FLOODS)
def test_header_flood_is_refused(daemon, flood):
    request = start(*FLOODS[flood], f"Content-Length: {LENGTH}")
    assert_refused(daemon, request, 431, by_the_parser=True)


def test_long_request_target_starts_nothing(daemon):
    request = start(f"Content-Length: {LENGTH}").replace(b"POST /", b"POST /" + b"x" * 100_000, 1)
    with nothing_written(daemon):
        answer = exchange(daemon, request)
        assert answer is None or answer.status in (414, 431)


def test_headers_a_little_under_the_limit_are_taken(daemon):
    headers = [f"X-Long: {'x' * (MAX_HEADERS - 1000)}", "Content-Length: 2"]
    assert exchange(daemon, request_head("ListWorkGroups", headers) + b"{}").status == 200


# ---- Expect


def test_expect_100_continue_is_answered_at_once(daemon):
    with Connection(daemon) as connection:
        asked = time.monotonic()
        connection.send(
            request_head("ListWorkGroups", ["Content-Length: 2", "Expect: 100-continue"])
        )
        assert connection.read_answer().status == 100
        assert time.monotonic() - asked < 0.9 * slack(), "boto3 waits a second and goes on anyway"
        connection.send(b"{}")
        assert connection.read_answer().status == 200


def test_expect_100_continue_with_a_body_over_the_limit_is_refused_at_once(daemon):
    request = start(f"Content-Length: {MAX_BODY + 1}", "Expect: 100-continue", body=b"")
    assert_refused(daemon, request, 413)


# ---- connections


def test_connection_is_kept_for_the_next_request(daemon):
    request = request_head("ListWorkGroups", ["Content-Length: 2"]) + b"{}"
    with Connection(daemon) as connection:
        for _ in range(3):
            connection.send(request)
            assert connection.read_answer().status == 200


def test_pipelined_requests_are_answered_in_order(daemon):
    operations = ["ListWorkGroups", "Nothing", "ListWorkGroups", "GetSession"]
    with Connection(daemon) as connection:
        connection.send(
            b"".join(request_head(each, ["Content-Length: 2"]) + b"{}" for each in operations)
        )
        assert [connection.read_answer().status for _ in operations] == [200, 400, 200, 400]


def test_request_in_single_bytes_is_understood(daemon):
    request = request_head("ListWorkGroups", ["Content-Length: 2"]) + b"{}"
    with Connection(daemon) as connection:
        for byte in request:
            connection.send(bytes([byte]))
        assert connection.read_answer().status == 200


def test_client_that_leaves_within_its_body_starts_nothing(daemon):
    with nothing_written(daemon):
        with Connection(daemon) as connection:
            connection.send(start(f"Content-Length: {LENGTH}", body=START[:-1]))
        wait_until(lambda: call(daemon, "ListWorkGroups").status == 200, "others are served")


@pytest.fixture(scope="module")
def impatient():
    settings = {"http.request_timeout_s": 2, "http.idle_timeout_s": 2}
    with Daemon(settings=settings) as running:
        yield running


SLOW = {
    "in the head": start(f"Content-Length: {LENGTH}")[:60],
    "in the body": start(f"Content-Length: {LENGTH}", body=START[:10]),
    "before the first byte": b"",
}


@pytest.mark.parametrize("where", SLOW)
def test_client_that_stops_sending_is_cut_off(impatient, where):
    with nothing_written(impatient), Connection(impatient) as connection:
        connection.send(SLOW[where])
        began = time.monotonic()
        assert connection.is_closed()
        assert time.monotonic() - began < 20 * slack()


def test_slow_loris_is_cut_off_although_it_keeps_sending(impatient):
    with nothing_written(impatient), Connection(impatient) as connection:
        began = time.monotonic()
        for byte in itertools.cycle(start()[:60].replace(b"\r\n", b"")):
            if not connection.send(bytes([byte])):
                break
            time.sleep(0.05)
            if time.monotonic() - began > 20 * slack():
                pytest.fail("it is still being listened to")
        assert connection.is_closed()


def test_hundred_slow_clients_do_not_keep_others_waiting(impatient):
    crowd = [Connection(impatient) for _ in range(100)]
    for connection in crowd:
        connection.send(SLOW["in the head"])
    began = time.monotonic()
    assert call(impatient, "ListWorkGroups").status == 200
    assert time.monotonic() - began < 10 * slack()
    for connection in crowd:
        connection.__exit__()


def test_connections_over_the_limit_are_closed_and_later_ones_served(make_daemon):
    daemon = make_daemon(settings={"http.max_connections": 8})
    crowd = [Connection(daemon) for _ in range(40)]
    for connection in crowd:
        connection.__exit__()
    wait_until(lambda: _is_served(daemon), "a later client is served")


def _is_served(daemon):
    try:
        answer = call(daemon, "ListWorkGroups")
    except OSError:
        return False
    return answer is not None and answer.status == 200
