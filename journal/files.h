#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "journal/error.h"

// The small files beside the databases, and their durability.
namespace glaux::journal {

// The whole content, or nothing if there is no such file.
[[nodiscard]] tl::expected<std::optional<std::string>, Error> readFile(
    const std::filesystem::path& path);

// After success `path` holds `content` and survives a power failure; after a failure or a crash it
// holds what it held before, or `content`. Uses `path`.new on the way.
[[nodiscard]] tl::expected<void, Error> replaceFile(const std::filesystem::path& path,
                                                    std::string_view content);

// Creates the directory and its missing parents with mode 0700, and checks that this process may
// create files in it.
[[nodiscard]] tl::expected<void, Error> makeWritableDirectory(const std::filesystem::path& path);

// A file descriptor that is closed with its owner.
class FileDescriptor {
 public:
  explicit FileDescriptor(int number = -1) : number_(number) {}
  ~FileDescriptor();
  FileDescriptor(FileDescriptor&& other) noexcept;
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;

  int number() const { return number_; }
  bool valid() const { return number_ >= 0; }

 private:
  int number_;
};

}  // namespace glaux::journal
