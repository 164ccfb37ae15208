// Declare, then interpret: one row per member of a wire struct drives decoding, validation, error
// texts and encoding.
//
//   constexpr Field kRows[] = {
//       field<&ListSessionsRequest::work_group>("WorkGroup", kRequired,
//       constraints::kWorkGroupName), field<&ListSessionsRequest::max_results>("MaxResults",
//       kOptional, {.min = 1, .max = 100}),
//   };
//
// A member's C++ type chooses its JSON form: std::string, bool, std::int32_t ("Integer"),
// std::int64_t ("Long"), Timestamp, an enumeration, a struct with a Shape, and std::optional,
// std::vector and std::map<std::string, …> of these.
//
// Reading walks the document in its own order and fails at the first value of the wrong type;
// checking walks the table in its order and collects every violated constraint.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "api/json.h"
#include "api/json_writer.h"
#include "api/shapes.h"
#include "api/types.h"

namespace glaux::api {

// A regular expression of the model: its text for messages, and a function that decides it.
struct Pattern {
  std::string_view text;
  bool (*matches)(std::string_view value) = nullptr;
};

// What the model demands of a value: for numbers min and max bound the value, for strings the
// length in characters. A map's keys and a map's or list's elements have constraints of their own.
struct Constraint {
  std::optional<std::int64_t> min{};
  std::optional<std::int64_t> max{};
  Pattern pattern{};
  const Constraint* key = nullptr;
  const Constraint* element = nullptr;
};

// kRequired: a request without it is refused; a list is written also when it is empty.
enum Presence { kOptional, kRequired };

// The Message of a SerializationException.
using ReadResult = tl::expected<void, std::string>;

// Collects "Value at '<path>' failed to satisfy constraint: <text>", up to a bound.
class Violations {
 public:
  void addNull(const std::string& path);
  void add(const std::string& path, std::string_view constraint_text);
  bool empty() const { return texts_.empty(); }
  // "2 validation errors detected: …; …"
  std::string message() const;

 private:
  void append(std::string text);
  std::vector<std::string> texts_;
};

struct Field {
  std::string_view name;
  Presence presence;
  Constraint constraint;
  // Instantiated for the member: how to read it into, check it for, and write it from its struct.
  ReadResult (*read)(const JsonValue& value, void* object);
  void (*check)(const JsonValue& value, const Constraint& constraint, const std::string& path,
                Violations& violations);
  bool (*has)(const void* object, Presence presence);
  void (*write)(const void* object, std::string& out);
};

struct Shape {
  std::span<const Field> fields;
};

ReadResult readStruct(const Shape& shape, const JsonValue& value, void* object);
void checkStruct(const Shape& shape, const JsonValue& value, const std::string& path,
                 Violations& violations);
void writeStruct(const Shape& shape, const void* object, std::string& out);

// Codec<T> reads, checks and writes values of type T. read() gets no nulls; write() appends JSON.
template <typename T>
struct Codec {  // structs
  static ReadResult read(const JsonValue& value, T& to) {
    return readStruct(shapeOf<T>(), value, &to);
  }
  static void check(const JsonValue& value, const Constraint&, const std::string& path,
                    Violations& violations) {
    checkStruct(shapeOf<T>(), value, path, violations);
  }
  static void write(const T& value, std::string& out) { writeStruct(shapeOf<T>(), &value, out); }
};

template <>
struct Codec<std::string> {
  static ReadResult read(const JsonValue& value, std::string& to);
  static void check(const JsonValue& value, const Constraint& constraint, const std::string& path,
                    Violations& violations);
  static void write(const std::string& value, std::string& out);
};

template <>
struct Codec<bool> {
  static ReadResult read(const JsonValue& value, bool& to);
  static void check(const JsonValue& value, const Constraint& constraint, const std::string& path,
                    Violations& violations);
  static void write(const bool& value, std::string& out);
};

template <>
struct Codec<std::int32_t> {
  static ReadResult read(const JsonValue& value, std::int32_t& to);
  static void check(const JsonValue& value, const Constraint& constraint, const std::string& path,
                    Violations& violations);
  static void write(const std::int32_t& value, std::string& out);
};

template <>
struct Codec<std::int64_t> {
  static ReadResult read(const JsonValue& value, std::int64_t& to);
  static void check(const JsonValue& value, const Constraint& constraint, const std::string& path,
                    Violations& violations);
  static void write(const std::int64_t& value, std::string& out);
};

template <>
struct Codec<Timestamp> {
  static ReadResult read(const JsonValue& value, Timestamp& to);
  static void check(const JsonValue& value, const Constraint& constraint, const std::string& path,
                    Violations& violations);
  static void write(const Timestamp& value, std::string& out);
};

// What lists, maps and enumerations need that does not depend on the type.
ReadResult expectList(const JsonValue& value);
ReadResult expectStructure(const JsonValue& value);
void checkMap(const JsonValue& value, const Constraint& constraint, const std::string& path,
              Violations& violations);
void checkEnum(const JsonValue& value, std::span<const std::string_view> names,
               const std::string& path, Violations& violations);
std::string elementPath(const std::string& path, std::size_t index);

template <WireEnum E>
struct Codec<E> {
  // A name that does not exist is a violated constraint, not a wrong type; check() finds it.
  static ReadResult read(const JsonValue& value, E& to) {
    std::string text;
    auto result = Codec<std::string>::read(value, text);
    if (result) to = parse<E>(text).value_or(E{});
    return result;
  }
  static void check(const JsonValue& value, const Constraint&, const std::string& path,
                    Violations& violations) {
    checkEnum(value, namesOf<E>(), path, violations);
  }
  static void write(const E& value, std::string& out) { writeString(name(value), out); }
};

template <typename T>
struct Codec<std::optional<T>> {
  static ReadResult read(const JsonValue& value, std::optional<T>& to) {
    return Codec<T>::read(value, to.emplace());
  }
  static constexpr auto check = &Codec<T>::check;
  static void write(const std::optional<T>& value, std::string& out) {
    Codec<T>::write(*value, out);
  }
};

template <typename T>
struct Codec<std::vector<T>> {
  static ReadResult read(const JsonValue& value, std::vector<T>& to) {
    if (auto list = expectList(value); !list) return list;
    to.reserve(value.items.size());
    for (const JsonValue& item : value.items) {
      T& element = to.emplace_back();
      if (item.kind == JsonKind::kNull) continue;
      if (auto result = Codec<T>::read(item, element); !result) return result;
    }
    return {};
  }
  static void check(const JsonValue& value, const Constraint& constraint, const std::string& path,
                    Violations& violations) {
    static constexpr Constraint kNone;
    const Constraint& element = constraint.element != nullptr ? *constraint.element : kNone;
    for (std::size_t i = 0; i < value.items.size(); ++i) {
      const std::string element_path = elementPath(path, i);
      if (value.items[i].kind == JsonKind::kNull) {
        violations.addNull(element_path);
      } else {
        Codec<T>::check(value.items[i], element, element_path, violations);
      }
    }
  }
  static void write(const std::vector<T>& value, std::string& out) {
    out += '[';
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (i > 0) out += ',';
      Codec<T>::write(value[i], out);
    }
    out += ']';
  }
};

