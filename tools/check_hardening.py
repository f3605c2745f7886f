#!/usr/bin/env python3
"""Tells what of a program or library makes it hard to abuse, and ends with 1 where something is missing: position
independence, relocations that are read-only before it starts, a stack that is not executable; with --guarded also
guarded stack frames and elements of containers, with --optimised checked library calls. With --no-network no function
that opens a connection may be called.

usage: tools/check_hardening.py [--guarded] [--optimised] [--no-network] FILE...
"""
import argparse
import re
import subprocess
import sys

CONNECTING = {"connect", "socket", "bind", "accept", "accept4", "getaddrinfo", "gethostbyname"}


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def findings(path, guarded, optimised, no_network):
    """Pairs of a property and whether the file has it."""
    header = output_of("readelf", "--wide", "--file-header", path)
    segments = output_of("readelf", "--wide", "--segments", path)
    dynamic = output_of("readelf", "--wide", "--dynamic", path)
    symbols = set(re.findall(r" (\w+)(?:@\S+)?$", output_of("nm", "--dynamic", "--undefined-only", path), re.MULTILINE))
    stack = re.search(r"GNU_STACK.*? (RWE|RW)", segments)
    yield "position-independent", "DYN (" in header
    yield "read-only relocations", "GNU_RELRO" in segments
    yield "bound at start", re.search(r"\((BIND_NOW|FLAGS)\).*NOW|\(BIND_NOW\)|Flags: NOW", dynamic) is not None
    yield "stack not executable", stack is not None and stack.group(1) == "RW"
    if guarded:
        yield "stack frames guarded", "__stack_chk_fail" in symbols
        yield "elements of containers guarded", any("__glibcxx_assert_fail" in name for name in symbols)
    if optimised:
        yield "library calls checked", any(name.endswith("_chk") for name in symbols - {"__stack_chk_fail"})
    if no_network:
        yield "opens no connection", not symbols & CONNECTING


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="+")
    parser.add_argument("--guarded", action="store_true")
    parser.add_argument("--optimised", action="store_true")
    parser.add_argument("--no-network", action="store_true")
    options = parser.parse_args()
    good = True
    for path in options.files:
        for name, present in findings(path, options.guarded, options.optimised, options.no_network):
            print(f"{path}: {name}: {'yes' if present else 'NO'}")
            good = good and present
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
