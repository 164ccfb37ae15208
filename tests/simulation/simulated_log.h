#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "tests/simulation/simulated_state.h"

namespace glaux::simulation {

class SimulatedLog : public journal::LogStore, private OfMount {
 public:
  SimulatedLog(std::shared_ptr<SimulatedDisk::State> disk, std::uint64_t mount, std::string name)
      : OfMount(std::move(disk), mount), name_(std::move(name)) {}

  std::string name() const override { return name_; }
  [[nodiscard]] tl::expected<bool, journal::StoreFailure> get(
      Family family, std::string_view key, const ValueVisitor& visit) const override;
  [[nodiscard]] bool contains(Family family, std::string_view key) const override;
  [[nodiscard]] std::unique_ptr<Cursor> records(Reading reading) const override;
  [[nodiscard]] std::unique_ptr<Batch> newBatch(std::size_t bytes) override;
  [[nodiscard]] tl::expected<void, journal::StoreFailure> write(std::unique_ptr<Batch> batch,
                                                                Sync sync) override;
  std::size_t memoryBytes() const override { return 0; }

 private:
  const std::string name_;
};

}  // namespace glaux::simulation
