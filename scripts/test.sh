#!/usr/bin/env bash
# Installs what a developer needs on Debian 12, builds everything with warnings as errors, and runs every test.
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
