#include "daemon/objects/preconditions.h"

namespace glaux::daemon {
namespace {

std::string_view bare(std::string_view tag) {
  if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') {
    tag.remove_prefix(1);
    tag.remove_suffix(1);
  }
  return tag;
}

}  // namespace

bool listsTag(std::string_view list, std::string_view tag) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view item = list.substr(0, comma);
    const std::size_t begin = item.find_first_not_of(" \t");
    item = begin == std::string_view::npos ? std::string_view{} : item.substr(begin);
    item = item.substr(0, item.find_last_not_of(" \t") + 1);
    if (item.starts_with("W/")) item.remove_prefix(2);
    // S3's clients may leave the quotes out.
    if (item == "*" || (!item.empty() && bare(item) == bare(tag))) return true;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace glaux::daemon
