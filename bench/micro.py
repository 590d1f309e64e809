"""bench/run micro: the parts by themselves (Google Benchmark). Figures of one run compare with each other."""
import subprocess

import harness


def run(arguments):
    command = [harness.support.Options.build / "micro_bench", f"--benchmark_filter={arguments.filter}", f"--benchmark_repetitions={arguments.rounds}",
               "--benchmark_enable_random_interleaving=true", "--benchmark_report_aggregates_only=true"]
    return subprocess.run(command, check=False).returncode


def add_arguments(parser):
    parser.add_argument("--filter", default=".*", help="regular expression of benchmark names")
    parser.add_argument("--rounds", type=int, default=5)
