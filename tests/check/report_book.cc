#include "tests/check/report_book.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "plugins/protocol/report_codec.h"
#include "tests/check/fault.h"

namespace glaux::plugins::check {
namespace {

std::int64_t nowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

ReportBook::ReportBook()
    : spool_fd_(::open("spool", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600)) {}

ReportBook::~ReportBook() { ::close(spool_fd_); }

void ReportBook::append(decltype(Report::what) what) {
  last_ += has("skips-a-number") && last_ == 9 ? 2 : 1;
  Report report{last_, has("lives-in-1970") ? 0 : nowMs(), std::move(what)};
  if (!has("forgets-the-spool")) spool(report);
  reports_.push_back(std::move(report));
  on_change();
}

void ReportBook::spool(const Report& report) const {
  capnp::MallocMessageBuilder message;
  writeReport(report, message.initRoot<protocol::Report>());
  kj::Array<capnp::word> words = capnp::messageToFlatArray(message);
  const auto bytes = words.asBytes();
  [[maybe_unused]] const ssize_t written = ::write(spool_fd_, bytes.begin(), bytes.size());
}

std::vector<Report> ReportBook::from(std::uint64_t number) const {
  std::vector<Report> found;
  for (const Report& report : reports_) {
    if (report.number >= number) found.push_back(report);
  }
  return found;
}

void ReportBook::acknowledge(std::uint64_t through) {
  acknowledged_ = std::max(acknowledged_, std::min(through, last_));
  if (has("sends-the-acknowledged-again")) return;
  while (!reports_.empty() && reports_.front().number <= through) reports_.pop_front();
  if (reports_.empty() && !has("keeps-the-spool-full")) {
    [[maybe_unused]] const int truncated = ::ftruncate(spool_fd_, 0);
  }
  on_change();
}

}  // namespace glaux::plugins::check
