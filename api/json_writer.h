// The JSON texts that encoding is made of, appended to a string.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace glaux::api {

// text in quotes, escaped; bytes that are not UTF-8 become U+FFFD.
void writeString(std::string_view text, std::string& out);

void writeInteger(std::int64_t value, std::string& out);

}  // namespace glaux::api
