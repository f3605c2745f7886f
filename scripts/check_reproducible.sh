#!/usr/bin/env bash
# Builds the program and the library twice, from two copies of this checkout in folders of different names, at different
# times, in different locales and time zones and without a cache, and compares them byte by byte.
#
# usage: scripts/check_reproducible.sh [JOBS]
set -euo pipefail
cd "$(dirname "$0")/.."
jobs=${1:-$(nproc)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# build NAME: from a copy of what is committed or staged, in $work/NAME.
build() {
  local source=$work/$1
  mkdir -p "$source"
  git ls-files -z | tar --null --files-from=- --create | tar --extract --directory "$source"
  cmake -S "$source" -B "$source/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DYOURMT3_BUILD_TESTS=OFF \
    -DYOURMT3_BUILD_EXAMPLES=OFF -DYOURMT3_BUILD_TRAIN=OFF > /dev/null
  cmake --build "$source/build" -j "$jobs" > /dev/null
}

export CCACHE_DISABLE=1
TZ=UTC LC_ALL=C build one
sleep 61 # Another minute for whatever writes down the time.
TZ=Pacific/Auckland LC_ALL=C.UTF-8 build another/folder

status=0
while read -r file; do
  if cmp "$work/one/build/$file" "$work/another/folder/build/$file"; then
    echo "$file: the same bytes, sha256 $(sha256sum < "$work/one/build/$file" | cut -c 1-64)"
  else
    status=1
  fi
done < <(cd "$work/one/build" && find . -maxdepth 1 \( -name yourmt3 -o -name 'libyourmt3.so.*.*' -o -name '*.cdx.json' \) \
  -type f -printf '%P\n' | sort)
exit $status
