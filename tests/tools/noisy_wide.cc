// A service that leads the evidence to its limits: an endpoint for each number that is asked for, and at each of them
// about 50 differences. A third of the fields is everybody's, a third that of two endpoints, a third that of one alone.
// For tests only.
#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "tests/tools/noisy_world.h"

namespace understudy::tools {
namespace {

// With the field of the endpoint's name, the fields of which each side sends other numbers (changed, greater, less),
// and those that are constants, of the candidate other ones.
constexpr std::uint64_t noisy_fields = 13;
constexpr std::uint64_t constant_fields = 15;

std::string name_of_field(std::string_view kind, std::uint64_t field, std::uint64_t endpoint) {
  const std::array<std::string, 3> owners{"all", "pair_" + std::to_string(endpoint / 2),
                                          "one_" + std::to_string(endpoint)};
  return std::string(kind) + '_' + std::to_string(field) + '_' + owners[field % owners.size()];
}

class Wide : public NoisyService {
 public:
  explicit Wide(NoisyWorld& world) : world_(world) {}

  NoisyAnswer answer(const NoisyRequest& request) override {
    const std::uint64_t endpoint = request.number();
    const bool is_candidate = world_.options().role == "candidate";
    NoisyJson json;
    json.object();
    for (std::uint64_t i = 0; i < noisy_fields; ++i) {
      json.integer(name_of_field("noisy", i, endpoint), static_cast<std::int64_t>(1 + world_.below(1'000'000'000)));
    }
    for (std::uint64_t i = 0; i < constant_fields; ++i) {
      json.text(name_of_field("constant", i, endpoint), is_candidate ? "another" : "as ever");
    }
    NoisyAnswer answer;
    answer.fields = "X-Action-Name: wide " + std::to_string(endpoint) + "\r\n";
    answer.body = json.take();
    return answer;
  }

 private:
  NoisyWorld& world_;
};

}  // namespace

std::unique_ptr<NoisyService> make_noisy_wide(NoisyWorld& world) {
  return std::make_unique<Wide>(world);
}

}  // namespace understudy::tools
