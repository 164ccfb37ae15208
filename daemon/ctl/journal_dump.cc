#include "daemon/ctl/journal_dump.h"

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <string>

#include "daemon/ctl/exit_code.h"
#include "daemon/ctl/record_json.h"
#include "daemon/recorded_request.h"
#include "journal/journal.h"

namespace glaux::daemon {
namespace {

class NameOnStderr final : public journal::Reporter {
 public:
  journal::Scan report(const journal::Problem& problem) override {
    std::fprintf(stderr, "glauxctl: %s\n", describe(problem).c_str());
    return journal::Scan::kContinue;
  }
};

class Dump {
 public:
  Dump(const journal::Journal& journal, const DumpOptions& options, std::FILE* out)
      : journal_(journal), filter_(options.criteria), left_(options.limit), out_(out) {}

  journal::Sequence first() const { return filter_.first(); }

  journal::Scan visit(const journal::Record& record) {
    if (left_ == 0) return journal::Scan::kStop;
    const bool is_known = record.kind == core::kRecordKind;
    if (!is_known) return showUnreadable(record, "of a kind that this version does not know");
    const auto body = core::decodeRecord(record.payload);
    return body ? show(record, *body) : showUnreadable(record, body.error());
  }

 private:
  journal::Scan show(const journal::Record& record, const core::RecordBody& body) {
    const auto request = [&] { return requestOf(journal_, body); };
    if (!filter_.accepts(record, body, [&] { return request().value_or(""); }))
      return journal::Scan::kContinue;
    return write(toJson(record, body, request()));
  }

  journal::Scan showUnreadable(const journal::Record& record, const std::string& reason) {
    if (!filter_.acceptsUnreadable(record)) return journal::Scan::kContinue;
    return write(unreadableToJson(record, reason));
  }

  journal::Scan write(const nlohmann::ordered_json& json) {
    const std::string line = toLine(json) + '\n';
    std::fwrite(line.data(), 1, line.size(), out_);
    --left_;
    return std::ferror(out_) ? journal::Scan::kStop : journal::Scan::kContinue;
  }

  const journal::Journal& journal_;
  RecordFilter filter_;
  std::uint64_t left_;
  std::FILE* out_;
};

int endOutput(std::FILE* out, int exit_code) {
  if (std::fflush(out) == 0 && !std::ferror(out)) return exit_code;
  if (errno == EPIPE) return exit_code;
  std::fprintf(stderr, "glauxctl: writing the output failed: %s\n", std::strerror(errno));
  return kExitProblems;
}

}  // namespace

int dumpJournal(const DumpOptions& options, std::FILE* out) {
  auto journal = journal::Journal::open(
      {.directory = options.state_directory, .access = journal::Access::kReadOnly});
  if (!journal) return cannotOpen(journal.error());

  Dump dump(**journal, options, out);
  NameOnStderr reporter;
  const auto end = (*journal)->replay(
      dump.first(), [&](const journal::Record& record) { return dump.visit(record); }, reporter);
  if (!end) {
    std::fprintf(stderr, "glauxctl: %s\n", end.error().message.c_str());
    return endOutput(out, kExitProblems);
  }
  return endOutput(out, end->problems == 0 ? kExitOk : kExitProblems);
}

}  // namespace glaux::daemon
