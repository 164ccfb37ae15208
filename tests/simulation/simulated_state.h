#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/simulated_rows.h"
#include "tests/simulation/simulated_storage.h"

namespace glaux::simulation {

// All that a SimulatedDisk is. Shared with what its mounts have opened, which may outlive them.
struct SimulatedDisk::State {
  explicit State(Random source) : random(source) {}

  Random random;
  Hook hook;

  std::uint64_t latest_mount = 0;
  bool mount_alive = false;  // the latest; those before it are dead
  bool locked = false;

  bool full = false;
  bool fail_next_sync = false;

  using Content = std::optional<std::string>;
  std::array<Content, 2> files;
  struct Replacement {
    File file;
    Content before;
  };
  std::optional<Replacement> replacing;  // a file is, at this moment
  struct FileDamage {
    File file;
    Content sound, damaged;
  };
  std::vector<FileDamage> file_damages;

  bool log_exists = false;
  bool log_torn = false;
  LogRows log;
  std::optional<journal::StoreFailure> log_failure;  // refuses all writes of this life

  TableRows tables;
  bool tables_damaged = false;
  std::optional<journal::StoreFailure> tables_failure;

  bool isAlive(std::uint64_t mount) const { return mount_alive && mount == latest_mount; }
  Content& file(File file) { return files[static_cast<std::size_t>(file)]; }

  // Lets the hook have its say.
  void at(const char* point);
};

// What mounts and what they have opened have in common: they are dead when their mount is.
class OfMount {
 public:
  OfMount(std::shared_ptr<SimulatedDisk::State> disk, std::uint64_t mount)
      : disk_(std::move(disk)), mount_(mount) {}

 protected:
  bool alive() const { return disk_->isAlive(mount_); }
  SimulatedDisk::State& disk() const { return *disk_; }

  const std::shared_ptr<SimulatedDisk::State> disk_;
  const std::uint64_t mount_;
};

inline journal::StoreFailure machineIsOff() {
  return {journal::Error::Kind::kIo, "IO error: the machine is off"};
}
inline journal::StoreFailure noSpace() {
  return {journal::Error::Kind::kDiskFull, "IO error: No space left on device"};
}
inline journal::StoreFailure failedSync() {
  return {journal::Error::Kind::kIo, "IO error: the disk failed to sync"};
}

}  // namespace glaux::simulation
