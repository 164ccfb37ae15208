#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace glaux::plugins {

// The three files of one calculation. Each write is in the file (in the page cache) when the call
// returns, so that what was printed can be read at once and survives this process.
class OutputFiles {
 public:
  struct Paths {
    std::filesystem::path stdout_path;
    std::filesystem::path stderr_path;
    std::filesystem::path result_path;
  };

  // Creates the files and their directories, or opens them to append. While less than
  // `min_free_bytes` of their disk is free, writing fails as if it were full.
  explicit OutputFiles(const Paths& paths, std::uint64_t min_free_bytes = 0);
  ~OutputFiles();

  OutputFiles(OutputFiles&& other) noexcept;
  OutputFiles& operator=(OutputFiles&&) = delete;

  void writeStdout(std::string_view text) { write(kStdout, text); }
  void writeStderr(std::string_view text) { write(kStderr, text); }

  // One JSON object without a newline.
  void writeResult(std::string_view json) { writeResultBytes(std::string(json) + '\n'); }
  void writeResultBytes(std::string_view bytes) { write(kResult, bytes); }

  // Of the files now, in bytes.
  struct Sizes {
    std::uint64_t stdout_bytes = 0;
    std::uint64_t stderr_bytes = 0;
    std::uint64_t result_bytes = 0;
  };
  Sizes sizes() const;

  // The first failure to create or write a file, such as a full disk; empty if all went well. What
  // followed it is not in the files.
  const std::string& error() const { return error_; }

 private:
  enum File { kStdout, kStderr, kResult, kFiles };

  void open(File file, const std::filesystem::path& path);
  void write(File file, std::string_view text);
  bool leavesReserve(int fd, std::size_t bytes);

  int fds_[kFiles] = {-1, -1, -1};
  std::string error_;
  std::uint64_t min_free_bytes_;
  std::size_t unchecked_bytes_ = 0;
};

}  // namespace glaux::plugins
