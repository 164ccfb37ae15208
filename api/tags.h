// Tags of workgroups and sessions: requests and responses, and the ARNs that name what is tagged.
//
// The conventions for members are those of sessions.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace glaux::api {

// The model marks neither member required.
struct Tag {
  std::optional<std::string> key;
  std::optional<std::string> value;
  bool operator==(const Tag&) const = default;
};

struct TagResourceRequest {
  std::string resource_arn;
  std::vector<Tag> tags;
  bool operator==(const TagResourceRequest&) const = default;
};

struct TagResourceResponse {
  bool operator==(const TagResourceResponse&) const = default;
};

struct UntagResourceRequest {
  std::string resource_arn;
  std::vector<std::string> tag_keys;
  bool operator==(const UntagResourceRequest&) const = default;
};

struct UntagResourceResponse {
  bool operator==(const UntagResourceResponse&) const = default;
};

struct ListTagsForResourceRequest {
  std::string resource_arn;
  std::optional<std::int32_t> max_results;  // 75 or more
  std::optional<std::string> next_token;
  bool operator==(const ListTagsForResourceRequest&) const = default;
};

struct ListTagsForResourceResponse {
  std::vector<Tag> tags;                  // by key; always sent
  std::optional<std::string> next_token;  // absent on the last page, never ""
  bool operator==(const ListTagsForResourceResponse&) const = default;
};

// What an ARN of the service names:
//   arn:<partition>:athena:<region>:<account>:workgroup/<name>
//   arn:<partition>:athena:<region>:<account>:workgroup/<name>/session/<id>
// Region and account are the client's own idea of where it is, and are not looked at.
struct TaggedResource {
  std::string work_group;
  std::optional<std::string> session_id;
  bool operator==(const TaggedResource&) const = default;
};

// nullopt: it is of another form, or of another service.
std::optional<TaggedResource> parseResourceArn(std::string_view arn);

}  // namespace glaux::api
