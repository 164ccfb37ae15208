#include "daemon/objects/query_parameters.h"

#include <algorithm>
#include <charconv>

#include "daemon/objects/object_path.h"

namespace glaux::daemon {
namespace {

/// In a query "+" stands for a space; SDKs send %20, forms and some scripts "+".
std::optional<std::string> decode(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return percentDecode(spaced);
}

}  // namespace

std::optional<QueryParameters> QueryParameters::parse(std::string_view query) {
  QueryParameters parsed;
  while (!query.empty()) {
    const std::string_view parameter = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), parameter.size() + 1));
    if (parameter.empty()) continue;
    const std::string_view raw_name = parameter.substr(0, parameter.find('='));
    auto name = decode(raw_name);
    auto value = decode(parameter.substr(std::min(parameter.size(), raw_name.size() + 1)));
    if (!name || !value) return std::nullopt;
    parsed.parameters_.emplace_back(std::move(*name), std::move(*value));
  }
  return parsed;
}

const std::string* QueryParameters::find(std::string_view name) const {
  for (const auto& [each, value] : parameters_) {
    if (each == name) return &value;
  }
  return nullptr;
}

std::string_view QueryParameters::value(std::string_view name) const {
  const std::string* found = find(name);
  return found == nullptr ? std::string_view{} : *found;
}

std::optional<int> QueryParameters::number(std::string_view name, int least, int fallback) const {
  const std::string_view text = value(name);
  if (text.empty()) return fallback;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < least) {
    return std::nullopt;
  }
  return number;
}

}  // namespace glaux::daemon
