#!/usr/bin/env python3
"""What other programs hear in prepared data sets, beside what yourmt3 hears: one table.

    bench/peers/compare_peers.py data/eval_tim data/eval_mus --work peers --yourmt3 build/release/yourmt3

The peers are Basic Pitch (npm, @spotify/basic-pitch; needs Node.js) and aubionotes (Debian's aubio-tools). All get the
same recordings, mono at 16 kHz, and are scored by `yourmt3 score`. Basic Pitch is installed in the work folder, where
everything that was heard stays: what is there is not done again, but for what yourmt3 heard.
"""
from __future__ import annotations

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PEERS = ("basic-pitch", "basic-pitch, manual", "aubionotes")
SCORES = (
    ("onset", "onset F1"),
    ("onset_offset", "onset+offset F1"),
    ("multi_onset", "multi onset F1"),
    ("multi", "multi F1"),
    ("drum_onset", "drum onset F1"),
    ("instruments", "instruments F1"),
)
HEADING = "onset_sec,offset_sec,pitch,program\n"


def run(command: list, **more) -> subprocess.CompletedProcess:
    try:
        return subprocess.run([str(part) for part in command], check=True, text=True, **more)
    except FileNotFoundError:
        sys.exit(f"{command[0]}: not installed")
    except subprocess.CalledProcessError as error:
        sys.exit(f"{command[0]}: failed with status {error.returncode}")


def install_basic_pitch(folder: pathlib.Path) -> None:
    if (folder / "node_modules/@spotify/basic-pitch").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "package.json", folder)
    run(["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"], cwd=folder)


def hear_basic_pitch(recordings: list[pathlib.Path], by_default: pathlib.Path, by_manual: pathlib.Path, modules: pathlib.Path) -> None:
    missing = [file for file in recordings if not (by_manual / (file.stem + ".csv")).exists()]
    lines = []
    for file in missing:
        samples = modules / (file.stem + ".f32")
        run(["ffmpeg", "-v", "error", "-y", "-i", file, "-ac", 1, "-ar", 22050, "-f", "f32le", samples])
        lines.append("\t".join(map(str, (samples, by_default / (file.stem + ".csv"), by_manual / (file.stem + ".csv")))))
    if lines:
        listed = modules / "list.txt"
        listed.write_text("\n".join(lines) + "\n")
        run(["node", HERE / "basic_pitch.mjs", modules, listed], stderr=subprocess.DEVNULL)
    for line in lines:
        os.unlink(line.split("\t")[0])


def notes_of_aubio(text: str) -> str:
    """`aubionotes` prints pitch, onset and offset of each note, and lone ends of what it took for none."""
    rows = []
    for line in text.splitlines():
        fields = line.split()
        if len(fields) == 3:
            pitch, onset, offset = map(float, fields)
            rows.append(f"{onset},{max(onset, offset)},{round(pitch)},0\n")
    return HEADING + "".join(rows)


def hear_aubio(recordings: list[pathlib.Path], out: pathlib.Path) -> None:
    for file in recordings:
        target = out / (file.stem + ".csv")
        if not target.exists():
            target.write_text(notes_of_aubio(run(["aubionotes", "-i", file], stdout=subprocess.PIPE).stdout))


def mean_scores(yourmt3: str, references: pathlib.Path, estimates: pathlib.Path) -> dict[str, float | None]:
    """Means over the files; of `instruments` the F1 of the classes that play at all."""
    found = run([yourmt3, "score", references, estimates, "--json", "--resamples", 1], stdout=subprocess.PIPE)
    report = json.loads(found.stdout)
    means = {name: score["mean_f1"] for name, score in report["scores"].items()}
    return means | {"instruments": report["mean_detection"]["classes"]["f1"]}


def row(name: str, scores: dict[str, float | None]) -> str:
    cells = ["-" if scores.get(key) is None else f"{100 * scores[key]:.1f}" for key, _ in SCORES]
    return "| " + " | ".join([name, *cells]) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stores", nargs="+", type=pathlib.Path, metavar="STORE", help="folders of prepared data")
    parser.add_argument("--split", default="", help="a split of each store (default: all tracks)")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for what was heard, outside the repository")
    parser.add_argument("--yourmt3", default="yourmt3", help="the program")
    parser.add_argument("--model", action="append", help="models of ours, files or names; may be repeated (default: default)")
    parser.add_argument("--option", action="append", default=[], help="given to yourmt3 transcribe, such as --option=--constrained")
    options = parser.parse_args()
    work = options.work.resolve()
    install_basic_pitch(work / "npm")
    print("| recordings | " + " | ".join(heading for _, heading in SCORES) + " |")
    print("|---" * (len(SCORES) + 1) + "|")
    for store in options.stores:
        folder = work / store.resolve().name
        references = folder / "references"
        if not references.exists():
            begun = folder / "references.part"
            shutil.rmtree(begun, ignore_errors=True)
            begun.parent.mkdir(parents=True, exist_ok=True)
            split = ["--split", options.split] if options.split else []
            run([options.yourmt3, "data", "export", store, *split, "-q", "-o", begun], stdout=subprocess.DEVNULL)
            begun.rename(references)
        recordings = sorted(references.glob("*.wav"))
        for peer in PEERS:
            (folder / peer).mkdir(exist_ok=True)
        hear_basic_pitch(recordings, folder / PEERS[0], folder / PEERS[1], work / "npm")
        hear_aubio(recordings, folder / PEERS[2])
        print(f"| **{store.resolve().name}**, {len(recordings)} files |" + " |" * len(SCORES))
        for model in options.model or ["default"]:
            ours = folder / ("yourmt3 " + pathlib.Path(model).stem)
            run(
                [options.yourmt3, "transcribe", references, "--output-dir", ours, "--format", "json", "--force", "-q"]
                + ["--model", model, *options.option],
                stdout=subprocess.DEVNULL,
            )
            print(row(ours.name, mean_scores(options.yourmt3, references, ours)), flush=True)
        for peer in PEERS:
            print(row(peer, mean_scores(options.yourmt3, references, folder / peer)), flush=True)


if __name__ == "__main__":
    main()
