#include "daemon/core/work_group.h"
#include "daemon/queries/answers.h"
#include "daemon/queries/listing.h"

namespace glaux::daemon {
namespace {

constexpr std::size_t kDefaultWorkGroupPage = 50;
constexpr std::size_t kDefaultEngineVersionPage = 10;

// The one runtime of notebooks and its one size, as the service documents them.
constexpr std::string_view kNotebookRuntime = "Athena notebook version 1";

api::WorkGroupSummary summaryOfWorkGroup(const api::WorkGroup& work_group) {
  api::WorkGroupSummary summary;
  summary.name = work_group.name;
  summary.state = work_group.state;
  summary.description = work_group.description.value_or("");
  summary.creation_time = work_group.creation_time;
  if (work_group.configuration) summary.engine_version = work_group.configuration->engine_version;
  summary.identity_center_application_arn = work_group.identity_center_application_arn;
  return summary;
}

// The key under which the tags of an ARN's resource stand.
tl::expected<std::string, api::Error> tagsKey(const Sources& from, const std::string& arn) {
  auto resource = api::parseResourceArn(arn);
  if (!resource) return tl::unexpected(api::errors::malformedResourceArn(arn));
  auto not_found = tl::unexpected(api::errors::resourceNotFound(arn));
  if (resource->session_id) {
    auto session = sessionRow(from, *resource->session_id);
    if (!session || session->answer.work_group != resource->work_group) return not_found;
    return TagsView::keyOfSession(*core::parseId<core::SessionId>(*resource->session_id));
  }
  auto known = from.views.workGroups().rows().text(resource->work_group);
  if (!known) return tl::unexpected(storageError(known.error()));
  if (!*known) return not_found;
  return TagsView::keyOfWorkGroup(resource->work_group);
}

}  // namespace

JsonAnswer answer(const Sources& from, const api::GetWorkGroupRequest& r) {
  return foundText(from.views.workGroups().rows().text(r.work_group),
                   [] { return api::errors::workGroupNotFound(); });
}

JsonAnswer answer(const Sources& from, const api::ListWorkGroupsRequest& r) {
  std::string after;
  if (r.next_token) {
    auto position = api::decodePageToken("ListWorkGroups", "", *r.next_token);
    if (!position) return tl::unexpected(std::move(position.error()));
    after = std::move(*position);
  }
  std::size_t limit = pageSize(r.max_results, kDefaultWorkGroupPage);
  auto work_groups = from.views.workGroups().byName(after, limit + 1);
  if (!work_groups) return tl::unexpected(storageError(work_groups.error()));

  api::ListWorkGroupsResponse response;
  bool has_more = work_groups->size() > limit;
  if (has_more) work_groups->pop_back();
  for (const api::WorkGroup& each : *work_groups)
    response.work_groups.push_back(summaryOfWorkGroup(each));
  if (has_more)
    response.next_token =
        api::encodePageToken("ListWorkGroups", "", response.work_groups.back().name);
  return api::encode(response);
}

JsonAnswer answer(const Sources& from, const api::ListEngineVersionsRequest& r) {
  std::vector<api::EngineVersion> all;
  for (const std::string& selected : from.engine_versions())
    all.push_back({selected, std::string(core::effectiveEngineVersion(selected))});
  api::ListEngineVersionsResponse response;
  auto next = fixedPage("ListEngineVersions", r.next_token,
                        pageSize(r.max_results, kDefaultEngineVersionPage), std::move(all),
                        response.engine_versions);
  return page(std::move(response), std::move(next));
}

JsonAnswer answer(const Sources&, const api::ListApplicationDpuSizesRequest& r) {
  api::ListApplicationDpuSizesResponse response;
  auto next =
      fixedPage("ListApplicationDPUSizes", r.next_token, pageSize(r.max_results, kDefaultPage),
                {api::ApplicationDpuSizes{std::string(kNotebookRuntime), {1}}},
                response.application_dpu_sizes);
  return page(std::move(response), std::move(next));
}

// A resource has fewer tags than a page holds.
JsonAnswer answer(const Sources& from, const api::ListTagsForResourceRequest& r) {
  auto key = tagsKey(from, r.resource_arn);
  if (!key) return tl::unexpected(std::move(key.error()));
  auto row = from.views.tags().rows().get(*key);
  if (!row) return tl::unexpected(storageError(row.error()));
  api::ListTagsForResourceResponse response;
  auto next =
      fixedPage("ListTagsForResource", r.next_token, pageSize(r.max_results, kDefaultPage),
                *row ? std::move((*row)->answer.tags) : std::vector<api::Tag>{}, response.tags);
  return page(std::move(response), std::move(next));
}

}  // namespace glaux::daemon
