"""Benchmarks of Understudy beside its peers, in one run. Installs what is needed (as root, on Debian), builds a release, measures.

    bench/run                what a proxy costs: against nginx, nginx with its mirror and HAProxy (about 15 minutes)
    bench/run sick           what users feel while the candidate is sick, beside mirror off and nginx's mirror
    bench/run limits         saturation on one processor, 1 GiB bodies, 8,000 idle connections, idleness
    bench/run micro          the parts: heads, framing, tap, comparison, evidence
    bench/run diff           the comparison of JSON beside the diff tools that people use

bench/README.md says how to read the figures and how to add another proxy."""
import argparse
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
BENCHES = ("overhead", "sick", "limits", "micro", "diff")
TARGETS = ("understudy", "bench_load", "bench_origin", "test_origin", "micro_bench", "bench_diff")


def prepare():
    subprocess.run([ROOT / "conf" / "install-dependencies.sh", "bench"], check=True)
    for command in (["cmake", "--preset", "release"], ["cmake", "--build", "--preset", "release", "--target", *TARGETS]):
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            sys.exit(done.stdout[-8000:] + "\nthe build failed")


def main():
    name = sys.argv[1] if len(sys.argv) > 1 and sys.argv[1] in BENCHES else "overhead"
    words = sys.argv[2:] if len(sys.argv) > 1 and sys.argv[1] == name else sys.argv[1:]
    build = "-h" not in words and "--help" not in words and "--no-build" not in words
    if build:
        prepare()
    import harness  # not before it has been built
    bench = __import__(name)
    if build and hasattr(bench, "prepare"):
        bench.prepare()  # what it downloads, while there is a network
    parser = argparse.ArgumentParser(prog=f"bench/run {name}", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-build", action="store_true", help="what stands in build/ is measured as it is")
    bench.add_arguments(parser)
    arguments = parser.parse_args(words)
    harness.enter_private_network()
    try:
        return bench.run(arguments)
    except harness.support.Failure as failure:
        print(f"bench/run {name}: {failure}", file=sys.stderr)
        return 1


sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.exit(main())
