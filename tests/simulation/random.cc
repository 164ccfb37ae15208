#include "tests/simulation/random.h"

namespace glaux::simulation {
namespace {

constexpr std::uint64_t kGoldenGamma = 0x9e3779b97f4a7c15;

// SplitMix64's finalizer: a permutation in which every bit of the input reaches every one of the
// output.
std::uint64_t mix(std::uint64_t bits) {
  bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
  return bits ^ bits >> 31;
}

}  // namespace

std::uint64_t Random::next() {
  state_ += kGoldenGamma;
  return mix(state_);
}

std::uint64_t Random::below(std::uint64_t bound) { return (next() >> 32) * bound >> 32; }

Random Random::fork(std::string_view name) const {
  std::uint64_t seed = mix(state_ ^ kGoldenGamma);
  for (const char character : name) seed = mix(seed + static_cast<unsigned char>(character) + 1);
  return Random(seed);
}

}  // namespace glaux::simulation
