#!/usr/bin/env python3
"""Compares `yourmt3 score --mir-eval` with mir_eval itself, and their speed.

mir_eval must be importable (PYTHONPATH=folder-that-has-mir_eval), with numpy and scipy; exit status 77 tells that it is
not, 1 that something differs.

usage: compare_mir_eval.py PROGRAM [--songs N]         random songs; every score and the velocity scores, to 1e-9
       compare_mir_eval.py PROGRAM REF.csv EST.csv     two files as yourmt3 writes them, all pitched notes
       compare_mir_eval.py PROGRAM --time BENCH        processor time of mir_eval, of the program and of
                                                       eval_bench for the same songs, in turn, one thread;
                                                       --notes 2000,5000 says how many notes
"""

import argparse
import csv
import json
import math
import os
import pathlib
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # Before numpy is loaded.

TOLERANCE = 1e-9  # Means over thousands of values in another order.
NOT_IMPORTABLE = 77  # What ctest takes for a skipped test.
HOP_SEC = 0.01
# Programs of classes that have one name in GM_INSTR_CLASS_PLUS, and one in no class.
CLASSES = {0: "Piano", 33: "Bass", 48: "Strings", 73: "Pipe", 100: "Singing Voice", 120: "Prg. 120"}
FIELDS = ["onset_sec", "offset_sec", "pitch", "program", "is_drum", "velocity"]


def import_mir_eval():
    try:
        import numpy
        import mir_eval.multipitch
        import mir_eval.transcription
        import mir_eval.transcription_velocity
    except ImportError as error:
        print(f"{error}; set PYTHONPATH to a folder that has mir_eval, and install numpy and scipy", file=sys.stderr)
        sys.exit(NOT_IMPORTABLE)
    warnings.simplefilter("ignore")
    return numpy, mir_eval


def random_song(seed, n_notes, length_sec, n_pitches):
    """Few pitches in a short time give matchings of which there are many as large."""
    rng = random.Random(seed)
    song = []
    for _ in range(n_notes):
        is_drum = rng.random() < 0.15
        onset = rng.randrange(int(length_sec * 100)) / 100
        program = 128 if is_drum else rng.choice(list(CLASSES))
        length = 0.01 if is_drum else rng.choice([0.05, 0.1, 0.3, 0.5, 1.0, 2.0])
        song.append([onset, onset + length, 48 + rng.randrange(n_pitches), program, int(is_drum), rng.randrange(2, 127)])
    return song


def heard(song, seed):
    rng = random.Random(seed)
    estimate = []
    for onset, offset, pitch, program, is_drum, velocity in song:
        if rng.random() < 0.12:
            continue
        onset = max(0, onset + round(rng.gauss(0, 0.03), rng.choice([2, 3, 6])))
        offset = onset + 0.01 if is_drum else max(onset + 0.02, offset + round(rng.gauss(0, 0.08), 3))
        if rng.random() < 0.1:
            pitch += rng.choice([12, -12, 1, 7])
        if not is_drum and rng.random() < 0.1:
            program = rng.choice(list(CLASSES))
        velocity = min(127, max(2, int(0.6 * velocity + 20 + rng.gauss(0, 10))))
        estimate += [[onset, offset, pitch, program, is_drum, velocity]] * rng.choice([1] * 9 + [2])
    return estimate


def write(path, notes):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        writer.writerows([repr(value) for value in note] for note in notes)


def read(path):
    with open(path, newline="") as file:
        rows = [[row.get(field) for field in FIELDS] for row in csv.DictReader(file)]
    return [[float(r[0]), float(r[1]), int(r[2]), int(r[3]), int(r[4] or int(r[3]) == 128), int(r[5] or 1)] for r in rows]


def in_note_order(notes):
    """As scorable_notes() has them: drums last 10 ms."""
    drums_short = [[n[0], n[0] + 0.01 if n[4] else n[1]] + n[2:] for n in notes]
    return sorted(drums_short, key=lambda n: (n[0], n[4], n[3], n[5], n[2]))


