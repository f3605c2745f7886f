#!/usr/bin/env bash
# Builds the Debian packages of a build folder, installs them into a Debian that has nothing else, and uses them there.
# Says that it skips (status 77) where such a Debian cannot be made.
#
# usage: debian_package.sh BUILD WORK SAMPLE EXAMPLES CPACK VERSION
set -euo pipefail
build=$1 work=$2 sample=$3 examples=$4 cpack=$5 version=$6

skip() {
  echo "Skipped: $1"
  exit 77
}
[ "$(id -u)" -eq 0 ] || skip "a clean Debian is made by root"
command -v dpkg-shlibdeps > /dev/null || skip "dpkg-shlibdeps is missing (package dpkg-dev)"
command -v mmdebstrap > /dev/null || skip "mmdebstrap is missing (package of that name)"
. /etc/os-release
[ "$ID" = debian ] || skip "this is $ID, not Debian"

if mountpoint -q "$work/system/proc"; then umount "$work/system/proc"; fi
rm -rf --one-file-system "$work"
mkdir -p "$work"
clean_up() {
  ! mountpoint -q "$work/system/proc" || umount "$work/system/proc"
  rm -rf --one-file-system "$work/system"
}
trap clean_up EXIT
# From where this machine installs; a mirror that is out of reach says nothing about our packages.
mmdebstrap --variant=apt --include=ca-certificates "$VERSION_CODENAME" "$work/system" > "$work/mmdebstrap.log" 2>&1 \
  || { tail -n 3 "$work/mmdebstrap.log"; skip "no clean Debian could be made"; }

(cd "$build" && "$cpack" -G DEB -B "$work/packages" > "$work/cpack.log" 2>&1) || { cat "$work/cpack.log"; exit 1; }
ls "$work/packages"/*.deb
for package in yourmt3 libyourmt3-0 libyourmt3-dev; do
  [ "$(dpkg-deb -f "$work/packages/${package}_${version}_$(dpkg --print-architecture).deb" Package)" = "$package" ]
done

mount -t proc proc "$work/system/proc" || skip "/proc cannot be mounted in it"
mkdir "$work/system/given"
cp "$work"/packages/{yourmt3_,libyourmt3,python3-}*.deb "$sample"/tiny.safetensors "$sample"/tones.wav \
  "$examples"/transcribe.c "$work/system/given"
in_root() { chroot "$work/system" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive "$@"; }

# The program alone: everything that it needs comes with it.
in_root apt-get -qq update
in_root sh -c 'apt-get -qq install -y --no-install-recommends /given/yourmt3_*.deb' > "$work/apt.log" 2>&1 || { cat "$work/apt.log"; exit 1; }
in_root yourmt3 --version | grep -F "yourmt3 $version"
in_root yourmt3 transcribe /given/tones.wav -o /given/bundled.mid
in_root yourmt3 transcribe /given/tones.wav --model /given/tiny.safetensors -o /given/tiny.mid
in_root yourmt3 info /given/bundled.mid
[ -s "$work/system/usr/share/man/man1/yourmt3.1" ]
[ ! -e "$build/yourmt3.cdx.json" ] || [ -s "$work/system/usr/share/doc/yourmt3/yourmt3.cdx.json" ]
[ -s "$work/system/usr/share/bash-completion/completions/yourmt3" ]

# The library, from a C program that is built there.
in_root sh -c 'apt-get -qq install -y --no-install-recommends gcc libc6-dev pkg-config /given/libyourmt3*.deb' \
  > "$work/apt.log" 2>&1 || { cat "$work/apt.log"; exit 1; }
in_root sh -c 'gcc /given/transcribe.c -o /given/transcribe $(pkg-config --cflags --libs yourmt3)'
in_root /given/transcribe /given/tiny.safetensors /given/tones.wav /given/by_c.mid
cmp "$work/system/given/tiny.mid" "$work/system/given/by_c.mid"

# And from Python.
in_root sh -c 'apt-get -qq install -y --no-install-recommends /given/python3-yourmt3*.deb' > "$work/apt.log" 2>&1 \
  || { cat "$work/apt.log"; exit 1; }
in_root python3 -c 'import yourmt3; yourmt3.Transcriber("/given/tiny.safetensors").transcribe("/given/tones.wav").write_midi("/given/py.mid")'
cmp "$work/system/given/tiny.mid" "$work/system/given/py.mid"
in_root python3 -c 'import yourmt3; print(yourmt3.Transcriber().transcribe("/given/tones.wav").duration)' | grep -x 3.0

# And away again, without a trace.
in_root apt-get -qq purge -y python3-yourmt3 yourmt3 libyourmt3-0 libyourmt3-dev > "$work/apt.log" 2>&1
[ -z "$(find "$work/system/usr" -name '*yourmt3*')" ]
