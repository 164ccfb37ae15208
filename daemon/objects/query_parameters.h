#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace glaux::daemon {

/// The parameters of a URL's query, decoded. Names are compared exactly, as S3 does.
class QueryParameters {
 public:
  /// From "a=b&c&d=%20"; a name without "=" has an empty value. nullopt if an escape is malformed.
  static std::optional<QueryParameters> parse(std::string_view query);

  bool has(std::string_view name) const { return find(name) != nullptr; }

  /// Of the first parameter of that name; empty if there is none.
  std::string_view value(std::string_view name) const;

  /// A decimal number from `least` to INT_MAX, `fallback` if there is no such parameter or it is
  /// empty; nullopt if it is something else.
  std::optional<int> number(std::string_view name, int least, int fallback) const;

 private:
  const std::string* find(std::string_view name) const;

  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace glaux::daemon
