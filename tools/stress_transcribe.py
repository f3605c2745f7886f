#!/usr/bin/env python3
"""Transcribes many recordings, some of them broken, and kills the program again and again while it does.

Checks after every kill that each file that is there is whole, that none has been written a second time, and that the
journal accounts for what it calls done; at the end that nothing is missing, left over or done twice, and that broken
recordings, and only those, are listed. What is right comes from a run that nobody disturbs.

usage: stress_transcribe.py PROGRAM [--files N] [--broken N] [--kills N] [--seed N] [-- options of transcribe]
"""
import argparse
import array
import json
import math
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time
import wave


def write_recording(path, generator):
    """A few notes in up to two seconds."""
    rate = 16000
    samples = array.array("h")
    for _ in range(generator.randint(2, 6)):
        frequency = 110 * 2 ** (generator.randint(0, 36) / 12)
        n = int(rate * generator.uniform(0.1, 0.3))
        samples.extend(int(12000 * math.exp(-4 * i / n) * math.sin(2 * math.pi * frequency * i / rate)) for i in range(n))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())


def write_broken(path, generator, kind):
    """Something that is called a recording."""
    if kind == 0:
        path.write_bytes(b"")
    elif kind == 1:
        path.write_bytes(generator.randbytes(5000))
    elif kind == 2:
        write_recording(path, generator)
        path.write_bytes(path.read_bytes()[:30])
    else:
        path.write_text("this is a letter, not music\n")


def make_folder(folder, n_files, n_broken, generator):
    """Names of the broken ones."""
    broken = set(generator.sample(range(n_files), n_broken))
    names = set()
    for i in range(n_files):
        path = folder / f"{i // 100:03}" / f"song {i:05}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        if i in broken:
            write_broken(path, generator, len(names) % 4)
            names.add(str(path))
        else:
            write_recording(path, generator)
    return names


class Failed(Exception):
    """What a check found."""


def require(holds, message):
    if not holds:
        raise Failed(message)


class Stress:
    def __init__(self, program, work, options):
        self.program = program
        self.input = work / "in"
        self.output = work / "out"
        self.journal = work / "journal.jsonl"
        self.expected = work / "expected"
        self.options = options
        self.seen = {}  # Of each file that appeared: what changes when it is written again.

    def command(self, output, journal):
        return [self.program, "transcribe", str(self.input), "--output-dir", str(output), "--format", "midi,csv",
                "--journal", str(journal), "--quiet", *self.options]

    def undisturbed(self):
        begin = time.monotonic()
        run = subprocess.run(self.command(self.expected, self.expected.with_suffix(".jsonl")), capture_output=True,
                             text=True, check=False)
        return run, time.monotonic() - begin

    def files(self, folder):
        return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}

    def lines(self):
        """Of the journal, all but the first; a half one at the end is left out."""
        text = self.journal.read_bytes() if self.journal.exists() else b""
        return [json.loads(line) for line in text[:text.rfind(b"\n") + 1].splitlines()[1:]]

    def check(self):
        """What must hold at every moment."""
        for name, path in self.files(self.output).items() if self.output.exists() else ():
            if pathlib.Path(name).name.startswith("."):
                continue
            require(path.read_bytes() == (self.expected / name).read_bytes(), f"{name} is not whole")
            status = path.stat()
            now = (status.st_ino, status.st_mtime_ns)
            require(self.seen.setdefault(name, now) == now, f"{name} was written twice")
        inputs = [line["input"] for line in self.lines()]
        require(len(inputs) == len(set(inputs)), "the journal has a recording twice")

    def journal_lines(self):
        return self.journal.read_bytes().count(b"\n") if self.journal.exists() else 0

    def kill_at_random(self, generator, most_lines):
        """Some lines of the journal later, at most so many, and up to 20 ms. True when the program was still at work."""
        wanted = self.journal_lines() + generator.randint(0, most_lines)
        process = subprocess.Popen(self.command(self.output, self.journal), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        while process.poll() is None and self.journal_lines() < wanted:
            time.sleep(0.0005)
        time.sleep(generator.choice((0, 0.001, 0.02)) * generator.random())
        killed = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        return killed

    def finish(self, broken):
        """Lets it end by itself, and checks what must hold then."""
        run = subprocess.run(self.command(self.output, self.journal), capture_output=True, text=True, check=False)
        self.check()
        require(run.returncode == (1 if broken else 0), f"exit status {run.returncode}: {run.stderr}")
        done = {line["input"] for line in self.lines() if line["status"] == "done"}
        failed = {line["input"]: line["error"] for line in self.lines() if line["status"] == "failed"}
        require(set(failed) == broken, f"failed: {sorted(failed)}, broken are: {sorted(broken)}")
        require(all(failed.values()), "a failure without a reason")
        for name in broken:
            require(name in run.stderr, f"{name} is not listed")
        require(self.files(self.output).keys() == self.files(self.expected).keys(), "files are missing or left over")
        require(len(done) == len(self.files(self.input)) - len(broken), "the journal misses some")
        require(2 * len(done) == len(self.files(self.output)), "files are missing")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--broken", type=int, default=40)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    words = sys.argv[1:]
    end = words.index("--") if "--" in words else len(words)
    arguments = parser.parse_args(words[:end])
    generator = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as work:
        stress = Stress(arguments.program, pathlib.Path(work), words[end + 1:])
        broken = make_folder(stress.input, arguments.files, arguments.broken, generator)
        try:
            run, seconds = stress.undisturbed()
            require(run.returncode == (1 if broken else 0), f"exit status {run.returncode}: {run.stderr}")
            print(f"{arguments.files} recordings, {len(broken)} of them broken: {seconds:.1f} s")
            # On average the last kill is when the work is almost done.
            most_lines = max(1, 2 * arguments.files // (arguments.kills + 2))
            kills = 0
            while kills < arguments.kills and stress.kill_at_random(generator, most_lines):
                stress.check()
                kills += 1
            require(kills > 0 or arguments.kills == 0, "was never killed: give it more files")
            done = sum(line["status"] == "done" for line in stress.lines())
            stress.finish(broken)
            print(f"killed {kills} times, with {done} recordings done then; finished, and everything is in order")
        except Failed as problem:
            print(f"wrong: {problem}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
