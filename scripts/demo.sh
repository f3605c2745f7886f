#!/usr/bin/env bash
# From a fresh Debian 12 to MIDI: installs what is missing, builds the program, transcribes FILE (or the bundled
# recording) and tells what was heard. Run again, it only does what is missing.
#
# usage: scripts/demo.sh [FILE]
set -euo pipefail
start_folder=$PWD
cd "$(dirname "$0")/.."
. scripts/packages.sh

demo=examples/demo/demo
recording=${1:-}
if [ -z "$recording" ]; then
  recording=$demo.ogg
else
  case "$recording" in /*) ;; *) recording=$start_folder/$recording ;; esac
fi
if [ ! -f "$recording" ]; then
  echo "demo.sh: no such recording: '$recording'" >&2
  exit 1
fi

install_missing "${program_packages[@]}" "${optional_packages[@]}"

program=build/release/yourmt3
use_ccache
if [ ! -f build/release/build.ninja ]; then
  echo "Configuring build/release"
  cmake --preset release -DYOURMT3_BUILD_TESTS=OFF -DYOURMT3_BUILD_EXAMPLES=OFF -DYOURMT3_BUILD_BENCH=OFF \
    -DYOURMT3_BUILD_TRAIN=OFF > build-configure.log 2>&1 || { cat build-configure.log; exit 1; }
  rm -f build-configure.log
fi
echo "Building $program"
cmake --build --preset release --target yourmt3_program

name=$(basename "${recording%.*}")
out=build/demo
midi=$out/$name.mid
picture=$out/$name.png
model=models/default.safetensors
mkdir -p "$out"
if [ ! "$midi" -nt "$recording" ] || [ ! "$midi" -nt "$program" ] || [ ! "$midi" -nt "$model" ] || [ ! -f "$picture" ]; then
  $program transcribe "$recording" --model "$model" --format midi,png --output-dir "$out" --force > /dev/null
fi

echo
echo "Heard:"
$program info "$midi"
echo
echo "MIDI:    $PWD/$midi"
echo "Picture: $PWD/$picture"
if [ $# -eq 0 ]; then
  echo
  echo "Against the reference $demo.mid:"
  $program score "$demo.mid" "$midi"
fi
