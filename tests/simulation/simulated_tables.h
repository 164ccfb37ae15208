#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

#include "tests/simulation/simulated_state.h"

namespace glaux::simulation {

class SimulatedTables : public journal::Tables, private OfMount {
 public:
  SimulatedTables(std::shared_ptr<SimulatedDisk::State> disk, std::uint64_t mount,
                  journal::Access access, std::filesystem::path path)
      : OfMount(std::move(disk), mount), access_(access), path_(std::move(path)) {}
  // A clean close: everything is durable.
  ~SimulatedTables() override;

  [[nodiscard]] tl::expected<std::optional<std::string>, journal::Error> get(
      std::string_view table, std::string_view key) const override;
  [[nodiscard]] tl::expected<void, journal::Error> scan(std::string_view table,
                                                        std::string_view prefix,
                                                        std::string_view after,
                                                        const RowVisitor& visit) const override;
  [[nodiscard]] tl::expected<void, journal::Error> write(const journal::TableBatch& batch) override;
  [[nodiscard]] tl::expected<void, journal::Error> flush() override;
  std::size_t memoryBytes() const override { return 0; }

 private:
  const TableRows::Rows& rowsOf(std::string_view table) const;
  tl::unexpected<journal::Error> failed(std::string_view verb,
                                        const journal::StoreFailure& failure) const;

  const journal::Access access_;
  const std::filesystem::path path_;
  mutable int scans_ = 0;  // under way
};

}  // namespace glaux::simulation
