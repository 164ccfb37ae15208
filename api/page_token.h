// Page tokens: where a list continues, as an opaque string.
//
// A token is bound to the operation and the scope it was made for (the workgroup, the session, the
// filter) and carries a checksum over all of it, so that a token of another list, a cut one or an
// invented one is refused as malformed. It is no secret and no permission: whoever may list may
// read what any token could point at. Tokens are URL-safe and stay valid across restarts.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "api/errors.h"

namespace glaux::api {

// position: any bytes that tell the list where to go on, usually the last key of the page. Up to
// 512 bytes keep the token within the API's 1024 characters.
std::string encodePageToken(std::string_view operation, std::string_view scope,
                            std::string_view position);

// The position. Error: "The nextPageToken is malformed: <token>".
tl::expected<std::string, Error> decodePageToken(std::string_view operation, std::string_view scope,
                                                 std::string_view token);

}  // namespace glaux::api
