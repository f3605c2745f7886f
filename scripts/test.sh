#!/usr/bin/env bash
# Installs what a developer needs on Debian 12, builds everything with warnings as errors, runs every test, some of them
# with sanitizers, and then the fuzzers of what strangers hand over for 30 s each. With options for ctest only those tests.
#
# usage: scripts/test.sh [ctest options]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh

install_missing "${program_packages[@]}" "${optional_packages[@]}" "${developer_packages[@]}"
use_ccache
cmake --preset dev -DYOURMT3_BUILD_TRAIN=ON
cmake --build --preset dev
ctest --preset dev -j "$(nproc)" "$@"
if [ $# -eq 0 ]; then
  scripts/sanitize.sh --quick
  scripts/fuzz.sh --seconds 30 --jobs "$(nproc)" --seed 1 --strangers
fi
