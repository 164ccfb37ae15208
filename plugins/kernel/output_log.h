#pragma once

#include <kj/async-unix.h>
#include <kj/async.h>
#include <kj/io.h>
#include <kj/timer.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "plugins/kernel/jupyter_message.h"
#include "plugins/protocol/error.h"

// A file in which a kernel publishes its output, instead of a socket that loses what nobody listens
// to: so nothing is missing for whoever takes the place of a client that died. The kernel's side is
// in python_bootstrap.py.
//
// The file is a sequence of messages, each appended with one write:
//
//     number of frames, then for each its length and its bytes     (numbers: 4 bytes,
//     little-endian)
//
// Whoever reads it does not trust it: the code in the kernel can write to it, too.
namespace glaux::plugins {

// The environment variable that tells a kernel where its log is.
inline constexpr const char* kOutputLogVariable = "GLAUX_OUTPUT_LOG";

// Makes an empty log for processes of the user `owner`; -1: of our own.
tl::expected<void, Error> makeOutputLog(const std::filesystem::path& path, std::uint32_t owner);

// Reads a log as it grows.
class OutputLog {
 public:
  // Messages from `offset` on are handed to `on_message`, in order, from the loop. An error means
  // that there is no such file, or that it is not one.
  static tl::expected<std::unique_ptr<OutputLog>, Error> open(
      const std::filesystem::path& path, std::uint64_t offset, kj::UnixEventPort& event_port,
      kj::Timer& timer, std::function<void(const Frames&)> on_message);

  OutputLog(const OutputLog&) = delete;
  OutputLog& operator=(const OutputLog&) = delete;

  // Behind the last message that was handed on. During `on_message`: behind the one being handed
  // on.
  std::uint64_t offset() const { return offset_; }

  // Hands on all that is in the file now.
  void catchUp();

  // Gives the disk back what lies before this offset. Offsets stay what they are.
  void forgetBefore(std::uint64_t offset);

 private:
  OutputLog(kj::AutoCloseFd fd, kj::AutoCloseFd watch_fd, std::uint64_t offset,
            kj::UnixEventPort& event_port, kj::Timer& timer,
            std::function<void(const Frames&)> on_message);

  kj::Promise<void> watch();
  bool readSome();
  void handOn();
  std::size_t messageSize(std::size_t begin);

  kj::AutoCloseFd fd_;
  kj::AutoCloseFd watch_fd_;
  std::uint64_t offset_;
  std::string buffer_;  // what has been read from `offset_` on
  bool is_broken_ = false;
  std::uint64_t forgotten_before_ = 0;
  std::function<void(const Frames&)> on_message_;
  kj::Timer& timer_;
  kj::UnixEventPort::FdObserver observer_;
  kj::Promise<void> watching_ = nullptr;
};

}  // namespace glaux::plugins
