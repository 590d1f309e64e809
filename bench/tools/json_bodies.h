// The bodies that the benchmarks of the comparison read: about 1 KiB, 16 KiB and 1 MiB of JSON, each with a copy in
// which one value is another. They are made of real GitHub responses where the corpus is there, and say what they are
// made of. Callers: bench_diff.cc, bench/micro/compare_bench.cc.
#pragma once

#include <string>
#include <vector>

namespace understudy::bench {

struct JsonBody {
  std::string name;     // "1 KiB"
  std::string made_of;  // in words
  std::string text;
  std::string changed;  // `text`, but the last octet of a string in the middle
};

// $UNDERSTUDY_CORPUS, or the corpus beside the source.
std::string corpus_folder();

std::vector<JsonBody> json_bodies(const std::string& corpus);

}  // namespace understudy::bench
