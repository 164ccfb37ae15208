#include "api/json.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace glaux::api {
namespace {

// Builds the tree while nlohmann's parser, which does not recurse, walks the text. A handler that
// answers false ends the parse.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit TreeBuilder(const JsonBounds& bounds) : bounds_(bounds) {}

  JsonValue takeRoot() { return std::move(root_); }
  std::string takeProblem() { return std::move(problem_); }

  bool null() override { return add({}); }
  bool boolean(bool value) override {
    return add({.kind = value ? JsonKind::kTrue : JsonKind::kFalse});
  }
  bool number_integer(number_integer_t value) override {
    return add({.kind = JsonKind::kInteger, .integer = value});
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (std::in_range<std::int64_t>(value)) return number_integer(static_cast<std::int64_t>(value));
    return add({.kind = JsonKind::kDecimal, .decimal = static_cast<double>(value)});
  }
  bool number_float(number_float_t value, const string_t&) override {
    return add({.kind = JsonKind::kDecimal, .decimal = value});
  }
  bool string(string_t& value) override {
    return add({.kind = JsonKind::kString, .string = std::move(value)});
  }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(JsonKind::kObject); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(JsonKind::kList); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    problem_ = "it is not JSON (at byte " + std::to_string(position) + ")";
    return false;
  }

 private:
  bool add(JsonValue value) {
    if (!countOne()) return false;
    place(std::move(value));
    return true;
  }

  bool open(JsonKind kind) {
    if (!countOne()) return false;
    if (open_.size() == bounds_.depth) {
      problem_ = "it is nested deeper than " + std::to_string(bounds_.depth);
      return false;
    }
    open_.push_back(place({.kind = kind}));
    return true;
  }

  bool countOne() {
    if (++count_ <= bounds_.values) return true;
    problem_ = "it holds more than " + std::to_string(bounds_.values) + " values";
    return false;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  // Only the innermost open value grows, so the pointers in open_ stay valid.
  JsonValue* place(JsonValue value) {
    if (open_.empty()) return &(root_ = std::move(value));
    JsonValue& parent = *open_.back();
    if (parent.kind == JsonKind::kList) return &parent.items.emplace_back(std::move(value));
    parent.members.push_back({std::move(key_), std::move(value)});
    return &parent.members.back().value;
  }

  const JsonBounds& bounds_;
  JsonValue root_;
  std::vector<JsonValue*> open_;
  std::string key_;
  std::size_t count_ = 0;
  std::string problem_;
};

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
  for (auto member = members.rbegin(); member != members.rend(); ++member) {
    if (member->name != name) continue;
    return member->value.kind == JsonKind::kNull ? nullptr : &member->value;
  }
  return nullptr;
}

tl::expected<JsonValue, std::string> parseJson(std::string_view text, const JsonBounds& bounds) {
  TreeBuilder builder(bounds);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder))
    return tl::unexpected(builder.takeProblem());
  return builder.takeRoot();
}

}  // namespace glaux::api
