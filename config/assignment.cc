#include "config/assignment.h"

#include <charconv>
#include <optional>

namespace glaux::config {
namespace {

using std::optional;
using std::string;

optional<std::int64_t> numberOf(const Assignment& assignment) {
  if (const auto* number = std::get_if<std::int64_t>(&assignment.value)) return *number;
  const auto* spelled = std::get_if<Spelled>(&assignment.value);
  if (spelled == nullptr) return std::nullopt;
  std::int64_t number = 0;
  const char* end = spelled->text.data() + spelled->text.size();
  const auto [rest, error] = std::from_chars(spelled->text.data(), end, number);
  if (error != std::errc() || rest != end) return std::nullopt;
  return number;
}

optional<bool> switchOf(const Assignment& assignment) {
  if (const auto* value = std::get_if<bool>(&assignment.value)) return *value;
  const auto* spelled = std::get_if<Spelled>(&assignment.value);
  if (spelled != nullptr && spelled->text == "true") return true;
  if (spelled != nullptr && spelled->text == "false") return false;
  return std::nullopt;
}

string shown(const Assignment& assignment) {
  struct Show {
    string operator()(const Spelled& value) const { return "'" + value.text + "'"; }
    string operator()(const string& value) const { return "\"" + value + "\""; }
    string operator()(std::int64_t value) const { return std::to_string(value); }
    string operator()(bool value) const { return value ? "true" : "false"; }
    string operator()(const Fraction& value) const { return value.text; }
    string operator()(const EmptyGroup&) const { return "an object"; }
    string operator()(const Unusable& value) const { return value.shown; }
  };
  return std::visit(Show{}, assignment.value);
}

// Stores the value if it is allowed; otherwise answers what is wrong with it, if there is more to
// say than what is allowed. Outer nullopt: stored.
optional<string> store(const Setting& setting, const Assignment& assignment, Options& options) {
  if (const auto* member = std::get_if<TextMember>(&setting.member)) {
    const auto text = textOf(assignment);
    if (!text) return "it is not a text";
    if (text->find('\0') != string::npos) return "it contains a NUL byte";
    if (setting.fault != nullptr) {
      if (auto fault = setting.fault(*text)) return fault;
    }
    (*member)(options) = *text;
    return std::nullopt;
  }
  if (const auto* member = std::get_if<NumberMember>(&setting.member)) {
    const auto number = numberOf(assignment);
    if (!number) return "it is not a whole number";
    if (*number < setting.range.min) return "it is too small";
    if (*number > setting.range.max) return "it is too large";
    (*member)(options) = *number;
    return std::nullopt;
  }
  const auto value = switchOf(assignment);
  if (!value) return "it is neither";
  std::get<SwitchMember>(setting.member)(options) = *value;
  return std::nullopt;
}

}  // namespace

optional<string> textOf(const Assignment& assignment) {
  if (const auto* spelled = std::get_if<Spelled>(&assignment.value)) return spelled->text;
  if (const auto* text = std::get_if<string>(&assignment.value)) return *text;
  return std::nullopt;
}

Problem notAllowed(const Assignment& assignment, std::string_view fault, std::string_view allowed) {
  return {.setting = assignment.name,
          .text = shown(assignment) + " is not allowed: " + string(fault) + "; allowed is " +
                  string(allowed),
          .origin = assignment.origin};
}

void assign(const Setting& setting, const Assignment& assignment, Options& options,
            std::vector<Problem>& problems) {
  const auto fault = store(setting, assignment, options);
  if (fault) problems.push_back(notAllowed(assignment, *fault, allowedText(setting)));
}

bool isGroup(std::string_view name) {
  for (const Setting& setting : settings()) {
    if (setting.name.starts_with(string(name) + ".")) return true;
  }
  return false;
}

Problem unknownSetting(std::string_view name, string origin, string (*spelling)(const Setting&)) {
  string text = "there is no such setting";
  if (isGroup(name)) {
    text = "this is a group of settings; give it as an object";
  } else if (const Setting* nearest = nearestSetting(name)) {
    text += "; did you mean " + spelling(*nearest) + "?";
  }
  return {.setting = string(name), .text = std::move(text), .origin = std::move(origin)};
}

}  // namespace glaux::config
