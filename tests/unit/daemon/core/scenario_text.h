#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/effects.h"
#include "daemon/core/events.h"

// The words of scenario files: names for ids, times, and how events and effects are written.
// tests/scenarios/README.md describes the format.
namespace glaux::core {

// "s1" and the id it stands for, both ways.
class Names {
 public:
  void bind(const std::string& name, const IdBytes& id);
  std::optional<IdBytes> find(const std::string& name) const;
  // The id itself if nothing was bound to it.
  std::string nameOf(const IdBytes& id) const;

 private:
  std::map<std::string, IdBytes> ids_;
  std::map<IdBytes, std::string> names_;
};

using Words = std::vector<std::string>;

// Splits at blanks, and at none between double quotes, which are dropped.
Words wordsOf(std::string_view text);

// Splits at `separator`, and at none between double quotes. "" has no parts.
std::vector<std::string> partsOf(std::string_view text, std::string_view separator);

// "500ms", "62s", "20m", "24h", in milliseconds.
std::optional<std::int64_t> parseDuration(std::string_view text);

// A moment, as a duration since `start`: "62s", or "62500ms" if it is not a whole second.
std::string timeText(Timestamp at, Timestamp start);

struct ScenarioContext {
  const Names& names;
  Timestamp start;
};

// The event's name, what it is about, then its members as name=value.
Words textOf(const Event& event, const ScenarioContext& in);
Words textOf(const Effect& effect, const ScenarioContext& in);

}  // namespace glaux::core
