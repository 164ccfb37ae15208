// The texts made from the table of settings and the sections: --help and the example file.
#include <algorithm>
#include <vector>

#include "config/command_line.h"
#include "config/option_table.h"
#include "config/sections.h"

namespace glaux::config {
namespace {

using std::string;
using std::string_view;

constexpr std::size_t kWidth = 90;

// text in lines of at most kWidth characters, each beginning with indent.
string wrapped(string_view text, const string& indent) {
  string out;
  string line;
  while (!text.empty()) {
    const string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (!line.empty() && indent.size() + line.size() + 1 + word.size() > kWidth) {
      out += indent + line + "\n";
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  return out + indent + line + "\n";
}

string_view groupOf(const Setting& setting) {
  const auto dot = setting.name.find('.');
  return dot == string_view::npos ? string_view() : setting.name.substr(0, dot);
}

string_view lastNameOf(const Setting& setting) {
  return setting.name.substr(setting.name.rfind('.') + 1);
}

string capitalized(string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text;
}

string reloadText(const Setting& setting) {
  return setting.reload == Reload::kLive ? " Taken over by a reload (SIGHUP)." : "";
}

string helpOf(const Setting& setting) {
  const string shown = valueText(setting, Options{});
  const string fallback = shown == "\"\"" ? "empty" : shown;
  return "  " + flagOf(setting) + " " + string(setting.placeholder) + "\n" +
         wrapped(setting.help, "      ") +
         wrapped("Default: " + fallback + ". Allowed: " + allowedText(setting) + "." +
                     reloadText(setting),
                 "      ");
}

string exampleOf(const Setting& setting, const string& indent, bool is_last) {
  return wrapped(setting.help, indent + "// ") +
         wrapped(capitalized(allowedText(setting)) + "." + reloadText(setting), indent + "// ") +
         indent + "\"" + string(lastNameOf(setting)) + "\": " + valueText(setting, Options{}) +
         (is_last ? "\n" : ",\n");
}

constexpr string_view kOnlyInTheFile =
    "An object. Only in the settings file. Taken over by a reload (SIGHUP), for sessions that "
    "start from then on. For instance:";

string helpOf(const Section& section) {
  return "  \"" + string(section.name) + "\"\n" + wrapped(section.help, "      ") +
         wrapped(kOnlyInTheFile, "      ") + "        " + string(section.example) + "\n";
}

string exampleOf(const Section& section) {
  return wrapped(section.help, "  // ") + wrapped(kOnlyInTheFile, "  // ") + "  //   " +
         string(section.example) + "\n  \"" + string(section.name) + "\": {}";
}

}  // namespace

string helpText() {
  string out =
      "glauxd runs sessions and calculations behind the Amazon Athena for Apache Spark API.\n"
      "\n"
      "Usage: glauxd [VERB] [--config FILE] [--SETTING VALUE]...\n"
      "\n"
      "Verbs:\n"
      "  run            Serve until SIGTERM or SIGINT. The default.\n"
      "  check-config   Read all settings as run would, report every problem, and exit.\n"
      "  print-config   Print a settings file with every setting at its default.\n"
      "  version        Print the version. Also --version.\n"
      "  help           Print this. Also --help.\n"
      "\n"
      "A setting is taken from its flag, else from the environment (--http-max-body-bytes is\n"
      "GLAUX_HTTP_MAX_BODY_BYTES), else from the settings file, else it has its default.\n"
      "\n"
      "  --config FILE\n"
      "      The settings file: JSON, comments allowed. Also GLAUX_CONFIG. Default: none.\n";
  string_view group = "none yet";
  for (const Setting& setting : settings()) {
    if (groupOf(setting) != group) {
      group = groupOf(setting);
      out += "\n" + (group.empty() ? "General" : capitalized(string(group))) + ":\n";
    }
    out += helpOf(setting);
  }
  out += "\nExecutors and engines:\n";
  for (const Section& section : sections()) out += helpOf(section);
  return out;
}

string exampleFile() {
  string out =
      "// Settings of glauxd, each at its default. Leave out what you do not change.\n"
      "// Flags and GLAUX_... environment variables take precedence; see glauxd help.\n"
      "{\n";
  const auto table = settings();
  for (std::size_t i = 0; i < table.size(); ++i) {
    const string_view group = groupOf(table[i]);
    const bool begins = !group.empty() && (i == 0 || groupOf(table[i - 1]) != group);
    const bool ends = !group.empty() && (i + 1 == table.size() || groupOf(table[i + 1]) != group);
    if (i > 0) out += "\n";
    if (begins) out += "  \"" + string(group) + "\": {\n";
    out += exampleOf(table[i], group.empty() ? "  " : "    ", ends);
    if (ends) out += "  },\n";
  }
  for (const Section& section : sections()) {
    out += "\n" + exampleOf(section);
    out += &section == &sections().back() ? "\n" : ",\n";
  }
  return out + "}\n";
}

}  // namespace glaux::config