def arrays(np, notes):
    intervals = np.array([[n[0], n[1]] for n in notes]).reshape(-1, 2)
    pitches = 440.0 * 2.0 ** ((np.array([n[2] for n in notes], dtype=float) - 69.0) / 12.0)
    return intervals, pitches, np.array([n[5] for n in notes], dtype=float)


def frames(np, notes, end_sec):
    n_frames = int(math.ceil(end_sec / HOP_SEC)) + 2
    times = np.arange(n_frames) * HOP_SEC
    times = times[times < end_sec]
    roll = np.zeros((len(times), 128), dtype=bool)
    for onset, offset, pitch, *_ in notes:
        first, end = np.searchsorted(times, [onset, offset])
        roll[first:end, pitch] = True
    hz = 440.0 * 2.0 ** ((np.arange(128.0) - 69.0) / 12.0)
    return times, [hz[sounding] for sounding in roll]


def prepare(np, reference, estimate):
    """One track as mir_eval wants it."""
    r_intervals, r_pitches, _ = arrays(np, reference)
    e_intervals, e_pitches, _ = arrays(np, estimate)
    end_sec = max([n[1] for n in reference + estimate], default=0)
    return (r_intervals, r_pitches, e_intervals, e_pitches), (*frames(np, reference, end_sec),
                                                              *frames(np, estimate, end_sec))


def evaluate(mir_eval, notes, pitch_frames):
    """All that score_tracks() gives, under its names."""
    scores = dict(mir_eval.transcription.evaluate(*notes))
    if len(pitch_frames[0]) > 0:
        for name, value in mir_eval.multipitch.evaluate(*pitch_frames).items():
            scores["Multipitch " + name] = value
    return scores


def tracks_of(notes):
    tracks = {"all": [n for n in notes if not n[4]]}
    for note in notes:
        tracks.setdefault("Drums" if note[4] else CLASSES[note[3]], []).append(note)
    return tracks


def prepare_tracks(np, reference, estimate):
    r, e = tracks_of(in_note_order(reference)), tracks_of(in_note_order(estimate))
    return {name: prepare(np, r.get(name, []), e.get(name, [])) for name in {**r, **e}}


def evaluate_tracks(mir_eval, tracks):
    return {name: evaluate(mir_eval, *track) for name, track in tracks.items()}


