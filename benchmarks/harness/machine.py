# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The machine: its description, what else runs on it, and its limits measured on the spot."""
import ctypes
import os
import platform


class Limits:
    """Peaks of one core, through libCondenseBenchLimits.so."""

    MAX_BUFFER = 256 << 20

    def __init__(self, path):
        self.library = library = ctypes.CDLL(path)
        for name in ("f32_peak", "i8_peak", "read_bandwidth", "model"):
            getattr(library, "condense_bench_" + name).restype = ctypes.c_double
        library.condense_bench_allocate.restype = ctypes.c_void_p
        self.use_cpu_time = library.condense_bench_use_cpu_time
        self.buffer = library.condense_bench_allocate(ctypes.c_size_t(self.MAX_BUFFER))

    def peak(self, integer):
        library = self.library
        peak = library.condense_bench_i8_peak() if integer else 0
        return peak or library.condense_bench_f32_peak()

    def bandwidth(self, size, seconds=0.003):
        """Bytes per second of reading `size` bytes again and again."""
        size = max(4096, min(int(size), self.MAX_BUFFER))
        return self.library.condense_bench_read_bandwidth(
            ctypes.c_void_p(self.buffer), ctypes.c_size_t(size), ctypes.c_double(seconds))

    def run_model(self, model, inputs, outputs, count):
        seconds = self.library.condense_bench_model(model.condense_model_run, model.condense_tensor_free, inputs,
                                                    outputs, len(outputs), ctypes.c_long(count))
        if seconds < 0:
            raise RuntimeError(model.condense_model_last_error().decode())


def find_library(name, folders):
    for folder in folders:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            return path
    return None


def describe():
    """What a reader needs to judge the figures."""
    cpu, flags = platform.processor() or platform.machine(), []
    try:
        with open("/proc/cpuinfo") as file:
            fields = dict(line.split(":", 1) for line in file.read().split("\n\n")[0].splitlines() if ":" in line)
        fields = {key.strip(): value.strip() for key, value in fields.items()}
        cpu = "{model name}, family {cpu family} model {model}".format(**fields)
        flags = [f for f in fields.get("flags", "").split() if f.startswith(("avx", "fma", "amx"))]
    except (OSError, KeyError):
        pass
    return {"cpu": cpu, "cores": os.cpu_count(), "flags": flags, "system": platform.platform()}


class Noise:
    """The share of CPU time that others took (and the hypervisor kept) since this object was made."""

    def __init__(self):
        self.at_start = self.read()

    @staticmethod
    def read():
        try:
            with open("/proc/stat") as file:
                fields = [int(x) for x in file.readline().split()[1:9]]
        except (OSError, ValueError):
            fields = [0] * 8
        ticks = os.sysconf("SC_CLK_TCK")
        times = os.times()
        busy = sum(fields) - fields[3] - fields[4] - fields[7]
        return busy / ticks, fields[7] / ticks, sum(fields) / ticks, times.user + times.system

    def shares(self):
        """(of others, stolen), relative to all cores."""
        busy, stolen, all_time, own = (b - a for a, b in zip(self.at_start, self.read()))
        if all_time <= 0:
            return 0.0, 0.0
        return max(0.0, busy - own) / all_time, stolen / all_time
