#!/usr/bin/env python3
"""Measures the table of docs/performance.md and prints it as Markdown.

    bench/goals.py build/release             # everything, some four minutes
    bench/goals.py build/release peer        # only our engine beside eager libtorch; or: bundled, memory

Nothing else may run meanwhile. The peer needs libtorch, and an optimised BLAS (Debian: libopenblas0-openmp). OpenBLAS is
told to use AVX-512 where the processor has it: it does not recognise the newest ones by itself.
"""
import argparse
import json
import os
import pathlib
import subprocess

VARIANT = "yptf-moe-multi-ps"
TRACE = pathlib.Path(__file__).parent / "traces" / "pop_300s.lengths"
# A segment: convolutions by Winograd at 966 GFLOP/s of direct ones, and the other 36 GFLOP at 1030 in bf16.
LIMIT_MS = 86 + 35


def run(*command):
    return json.loads(subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE).stdout)


def row(*fields):
    print("| " + " | ".join(str(field) for field in fields) + " |", flush=True)


def peer(build, segments):
    facts = run(build / "bench" / "peer_bench", "--json", *(["--segments", segments] if segments else []))
    eager = facts["eager"]
    row("eager libtorch, f32", f"{1000 * eager['encode_sec']:.0f} ms a segment, {eager['song_sec']:.1f} s a song of "
        f"{facts['audio_sec']:.0f} s", "", f"`peer_bench`, threads {eager['encode_threads']} and {eager['decode_threads']}")
    for name, ours in facts["ours"].items():
        encode_ms = 1000 * ours["encode_sec"]
        row(f"front end + encoder, {name}", f"{eager['encode_sec'] / ours['encode_sec']:.1f} x eager, {encode_ms:.0f} ms, "
            f"{100 * LIMIT_MS / encode_ms:.0f} % of the limit of {LIMIT_MS} ms",
            {"f32": "5 x eager", "bf16": "8 x eager, 70 %"}.get(name, ""), "`peer_bench`")
    for name, ours in facts["ours"].items():
        row(f"whole song, {name}", f"{eager['song_sec'] / ours['song_sec']:.1f} x eager, "
            f"{facts['audio_sec'] / ours['song_sec']:.1f} x real time",
            {"bf16": "12 x eager, 5 x real time", "int8": "7 x real time"}.get(name, ""), "`peer_bench`")


def bundled(build, _):
    facts = run(build / "yourmt3", "bench", "--seconds", 120, "--cold-start", "--json")
    row("bundled model", f"{facts['times_real_time']:.0f} x real time", "40 x", "`yourmt3 bench --seconds 120`")
    cold = facts["cold_start_seconds"]
    row("cold start, file of 10 s", f"{cold['best']:.2f} s, median {cold['median']:.2f} s", "0.5 s",
        "`yourmt3 bench --cold-start`")


def memory(build, _):
    for seconds in (60, 180):
        facts = run(build / "yourmt3", "bench", "--variant", VARIANT, "--decode-lengths", TRACE, "--seconds", seconds,
                    "--json")
        row(f"memory, {seconds} s, {facts.get('precision', 'f32')}", f"{facts['peak_memory_mib']:.0f} MiB",
            "weights (180 MiB) + 400 MiB", f"`yourmt3 bench --variant {VARIANT} --decode-lengths ... --seconds {seconds}`")


def main():
    parts = {"peer": peer, "bundled": bundled, "memory": memory}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path, help="folder of the build, with benchmarks")
    parser.add_argument("parts", nargs="*", help="peer, bundled, memory; default: all")
    parser.add_argument("--segments", type=int, help="of the song, for a shorter run of the peer")
    options = parser.parse_args()
    for name in options.parts:
        if name not in parts:
            parser.error(f"unknown part {name}")
    if "avx512f" in pathlib.Path("/proc/cpuinfo").read_text():
        os.environ.setdefault("OPENBLAS_CORETYPE", "SKYLAKEX")
    row("figure", "measured", "wanted", "command")
    row("---", "---", "---", "---")
    for name in options.parts or parts:
        parts[name](options.build.resolve(), options.segments)


main()
