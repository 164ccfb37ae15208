// A value given for a setting, before it is known to be any good.
#pragma once

#include <cstdint>
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

// From the file, of a kind no setting takes; shown: "a list", "1.5".
struct Unusable {
  std::string shown;
};

struct Assignment {
  std::string name;  // as given; dotted for the file
  std::variant<Spelled, std::string, std::int64_t, bool, Unusable> value;
  std::string origin;  // see Problem::origin
};

// Gives the setting its value, or says why not: wrong type, or not allowed.
void assign(const Setting& setting, const Assignment& assignment, Options& options,
            std::vector<Problem>& problems);

// The problem of a name that is no setting; spelling: how that source would spell the suggestion.
Problem unknownSetting(std::string_view name, std::string origin,
                       std::string (*spelling)(const Setting&));

}  // namespace glaux::config
