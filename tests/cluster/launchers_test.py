#!/usr/bin/env python3
"""Holds what processes started by real launchers write, all together, to what one process writes.

usage: launchers_test.py PROGRAM mpi|slurm      exit status: 0 right, 1 wrong, 77 without that launcher

"slurm" is to be run inside a Slurm, see with_slurm.sh.
"""
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from stress_transcribe import make_folder  # noqa: E402

JOBS = ROOT / "examples" / "cluster"


class Place:
    """A folder of recordings, two of them broken, and what one process makes of it."""

    def __init__(self, program, work):
        self.work = work
        self.broken = make_folder(work / "music", 40, 2, random.Random(3))
        # The job files call the program by its name.
        bin_folder = work / "bin"
        bin_folder.mkdir()
        (bin_folder / "yourmt3").symlink_to(program)
        os.environ["PATH"] = f"{bin_folder}:{os.environ['PATH']}"
        os.environ["YOURMT3_MODEL"] = str(ROOT / "models" / "default.safetensors")
        os.environ["MUSIC"] = str(work / "music")
        run = subprocess.run([program, "transcribe", str(work / "music"), "--output-dir", str(work / "expected"),
                              "--precision", "f32", "--quiet"], check=False, capture_output=True, text=True)
        assert run.returncode == 1, run.stderr
        self.expected = self.files("expected")
        assert len(self.expected) == 38, sorted(self.expected)

    def files(self, folder):
        """Content by name, journals and what jobs say left out."""
        return {str(path.relative_to(self.work / folder)): path.read_bytes()
                for path in (self.work / folder).rglob("*") if path.is_file() and path.suffix not in (".jsonl", ".log")}

    def output(self, name):
        """A fresh folder, where job files will write."""
        folder = self.work / name
        folder.mkdir()
        os.environ["MIDI"] = str(folder)
        return folder

    def check(self, name, n_shards):
        """Files of folder `name`, and that each recording is in exactly one of so many journals."""
        assert self.files(name) == self.expected, f"{name}: {sorted(self.files(name))}"
        journals = sorted((self.work / name).glob("journal.*.jsonl"))
        assert len(journals) == n_shards, journals
        lines = [line for path in journals for line in path.read_text().splitlines()[1:]]
        assert len(lines) == 40, lines
        print(f"{name}: {n_shards} processes, the same bytes")


def run(*command, **options):
    return subprocess.run([str(word) for word in command], check=True, text=True, timeout=120, **options)


def test_mpi(place):
    os.environ.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    place.output("mpi")
    run(JOBS / "mpi.sh", "--oversubscribe", "-np", "3")
    place.check("mpi", 3)
    # Nothing is left for another number of processes.
    run(JOBS / "mpi.sh", "--oversubscribe", "-np", "2")
    assert place.files("mpi") == place.expected
    print("mpi again: nothing done twice")


def submit(*words):
    """Waits for the end of a job."""
    job = run("sbatch", "--parsable", "--chdir", os.environ["MIDI"], "--mem=0", "--cpus-per-task=1", *words,
              capture_output=True).stdout.strip()
    for _ in range(600):
        if not run("squeue", "--noheader", "--jobs", job, capture_output=True).stdout.strip():
            return
        time.sleep(0.2)
    raise AssertionError(f"job {job} does not end")


def test_slurm(place):
    place.output("srun")
    # Tasks with broken recordings end with status 1, and so does srun.
    status = subprocess.run(["srun", "--ntasks=3", "yourmt3", "transcribe", os.environ["MUSIC"], "--output-dir",
                             os.environ["MIDI"], "--journal", os.environ["MIDI"] + "/journal.jsonl", "--shard", "auto",
                             "--precision", "f32", "--quiet"], check=False, timeout=120).returncode
    assert status == 1, status
    place.check("srun", 3)

    place.output("array")
    submit("--array=0-3", JOBS / "slurm_array.sh")
    place.check("array", 4)

    place.output("tasks")
    submit("--ntasks=4", JOBS / "slurm_tasks.sh")
    place.check("tasks", 4)

    place.output("array of tasks")
    submit("--array=5-9:2", "--ntasks=2", JOBS / "slurm_tasks.sh")
    place.check("array of tasks", 6)

    # A batch script of several tasks that forgets srun would do the first one's part only.
    folder = place.output("without srun")
    submit("--ntasks=2", "--output=job.log", "--wrap",
           'yourmt3 transcribe "$MUSIC" --output-dir "$MIDI/out" --shard auto --quiet; echo status $?')
    log = (folder / "job.log").read_text()
    assert "start it with srun" in log and "status 2" in log, log
    assert not (folder / "out").exists()
    print("without srun: refused")


def main():
    program, launcher = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    tests = {"mpi": ("mpirun", test_mpi), "slurm": ("srun", test_slurm)}
    command, test = tests[launcher]
    if shutil.which(command) is None:
        print(f"skipped: no {command}")
        return 77
    with tempfile.TemporaryDirectory() as work:
        test(Place(program, pathlib.Path(work)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
