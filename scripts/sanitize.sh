#!/usr/bin/env bash
# Runs tests with AddressSanitizer and UndefinedBehaviorSanitizer, then with ThreadSanitizer; ends with an error where one
# of them complains.
#
# usage: scripts/sanitize.sh [--quick] [--jobs N] [asan | tsan]
#   --quick      only the readers of files with the former, built as the fuzzers are, and with the latter only what runs in
#                several threads; else every test that needs no libtorch
#   --jobs N     how much is compiled and tested side by side; default one a processor
#   asan, tsan   only the former, only the latter
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh

quick=no jobs=$(nproc) sanitizers=()
while [ $# -gt 0 ]; do
  case "$1" in
    --quick) quick=yes; shift ;;
    --jobs) jobs=$2; shift 2 ;;
    asan | tsan) sanitizers+=("$1"); shift ;;
    -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; exit ;;
    *) echo "sanitize.sh: unknown option '$1'; --help tells those there are" >&2; exit 2 ;;
  esac
done
if [ ${#sanitizers[@]} -eq 0 ]; then sanitizers=(asan tsan); fi

# run_tests PRESET TEST...: builds and runs programs of tests/.
run_tests() {
  local preset=$1 test
  shift
  if [ ! -f "build/$preset/build.ninja" ]; then cmake --preset "$preset"; fi
  cmake --build --preset "$preset" -j "$jobs" --target "$@"
  for test in "$@"; do
    echo "$test, $preset"
    "build/$preset/tests/$test" --gtest_brief=1
  done
}

install_missing "${program_packages[@]}" "${optional_packages[@]}" "${fuzz_packages[@]}"
use_ccache
export TSAN_OPTIONS=halt_on_error=1 UBSAN_OPTIONS=print_stacktrace=1
# Fewer inputs than without sanitizers, which cost ten times the time.
if [ $quick = yes ]; then export RC_PARAMS='seed=20240229 max_success=50'; fi
failed=0
for sanitizer in "${sanitizers[@]}"; do
  case $quick,$sanitizer in
    yes,asan) run_tests fuzz core_unit_test score_unit_test model_unit_test settings_unit_test audio_unit_test ;;
    yes,tsan) run_tests tsan core_unit_test transcribe_pipeline_test server_unit_test ;;
    no,*)
      cmake --preset "$sanitizer"
      cmake --build --preset "$sanitizer" -j "$jobs"
      # What the other one finds is wanted, too.
      ctest --preset "$sanitizer" -j "$jobs" || failed=1 ;;
  esac
done
exit $failed
