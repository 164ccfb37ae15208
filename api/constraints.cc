#include "api/constraints.h"

#include <algorithm>
#include <optional>

#include "api/utf8.h"

namespace glaux::api::constraints::matches {
namespace {

bool isLower(char c) { return c >= 'a' && c <= 'z'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isAlphanumeric(char c) { return isLower(c) || (c >= 'A' && c <= 'Z') || isDigit(c); }
bool isLowerHex(char c) { return isDigit(c) || (c >= 'a' && c <= 'f'); }
bool isPartitionSuffix(char c) { return isLower(c) || c == '-'; }
bool isRegion(char c) { return isLower(c) || isDigit(c) || c == '-'; }
bool isResourceName(char c) {
  return isAlphanumeric(c) || std::string_view("_+=,.@-/").find(c) != std::string_view::npos;
}

template <typename Predicate>
bool all(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

template <typename Predicate>
bool some(std::string_view text, Predicate predicate) {
  return !text.empty() && all(text, predicate);
}

// Takes text up to the separator off the front. nullopt: there is no separator.
std::optional<std::string_view> takeUntil(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  if (end == std::string_view::npos) return std::nullopt;
  const auto part = text.substr(0, end);
  text.remove_prefix(end + 1);
  return part;
}

// "arn:aws…:<service>:<region>:<12 digits>:" off the front, with the region as the service has it.
template <typename Region>
bool takeArn(std::string_view& text, std::string_view service, Region is_region) {
  if (takeUntil(text, ':') != "arn") return false;
  const auto partition = takeUntil(text, ':');
  if (!partition || !partition->starts_with("aws") ||
      !all(partition->substr(3), isPartitionSuffix)) {
    return false;
  }
  if (takeUntil(text, ':') != service) return false;
  const auto region = takeUntil(text, ':');
  if (!region || !is_region(*region)) return false;
  const auto account = takeUntil(text, ':');
  return account && account->size() == 12 && all(*account, isDigit);
}

bool isResource(std::string_view text, std::string_view kind) {
  return text.starts_with(kind) && some(text.substr(kind.size()), isResourceName);
}

}  // namespace

bool workGroupName(std::string_view value) {
  return value.size() <= 128 &&
         some(value, [](char c) { return isAlphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

bool printable(std::string_view value) {
  while (!value.empty()) {
    const auto [code_point, bytes] = firstCharacter(value);
    if (bytes == 0 || (code_point < 0x20 && code_point != '\t')) return false;
    if (code_point == 0xFFFE || code_point == 0xFFFF) return false;
    value.remove_prefix(bytes);
  }
  return true;
}

bool notebookName(std::string_view value) {
  return !value.empty() && value.find_first_of("/:\\") == std::string_view::npos &&
         printable(value);
}

bool uuid(std::string_view value) {
  if (value.size() != 36) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? value[i] != '-' : !isLowerHex(value[i])) return false;
  }
  return true;
}

bool roleArn(std::string_view value) {
  return takeArn(value, "iam", [](std::string_view region) { return region.empty(); }) &&
         isResource(value, "role");
}

bool kmsKey(std::string_view value) {
  if (uuid(value)) return true;
  if (value.starts_with("alias/")) {
    return some(value.substr(6),
                [](char c) { return isAlphanumeric(c) || c == '/' || c == '_' || c == '-'; });
  }
  return takeArn(value, "kms", [](std::string_view region) { return some(region, isRegion); }) &&
         (isResource(value, "key") || isResource(value, "alias"));
}

bool awsAccountId(std::string_view value) { return some(value, isDigit); }

bool s3Uri(std::string_view value) {
  const auto scheme = takeUntil(value, ':');
  if (scheme != "https" && scheme != "s3" && scheme != "S3") return false;
  if (!value.starts_with("//") || value.find_first_of("\r\n") != std::string_view::npos) {
    return false;
  }
  value.remove_prefix(2);
  return !value.empty() && value[0] != '/';
}

bool logGroup(std::string_view value) {
  return some(value, [](char c) {
    return isAlphanumeric(c) || c == '.' || c == '_' || c == '/' || c == '-';
  });
}

bool logStreamNamePrefix(std::string_view value) {
  return value.find_first_of(":*") == std::string_view::npos;
}

}  // namespace glaux::api::constraints::matches
