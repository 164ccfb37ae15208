// glauxctl: what can be done to a journal without its daemon.

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <csignal>
#include <cstdio>
#include <string>

#include "daemon/ctl/exit_code.h"
#include "daemon/ctl/journal_dump.h"
#include "daemon/ctl/journal_verify.h"
#include "daemon/ctl/time_text.h"

namespace {

using namespace glaux;

constexpr const char* kExamples = R"(Examples:
  glauxctl journal verify --state-dir /var/lib/glaux
      Is everything in there as it was written?
  glauxctl journal dump --state-dir /var/lib/glaux --limit 10
      The first ten records, a line of JSON each.
  glauxctl journal dump --help
      How to choose records.

Both read a running daemon's directory, a stopped one's, or a copy, and change nothing.
Exit codes: 0 all is well, 1 problems were found or it failed, 2 wrong usage.)";

constexpr const char* kDumpExamples = R"(Examples:
  Everything about one session, its calculations included:
    glauxctl journal dump --state-dir DIR --session 5fae2c7a-8f3c-4b61-a0f3-1f7a2b9c4d10
  Who started sessions this morning:
    glauxctl journal dump --state-dir DIR --operation StartSession --since 2026-11-21 |
        jq -r '[.time, .principal] | @tsv'
  What was refused, and why:
    glauxctl journal dump --state-dir DIR | jq 'select(.rejection)'
  Which sessions failed:
    glauxctl journal dump --state-dir DIR | jq -r '.events[]? | select(.type=="SessionFailed")'

A record has the members sequence, time, source (api, executor, deadline, daemon), principal,
requestId, operation, request, leafHash, and either events or rejection; those without a value are
left out. A record whose payload this version cannot read has "unreadable" with the reason.
TIME is 2026-11-21, 2026-11-21T08:30:00 (UTC, or with an offset such as +01:00), or seconds since
1970.)";

constexpr const char* kVerifyExamples = R"(Checks that
  - every record is there, has its leaf hash and can be read, and so have the requests kept beside
  - the journal reaches as far as HEAD says
  - the records make sense one after the other, and give the state in the latest snapshot
  - the views are, row by row, what the records give
and prints one line for each problem, then a summary.

Views beside a running daemon are compared as far as it has flushed them. A copy has to be of one
moment: of a stopped daemon's directory, or from a file system's snapshot.

Example:
  glauxctl journal verify --state-dir /var/lib/glaux)";

const CLI::Validator kTime(
    [](const std::string& text) {
      return daemon::parseTimeText(text) ? std::string()
                                         : "'" + text +
                                               "' is no time; write 2026-11-21, "
                                               "2026-11-21T08:30:00Z or seconds since 1970";
    },
    "TIME");

const CLI::Validator kSessionId(
    [](const std::string& text) {
      return core::parseIdText(text) ? std::string()
                                     : "'" + text +
                                           "' is no session id; they look like "
                                           "5fae2c7a-8f3c-4b61-a0f3-1f7a2b9c4d10, in lower case";
    },
    "ID");

// What the words on the command line say, as text.
struct Words {
  std::string state_directory;
  std::string session, operation, since, until;
  std::uint64_t from = 1;
  std::uint64_t limit = 0;  // 0: none was given
};

void addStateDirectory(CLI::App* verb, Words& words) {
  verb->add_option("--state-dir", words.state_directory, "The daemon's state directory, or a copy")
      ->required()
      ->type_name("DIR");
}

CLI::App* addDump(CLI::App* journal, Words& words) {
  CLI::App* dump = journal->add_subcommand("dump", "Print records as JSON, one a line");
  dump->footer(kDumpExamples);
  addStateDirectory(dump, words);
  dump->add_option("--session", words.session, "Records that concern this session")
      ->check(kSessionId);
  dump->add_option("--since", words.since, "Records of this time or later")->check(kTime);
  dump->add_option("--until", words.until, "Records before this time")->check(kTime);
  dump->add_option("--operation", words.operation,
                   "Records of this operation: StartSession, ReceiveReports, ReachDeadline, …")
      ->type_name("NAME");
  dump->add_option("--from", words.from, "Records from this sequence number on")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  dump->add_option("--limit", words.limit, "At most so many records")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  return dump;
}

CLI::App* addVerify(CLI::App* journal, Words& words) {
  CLI::App* verify = journal->add_subcommand("verify", "Check everything against everything else");
  verify->footer(kVerifyExamples);
  addStateDirectory(verify, words);
  return verify;
}

daemon::DumpOptions dumpOptions(const Words& words) {
  daemon::DumpOptions options;
  options.state_directory = words.state_directory;
  options.criteria.session = core::parseId<core::SessionId>(words.session);
  options.criteria.since = daemon::parseTimeText(words.since);
  options.criteria.until = daemon::parseTimeText(words.until);
  options.criteria.from = words.from;
  if (!words.operation.empty()) options.criteria.operation = words.operation;
  if (words.limit > 0) options.limit = words.limit;
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app("glauxctl looks into the journal of a glaux daemon.", "glauxctl");
  app.set_version_flag("--version", "glauxctl " GLAUX_VERSION);
  app.require_subcommand(1);
  app.footer(kExamples);
  Words words;
  CLI::App* journal = app.add_subcommand("journal", "Read a journal; no daemon is needed");
  journal->require_subcommand(1);
  journal->footer(kExamples);
  const CLI::App* dump = addDump(journal, words);
  addVerify(journal, words);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? daemon::kExitOk : daemon::kExitUsage;
  }
  if (dump->parsed()) return daemon::dumpJournal(dumpOptions(words), stdout);
  return daemon::verifyJournal(words.state_directory);
}
