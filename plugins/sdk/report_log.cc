#include "plugins/sdk/report_log.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <utility>

#include "plugins/protocol/report_codec.h"
#include "plugins/protocol/spool.h"

namespace glaux::plugins {
namespace {

std::int64_t wallClockMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

ReportLog::ReportLog(const std::filesystem::path& session_directory)
    : spool_fd_(::open((session_directory / "spool").c_str(),
                       O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
  if (spool_fd_ < 0) std::fprintf(stderr, "the spool cannot be opened: %s\n", std::strerror(errno));
}

ReportLog::ReportLog(const std::filesystem::path& session_directory,
                     std::uint64_t journaled_through)
    : ReportLog(session_directory, readSpool(session_directory), journaled_through) {}

ReportLog::ReportLog(const std::filesystem::path& session_directory,
                     tl::expected<std::vector<Report>, Error> spooled,
                     std::uint64_t journaled_through)
    : ReportLog(session_directory) {
  last_number_ = journaled_through;
  if (!spooled) std::fprintf(stderr, "%s\n", spooled.error().message.c_str());
  if (!spooled) return;
  for (Report& report : *spooled) {
    if (report.number != last_number_ + 1) continue;  // journaled
    last_number_ = report.number;
    spool(report);
    reports_.push_back(std::move(report));
  }
}

ReportLog::~ReportLog() {
  if (spool_fd_ >= 0) ::close(spool_fd_);
}

void ReportLog::append(decltype(Report::what) what) {
  Report report{++last_number_, wallClockMs(), std::move(what)};
  spool(report);
  reports_.push_back(std::move(report));
  on_change_();
}

std::vector<Report> ReportLog::read(std::uint64_t from, std::size_t limit) const {
  const std::uint64_t oldest = acknowledgedThrough() + 1;
  const std::size_t begin =
      std::min<std::size_t>(from > oldest ? from - oldest : 0, reports_.size());
  const std::size_t count = std::min(limit, reports_.size() - begin);
  const auto first = reports_.begin() + static_cast<std::ptrdiff_t>(begin);
  return {first, first + static_cast<std::ptrdiff_t>(count)};
}

bool ReportLog::hasEnded() const {
  return !reports_.empty() && std::holds_alternative<SessionEnded>(reports_.back().what);
}

bool ReportLog::hasFinished(const std::string& calculation_id) const {
  return std::any_of(reports_.begin(), reports_.end(), [&](const Report& report) {
    const auto* finished = std::get_if<CalculationFinished>(&report.what);
    return finished != nullptr && finished->calculation_id == calculation_id;
  });
}

void ReportLog::acknowledge(std::uint64_t through) {
  while (!reports_.empty() && reports_.front().number <= through) reports_.pop_front();
  if (reports_.empty()) truncateSpool(0);
  on_change_();
}

void ReportLog::spool(const Report& report) {
  capnp::MallocMessageBuilder message;
  writeReport(report, message.initRoot<protocol::Report>());
  kj::Array<capnp::word> words = capnp::messageToFlatArray(message);
  const auto bytes = words.asBytes();
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (::write(spool_fd_, bytes.begin(), bytes.size()) == size) {
    spool_size_ += size;
    return;
  }
  std::fprintf(stderr, "report %llu cannot be spooled: %s\n",
               static_cast<unsigned long long>(report.number), std::strerror(errno));
  truncateSpool(spool_size_);  // half a report would hide those behind it
}

void ReportLog::truncateSpool(std::int64_t size) {
  if (spool_fd_ < 0 || ::ftruncate(spool_fd_, size) != 0) return;
  spool_size_ = size;
}

}  // namespace glaux::plugins
