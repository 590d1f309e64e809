#!/usr/bin/env bash
# Builds Understudy and shows it at work: a small shop in two builds (production; a candidate with three planted regressions), Understudy between
# them and a few thousand requests, and the report on what changed.
#   conf/demo.sh [--keep] [--seed N] [--requests N]
#     --keep      leaves everything running at the end, until Ctrl-C
#     --seed N    other requests and other noise (default 1)
set -euo pipefail
cd "$(dirname "$0")/.."

keep=0 seed=1 requests=4000
while [ $# -gt 0 ]; do
  case $1 in
    --keep) keep=1 ;;
    --seed) seed=${2:?--seed needs a number}; shift ;;
    --requests) requests=${2:?--requests needs a number}; shift ;;
    *) sed -n '2,6p' "$0" >&2; exit 2 ;;
  esac
  shift
done

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

conf/install-dependencies.sh build

say "Building a release in build/"
[ -f build/CMakeCache.txt ] || cmake -S . -B build -G Ninja >/dev/null
cmake --build build --target understudy demo-production demo-candidate

directory=$(mktemp -d)
children=()
finish() {
  trap - EXIT INT TERM
  [ ${#children[@]} -eq 0 ] || kill "${children[@]}" 2>/dev/null || true
  wait || true
  rm -rf "$directory"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# start_service BUILD NAME SEED: starts a build of the shop; its port is then in $directory/NAME.
start_service() {
  "build/conf/demo/demo-$1" "$3" >"$directory/$2" &
  children+=($!)
}

# port_of NAME: waits for the port that a service tells.
port_of() {
  for _ in $(seq 100); do
    [ ! -s "$directory/$1" ] || break
    sleep 0.05
  done
  cat "$directory/$1"
}

# free_port FROM: a port above FROM that nobody listens on.
free_port() {
  python3 -c '
import socket, sys
for port in range(int(sys.argv[1]), 32000):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        print(port)
        break' "$1"
}

start_service production primary $((seed * 3 + 1))
start_service production secondary $((seed * 3 + 2))
start_service candidate candidate $((seed * 3 + 3))
primary=$(port_of primary) secondary=$(port_of secondary) candidate=$(port_of candidate)
users=$(free_port $((20000 + seed % 500 * 20)))
admin=$(free_port $((users + 1)))

say "Starting Understudy on 127.0.0.1:$users"
echo "  production 127.0.0.1:$primary, a second copy of it 127.0.0.1:$secondary, the candidate 127.0.0.1:$candidate"
build/understudy run --listen "127.0.0.1:$users" --admin "127.0.0.1:$admin" --store "$directory/demo.db" \
  --primary "http://127.0.0.1:$primary" --candidate "http://127.0.0.1:$candidate" --secondary "http://127.0.0.1:$secondary" \
  2>"$directory/understudy.log" &
understudy=$!
children+=("$understudy")

# admin_says PATH PYTHON: what the admin endpoint answers, as `answer` (None where it does not), judged by a Python expression.
admin_says() {
  python3 -c '
import json, sys, urllib.request
try:
    with urllib.request.urlopen("http://127.0.0.1:" + sys.argv[1] + sys.argv[2], timeout=2) as response:
        text = response.read()
    answer = json.loads(text) if sys.argv[2].startswith("/api/") else True
except OSError:
    answer = None
sys.exit(0 if eval(sys.argv[3]) else 1)' "$admin" "$1" "$2"
}

# wait_until SECONDS PATH PYTHON: polls admin_says.
wait_until() {
  for _ in $(seq $(($1 * 5))); do
    if admin_says "$2" "$3"; then return 0; fi
    if ! kill -0 "$understudy" 2>/dev/null; then break; fi
    sleep 0.2
  done
  cat "$directory/understudy.log" >&2
  echo "Understudy did not get there: $2 $3" >&2
  return 1
}

wait_until 15 /readyz 'answer is not None'
say "Sending $requests requests to 127.0.0.1:$users"
python3 conf/demo/drive.py "http://127.0.0.1:$users" --requests "$requests" --seed "$seed"
wait_until 40 /api/v1/ledger 'answer is not None and answer["in_flight"] == 0'
# The report is a snapshot that the shadow plane takes about once a second: wait for the one that has everything.
compared=$(python3 -c '
import json, sys, urllib.request
print(json.load(urllib.request.urlopen("http://127.0.0.1:" + sys.argv[1] + "/api/v1/ledger", timeout=2))["compared"])' "$admin")
wait_until 10 /api/v1/verdict "answer is not None and answer[\"compared\"] >= $compared"

say "understudy report --admin http://127.0.0.1:$admin"
build/understudy report --admin "http://127.0.0.1:$admin"

echo
echo "The admin address is http://127.0.0.1:$admin (for example /api/v1/differences, /api/v1/ledger, /metrics)."
if [ $keep = 1 ]; then
  echo "All of it keeps running: press Ctrl-C to end it."
  wait "$understudy"
fi
