#!/usr/bin/env bash
# Runs tests with AddressSanitizer and UndefinedBehaviorSanitizer, then with ThreadSanitizer; ends with an error where one
# of them complains.
#
# usage: scripts/sanitize.sh [--quick]
#   --quick   only the readers of files with the former, built as the fuzzers are, and with the latter only what runs in
#             several threads; else every test that needs no libtorch
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh

quick=no
case "${1:-}" in
  "") ;;
  --quick) quick=yes ;;
  -h | --help) sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; exit ;;
  *) echo "sanitize.sh: unknown option '$1'; --help tells those there are" >&2; exit 2 ;;
esac

# run_tests PRESET TEST...: builds and runs programs of tests/.
run_tests() {
  local preset=$1 test
  shift
  if [ ! -f "build/$preset/build.ninja" ]; then cmake --preset "$preset"; fi
  cmake --build --preset "$preset" --target "$@"
  for test in "$@"; do
    echo "$test, $preset"
    "build/$preset/tests/$test" --gtest_brief=1
  done
}

install_missing "${program_packages[@]}" "${optional_packages[@]}" "${fuzz_packages[@]}"
use_ccache
export TSAN_OPTIONS=halt_on_error=1 UBSAN_OPTIONS=print_stacktrace=1
if [ $quick = yes ]; then
  # Fewer inputs than without sanitizers, which cost ten times the time.
  export RC_PARAMS='seed=20240229 max_success=50'
  run_tests fuzz core_unit_test score_unit_test model_unit_test settings_unit_test audio_unit_test
  run_tests tsan core_unit_test transcribe_pipeline_test server_unit_test
else
  for preset in asan tsan; do cmake --workflow --preset $preset; done
fi
