# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Interleaved trials: in every round each contender runs once, in random order.

Machines change their speed while one measures. What is compared is therefore
the ratio within a round, and of those the median.
"""
import random
import statistics
import time

SLICE = 0.004  # seconds of one trial
clock = time.perf_counter


def use_cpu_time():
    """Time is that of this process from now on: what others do in between does not count."""
    global clock
    clock = time.process_time


def timed(run, overhead=0.0):
    """Mean seconds of run(count), less what an empty call costs."""
    def seconds(count):
        start = clock()
        run(count)
        return max((clock() - start) / count - overhead, 1e-9)
    return seconds


def quantile(values, q):
    values = sorted(values)
    at = q * (len(values) - 1)
    low = int(at)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (at - low)


def measure(contenders, rounds, slice_seconds=SLICE):
    """{name: function(count) -> mean seconds} to {name: seconds of each round}."""
    counts = {}
    for name, run in contenders.items():
        run(1)
        counts[name] = max(1, int(slice_seconds / max(run(2), 1e-9)))
    times = {name: [] for name in contenders}
    order, shuffle = list(contenders), random.Random(1)
    for _ in range(rounds):
        shuffle.shuffle(order)
        for name in order:
            contenders[name](1)  # what the previous one left in the caches is not measured
            times[name].append(contenders[name](counts[name]))
    return times


def summary(seconds):
    return {"median": statistics.median(seconds), "p10": quantile(seconds, 0.1), "p90": quantile(seconds, 0.9)}


def ratio(times, ours, peers):
    """The best peer by its median, and the median over rounds of ours / its time, with its spread."""
    peers = [name for name in peers if name in times]
    if not peers or ours not in times:
        return None
    best = min(peers, key=lambda name: statistics.median(times[name]))
    return best, summary([a / b for a, b in zip(times[ours], times[best])])
