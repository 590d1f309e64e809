"""MB/s (10^6 octets of both bodies a second of processor time) of DeepDiff over two texts in memory, parsing included. Prints one line of JSON.

    peer_deepdiff.py PRIMARY OTHER SECONDS"""
import json
import pathlib
import sys
import time

import deepdiff


def main():
    primary, other = (pathlib.Path(path).read_bytes() for path in sys.argv[1:3])
    calls = []
    end = time.process_time() + float(sys.argv[3])
    while not calls or time.process_time() < end:
        start = time.process_time()
        found = deepdiff.DeepDiff(json.loads(primary), json.loads(other))
        calls.append(time.process_time() - start)
        if bool(found) != (primary != other):
            sys.exit("DeepDiff is wrong")
    calls.sort()
    print(json.dumps({"deepdiff": (len(primary) + len(other)) / calls[len(calls) // 2] / 1e6}))


main()
