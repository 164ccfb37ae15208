#include "plugins/kernel/output_log.h"

#include <fcntl.h>
#include <kj/debug.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace glaux::plugins {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

// Bounds of what a message can be; one beyond them is none.
constexpr std::uint32_t kMaxFrames = 64;
constexpr std::uint32_t kMaxFrameBytes = std::uint32_t{1} << 30;

std::uint32_t numberAt(const std::string& bytes, std::size_t at) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data() + at, sizeof(number));
  return number;
}

tl::unexpected<Error> failed(const std::filesystem::path& path, const char* what) {
  return tl::make_unexpected(Error{path.string() + " " + what + ": " + std::strerror(errno)});
}

}  // namespace

tl::expected<void, Error> makeOutputLog(const std::filesystem::path& path, std::uint32_t owner) {
  ::unlink(path.c_str());
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return failed(path, "cannot be made");
  const bool is_given = ::fchown(fd, owner, owner) == 0;
  ::close(fd);
  if (!is_given) return failed(path, "cannot be given to the kernel's user");
  return {};
}

tl::expected<std::unique_ptr<OutputLog>, Error> OutputLog::open(
    const std::filesystem::path& path, std::uint64_t offset, kj::UnixEventPort& event_port,
    kj::Timer& timer, std::function<void(const Frames&)> on_message) {
  // Also for writing, to give back what has been read. Not blocking, should it be a pipe.
  kj::AutoCloseFd fd(::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (fd < 0) return failed(path, "cannot be opened");
  kj::AutoCloseFd watch_fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  const std::string same_file = "/proc/self/fd/" + std::to_string(fd.get());
  struct stat file {};
  if (::fstat(fd, &file) != 0 || !S_ISREG(file.st_mode) || watch_fd < 0 ||
      ::inotify_add_watch(watch_fd, same_file.c_str(), IN_MODIFY) < 0)
    return failed(path, "cannot be watched");
  return std::unique_ptr<OutputLog>(new OutputLog(kj::mv(fd), kj::mv(watch_fd), offset, event_port,
                                                  timer, std::move(on_message)));
}

OutputLog::OutputLog(kj::AutoCloseFd fd, kj::AutoCloseFd watch_fd, std::uint64_t offset,
                     kj::UnixEventPort& event_port, kj::Timer& timer,
                     std::function<void(const Frames&)> on_message)
    : fd_(kj::mv(fd)),
      watch_fd_(kj::mv(watch_fd)),
      offset_(offset),
      forgotten_before_(offset),
      on_message_(std::move(on_message)),
      timer_(timer),
      observer_(event_port, watch_fd_, kj::UnixEventPort::FdObserver::OBSERVE_READ) {
  // What is there already, and then what comes.
  watching_ = kj::evalLater([this] { return watch(); }).eagerlyEvaluate([](kj::Exception&& e) {
    KJ_LOG(ERROR, e);
  });
}

kj::Promise<void> OutputLog::watch() {
  // Before anything is read: an edge that nobody awaits is lost.
  auto change = observer_.whenBecomesReadable();
  char events[4096];
  while (::read(watch_fd_, events, sizeof(events)) > 0) {
  }
  // In steps, so that a kernel that never stops printing leaves room for the rest.
  if (readSome()) return timer_.afterDelay(0 * kj::SECONDS).then([this] { return watch(); });
  return change.then([this] { return watch(); });
}

void OutputLog::catchUp() {
  while (readSome()) {
  }
}

// False at the end of the file.
bool OutputLog::readSome() {
  if (is_broken_) return false;
  const std::size_t had = buffer_.size();
  buffer_.resize(had + kChunkBytes);
  const ssize_t size =
      ::pread(fd_, buffer_.data() + had, kChunkBytes, static_cast<off_t>(offset_ + had));
  buffer_.resize(had + static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  if (size <= 0) return false;
  handOn();
  return true;
}

void OutputLog::handOn() {
  Frames frames;
  std::size_t begin = 0;
  while (const std::size_t size = messageSize(begin)) {
    frames.resize(numberAt(buffer_, begin));
    std::size_t at = begin + sizeof(std::uint32_t);
    for (std::string& frame : frames) {
      const std::uint32_t length = numberAt(buffer_, at);
      frame.assign(buffer_, at + sizeof(length), length);
      at += sizeof(length) + length;
    }
    begin += size;
    offset_ += size;
    on_message_(frames);
  }
  buffer_.erase(0, begin);
}

// Of the message that begins there in the buffer; 0 if it is not there in full.
std::size_t OutputLog::messageSize(std::size_t begin) {
  if (buffer_.size() < begin + sizeof(std::uint32_t)) return 0;
  const std::uint32_t frames = numberAt(buffer_, begin);
  is_broken_ |= frames == 0 || frames > kMaxFrames;
  std::size_t at = begin + sizeof(std::uint32_t);
  for (std::uint32_t frame = 0; frame < frames && !is_broken_; ++frame) {
    if (buffer_.size() < at + sizeof(std::uint32_t)) return 0;
    const std::uint32_t length = numberAt(buffer_, at);
    is_broken_ |= length > kMaxFrameBytes;
    at += sizeof(length) + length;
  }
  if (is_broken_)
    KJ_LOG(ERROR, "the kernel's output log is damaged; its output is not read on", offset_);
  return is_broken_ || buffer_.size() < at ? 0 : at - begin;
}

void OutputLog::forgetBefore(std::uint64_t offset) {
  constexpr std::uint64_t kBlock = 4096;
  const std::uint64_t end = offset / kBlock * kBlock;
  if (end <= forgotten_before_) return;
  // A file system that cannot do it keeps what it has.
  ::fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
              static_cast<off_t>(forgotten_before_ / kBlock * kBlock),
              static_cast<off_t>(end - forgotten_before_ / kBlock * kBlock));
  forgotten_before_ = end;
}

}  // namespace glaux::plugins
