#include "config/settings_file.h"

#include <cerrno>
#include <cstdio>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <utility>

namespace glaux::config {
namespace {

using nlohmann::json;

// Walks a text and counts its lines, so that the parser's position is known at every key.
class LineCounter {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  LineCounter(const char* at, std::size_t& line) : at_(at), line_(&line) {}
  reference operator*() const { return *at_; }
  LineCounter& operator++() {
    if (*at_++ == '\n') ++*line_;
    return *this;
  }
  bool operator==(const LineCounter& other) const { return at_ == other.at_; }

 private:
  const char* at_;
  std::size_t* line_;
};

// Turns the parser's events into assignments. Objects are groups; their names make dotted names.
class AssignmentCollector : public nlohmann::json_sax<json> {
 public:
  AssignmentCollector(std::string path, const std::size_t& line, std::vector<Problem>& problems)
      : path_(std::move(path)), line_(line), problems_(problems) {}

  std::vector<Assignment> take() { return std::move(assignments_); }

  bool null() override { return add(Unusable{"null"}); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override {
    if (!std::in_range<std::int64_t>(value)) return add(Fraction{std::to_string(value)});
    return add(static_cast<std::int64_t>(value));
  }
  bool number_float(number_float_t, const string_t& text) override { return add(Fraction{text}); }
  bool string(string_t& value) override { return add(value); }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override {
    if (list_depth_ > 0) return true;
    if (is_open_) groups_.push_back(key_);
    is_open_ = true;
    is_empty_ = true;
    return true;
  }
  bool end_object() override {
    if (list_depth_ > 0 || groups_.empty()) return true;
    key_ = groups_.back();
    groups_.pop_back();
    return std::exchange(is_empty_, false) ? add(EmptyGroup{}) : true;
  }
  bool start_array(std::size_t) override {
    if (list_depth_ == 0) add(Unusable{"a list"});
    ++list_depth_;
    return true;
  }
  bool end_array() override {
    --list_depth_;
    return true;
  }
  bool key(string_t& name) override {
    if (list_depth_ > 0) return true;
    key_ = name;
    key_line_ = line_;
    is_empty_ = false;
    return true;
  }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& error) override {
    std::string text = error.what();  // "[json.exception.…] parse error at line 3, column 5: …"
    const auto bracket = text.find("] ");
    if (bracket != std::string::npos) text.erase(0, bracket + 2);
    problems_.push_back({.setting = "", .text = std::move(text), .origin = path_});
    return false;
  }

 private:
  using Value = decltype(Assignment::value);

  bool add(Value value) {
    if (list_depth_ > 0) return true;
    if (!is_open_) {
      problems_.push_back({.setting = "", .text = "the file is not an object", .origin = path_});
      return false;
    }
    std::vector<std::string> path = groups_;
    path.push_back(key_);
    std::string name;
    for (const std::string& group : groups_) name += group + ".";
    name += key_;
    const std::string origin = path_ + ":" + std::to_string(key_line_);
    if (!names_.insert(name).second) {
      problems_.push_back({.setting = name, .text = "it is given twice", .origin = origin});
    }
    assignments_.push_back({.name = std::move(name),
                            .value = std::move(value),
                            .origin = origin,
                            .path = std::move(path)});
    return true;
  }

  const std::string path_;
  const std::size_t& line_;
  std::vector<Problem>& problems_;

  std::vector<Assignment> assignments_;
  std::set<std::string> names_;
  std::vector<std::string> groups_;
  std::string key_;
  std::size_t key_line_ = 0;
  std::size_t list_depth_ = 0;
  bool is_open_ = false;   // whether the outermost object has begun
  bool is_empty_ = false;  // whether the innermost one has no member so far
};

// 0, or the errno that says why the file could not be read.
int readFile(const std::string& path, std::string& text) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (file == nullptr) return errno;
  char buffer[4096];
  while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, file.get())) {
    text.append(buffer, count);
  }
  return std::ferror(file.get()) != 0 ? errno : 0;
}

}  // namespace

std::vector<Assignment> readSettingsFile(const std::string& path, std::vector<Problem>& problems) {
  std::string text;
  if (const int error = readFile(path, text); error != 0) {
    const std::string reason = std::generic_category().message(error);
    problems.push_back({.setting = "", .text = "cannot be read: " + reason, .origin = path});
    return {};
  }
  std::size_t line = 1;
  AssignmentCollector collector(path, line, problems);
  json::sax_parse(LineCounter(text.data(), line), LineCounter(text.data() + text.size(), line),
                  &collector, json::input_format_t::json, /*strict=*/true,
                  /*ignore_comments=*/true);
  return collector.take();
}

}  // namespace glaux::config
