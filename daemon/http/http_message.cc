#include "daemon/http/http_message.h"

#include <algorithm>

namespace glaux::daemon {
namespace {

char toLowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool equalIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return toLowerAscii(x) == toLowerAscii(y);
         });
}

void HeaderList::add(std::string_view name, std::string_view value) {
  const auto name_begin = static_cast<std::uint32_t>(text_.size());
  const auto value_begin = name_begin + static_cast<std::uint32_t>(name.size());
  text_.append(name).append(value);
  extents_.push_back({name_begin, value_begin, static_cast<std::uint32_t>(text_.size())});
}

HeaderList::Field HeaderList::at(std::size_t index) const {
  const Extent& extent = extents_[index];
  const std::string_view text = text_;
  return {text.substr(extent.name_begin, extent.value_begin - extent.name_begin),
          text.substr(extent.value_begin, extent.value_end - extent.value_begin)};
}

std::optional<std::string_view> HeaderList::find(std::string_view name) const {
  for (std::size_t i = 0; i < size(); ++i) {
    if (const Field field = at(i); equalIgnoringCase(field.name, name)) return field.value;
  }
  return std::nullopt;
}

}  // namespace glaux::daemon
