#pragma once

#include <cstdint>
#include <span>

namespace glaux::daemon {

/// Where randomness enters the daemon: identifiers, keys, tokens. The simulation passes a seeded
/// generator.
class Entropy {
 public:
  virtual ~Entropy() = default;

  /// Fills `bytes` completely. Cannot fail.
  virtual void fill(std::span<std::uint8_t> bytes) = 0;
};

/// The kernel's generator, getrandom(2): fit for keys. May be used from any thread.
class SystemEntropy final : public Entropy {
 public:
  void fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace glaux::daemon
