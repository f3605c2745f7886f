# Debian packages and how to get those that are missing; sourced by the other scripts.

# To build and run the program.
program_packages=(build-essential cmake ninja-build pkg-config libsndfile1-dev libsoxr-dev libkissfft-dev
  nlohmann-json3-dev libcli11-dev libfmt-dev libspdlog-dev libcairo2-dev libyaml-cpp-dev zlib1g-dev
  libxxhash-dev libtomlplusplus-dev libcpp-httplib-dev libsqlite3-dev)
# Besides, to read M4A and video.
optional_packages=(ffmpeg)
# Besides, for the tests, the renderer and the training program.
developer_packages=(libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev libfluidsynth-dev
  libtorch-dev libgloo-dev libdnnl-dev python3 git timgm6mb-soundfont dpkg-dev file mmdebstrap g++-aarch64-linux-gnu chromium slurm-wlm munge openmpi-bin
  valgrind musescore3)
# Besides, for fuzzing.
fuzz_packages=(clang libclang-rt-14-dev libgtest-dev libgmock-dev librapidcheck-dev)
# Node.js from elsewhere than Debian brings its own npm, which would be in the way of the package.
command -v npm > /dev/null || developer_packages+=(nodejs npm)

# install_missing PACKAGE...
install_missing() {
  local missing=() package
  if ! command -v apt-get > /dev/null; then
    echo "This is no Debian system; please see to it that these (or what they are called here) are installed: $*" >&2
    return
  fi
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2> /dev/null | grep -qx installed || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo > /dev/null; then
      echo "Missing packages: ${missing[*]}; please install them as root (there is no sudo here)" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "Installing ${missing[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq update
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" \
    > /dev/null
}

# Compiles through ccache where there is one.
use_ccache() {
  if command -v ccache > /dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache CMAKE_C_COMPILER_LAUNCHER=ccache; fi
}
