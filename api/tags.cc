#include "api/tags.h"

#include <algorithm>

#include "api/constraints.h"
#include "api/field.h"
#include "api/shapes.h"

namespace glaux::api {

using namespace constraints;

template <>
const Shape& shapeOf<Tag>() {
  using T = Tag;
  static constexpr Field kFields[] = {
      field<&T::key>("Key", kOptional, kTagKey),
      field<&T::value>("Value", kOptional, kTagValue),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<TagResourceRequest>() {
  using T = TagResourceRequest;
  static constexpr Field kFields[] = {
      field<&T::resource_arn>("ResourceARN", kRequired, kAmazonResourceName),
      field<&T::tags>("Tags", kRequired),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<TagResourceResponse>() {
  static constexpr Shape kShape{};
  return kShape;
}

template <>
const Shape& shapeOf<UntagResourceRequest>() {
  using T = UntagResourceRequest;
  static constexpr Field kFields[] = {
      field<&T::resource_arn>("ResourceARN", kRequired, kAmazonResourceName),
      field<&T::tag_keys>("TagKeys", kRequired, {.element = &kTagKey}),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<UntagResourceResponse>() {
  static constexpr Shape kShape{};
  return kShape;
}

template <>
const Shape& shapeOf<ListTagsForResourceRequest>() {
  using T = ListTagsForResourceRequest;
  static constexpr Field kFields[] = {
      field<&T::resource_arn>("ResourceARN", kRequired, kAmazonResourceName),
      field<&T::next_token>("NextToken", kOptional, kToken),
      field<&T::max_results>("MaxResults", kOptional, kMaxTags),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

template <>
const Shape& shapeOf<ListTagsForResourceResponse>() {
  using T = ListTagsForResourceResponse;
  static constexpr Field kFields[] = {
      field<&T::tags>("Tags", kRequired),
      field<&T::next_token>("NextToken", kOptional),
  };
  static constexpr Shape kShape{kFields};
  return kShape;
}

namespace {

std::string_view takeUntil(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const auto part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

}  // namespace

std::optional<TaggedResource> parseResourceArn(std::string_view arn) {
  if (takeUntil(arn, ':') != "arn" || !takeUntil(arn, ':').starts_with("aws")) return std::nullopt;
  if (takeUntil(arn, ':') != "athena") return std::nullopt;
  takeUntil(arn, ':');  // the region
  if (!matches::awsAccountId(takeUntil(arn, ':'))) return std::nullopt;
  if (takeUntil(arn, '/') != "workgroup") return std::nullopt;
  TaggedResource resource;
  resource.work_group = takeUntil(arn, '/');
  if (!matches::workGroupName(resource.work_group)) return std::nullopt;
  if (arn.empty()) return resource;
  if (takeUntil(arn, '/') != "session" || arn.empty()) return std::nullopt;
  resource.session_id = arn;
  return resource;
}

}  // namespace glaux::api
