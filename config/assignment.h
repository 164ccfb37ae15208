// A value given for a setting, before it is known to be any good.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/command_line.h"
#include "config/option_table.h"

namespace glaux::config {

// From a flag or the environment: the setting's type decides what it means.
struct Spelled {
  std::string text;
};

// From the file: a number that is not a whole one of 64 bits, as it stands there.
struct Fraction {
  std::string text;
};

// From the file: an object without members.
struct EmptyGroup {};

// From the file, of a kind nothing takes; shown: "a list".
struct Unusable {
  std::string shown;
};

struct Assignment {
  std::string name;  // as given; dotted for the file
  std::variant<Spelled, std::string, std::int64_t, bool, Fraction, EmptyGroup, Unusable> value;
  std::string origin;             // see Problem::origin
  std::vector<std::string> path;  // in the file: the keys that lead to it, from the outermost
};

// Nothing if the value is not a text.
std::optional<std::string> textOf(const Assignment& assignment);

// "5 is not allowed: it is not a text; allowed is a directory".
Problem notAllowed(const Assignment& assignment, std::string_view fault, std::string_view allowed);

// Gives the setting its value, or says why not: wrong type, or not allowed.
void assign(const Setting& setting, const Assignment& assignment, Options& options,
            std::vector<Problem>& problems);

// Whether settings have names that begin with this and a dot.
bool isGroup(std::string_view name);

// The problem of a name that is no setting; spelling: how that source would spell the suggestion.
Problem unknownSetting(std::string_view name, std::string origin,
                       std::string (*spelling)(const Setting&));

}  // namespace glaux::config
