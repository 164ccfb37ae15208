#include "plugins/check/expect.h"

namespace glaux::plugins::check {
namespace {

constexpr std::size_t kShownBytes = 200;

std::string listed(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : ", ") + line;
  return "[" + text + "]";
}

}  // namespace

void fail(const std::string& what) { throw Failed{what}; }

void skip(const std::string& why) { throw Skipped{why}; }

void expect(bool is_true, const std::string& otherwise) {
  if (!is_true) fail(otherwise);
}

void expectEqual(std::string_view what, std::string_view seen, std::string_view expected) {
  expect(seen == expected,
         std::string(what) + " is " + inQuotes(seen) + " instead of " + inQuotes(expected));
}

void expectEqual(std::string_view what, std::int64_t seen, std::int64_t expected) {
  expect(seen == expected, std::string(what) + " is " + std::to_string(seen) + " instead of " +
                               std::to_string(expected));
}

void expectAtLeast(std::string_view what, std::int64_t seen, std::int64_t least) {
  expect(seen >= least, std::string(what) + " is " + std::to_string(seen) + ", expected at least " +
                            std::to_string(least));
}

void expectAtMost(std::string_view what, std::int64_t seen, std::int64_t most) {
  expect(seen <= most, std::string(what) + " is " + std::to_string(seen) + ", expected at most " +
                           std::to_string(most));
}

void expectContains(std::string_view what, std::string_view seen, std::string_view part) {
  expect(seen.find(part) != std::string_view::npos,
         std::string(what) + " is " + inQuotes(seen) + " without " + inQuotes(part));
}

void expectEqual(std::string_view what, const std::vector<std::string>& seen,
                 const std::vector<std::string>& expected) {
  expect(seen == expected,
         std::string(what) + ": expected " + listed(expected) + ", seen " + listed(seen));
}

std::string inQuotes(std::string_view text) {
  std::string shown(text.substr(0, kShownBytes));
  if (text.size() > kShownBytes) shown += "… (" + std::to_string(text.size()) + " bytes)";
  for (std::size_t at = shown.find('\n'); at != std::string::npos; at = shown.find('\n', at))
    shown.replace(at, 1, "\\n");
  return "\"" + shown + "\"";
}

}  // namespace glaux::plugins::check
