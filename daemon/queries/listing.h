#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "api/aws_json.h"
#include "api/errors.h"
#include "api/page_token.h"
#include "api/types.h"
#include "daemon/core/check.h"
#include "daemon/projections/bytes.h"
#include "daemon/projections/state_index.h"
#include "daemon/queries/answers.h"

// Private to queries: pages of lists, and single rows.
namespace glaux::daemon {

// As large as the API allows: boto3 and the CLI do not page by themselves.
inline constexpr std::size_t kDefaultPage = 100;

// Without a filter sessions are listed while they are active; ended ones have to be asked for.
inline constexpr std::array kActiveSessions = {
    static_cast<std::uint8_t>(api::SessionState::kCreating),
    static_cast<std::uint8_t>(api::SessionState::kCreated),
    static_cast<std::uint8_t>(api::SessionState::kIdle),
    static_cast<std::uint8_t>(api::SessionState::kBusy),
};

inline api::Error storageError(const journal::Error& error) {
  return api::errors::internal(error.message);
}

inline std::size_t pageSize(const std::optional<std::int32_t>& max_results, std::size_t otherwise) {
  return max_results ? static_cast<std::size_t>(*max_results) : otherwise;
}

// What a page token is bound to besides its operation: another list's token is refused.
template <class State>
std::string listScope(const std::string& owner, const std::optional<State>& filter) {
  return owner + '\0' + std::string(filter ? api::name(*filter) : "");
}

template <class State, std::size_t kCount>
std::vector<std::uint8_t> statesOf(const std::optional<State>& filter,
                                   const std::array<std::uint8_t, kCount>& otherwise) {
  if (filter) return {static_cast<std::uint8_t>(*filter)};
  return {otherwise.begin(), otherwise.end()};
}

inline tl::expected<std::optional<std::uint64_t>, api::Error> positionOf(
    std::string_view operation, const std::string& scope, const std::optional<std::string>& token) {
  // The model lets clients send "" for the first page.
  if (token.value_or("").empty()) return std::nullopt;
  auto position = api::decodePageToken(operation, scope, *token);
  if (!position) return tl::unexpected(std::move(position.error()));
  if (position->size() != 8) return tl::unexpected(api::errors::malformedPageToken(*token));
  return readBigEndian64(*position);
}

// A page of things listed by state, newest first.
struct Listing {
  std::string_view operation;
  std::string scope;
  std::vector<std::uint8_t> states;
  std::optional<std::string> token;
  std::size_t limit;
};

// Fills `items` and answers the next page's token. One entry more than shown tells whether there is
// a next page.
template <class Rows, class Item, class Summarise>
tl::expected<std::optional<std::string>, api::Error> listPage(
    const Listing& listing, std::string_view index_scope, const StateIndex& index, const Rows& rows,
    std::vector<Item>& items, Summarise summarise) {
  auto before = positionOf(listing.operation, listing.scope, listing.token);
  if (!before) return tl::unexpected(std::move(before.error()));
  auto entries = index.newest(index_scope, listing.states, *before, listing.limit + 1);
  if (!entries) return tl::unexpected(storageError(entries.error()));
  bool has_more = entries->size() > listing.limit;
  if (has_more) entries->pop_back();
  for (const StateIndex::Entry& entry : *entries) {
    auto row = rows.get(entry.key);
    if (!row) return tl::unexpected(storageError(row.error()));
    core::check(row->has_value(), "an indexed row exists");
    items.push_back(summarise((*row)->answer));
  }
  if (!has_more) return std::nullopt;
  return api::encodePageToken(listing.operation, listing.scope,
                              bigEndian64(entries->back().created));
}

// Likewise of a list that only the settings change; a position is how many came before.
template <class Item>
tl::expected<std::optional<std::string>, api::Error> fixedPage(
    std::string_view operation, const std::optional<std::string>& token, std::size_t limit,
    std::vector<Item> all, std::vector<Item>& items) {
  auto position = positionOf(operation, "", token);
  if (!position) return tl::unexpected(std::move(position.error()));
  const std::size_t begin = std::min<std::size_t>(position->value_or(0), all.size());
  const std::size_t end = std::min(begin + limit, all.size());
  std::move(all.begin() + static_cast<std::ptrdiff_t>(begin),
            all.begin() + static_cast<std::ptrdiff_t>(end), std::back_inserter(items));
  if (end == all.size()) return std::nullopt;
  return api::encodePageToken(operation, "", bigEndian64(end));
}

template <class MakeError>
JsonAnswer foundText(tl::expected<std::optional<std::string>, journal::Error> text,
                     MakeError error) {
  if (!text) return tl::unexpected(storageError(text.error()));
  if (!*text) return tl::unexpected(error());
  return std::move(**text);
}

template <class Row, class MakeError>
tl::expected<Row, api::Error> foundRow(tl::expected<std::optional<Row>, journal::Error> row,
                                       MakeError error) {
  if (!row) return tl::unexpected(storageError(row.error()));
  if (!*row) return tl::unexpected(error());
  return std::move(**row);
}

template <class Response>
JsonAnswer page(Response response, tl::expected<std::optional<std::string>, api::Error> next) {
  if (!next) return tl::unexpected(std::move(next.error()));
  response.next_token = std::move(*next);
  return api::encode(response);
}

}  // namespace glaux::daemon
