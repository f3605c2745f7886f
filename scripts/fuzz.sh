#!/usr/bin/env bash
# Builds the fuzzers and runs them one after another, each from its seeds and from what earlier runs here found; ends
# with an error where one of them failed, and tells the input that did it.
#
# usage: scripts/fuzz.sh [--minutes N | --seconds N] [--jobs N] [--seed N] [--record] [--strangers | TARGET...]
#   --minutes N   how long each of them runs; default 20
#   --seconds N   the same in seconds
#   --jobs N      how many of them run side by side; default 1
#   --seed N      begin with the same inputs every time; default another each time
#   --record      add the time, the executions and the findings to the table of docs/fuzzing.md
#   --strangers   those of recordings, models, MIDI, notes and settings, as scripts/test.sh does
#   TARGET        file names of fuzz/ without .cpp; default all of them
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh

seconds=1200 jobs=1 seed=0 record=no targets=()
while [ $# -gt 0 ]; do
  case "$1" in
    --minutes) seconds=$(($2 * 60)); shift 2 ;;
    --seconds) seconds=$2; shift 2 ;;
    --jobs) jobs=$2; shift 2 ;;
    --seed) seed=$2; shift 2 ;;
    --record) record=yes; shift ;;
    --strangers)
      targets+=(audio_reader checkpoint_parse checkpoint_pickle midi_parse note_text_parse safetensors_parse
        toml_settings)
      shift ;;
    -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; exit ;;
    -*) echo "fuzz.sh: unknown option '$1'; --help tells those there are" >&2; exit 2 ;;
    *) targets+=("$1"); shift ;;
  esac
done
if [ ${#targets[@]} -eq 0 ]; then
  for list in fuzz/*.cmake; do targets+=("$(basename "$list" .cmake)"); done
fi

install_missing "${program_packages[@]}" "${fuzz_packages[@]}"
use_ccache
build=build/fuzz
if [ ! -f $build/build.ninja ]; then cmake --preset fuzz; fi
cmake --build --preset fuzz -j "${BUILD_JOBS:-$(nproc)}" --target "${targets[@]}"

# run_target NAME: 0 when nothing was found.
run_target() {
  local target=$1 corpus=$build/corpus/$1 findings=$build/findings/$1 log=$build/$1.log begin=$SECONDS status=0
  mkdir -p "$corpus" "$findings"
  # What a thread of the server has in hand between two inputs is not lost: leaks are looked for when it has ended.
  local leaks=1
  if [ "$target" = http_request ]; then leaks=0; fi
  # A single input may take 10 s and 1 GiB: an input that takes more is a finding.
  $build/fuzz/"$target" "$corpus" "fuzz/corpus/$target" -max_total_time="$seconds" -seed="$seed" -detect_leaks=$leaks -timeout=10 -rss_limit_mb=1024 \
    -max_len=65536 -print_final_stats=1 -artifact_prefix="$findings/" > "$log" 2>&1 || status=$?
  local executions took=$((SECONDS - begin)) found=0
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  if [ $status -ne 0 ]; then
    found=1
    tail -n 60 "$log"
  fi
  echo "$target: ${executions:-0} executions in $took s, $found findings"
  if [ $record = yes ]; then
    # Two may end at the same moment.
    (
      flock 9
      awk -F' *[|] *' -v target="\`$target\`" -v took=$took -v executions="${executions:-0}" -v found=$found '
        $2 == target { printf "| %s | %s | %d | %d | %d |\n", $2, $3, $4 + took, $5 + executions, $6 + found; next }
        { print }' docs/fuzzing.md > $build/fuzzing.md
      cp $build/fuzzing.md docs/fuzzing.md
    ) 9> $build/record.lock
  fi
  return $status
}

failed=0
for target in "${targets[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || failed=1; done
  run_target "$target" &
done
while [ -n "$(jobs -p)" ]; do wait -n || failed=1; done
exit $failed
