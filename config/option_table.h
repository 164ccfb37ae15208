// The one table of settings; sections.h has what does not fit into one. It drives the settings
// file, flags, environment variables, --help and the example file. Defaults are the initial values
// in options.h.
//
// A setting has one dotted name and three spellings made from it:
//   journal.head_interval_ms   {"journal": {"head_interval_ms": …}}   in the file
//                              --journal-head-interval-ms             as a flag
//                              GLAUX_JOURNAL_HEAD_INTERVAL_MS         in the environment
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/options.h"

namespace glaux::config {

using TextMember = std::string& (*)(Options&);
using NumberMember = std::int64_t& (*)(Options&);
using SwitchMember = bool& (*)(Options&);

struct Range {
  std::int64_t min = 0;
  std::int64_t max = 0;
};

// Whether a running daemon takes the new value when its settings are read again.
enum class Reload { kAtRestart, kLive };

struct Setting {
  std::string_view name;
  std::string_view placeholder;  // what stands for the value in --help
  std::variant<TextMember, NumberMember, SwitchMember> member;
  Range range{};                                              // numbers
  std::string_view allowed{};                                 // texts: what is allowed, in words
  std::optional<std::string> (*fault)(const std::string&){};  // texts: what is wrong with a value
  Reload reload = Reload::kAtRestart;
  std::string_view help;
};

// In the order of --help and the example file; groups are contiguous.
std::span<const Setting> settings();

// nullptr: there is none of that name.
const Setting* findSetting(std::string_view name);

// The setting whose name is closest to a mistyped one, in any of the three spellings. nullptr:
// none is close enough to be worth suggesting.
const Setting* nearestSetting(std::string_view mistyped);

std::string flagOf(const Setting& setting);      // "--http-max-body-bytes"
std::string variableOf(const Setting& setting);  // "GLAUX_HTTP_MAX_BODY_BYTES"

// "a whole number from 1 to 480", "true or false", "HOST:PORT of this machine's loopback"
std::string allowedText(const Setting& setting);

// The setting's value as JSON text.
std::string valueText(const Setting& setting, const Options& options);

// What a running daemon may take from newly read settings: the live ones and the sections of
// `fresh`, everything else as it is. Names of settings that differ but need a restart are appended
// to need_restart.
Options reload(const Options& running, const Options& fresh,
               std::vector<std::string>& need_restart);

}  // namespace glaux::config
