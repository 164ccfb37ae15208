#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/owned_fd.h"

namespace glaux::daemon {

/// Whether two names of header fields are the same: ASCII letters match in either case.
bool equalIgnoringCase(std::string_view a, std::string_view b);

/// Header fields in the order they arrived, duplicates included. The views are valid as long as the
/// list is neither changed nor moved.
class HeaderList {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  void add(std::string_view name, std::string_view value);

  std::size_t size() const { return extents_.size(); }
  Field at(std::size_t index) const;

  /// The first field of that name, whatever its case; nullopt if there is none.
  std::optional<std::string_view> find(std::string_view name) const;

 private:
  struct Extent {
    std::uint32_t name_begin;
    std::uint32_t value_begin;
    std::uint32_t value_end;
  };
  /// All names and values, one after the other: one allocation instead of two for each field.
  std::string text_;
  std::vector<Extent> extents_;
};

/// A request as it came over the wire: nothing is decoded, folded or normalised, so that a
/// signature over it can be checked.
struct HttpRequest {
  /// As sent, usually upper case.
  std::string method;
  /// The request target up to the first '?', percent-encoding untouched.
  std::string path;
  /// What follows the '?', without it; percent-encoding untouched.
  std::string query;
  HeaderList headers;
  /// Complete, with any chunked coding removed.
  std::string body;
  /// The peer's numeric address without the port: "127.0.0.1", "::1".
  std::string remote_address;

  /// The first header of that name, whatever its case; empty if there is none.
  std::string_view header(std::string_view name) const {
    return headers.find(name).value_or(std::string_view{});
  }
};

/// A part of a regular file as a response's body, sent without passing through this process's
/// memory. If the file has become shorter by then, the connection is cut: a short body is never
/// passed off as a complete one.
struct FileBody {
  OwnedFd fd;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// What a handler answers. Content-Length, Date and Connection are the server's to add (a handler
/// may add "Connection: close"); everything else, Content-Type included, the handler's. Names and
/// values are sent as they are and must not hold line breaks: text from a client does not belong
/// here unchecked. The body of an answer to HEAD gives the Content-Length and is not sent.
struct HttpResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::variant<std::string, FileBody> body = {};
};

}  // namespace glaux::daemon
