#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Times Condense's kernels and whole models beside their peers, interleaved in one process.

usage: compare.py [--bin build/bin] [--kernels REGEX] [--models NAME...] [--material DIR]
                  [--peers onnxruntime,openvino,onednn,ggml | none] [--threads N] [--rounds N]
                  [--clock wall|cpu] [--json FILE] [--roofline FILE.svg]

Kernels are named scheme:MxNxK (`--list` prints them; any other size may be
asked for by its exact name). Peers come from benchmarks/setup.sh. The table
says how long one run takes (medians), the median over rounds of our time
divided by that of the fastest peer (below 1: we are faster), and which share
of the physical limit we reach: the FMA or 8-bit dot-product peak, or reading
all operands once at the bandwidth of an array of that size, all three
measured in the same rounds.
"""
import argparse
import os
import re
import statistics
import sys
import tempfile

# Before numpy: its own threads would disturb.
for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = ["onnxruntime", "openvino", "onednn", "ggml"]


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default=os.path.join(HERE, "..", "build", "bin"))
    parser.add_argument("--kernels", default=None, help="regular expression, or exact names separated by commas")
    parser.add_argument("--models", nargs="*", default=None, help="names; without any: all")
    parser.add_argument("--material", default=os.environ.get("CONDENSE_MATERIAL"))
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall",
                        help="cpu: the CPU time of this process, for one thread on a machine that others use")
    parser.add_argument("--json")
    parser.add_argument("--roofline")
    parser.add_argument("--list", action="store_true")
    args = parser.parse_args()
    # benchmarks/setup.sh puts the virtual environment and what it builds into one folder.
    args.peers_folder = (os.path.join(args.bin, "..", "peers") if sys.prefix == sys.base_prefix
                         else os.path.dirname(sys.prefix))
    args.peers = [] if args.peers == "none" else args.peers.split(",")
    unknown = set(args.peers) - set(PEERS)
    if unknown:
        parser.error(f"unknown peer {', '.join(unknown)}; there are {', '.join(PEERS)}")
    if args.clock == "cpu" and args.threads > 1:
        parser.error("--clock cpu adds up the time of all threads: it needs --threads 1")
    if args.threads < 1 or args.rounds < 1:
        parser.error("--threads and --rounds are at least 1")
    return args


ARGS = parse()
os.environ["OMP_NUM_THREADS"] = str(ARGS.threads)
import numpy  # noqa: E402

from harness import condense, kernels, machine, models, peers, report, timing  # noqa: E402


def select_kernels(pattern):
    every = kernels.all_kernels()
    if pattern is None:
        return [] if ARGS.models is not None else every
    exact = [re.fullmatch(r"([\w-]+):(\d+)x(\d+)x(\d+)", name) for name in pattern.split(",")]
    if all(exact):
        return [kernels.Kernel(m[1], *map(int, m.groups()[1:])) for m in exact]
    return [kernel for kernel in every if re.search(pattern, kernel.name)]


def relative_error(actual, expected):
    difference = numpy.linalg.norm(actual.astype(numpy.float64) - expected)
    return float(difference / max(numpy.linalg.norm(expected), 1e-30))


class Contest:
    """Contenders of one kernel or model, and what came of them."""

    def __init__(self, name, group):
        self.runs, self.result = {}, {"name": name, "group": group, "errors": {}, "relative_error": {}}

    def add(self, name, make):
        """make() -> (seconds of count runs, outputs of one run), or None if `name` cannot take part."""
        try:
            contender = make()
            if contender:
                self.runs[name] = contender
        except Exception as error:  # a peer may fail in any way; the others are measured all the same
            self.result["errors"][name] = str(error).splitlines()[0][:300] if str(error) else repr(error)

    def check(self, expected, tolerance):
        """Who computes something else is not measured."""
        for name, (_, outputs) in list(self.runs.items()):
            error = relative_error(outputs()[0].reshape(expected.shape), expected)
            self.result["relative_error"][name] = error
            if not error <= tolerance:
                self.result["errors"][name] = f"wrong result: relative error {error:.2g}"
                del self.runs[name]

    def measure(self, rounds, limits=()):
        noise = machine.Noise()
        runs = {name: seconds for name, (seconds, _) in self.runs.items()}
        times = timing.measure(runs | dict(limits), rounds)
        foreign, stolen = noise.shares()
        self.result["noise"] = {"foreign": foreign, "stolen": stolen}
        self.result["times"] = {name: timing.summary(times[name]) for name in runs}
        best = timing.ratio(times, "condense", [name for name in runs if name != "condense"])
        if best:
            self.result["ratio"] = {"peer": best[0], **best[1]}
        return times


def limit_probes(kernel, limits):
    """The limits as contenders: seconds that the kernel would take at the peak, and to read its bytes once."""
    if not limits:
        return {}
    return {"limit: compute": lambda count: kernel.least_operations / limits.peak(kernel.integer),
            "limit: memory": lambda count: kernel.bytes / limits.bandwidth(kernel.bytes)}


def compare_kernel(kernel, contenders, limits, scratch):
    contest = Contest(kernel.name, kernel.scheme)
    tool = os.path.join(ARGS.bin, "condense")

    def ours():
        source = os.path.join(scratch, kernel.name.replace(":", "-") + ".mlir")
        kernel.write_module(source)
        library, contest.result["compile_seconds"] = condense.compile_model(tool, source, ARGS.threads)
        os.unlink(source)
        model = condense.CompiledModel(library, [kernel.x], ARGS.threads, limits)
        return timing.timed(model.repeat), model.run
    contest.add("condense", ours)
    for peer in contenders:
        contest.add(peer.name, lambda: peer.kernel(kernel))
    contest.check(kernel.expected, kernel.tolerance)
    times = contest.measure(ARGS.rounds, limit_probes(kernel, limits))
    result = contest.result
    result.update(operations=kernel.operations, bytes=kernel.bytes, weight_bytes=kernel.weight_bytes)
    bounds = [statistics.median(times[name]) for name in times if name.startswith("limit")]
    if bounds and "condense" in result["times"]:
        result["limit_seconds"] = max(bounds)
        result["of_limit"] = max(bounds) / result["times"]["condense"]["median"]
    return result


def compare_model(variant, contenders):
    contest = Contest(variant.name, variant.group)
    contest.add("condense", variant.ours)
    for peer in contenders:
        if hasattr(peer, "model"):
            contest.add(peer.name, lambda: variant.theirs(peer))
    if "condense" in contest.runs and len(contest.runs) > 1:
        contest.result["relative_error"] = variant.differences(contest.runs)
    contest.measure(ARGS.rounds)
    return contest.result


def progress(result):
    errors = "; ".join(f"{name}: {text}" for name, text in result["errors"].items())
    print(report.table([result], [n for n in result["times"] if n != "condense"]).splitlines()[-1] +
          (f"  [{errors}]" if errors else ""), file=sys.stderr, flush=True)


def measure_limits(limits):
    if not limits:
        return None
    return {"f32_peak": max(limits.peak(False) for _ in range(10)), "i8_peak": max(limits.peak(True) for _ in range(10)),
            "memory": max(limits.bandwidth(limits.MAX_BUFFER) for _ in range(3)),
            **{f"read_{size >> 10}_KiB": max(limits.bandwidth(size) for _ in range(5))
               for size in (16 << 10, 256 << 10, 4 << 20)}}


def run(results, contenders, limits):
    with tempfile.TemporaryDirectory() as scratch:
        for kernel in select_kernels(ARGS.kernels):
            results.append(compare_kernel(kernel, contenders, limits, scratch))
            progress(results[-1])
        if ARGS.models is not None:
            for variant in models.variants(ARGS, scratch, contenders, limits):
                results.append(compare_model(variant, contenders))
                progress(results[-1])


def main():
    if ARGS.list:
        print("\n".join(kernel.name for kernel in kernels.all_kernels()))
        return 0
    folders = [os.path.join(ARGS.bin, "..", "lib"), os.path.join(ARGS.peers_folder, "lib")]
    find = lambda name: machine.find_library(name, folders)
    path = find("libCondenseBenchLimits.so")
    limits = machine.Limits(path) if path else None
    if ARGS.clock == "cpu":
        timing.use_cpu_time()
        if limits:
            limits.use_cpu_time(1)
    contenders, missing = peers.load(ARGS.peers, ARGS.threads, find)
    if ARGS.threads == 1 and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    description = {"machine": machine.describe(), "limits": measure_limits(limits), "threads": ARGS.threads,
                   "rounds": ARGS.rounds, "clock": ARGS.clock, "peers": {peer.name: peer.version for peer in contenders},
                   "missing": missing}
    print(f"{description['machine']['cpu']}; {ARGS.threads} thread(s), {ARGS.rounds} interleaved rounds, {ARGS.clock} time; " +
          ", ".join(f"{name} {version}" for name, version in description["peers"].items()))
    for name, reason in missing.items():
        print(f"without {name}: {reason}")
    if limits:
        print("limits: " + ", ".join(f"{name} {value / 1e9:.0f}e9/s" for name, value in description["limits"].items()))
    results = []
    try:
        run(results, contenders, limits)
    finally:
        names = [peer.name for peer in contenders]
        print("\n" + report.table(results, names))
        for group, (mean, count) in report.geometric_means(results).items():
            print(f"{group}: {mean:.2f} of the best peer's time (geometric mean of {count})")
        if ARGS.json:
            report.write_json(ARGS.json, {**description, "results": results})
        if ARGS.roofline:
            report.write_roofline(ARGS.roofline, results, description["limits"])
    return 1 if any("condense" in result["errors"] for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
