#include "daemon/disk_guard.h"

#include <optional>
#include <system_error>
#include <utility>

namespace glaux::daemon {
namespace {

constexpr std::uint64_t kIntervalMs = 1000;

std::optional<std::uint64_t> freeBytes(const std::filesystem::path& directory) {
  std::error_code failed;
  auto space = std::filesystem::space(directory, failed);
  if (failed) return std::nullopt;
  return space.available;
}

}  // namespace

DiskGuard::DiskGuard(Loop& loop, std::filesystem::path directory, std::uint64_t min_free_bytes,
                     Changed changed)
    : directory_(std::move(directory)),
      min_free_bytes_(min_free_bytes),
      changed_(std::move(changed)),
      work_(loop),
      timer_(loop, [this] { look(); }) {
  timer_.start(0, kIntervalMs);
}

void DiskGuard::look() {
  work_.run([directory = directory_] { return freeBytes(directory); },
            [this](std::optional<std::uint64_t> free_bytes) {
              if (!free_bytes) return;
              bool is_low = *free_bytes < min_free_bytes_;
              if (std::exchange(is_low_, is_low) != is_low) changed_(is_low, *free_bytes);
            });
}

}  // namespace glaux::daemon
