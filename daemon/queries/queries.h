#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "api/errors.h"
#include "api/operations.h"
#include "daemon/projections/views.h"
#include "journal/journal.h"

namespace glaux::daemon {

// Answers the reading operations from the views, and from the journal what only it holds: code and
// the contents of notebooks. What a query sees is on disk. All threads.
class Queries {
 public:
  // What a workgroup may select now. Called on the thread that answers ListEngineVersions.
  using EngineVersions = std::function<std::vector<std::string>()>;

  // The references outlive it.
  Queries(const Views& views, const journal::Journal& journal, EngineVersions engine_versions)
      : views_(views), journal_(journal), engine_versions_(std::move(engine_versions)) {}

  // The response's JSON. `request` is of a reading operation.
  tl::expected<std::string, api::Error> answer(const api::Request& request) const;

  // Whether answering may take more than a moment (a large blob, a search), so that it does not
  // belong on the loop.
  static bool isSlow(const api::Request& request);

  // Whether s3://bucket/key is an output of a calculation that exists, its file written or not.
  bool isOutput(std::string_view bucket, std::string_view key) const;

 private:
  const Views& views_;
  const journal::Journal& journal_;
  EngineVersions engine_versions_;
};

}  // namespace glaux::daemon
