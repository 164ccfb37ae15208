#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace glaux::simulation {

// Flies through whatever the daemon was doing when the power went.
struct SimulatedCrash {};

// A promise of the design is broken; `what` says which, and how.
struct BrokenPromise : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void promise(bool kept, const std::string& what) {
  if (!kept) throw BrokenPromise(what);
}

// Decides at which of the points that the daemon passes it dies. Every effect on the world outside,
// and every event in time, is such a point.
class CrashPlan {
 public:
  // At the n-th point from now; 0: not at all.
  void dieAfter(std::uint64_t points) { left_ = points; }

  void pass() {
    ++passed_;
    if (left_ > 0 && --left_ == 0) throw SimulatedCrash{};
  }

  std::uint64_t passed() const { return passed_; }

 private:
  std::uint64_t left_ = 0;
  std::uint64_t passed_ = 0;
};

}  // namespace glaux::simulation
