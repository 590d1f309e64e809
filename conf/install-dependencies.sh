#!/usr/bin/env bash
# Sees to it that Debian's packages which Understudy needs are there. As root it installs what is missing; as an ordinary user it names it.
#   conf/install-dependencies.sh build    to build and to run the demo
#   conf/install-dependencies.sh test     that, and all the tests
#   conf/install-dependencies.sh bench    to build and to run the benchmarks, with the peers that they measure beside Understudy
set -euo pipefail

build=(g++ cmake ninja-build pkg-config node-llhttp libtomlplusplus-dev libcli11-dev libsimdjson-dev libsqlite3-dev
  zlib1g-dev libbrotli-dev libzstd-dev libxxhash-dev libssl-dev python3)
test=(ccache clang-19 lld-19 llvm-19 libclang-rt-19-dev libgtest-dev libbenchmark-dev brotli zstd nginx-light prometheus strace
  slowhttptest valgrind git openssl)
bench=(ccache libgtest-dev libbenchmark-dev iproute2 nginx-light haproxy nodejs npm python3-deepdiff)

case ${1:-} in
  build) wanted=("${build[@]}") ;;
  test) wanted=("${build[@]}" "${test[@]}") ;;
  bench) wanted=("${build[@]}" "${bench[@]}") ;;
  *) sed -n '2,5p' "$0" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null; then
  echo "This is not Debian: see to these packages, or what your system calls them, yourself: ${wanted[*]}" >&2
  exit 0
fi

# nginx-light is one of several packages that bring nginx, and newer packages of nodejs bring npm; whichever is here will do.
installed() {
  if [ "$1" = nginx-light ] && [ -x /usr/sbin/nginx ]; then return 0; fi
  if [ "$1" = npm ] && command -v npm >/dev/null; then return 0; fi
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null || true)" = installed ]
}

missing=()
for package in "${wanted[@]}"; do
  installed "$package" || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ]; then
  echo "Missing packages: ${missing[*]}" >&2
  echo "Install them as root: apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi

echo "Installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
# The servers among them (nginx, prometheus) are for the tests to start: none is to start by being installed.
policy=/usr/sbin/policy-rc.d
if [ -e "$policy" ]; then policy=; else printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"; fi
trap 'rm -f "$log" ${policy:+"$policy"}' EXIT
if ! { apt-get update -q && apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "The installation failed; its last lines stand above." >&2
  exit 1
fi
