"""Waiting for what a daemon does in its own time."""

import time

PATIENCE_S = 60  # for what happens at once unless something is broken


def wait_until(condition, what, timeout_s=PATIENCE_S, interval_s=0.02):
    """Calls `condition` until its result is true, and returns that; `what` is for the failure."""
    give_up = time.monotonic() + timeout_s
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > give_up:
            raise AssertionError(f"after {timeout_s} s still not: {what}")
        time.sleep(interval_s)
