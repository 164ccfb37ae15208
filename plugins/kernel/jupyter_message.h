#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "plugins/protocol/error.h"

// Messages of the Jupyter protocol 5.3 and their form on the wire
// (https://jupyter-client.readthedocs.io/en/stable/messaging.html#the-wire-protocol):
//
//     identity…  <IDS|MSG>  signature  header  parent header  metadata  content  buffer…
namespace glaux::plugins {

struct JupyterMessage {
  std::string type;
  std::string id;
  std::string parent_id;       // of the request that caused it; empty if none
  std::string content = "{}";  // JSON
};

using Frames = std::vector<std::string>;

// Signs and checks with the key of one kernel's connection file.
class JupyterCodec {
 public:
  JupyterCodec(std::string key, std::string session);

  // A request of a fresh id, or of one that no other request of this kernel's life has.
  JupyterMessage request(std::string type, std::string content);
  JupyterMessage request(std::string type, std::string content, std::string id) const;

  Frames encode(const JupyterMessage& message) const;

  // Routing identities and buffers are skipped. An error means the frames are not a message signed
  // with our key.
  tl::expected<JupyterMessage, Error> decode(const Frames& frames) const;

 private:
  std::string sign(const Frames& frames, std::size_t first) const;

  std::string key_;
  std::string session_;
  unsigned int next_id_ = 1;
};

// Without the escape sequences that colour a terminal.
std::string withoutColours(std::string_view text);

}  // namespace glaux::plugins