def run(program, *arguments):
    return subprocess.run([program, "score", *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def differences(where, found, expected):
    for name, value in expected.items():
        if name not in found or not abs(found[name] - value) <= TOLERANCE:
            yield f"{where} {name}: {found.get(name)}, mir_eval gives {value}"


def compare(program, reference, estimate, ref, est, by_class):
    np, mir_eval = import_mir_eval()
    found = json.loads(run(program, ref, est, "--mir-eval", "--json"))
    r, e = in_note_order(reference), in_note_order(estimate)
    if by_class:
        expected = evaluate_tracks(mir_eval, prepare_tracks(np, reference, estimate))
    else:
        expected = {"all": evaluate(mir_eval, *prepare(np, *([n for n in side if not n[4]] for side in (r, e))))}
    wrong = []
    for track, scores in expected.items():
        wrong += differences(track, found.get(track, {}), scores)
    n_compared = sum(len(scores) for scores in expected.values())
    velocity = json.loads(run(program, ref, est, "--json"))["analysis"]["velocity"]
    if velocity is not None:
        r_arrays, e_arrays = (arrays(np, [n for n in side if not n[4]]) for side in (r, e))
        for name, ratio in (("onset_offset", 0.2), ("onset", None)):
            precision, recall, f1, _ = mir_eval.transcription_velocity.precision_recall_f1_overlap(
                *r_arrays, *e_arrays, offset_ratio=ratio)
            wrong += differences("velocity " + name, velocity[name], {"precision": precision, "recall": recall, "f1": f1})
            n_compared += 3
    return n_compared, wrong


def compare_songs(program, n_songs):
    n_values, n_wrong = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        ref, est = pathlib.Path(folder, "ref.csv"), pathlib.Path(folder, "est.csv")
        for seed in range(n_songs):
            rng = random.Random(seed)
            reference = random_song(seed, rng.choice([1, 10, 100, 400]), rng.choice([2, 10, 40]), rng.choice([1, 3, 40]))
            estimate = heard(reference, seed + 1000000)
            write(ref, reference)
            write(est, estimate)
            n_compared, wrong = compare(program, reference, estimate, ref, est, True)
            for line in wrong:
                print(f"song {seed}: {line}")
            n_values += n_compared
            n_wrong += len(wrong)
    print(f"{n_values} values of {n_songs} songs compared, {n_wrong} differ by more than {TOLERANCE:g}")
    return 1 if n_wrong else 0


def cpu_sec():
    """Processor time of this program and of those that it started: the machine may be busy with others."""
    return time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def median_ms(work, n_rounds):
    times = []
    for _ in range(n_rounds):
        begin = cpu_sec()
        work()
        times.append(1000 * (cpu_sec() - begin))
    return statistics.median(times)


def bench_ms(bench, name, ref, est):
    text = subprocess.run([bench, ref, est, f"--benchmark_filter=^{name}/file$", "--benchmark_repetitions=3",
                           "--benchmark_report_aggregates_only=true", "--benchmark_format=json"],
                          check=True, capture_output=True, text=True).stdout
    return next(b["cpu_time"] for b in json.loads(text)["benchmarks"] if b["aggregate_name"] == "median")


def time_both(program, bench, counts, n_rounds):
    np, mir_eval = import_mir_eval()
    print(f"{'notes':>7} {'what':<44} {'mir_eval, ms':>13} {'ours, ms':>10} {'ratio':>7}")
    with tempfile.TemporaryDirectory() as folder:
        ref, est = pathlib.Path(folder, "ref.csv"), pathlib.Path(folder, "est.csv")
        for n_notes in counts:
            reference = random_song(1, n_notes, 300, 48)
            estimate = heard(reference, 2)
            write(ref, reference)
            write(est, estimate)
            tracks = prepare_tracks(np, reference, estimate)
            notes, pitch_frames = tracks["all"]

            def row(what, theirs, ours):
                print(f"{n_notes:>7} {what:<44} {theirs:>13.1f} {ours:>10.2f} {theirs / ours:>7.0f}", flush=True)

            row("transcription.evaluate", median_ms(lambda: mir_eval.transcription.evaluate(*notes),
                                                   n_rounds), bench_ms(bench, "transcription", ref, est))
            row("multipitch.evaluate, frames every 10 ms", median_ms(lambda: mir_eval.multipitch.evaluate(
                *pitch_frames), n_rounds), bench_ms(bench, "multipitch", ref, est))
            row("both, all notes and each instrument", median_ms(lambda: evaluate_tracks(mir_eval, tracks),
                                                                   n_rounds), bench_ms(bench, "tracks", ref, est))
            child = [sys.executable, __file__, program, ref, est, "--theirs-only"]
            row("the same as a program, start and files included",
                median_ms(lambda: subprocess.run(child, check=True, stdout=subprocess.DEVNULL), n_rounds),
                median_ms(lambda: run(program, ref, est, "--mir-eval", "--json"), max(n_rounds, 10)))
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--songs", type=int, default=40)
    parser.add_argument("--time", metavar="BENCH")
    parser.add_argument("--notes", default="2000,5000")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--theirs-only", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.time:
        return time_both(options.program, options.time, [int(n) for n in options.notes.split(",")], options.rounds)
    if not options.files:
        return compare_songs(options.program, options.songs)
    if len(options.files) != 2:
        parser.error("expected REF.csv and EST.csv")
    reference, estimate = map(read, options.files)
    if options.theirs_only:
        np, mir_eval = import_mir_eval()
        print(json.dumps(evaluate_tracks(mir_eval, prepare_tracks(np, reference, estimate)), default=float))
        return 0
    n_compared, wrong = compare(options.program, reference, estimate, *options.files, False)
    print("\n".join(wrong + [f"{n_compared} values compared, {len(wrong)} differ by more than {TOLERANCE:g}"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
