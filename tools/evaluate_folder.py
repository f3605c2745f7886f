#!/usr/bin/env python3
"""Transcribes every recording of a folder and prints its scores and their means.

The folder holds pairs NAME.wav|flac|ogg|mp3 and NAME.mid, or subfolders with mix.wav and reference.mid.

usage: evaluate_folder.py PROGRAM MODEL FOLDER [SUFFIX]     (SUFFIX: only names that end so)
"""

import json
import pathlib
import subprocess
import sys
import tempfile

SCORES = ["onset_f1", "onset_offset_f1", "multi_onset_f1", "multi_f1", "drum_onset_f1", "frame_f1"]


def pairs(folder):
    for path in sorted(folder.iterdir()):
        if path.is_dir() and (path / "mix.wav").exists():
            yield path.name, path / "mix.wav", path / "reference.mid"
        elif path.suffix in (".wav", ".flac", ".ogg", ".mp3") and path.with_suffix(".mid").exists():
            yield path.stem, path, path.with_suffix(".mid")


def main():
    program, model, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    suffix = sys.argv[4] if len(sys.argv) > 4 else ""
    totals = {score: [] for score in SCORES}
    print(f"{'':34}" + "".join(f"{score:>16}" for score in SCORES))
    with tempfile.TemporaryDirectory() as work:
        for name, recording, reference in pairs(folder):
            if not name.endswith(suffix):
                continue
            midi = pathlib.Path(work) / f"{name}.mid"
            subprocess.run([program, "transcribe", recording, "--model", model, "-o", midi, "--quiet"],
                           check=True, stdout=subprocess.DEVNULL)
            report = json.loads(subprocess.run([program, "score", reference, midi, "--json"], check=True,
                                               capture_output=True, text=True).stdout)
            line = f"{name:34}"
            for score in SCORES:
                value = report[score]
                line += f"{'-':>16}" if value is None else f"{value:16.3f}"
                if value is not None:
                    totals[score].append(value)
            print(line)
    means = (sum(values) / len(values) if values else float("nan") for values in totals.values())
    print(f"{'mean':34}" + "".join(f"{mean:16.3f}" for mean in means))


if __name__ == "__main__":
    main()
