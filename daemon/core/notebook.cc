#include <string>

#include "daemon/core/rules.h"
#include "daemon/core/work_group.h"

// A notebook has a name that no other of its workgroup has, and one active session at most. While
// it has one, only that session may save it, and it is neither renamed nor deleted.
namespace glaux::core {
namespace {

using api::errors::notebookAlreadyExists;
using api::errors::notebookNotFound;

struct FoundNotebook {
  NotebookId id;
  const Notebook& notebook;
};

tl::expected<FoundNotebook, api::Error> findNotebook(const State& state, const std::string& text) {
  auto id = parseId<NotebookId>(text);
  const Notebook* notebook = id ? state.notebook(*id) : nullptr;
  if (notebook == nullptr) return tl::unexpected(notebookNotFound(text));
  return FoundNotebook{*id, *notebook};
}

std::optional<api::Error> workGroupRefusal(const State& state, const std::string& name) {
  auto work_group = state.work_groups.find(name);
  if (work_group == state.work_groups.end()) return api::errors::workGroupNotFound();
  if (!isSparkEngine(work_group->second.engineVersion())) return api::errors::workGroupNotSpark();
  return std::nullopt;
}

// CreateNotebook and ImportNotebook differ in where the content comes from, which the edge knows.
template <class Response, class Command>
Verdict create(const Situation& at, const Command& command) {
  const auto& request = command.request;
  if (auto error = workGroupRefusal(at.state, request.work_group)) return tl::unexpected(*error);
  if (!command.content) return tl::unexpected(command.content.error());

  auto known = findToken(at.state, command.token);
  if (!known) return tl::unexpected(known.error());
  if (*known) return Decision{{}, Response{idText(**known)}};
  if (at.state.notebook_names.contains({request.work_group, request.name}))
    return tl::unexpected(notebookAlreadyExists(request.name));

  NotebookId id{at.stamp.ids[0]};
  Decision decision{{NotebookCreated{id, request.work_group, request.name, *command.content}},
                    Response{toText(id)}};
  rememberToken(at, command.token, id.bytes, decision.events);
  return decision;
}

// A session that ended a moment ago may still save: nothing is to be lost.
std::optional<api::Error> sessionRefusal(const FoundNotebook& found,
                                         const std::optional<std::string>& session_id) {
  const auto& active = found.notebook.session;
  if (!active || session_id == toText(*active)) return std::nullopt;
  return api::errors::notebookSessionRequired(toText(found.id), toText(*active));
}

std::optional<api::Error> activityRefusal(const FoundNotebook& found) {
  if (!found.notebook.session) return std::nullopt;
  return api::errors::notebookHasActiveSession(toText(found.id), toText(*found.notebook.session));
}

}  // namespace

Verdict decideCommand(const Situation& at, const CreateNotebook& command) {
  return create<api::CreateNotebookResponse>(at, command);
}

Verdict decideCommand(const Situation& at, const ImportNotebook& command) {
  return create<api::ImportNotebookResponse>(at, command);
}

Verdict decideCommand(const Situation& at, const UpdateNotebook& command) {
  auto found = findNotebook(at.state, command.request.notebook_id);
  if (!found) return tl::unexpected(found.error());
  if (!command.content) return tl::unexpected(command.content.error());

  auto known = findToken(at.state, command.token);
  if (!known) return tl::unexpected(known.error());
  if (*known) return Decision{{}, api::UpdateNotebookResponse{}};
  if (auto error = sessionRefusal(*found, command.request.session_id))
    return tl::unexpected(*error);

  Decision decision{{NotebookUpdated{found->id, *command.content}}, api::UpdateNotebookResponse{}};
  rememberToken(at, command.token, found->id.bytes, decision.events);
  return decision;
}

Verdict decideCommand(const Situation& at, const UpdateNotebookMetadata& command) {
  const api::UpdateNotebookMetadataRequest& request = command.request;
  auto found = findNotebook(at.state, request.notebook_id);
  if (!found) return tl::unexpected(found.error());

  auto known = findToken(at.state, command.token);
  if (!known) return tl::unexpected(known.error());
  Decision decision{{}, api::UpdateNotebookMetadataResponse{}};
  if (*known) return decision;
  if (request.name != found->notebook.name) {
    if (auto error = activityRefusal(*found)) return tl::unexpected(*error);
    if (at.state.notebook_names.contains({found->notebook.work_group, request.name}))
      return tl::unexpected(notebookAlreadyExists(request.name));
    decision.events.push_back(NotebookRenamed{found->id, request.name});
  }
  rememberToken(at, command.token, found->id.bytes, decision.events);
  return decision;
}

Verdict decideCommand(const Situation& at, const DeleteNotebook& command) {
  auto found = findNotebook(at.state, command.request.notebook_id);
  if (!found) return tl::unexpected(found.error());
  if (auto error = activityRefusal(*found)) return tl::unexpected(*error);
  return Decision{{NotebookDeleted{found->id}}, api::DeleteNotebookResponse{}};
}

}  // namespace glaux::core
