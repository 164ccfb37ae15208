"""Kernels compute and print, wait with their variables, and end what they ran while glauxd is
stopped and killed under them: nothing of what they do is lost, and none of it happens twice.

GLAUX_ADOPTION_COMPUTING, GLAUX_ADOPTION_IDLE and GLAUX_ADOPTION_ROUNDS choose how many and how
often."""

import os
import random
import statistics
import time

from fleet import Fleet
from support import build
from support.daemon import Daemon
from support.json_client import Client
from support.waiting import wait_until

COMPUTING = int(os.environ.get("GLAUX_ADOPTION_COMPUTING", 3))
IDLE = int(os.environ.get("GLAUX_ADOPTION_IDLE", 3))
ROUNDS = int(os.environ.get("GLAUX_ADOPTION_ROUNDS", 1))

ADOPTION_LIMIT_S = 2
# Longer than executors take to report usage again, which shows that they are connected.
AWAY_S = 1.5
# What executors need at most to note the end of a block, on a busy machine.
REPORT_S = 0.5 * build.slack()


def test_kernels_go_on_whatever_happens_to_the_daemon(tmp_path):
    with Daemon(settings={"capacity.dpus": 1000}) as daemon:
        fleet = Fleet(daemon, tmp_path, COMPUTING, IDLE)
        processes = set(daemon.session_processes())
        gaps, adoptions = [], []
        for end in [daemon.stop, daemon.kill] * ROUNDS:
            gap, adoption = go_down_and_up(daemon, fleet, end)
            gaps.append(gap)
            adoptions.append(adoption)
            assert set(daemon.session_processes()) == processes, "they are the same ones"
        fleet.finish_computing()
        fleet.check_each_block_ran_once()
        fleet.terminate()
        wait_until(lambda: not daemon.session_processes(), "no process is left")
        print(f"\n{COMPUTING} kernels that compute, {IDLE} idle ones, {len(gaps)} restarts")
        print(f"the API was away for {summary(gaps)}")
        print(f"all were adopted after {summary(adoptions)}")
    assert max(adoptions) < ADOPTION_LIMIT_S * build.slack()


def summary(seconds):
    least, middle, most = min(seconds), statistics.median(seconds), max(seconds)
    return f"min {least * 1000:.0f}, median {middle * 1000:.0f}, max {most * 1000:.0f} ms"


def go_down_and_up(daemon, fleet, end):
    """(for how long nobody answered, were it started again at once; how long after its start every
    executor was known to work for the new daemon)"""
    ending = fleet.start_blocks_that_end_later()
    time.sleep(random.uniform(0, 0.5))
    began = time.monotonic()
    end()
    going_s = time.monotonic() - began
    down = time.time()
    fleet.end_blocks(ending)
    time.sleep(max(REPORT_S, down + AWAY_S - time.time()))

    up = time.time()
    began = time.monotonic()
    daemon.start()
    with Client(daemon.port) as client:
        client.call("ListSessions", WorkGroup="primary")
        coming_s = time.monotonic() - began
        fleet.wait_until_adopted(client, down)
        adoption_s = time.monotonic() - began
        fleet.check_ended(client, ending, down, up)
        fleet.check_states(client)
    return going_s + coming_s, adoption_s