template <typename T>
struct Codec<std::map<std::string, T>> {
  static ReadResult read(const JsonValue& value, std::map<std::string, T>& to) {
    if (auto map = expectStructure(value); !map) return map;
    for (const JsonMember& member : value.members) {
      if (member.value.kind == JsonKind::kNull) {
        to.erase(member.name);
        continue;
      }
      T& element = to.insert_or_assign(member.name, T{}).first->second;
      if (auto result = Codec<T>::read(member.value, element); !result) return result;
    }
    return {};
  }
  static constexpr auto check = &checkMap;
  static void write(const std::map<std::string, T>& value, std::string& out) {
    out += '{';
    for (const auto& [key, element] : value) {
      if (out.back() != '{') out += ',';
      writeString(key, out);
      out += ':';
      Codec<T>::write(element, out);
    }
    out += '}';
  }
};

namespace detail {

template <typename>
struct MemberPointer;
template <typename Struct, typename Member>
struct MemberPointer<Member Struct::*> {
  using Object = Struct;
  using Type = Member;
};

// Whether a member appears on the wire: optionals when set, optional lists and maps when not empty.
template <typename T>
bool has(const T&, Presence) {
  return true;
}
template <typename T>
bool has(const std::optional<T>& value, Presence) {
  return value.has_value();
}
template <typename T>
bool has(const std::vector<T>& value, Presence presence) {
  return presence == kRequired || !value.empty();
}
template <typename T>
bool has(const std::map<std::string, T>& value, Presence presence) {
  return presence == kRequired || !value.empty();
}

}  // namespace detail

template <auto kMember>
constexpr Field field(std::string_view name, Presence presence, Constraint constraint = {}) {
  using Object = typename detail::MemberPointer<decltype(kMember)>::Object;
  using Type = typename detail::MemberPointer<decltype(kMember)>::Type;
  return Field{
      .name = name,
      .presence = presence,
      .constraint = constraint,
      // A repeated member replaces the earlier one entirely; null makes it absent again.
      .read = [](const JsonValue& value, void* object) -> ReadResult {
        Type& member = static_cast<Object*>(object)->*kMember;
        member = Type{};
        if (value.kind == JsonKind::kNull) return {};
        return Codec<Type>::read(value, member);
      },
      .check = Codec<Type>::check,
      .has =
          [](const void* object, Presence row_presence) {
            return detail::has(static_cast<const Object*>(object)->*kMember, row_presence);
          },
      .write =
          [](const void* object, std::string& out) {
            Codec<Type>::write(static_cast<const Object*>(object)->*kMember, out);
          },
  };
}

}  // namespace glaux::api
