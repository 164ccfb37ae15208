#pragma once

#include <kj/exception.h>

#include <string>

namespace glaux::plugins {

// An exception whose description is this text and nothing else, for texts that reach a user.
// (KJ_EXCEPTION adds the names of its arguments.)
inline kj::Exception failure(const std::string& text) {
  return kj::Exception(kj::Exception::Type::FAILED, "", 0, kj::heapString(text.c_str()));
}

}  // namespace glaux::plugins
