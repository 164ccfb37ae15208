#include "api/tags.h"

#include <map>
#include <set>

#include "daemon/core/rules.h"

namespace glaux::core {
namespace {

constexpr std::size_t kMaxTags = 50;

// What an ARN names, as it stands in the state.
struct Tagged {
  std::string work_group;
  std::optional<SessionId> session;
  const std::vector<api::Tag>& tags;
};

tl::expected<Tagged, api::Error> findTagged(const State& state, const std::string& arn) {
  auto resource = api::parseResourceArn(arn);
  if (!resource) return tl::unexpected(api::errors::malformedResourceArn(arn));
  if (!resource->session_id) {
    auto work_group = state.work_groups.find(resource->work_group);
    if (work_group == state.work_groups.end())
      return tl::unexpected(api::errors::resourceNotFound(arn));
    return Tagged{resource->work_group, std::nullopt, work_group->second.tags};
  }
  auto id = parseId<SessionId>(*resource->session_id);
  if (id && state.ended_sessions.contains(*id))
    return tl::unexpected(api::errors::tagsOfEndedSession(*resource->session_id));
  const Session* session = id ? state.session(*id) : nullptr;
  if (session == nullptr || session->work_group != resource->work_group)
    return tl::unexpected(api::errors::resourceNotFound(arn));
  return Tagged{resource->work_group, id, session->tags};
}

Decision changeTo(const Tagged& tagged, std::vector<api::Tag> tags, Answer answer) {
  Decision decision{{}, std::move(answer)};
  if (tags != tagged.tags)
    decision.events.push_back(TagsChanged{tagged.work_group, tagged.session, std::move(tags)});
  return decision;
}

}  // namespace

tl::expected<std::vector<api::Tag>, api::Error> mergeTags(const std::vector<api::Tag>& base,
                                                          const std::vector<api::Tag>& tags) {
  std::map<std::string, api::Tag> by_key;
  for (const api::Tag& tag : base) by_key.emplace(tag.key.value_or(""), tag);
  std::set<std::string> given;
  for (const api::Tag& tag : tags) {
    if (!tag.key) return tl::unexpected(api::errors::tagKeyMissing());
    if (!given.insert(*tag.key).second) return tl::unexpected(api::errors::tagKeyTwice(*tag.key));
    by_key.insert_or_assign(*tag.key, api::Tag{tag.key, tag.value.value_or("")});
  }
  if (by_key.size() > kMaxTags) return tl::unexpected(api::errors::tooManyTags(kMaxTags));
  std::vector<api::Tag> merged;
  for (auto& [key, tag] : by_key) merged.push_back(std::move(tag));
  return merged;
}

Verdict decideCommand(const Situation& at, const TagResource& command) {
  auto tagged = findTagged(at.state, command.request.resource_arn);
  if (!tagged) return tl::unexpected(tagged.error());
  auto tags = mergeTags(tagged->tags, command.request.tags);
  if (!tags) return tl::unexpected(tags.error());
  return changeTo(*tagged, std::move(*tags), api::TagResourceResponse{});
}

// Keys that are not there are no error, as on AWS.
Verdict decideCommand(const Situation& at, const UntagResource& command) {
  auto tagged = findTagged(at.state, command.request.resource_arn);
  if (!tagged) return tl::unexpected(tagged.error());
  std::vector<api::Tag> tags = tagged->tags;
  for (const std::string& key : command.request.tag_keys)
    std::erase_if(tags, [&key](const api::Tag& tag) { return tag.key == key; });
  return changeTo(*tagged, std::move(tags), api::UntagResourceResponse{});
}

}  // namespace glaux::core
