// glauxd's command line: settings from flags, environment, a file and defaults, in that order of
// precedence, checked against the table of settings.
#pragma once

#include <map>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "config/options.h"

namespace glaux::config {

enum class Verb { kRun, kCheckConfig, kPrintConfig, kVersion, kHelp };

struct ParsedCommand {
  Verb verb = Verb::kRun;
  Options options;
  std::string config_file;  // empty: none was named
};

// Something the operator has to correct.
struct Problem {
  std::string setting;  // "http.max_body_bytes"; empty when it is not about one setting
  std::string text;     // what was given and what is allowed
  std::string origin;   // "/etc/glaux.json:12", "GLAUX_LISTEN", "--listen"
};

// "--listen: setting 'listen' is …" on one line.
std::string describe(const Problem& problem);

// Environment variables by name; only those that begin with GLAUX_ matter.
using Environment = std::map<std::string, std::string>;
Environment environmentOf(const char* const* envp);

// Reads the command line, the GLAUX_… variables and the file named by --config or GLAUX_CONFIG.
// Errors: all problems found, not only the first; the caller prints them and exits with status 2.
// For the verbs help, version and print-config the settings are not read.
tl::expected<ParsedCommand, std::vector<Problem>> parseCommandLine(int argc,
                                                                   const char* const* argv,
                                                                   const Environment& environment);

// What `glauxd help` prints: verbs, and every setting with its flag, default and range.
std::string helpText();

// What `glauxd print-config` prints: a settings file with every setting at its default, commented.
std::string exampleFile();

}  // namespace glaux::config
