// What somebody meant who wrote a name that does not exist.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace glaux::config {

// Index of the name that takes the fewest changes to become from `mistyped`. Nothing: none is close
// enough to be worth suggesting.
std::optional<std::size_t> nearest(std::string_view mistyped, std::span<const std::string> names);

}  // namespace glaux::config
