#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// How a case says what it found. Only the runner catches these.
namespace glaux::plugins::check {

// The executor broke the contract: what was expected, and what was seen.
struct Failed {
  std::string what;
};

// The case does not apply to this executor, and why.
struct Skipped {
  std::string why;
};

[[noreturn]] void fail(const std::string& what);
[[noreturn]] void skip(const std::string& why);

// Throws `Failed` unless it is true. `otherwise` says what was expected and what was seen.
void expect(bool is_true, const std::string& otherwise);

// `what` names the thing: "the greeting's pid".
void expectEqual(std::string_view what, std::string_view seen, std::string_view expected);
void expectEqual(std::string_view what, std::int64_t seen, std::int64_t expected);
void expectAtLeast(std::string_view what, std::int64_t seen, std::int64_t least);
void expectAtMost(std::string_view what, std::int64_t seen, std::int64_t most);
void expectContains(std::string_view what, std::string_view seen, std::string_view part);

// A sequence of lines, such as a story of reports.
void expectEqual(std::string_view what, const std::vector<std::string>& seen,
                 const std::vector<std::string>& expected);

// In quotes, cut in the middle if it is long.
std::string inQuotes(std::string_view text);

}  // namespace glaux::plugins::check
