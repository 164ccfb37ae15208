#pragma once

#include <cstdint>
#include <string_view>

namespace glaux::simulation {

// The only source of chance in a simulation: the same seed gives the same numbers, on every
// machine. The generator is SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
// generators, 2014). A value: a copy goes on by itself from where it was copied.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();

  // One of 0, …, bound - 1, each as likely as the other up to 1 in 2^32. `bound` is at least 1 and
  // below 2^32.
  std::uint64_t below(std::uint64_t bound);

  // One of low, …, high.
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + below(high - low + 1);
  }

  bool chance(unsigned percent) { return below(100) < percent; }

  // A source of its own for the part of the simulation called `name`. It depends on this one's
  // seed and place and on the name, and taking it moves this one by nothing: what one part draws
  // does not disturb another's numbers.
  Random fork(std::string_view name) const;

 private:
  std::uint64_t state_;
};

}  // namespace glaux::simulation
