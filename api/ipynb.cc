#include "api/ipynb.h"

#include <initializer_list>
#include <set>

#include "api/json.h"

namespace glaux::api {
namespace {

// Sources and outputs may be lists of lines, a value each: a notebook has more values than a
// request.
constexpr JsonBounds kBounds{.depth = 200, .values = 1'000'000};

using Problem = tl::expected<void, std::string>;

tl::unexpected<std::string> problem(const std::string& place, std::string_view what) {
  return tl::unexpected(place + " " + std::string(what));
}

Problem expectKind(const JsonValue& parent, const std::string& place, std::string_view name,
                   JsonKind kind, std::string_view kind_name) {
  const JsonValue* member = parent.find(name);
  if (member == nullptr) return problem(place + std::string(name), "is missing");
  if (member->kind != kind) return problem(place + std::string(name), kind_name);
  return {};
}

Problem expectObject(const JsonValue& parent, const std::string& place, std::string_view name) {
  return expectKind(parent, place, name, JsonKind::kObject, "is not an object");
}
Problem expectString(const JsonValue& parent, const std::string& place, std::string_view name) {
  return expectKind(parent, place, name, JsonKind::kString, "is not a string");
}

// Text is a string or a list of lines.
Problem expectText(const JsonValue& parent, const std::string& place, std::string_view name) {
  const JsonValue* text = parent.find(name);
  if (text == nullptr) return problem(place + std::string(name), "is missing");
  if (text->kind == JsonKind::kString) return {};
  if (text->kind != JsonKind::kList)
    return problem(place + std::string(name), "is neither a string nor a list of strings");
  for (const JsonValue& line : text->items) {
    if (line.kind != JsonKind::kString)
      return problem(place + std::string(name), "holds something else than strings");
  }
  return {};
}

// Required, and null or an integer.
Problem expectCount(const JsonValue& parent, const std::string& place) {
  for (const JsonMember& member : parent.members) {
    if (member.name != "execution_count") continue;
    const JsonKind kind = member.value.kind;
    if (kind == JsonKind::kNull || kind == JsonKind::kInteger) return {};
    return problem(place + "execution_count", "is neither null nor an integer");
  }
  return problem(place + "execution_count", "is missing");
}

Problem checkAll(std::initializer_list<Problem> problems) {
  for (const Problem& each : problems) {
    if (!each) return each;
  }
  return {};
}

Problem checkOutput(const JsonValue& output, const std::string& place) {
  if (output.kind != JsonKind::kObject) return problem(place, "is not an object");
  const std::string inside = place + ".";
  if (auto type = expectString(output, inside, "output_type"); !type) return type;
  const std::string& type = output.find("output_type")->string;
  if (type == "stream")
    return checkAll({expectString(output, inside, "name"), expectText(output, inside, "text")});
  if (type == "display_data")
    return checkAll(
        {expectObject(output, inside, "data"), expectObject(output, inside, "metadata")});
  if (type == "execute_result")
    return checkAll({expectObject(output, inside, "data"), expectObject(output, inside, "metadata"),
                     expectCount(output, inside)});
  if (type == "error")
    return checkAll({expectString(output, inside, "ename"), expectString(output, inside, "evalue"),
                     expectText(output, inside, "traceback")});
  return problem(inside + "output_type",
                 "is none of stream, display_data, execute_result and error");
}

Problem checkOutputs(const JsonValue& cell, const std::string& place) {
  const JsonValue* outputs = cell.find("outputs");
  if (outputs == nullptr) return problem(place + "outputs", "is missing");
  if (outputs->kind != JsonKind::kList) return problem(place + "outputs", "is not a list");
  for (std::size_t i = 0; i < outputs->items.size(); ++i) {
    auto output = checkOutput(outputs->items[i], place + "outputs[" + std::to_string(i) + "]");
    if (!output) return output;
  }
  return {};
}

bool isCellId(std::string_view id) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  return !id.empty() && id.size() <= 64 && id.find_first_not_of(kAllowed) == id.npos;
}

// Cells have ids since nbformat 4.5.
Problem checkCellId(const JsonValue& cell, const std::string& place, bool is_required,
                    std::set<std::string_view>& seen) {
  const JsonValue* id = cell.find("id");
  if (id == nullptr) return is_required ? problem(place + "id", "is missing") : Problem{};
  if (id->kind != JsonKind::kString || !isCellId(id->string))
    return problem(place + "id", "is not 1 to 64 letters, digits, '-' and '_'");
  if (!seen.insert(id->string).second) return problem(place + "id", "is another cell's, too");
  return {};
}

Problem checkCell(const JsonValue& cell, const std::string& place) {
  const std::string inside = place + ".";
  if (auto common =
          checkAll({expectString(cell, inside, "cell_type"), expectObject(cell, inside, "metadata"),
                    expectText(cell, inside, "source")});
      !common)
    return common;
  const std::string& type = cell.find("cell_type")->string;
  if (type == "markdown" || type == "raw") return {};
  if (type != "code") return problem(inside + "cell_type", "is none of code, markdown and raw");
  if (auto count = expectCount(cell, inside); !count) return count;
  return checkOutputs(cell, inside);
}

Problem checkCells(const JsonValue& cells, bool ids_required) {
  std::set<std::string_view> ids;
  for (std::size_t i = 0; i < cells.items.size(); ++i) {
    const std::string place = "cells[" + std::to_string(i) + "]";
    if (cells.items[i].kind != JsonKind::kObject) return problem(place, "is not an object");
    if (auto cell = checkCell(cells.items[i], place); !cell) return cell;
    if (auto id = checkCellId(cells.items[i], place + ".", ids_required, ids); !id) return id;
  }
  return {};
}

}  // namespace

tl::expected<void, std::string> checkIpynb(std::string_view text) {
  const auto notebook = parseJson(text, kBounds);
  if (!notebook) return tl::unexpected(notebook.error());
  if (notebook->kind != JsonKind::kObject)
    return tl::unexpected<std::string>("it is not a JSON object");
  for (const char* number : {"nbformat", "nbformat_minor"}) {
    auto is_integer = expectKind(*notebook, "", number, JsonKind::kInteger, "is not an integer");
    if (!is_integer) return is_integer;
  }
  const std::int64_t version = notebook->find("nbformat")->integer;
  if (version != 4) return problem("nbformat", "is " + std::to_string(version));
  if (auto metadata = expectObject(*notebook, "", "metadata"); !metadata) return metadata;
  if (auto cells = expectKind(*notebook, "", "cells", JsonKind::kList, "is not a list"); !cells)
    return cells;
  return checkCells(*notebook->find("cells"), notebook->find("nbformat_minor")->integer >= 5);
}

std::string_view emptyIpynb() {
  return R"({"cells":[],"metadata":{"kernelspec":{"display_name":"Python 3","language":"python",)"
         R"("name":"python3"},"language_info":{"name":"python"}},"nbformat":4,"nbformat_minor":5})";
}

}  // namespace glaux::api
