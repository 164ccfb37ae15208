#pragma once

#include <kj/debug.h>

#include <string_view>
#include <utility>
#include <vector>

#include "api/aws_json.h"
#include "api/tags.h"
#include "daemon/core/stored.h"

// Private to the codecs: the API's own structures, which are stored as its JSON, and tags.
namespace glaux::core {

template <class T>
T fromJson(capnp::Text::Reader text) {
  auto value = api::decode<T>(std::string_view(text.begin(), text.size()));
  KJ_REQUIRE(value.has_value(), "the API cannot read its own JSON", text);
  return std::move(*value);
}

inline void putTags(capnp::List<stored::Tag>::Builder out, const std::vector<api::Tag>& tags) {
  for (unsigned i = 0; i < tags.size(); ++i) {
    if (tags[i].key) out[i].setKey(asText(*tags[i].key));
    if (tags[i].value) out[i].setValue(asText(*tags[i].value));
  }
}

inline std::vector<api::Tag> tagsFrom(capnp::List<stored::Tag>::Reader in) {
  std::vector<api::Tag> tags(in.size());
  for (unsigned i = 0; i < in.size(); ++i) {
    if (in[i].hasKey()) tags[i].key = fromText(in[i].getKey());
    if (in[i].hasValue()) tags[i].value = fromText(in[i].getValue());
  }
  return tags;
}

}  // namespace glaux::core
