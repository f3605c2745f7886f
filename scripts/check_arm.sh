#!/usr/bin/env bash
# Compiles what computes (core, score, model, features, engine) for 64-bit Arm, without linking it. The headers of the
# libraries are those of this machine: they do not depend on the processor.
#
# usage: scripts/check_arm.sh
set -euo pipefail
cd "$(dirname "$0")/.."
compiler=aarch64-linux-gnu-g++
if ! command -v "$compiler" > /dev/null; then
  echo "Skipped: $compiler is missing (package g++-aarch64-linux-gnu)"
  exit 77
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# /usr/include itself would put this machine's C library before that of Arm: only what we use is taken from it.
for header in nlohmann fmt spdlog kissfft; do ln -s "/usr/include/$header" "$work/$header"; done
ln -s /usr/include/kissfft/* "$work/" 2> /dev/null || true
mkdir "$work/yourmt3"
sed -e 's/@[A-Z_a-z]*@/0/g' cmake/version.h.in > "$work/yourmt3/version.h"

sources=(src/{core,score,model,features,engine}/*.cpp)
# The kernels of x86.
mapfile -t sources < <(printf '%s\n' "${sources[@]}" | grep -vE '(avx2|avx512|avx512_bf16|_x86)\.cpp$')
printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -I{} "$compiler" -std=c++20 -O1 -fsyntax-only -Wall -Wextra -Werror \
  -Isrc -Iinclude -I"$work" {}
echo "${#sources[@]} files compile for 64-bit Arm"
