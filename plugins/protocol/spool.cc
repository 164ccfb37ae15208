#include "plugins/protocol/spool.h"

#include <fcntl.h>
#include <kj/exception.h>

#include <capnp/serialize.h>
#include <cstring>
#include <fstream>
#include <iterator>

#include "plugins/protocol/bootstrap.h"
#include "plugins/protocol/report_codec.h"

namespace glaux::plugins {

tl::expected<std::vector<Report>, Error> readSpool(const std::filesystem::path& session_directory) {
  const auto path = session_directory / "spool";
  std::ifstream in(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  std::vector<Report> reports;
  std::string_view rest = bytes;
  try {
    for (std::size_t size = framedMessageSize(rest); size != 0 && size <= rest.size();
         size = framedMessageSize(rest)) {
      std::vector<capnp::word> words(size / sizeof(capnp::word));
      std::memcpy(static_cast<void*>(words.data()), rest.data(), size);
      capnp::FlatArrayMessageReader reader(kj::arrayPtr(words.data(), words.size()));
      reports.push_back(readReport(reader.getRoot<protocol::Report>()));
      rest.remove_prefix(size);
    }
  } catch (const kj::Exception& e) {
    return tl::make_unexpected(
        Error{path.string() + " cannot be read: " + e.getDescription().cStr()});
  }
  return reports;
}

}  // namespace glaux::plugins
