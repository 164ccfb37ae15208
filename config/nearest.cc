#include "config/nearest.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace glaux::config {
namespace {

// Longer words are not looked at: the time grows with their length.
constexpr std::size_t kLongest = 100;

// Levenshtein's distance: insertions, deletions and replacements that turn one into the other.
std::size_t editDistance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::size_t> nearest(std::string_view mistyped, std::span<const std::string> names) {
  if (mistyped.size() > kLongest) return std::nullopt;
  std::optional<std::size_t> found;
  std::size_t least = mistyped.size() / 3 + 1;  // more than this is another word
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::size_t distance = editDistance(mistyped, names[i]);
    if (distance > least || (found && distance == least)) continue;
    found = i;
    least = distance;
  }
  return found;
}

}  // namespace glaux::config
