#include "api/s3_requests.h"

#include <charconv>
#include <pugixml.hpp>

namespace glaux::api {
namespace {

constexpr std::size_t kMaxDeletes = 1000;
constexpr int kMaxPartNumber = 10'000;

// Names are compared without their prefix: clients declare S3's namespace in different ways.
std::string_view localName(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  return name.substr(name.find(':') + 1);
}

pugi::xml_node root(const pugi::xml_document& document, std::string_view name) {
  const pugi::xml_node node = document.document_element();
  return localName(node) == name ? node : pugi::xml_node();
}

// The text of a child; nullopt if there is none of that name.
std::optional<std::string> textOf(const pugi::xml_node& parent, std::string_view name) {
  for (const pugi::xml_node& child : parent) {
    if (localName(child) == name) return std::string(child.text().get());
  }
  return std::nullopt;
}

// NUL, as itself or as a reference, is no character of XML; pugixml takes it and ends the text
// there, which would make another key of it.
bool holdsNul(std::string_view xml) {
  if (xml.find('\0') != std::string_view::npos) return true;
  for (std::size_t at = xml.find("&#"); at != std::string_view::npos; at = xml.find("&#", at + 2)) {
    std::string_view digits = xml.substr(at + 2);
    if (digits.starts_with('x')) digits.remove_prefix(1);
    const std::size_t end = digits.find_first_not_of('0');
    if (end == std::string_view::npos || (end > 0 && digits[end] == ';')) return true;
  }
  return false;
}

// White space is kept: it may be (part of) a key.
bool load(pugi::xml_document& document, std::string_view xml) {
  constexpr unsigned kOptions = pugi::parse_default | pugi::parse_ws_pcdata_single;
  return !holdsNul(xml) && static_cast<bool>(document.load_buffer(xml.data(), xml.size(), kOptions,
                                                                  pugi::encoding_utf8));
}

std::string quoted(std::string etag) {
  return etag.starts_with('"') ? etag : '"' + std::move(etag) + '"';
}

}  // namespace

std::optional<S3Delete> parseS3Delete(std::string_view xml) {
  pugi::xml_document document;
  if (!load(document, xml)) return std::nullopt;
  const pugi::xml_node request = root(document, "Delete");
  if (!request) return std::nullopt;
  S3Delete result;
  result.quiet = textOf(request, "Quiet").value_or("") == "true";
  for (const pugi::xml_node& child : request) {
    if (localName(child) != "Object") continue;
    auto key = textOf(child, "Key");
    if (!key || key->empty()) return std::nullopt;
    result.objects.push_back({std::move(*key), textOf(child, "VersionId").value_or("")});
  }
  if (result.objects.empty() || result.objects.size() > kMaxDeletes) return std::nullopt;
  return result;
}

std::optional<std::vector<S3CompletedPart>> parseS3CompletedParts(std::string_view xml) {
  pugi::xml_document document;
  if (!load(document, xml)) return std::nullopt;
  const pugi::xml_node request = root(document, "CompleteMultipartUpload");
  std::vector<S3CompletedPart> parts;
  for (const pugi::xml_node& child : request) {
    if (localName(child) != "Part") continue;
    const auto number = textOf(child, "PartNumber");
    auto etag = textOf(child, "ETag");
    if (!number || !etag) return std::nullopt;
    S3CompletedPart part;
    const char* const end = number->data() + number->size();
    const auto [parsed_to, error] = std::from_chars(number->data(), end, part.number);
    if (error != std::errc{} || parsed_to != end) return std::nullopt;
    if (part.number < 1 || part.number > kMaxPartNumber) return std::nullopt;
    part.etag = quoted(std::move(*etag));
    parts.push_back(std::move(part));
  }
  if (parts.empty() || parts.size() > std::size_t{kMaxPartNumber}) return std::nullopt;
  return parts;
}

}  // namespace glaux::api
