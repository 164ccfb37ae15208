#include "api/field.h"

#include <cmath>
#include <limits>

#include "api/utf8.h"

namespace glaux::api {
namespace {

// More would tell nobody more, and a hostile request could make the text arbitrarily long.
constexpr std::size_t kMaxViolations = 100;

std::string lowerCamelCase(std::string_view member) {
  std::string text(member);
  if (text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

std::string join(const std::vector<std::string>& texts, std::string_view separator) {
  std::string joined;
  for (const std::string& text : texts) {
    if (!joined.empty()) joined += separator;
    joined += text;
  }
  return joined;
}

// The services' own sentences for a value of the wrong type; target: "an Integer", "a String", …
tl::unexpected<std::string> notConvertible(const JsonValue& value, std::string_view target) {
  const auto conversion = [&](std::string_view token) {
    return tl::unexpected(std::string(token) + " can not be converted to " + std::string(target));
  };
  switch (value.kind) {
    case JsonKind::kNull:
      return conversion("NULL_VALUE");
    case JsonKind::kFalse:
      return conversion("FALSE_VALUE");
    case JsonKind::kTrue:
      return conversion("TRUE_VALUE");
    case JsonKind::kInteger:
    case JsonKind::kDecimal:
      return conversion("NUMBER_VALUE");
    case JsonKind::kString:
      return conversion("STRING_VALUE");
    case JsonKind::kList:
      return tl::unexpected<std::string>("Start of list found where not expected");
    case JsonKind::kObject:
      return tl::unexpected<std::string>("Start of structure or map found where not expected.");
  }
  __builtin_unreachable();
}

// A number as an integer, decimals truncated. nullopt: it is no number, or out of int64's range.
std::optional<std::int64_t> integerOf(const JsonValue& value) {
  if (value.kind == JsonKind::kInteger) return value.integer;
  if (value.kind != JsonKind::kDecimal) return std::nullopt;
  constexpr double kLimit = 9223372036854775808.0;  // 2^63
  if (!(value.decimal >= -kLimit && value.decimal < kLimit)) return std::nullopt;
  return static_cast<std::int64_t>(value.decimal);
}

std::vector<std::string> violatedBounds(std::int64_t measure, const Constraint& constraint,
                                        std::string_view noun) {
  std::vector<std::string> texts;
  const std::string begin = "Member must have " + std::string(noun);
  if (constraint.max && measure > *constraint.max) {
    texts.push_back(begin + " less than or equal to " + std::to_string(*constraint.max));
  }
  if (constraint.min && measure < *constraint.min) {
    texts.push_back(begin + " greater than or equal to " + std::to_string(*constraint.min));
  }
  return texts;
}

std::vector<std::string> violatedByString(std::string_view text, const Constraint& constraint) {
  std::vector<std::string> texts;
  if (constraint.min || constraint.max) {
    texts = violatedBounds(static_cast<std::int64_t>(countCharacters(text)), constraint, "length");
  }
  if (constraint.pattern.matches != nullptr && !constraint.pattern.matches(text)) {
    texts.push_back("Member must satisfy regular expression pattern: " +
                    std::string(constraint.pattern.text));
  }
  return texts;
}

// nullopt: the element is fine. Maps are reported by their first bad key and first bad value, in
// the form the services use.
std::optional<std::string> firstViolation(const JsonValue& map, const Constraint* constraint,
                                          std::string_view (*part)(const JsonMember&)) {
  if (constraint == nullptr) return std::nullopt;
  for (const JsonMember& member : map.members) {
    const auto texts = violatedByString(part(member), *constraint);
    if (!texts.empty()) return "[" + join(texts, ", ") + "]";
  }
  return std::nullopt;
}

}  // namespace

void Violations::addNull(const std::string& path) {
  append("Value null at '" + path + "' failed to satisfy constraint: Member must not be null");
}

void Violations::add(const std::string& path, std::string_view constraint_text) {
  append("Value at '" + path + "' failed to satisfy constraint: " + std::string(constraint_text));
}

void Violations::append(std::string text) {
  if (texts_.size() < kMaxViolations) texts_.push_back(std::move(text));
}

std::string Violations::message() const {
  return std::to_string(texts_.size()) + " validation error" + (texts_.size() == 1 ? "" : "s") +
         " detected: " + join(texts_, "; ");
}

// ---- structures

ReadResult readStruct(const Shape& shape, const JsonValue& value, void* object) {
  if (auto structure = expectStructure(value); !structure) return structure;
  for (const JsonMember& member : value.members) {
    for (const Field& field : shape.fields) {
      if (field.name != member.name) continue;
      if (auto result = field.read(member.value, object); !result) return result;
    }
  }
  return {};
}

void checkStruct(const Shape& shape, const JsonValue& value, const std::string& path,
                 Violations& violations) {
  for (const Field& field : shape.fields) {
    const std::string member_path =
        path.empty() ? lowerCamelCase(field.name) : path + "." + lowerCamelCase(field.name);
    if (const JsonValue* member = value.find(field.name)) {
      field.check(*member, field.constraint, member_path, violations);
    } else if (field.presence == kRequired) {
      violations.addNull(member_path);
    }
  }
}

void writeStruct(const Shape& shape, const void* object, std::string& out) {
  out += '{';
  for (const Field& field : shape.fields) {
    if (!field.has(object, field.presence)) continue;
    if (out.back() != '{') out += ',';
    out += '"';
    out += field.name;
    out += "\":";
    field.write(object, out);
  }
  out += '}';
}

// ---- scalars

ReadResult Codec<std::string>::read(const JsonValue& value, std::string& to) {
  if (value.kind != JsonKind::kString) return notConvertible(value, "a String");
  to = value.string;
  return {};
}

void Codec<std::string>::check(const JsonValue& value, const Constraint& constraint,
                               const std::string& path, Violations& violations) {
  for (const auto& text : violatedByString(value.string, constraint)) violations.add(path, text);
}

void Codec<std::string>::write(const std::string& value, std::string& out) {
  writeString(value, out);
}

ReadResult Codec<bool>::read(const JsonValue& value, bool& to) {
  if (value.kind != JsonKind::kTrue && value.kind != JsonKind::kFalse) {
    return notConvertible(value, "a Boolean");
  }
  to = value.kind == JsonKind::kTrue;
  return {};
}

void Codec<bool>::check(const JsonValue&, const Constraint&, const std::string&, Violations&) {}

void Codec<bool>::write(const bool& value, std::string& out) { out += value ? "true" : "false"; }

ReadResult Codec<std::int32_t>::read(const JsonValue& value, std::int32_t& to) {
  const auto integer = integerOf(value);
  if (!integer || !std::in_range<std::int32_t>(*integer)) {
    return notConvertible(value, "an Integer");
  }
  to = static_cast<std::int32_t>(*integer);
  return {};
}

void Codec<std::int64_t>::check(const JsonValue& value, const Constraint& constraint,
                                const std::string& path, Violations& violations) {
  for (const auto& text : violatedBounds(integerOf(value).value_or(0), constraint, "value")) {
    violations.add(path, text);
  }
}

void Codec<std::int32_t>::check(const JsonValue& value, const Constraint& constraint,
                                const std::string& path, Violations& violations) {
  Codec<std::int64_t>::check(value, constraint, path, violations);
}

void Codec<std::int32_t>::write(const std::int32_t& value, std::string& out) {
  writeInteger(value, out);
}

ReadResult Codec<std::int64_t>::read(const JsonValue& value, std::int64_t& to) {
  const auto integer = integerOf(value);
  if (!integer) return notConvertible(value, "a Long");
  to = *integer;
  return {};
}

void Codec<std::int64_t>::write(const std::int64_t& value, std::string& out) {
  writeInteger(value, out);
}

ReadResult Codec<Timestamp>::read(const JsonValue& value, Timestamp& to) {
  constexpr double kMaxSeconds = std::numeric_limits<std::int64_t>::max() / 1000;
  const double seconds =
      value.kind == JsonKind::kInteger ? static_cast<double>(value.integer) : value.decimal;
  const bool is_number = value.kind == JsonKind::kInteger || value.kind == JsonKind::kDecimal;
  if (!is_number || std::abs(seconds) >= kMaxSeconds) return notConvertible(value, "a Timestamp");
  to.ms = value.kind == JsonKind::kInteger ? value.integer * 1000 : std::llround(seconds * 1000);
  return {};
}

void Codec<Timestamp>::check(const JsonValue&, const Constraint&, const std::string&, Violations&) {
}

// 1668443136123 ms is written 1668443136.123, whole seconds without a fraction.
void Codec<Timestamp>::write(const Timestamp& value, std::string& out) {
  const std::int64_t fraction = std::abs(value.ms % 1000);
  if (value.ms < 0 && value.ms > -1000) out += '-';
  writeInteger(value.ms / 1000, out);
  if (fraction == 0) return;
  out += '.';
  out += static_cast<char>('0' + fraction / 100);
  out += static_cast<char>('0' + fraction / 10 % 10);
  out += static_cast<char>('0' + fraction % 10);
}

// ---- what lists, maps and enumerations share

ReadResult expectList(const JsonValue& value) {
  if (value.kind == JsonKind::kList) return {};
  if (value.kind == JsonKind::kObject) return notConvertible(value, {});
  return tl::unexpected<std::string>("Expected list or null");
}

ReadResult expectStructure(const JsonValue& value) {
  if (value.kind == JsonKind::kObject) return {};
  if (value.kind == JsonKind::kList) return notConvertible(value, {});
  return tl::unexpected<std::string>("Expected null");
}

void checkMap(const JsonValue& value, const Constraint& constraint, const std::string& path,
              Violations& violations) {
  const auto key = [](const JsonMember& member) -> std::string_view { return member.name; };
  const auto element = [](const JsonMember& member) -> std::string_view {
    return member.value.string;
  };
  if (const auto texts = firstViolation(value, constraint.key, key)) {
    violations.add(path, "Map keys must satisfy constraint: " + *texts);
  }
  if (const auto texts = firstViolation(value, constraint.element, element)) {
    violations.add(path, "Map value must satisfy constraint: " + *texts);
  }
}

void checkEnum(const JsonValue& value, std::span<const std::string_view> names,
               const std::string& path, Violations& violations) {
  std::string set;
  for (const std::string_view name : names) {
    if (name == value.string) return;
    if (!set.empty()) set += ", ";
    set += name;
  }
  violations.add(path, "Member must satisfy enum value set: [" + set + "]");
}

std::string elementPath(const std::string& path, std::size_t index) {
  return path + "." + std::to_string(index + 1) + ".member";
}

}  // namespace glaux::api
