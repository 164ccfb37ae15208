#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "journal/error.h"
#include "journal/journal.h"

// FORMAT and HEAD: the two text files that say what a journal is and how far it went (FORMAT.md).
namespace glaux::journal {

// The format written by this binary, and the newest it can read.
inline constexpr int kJournalFormat = 1;

// <state>/journal/FORMAT, written once, at creation.
struct Identity {
  JournalId id{};
};

std::string encodeIdentity(const Identity& identity);
// `path` appears in messages. kNewerFormat if a later version wrote it.
[[nodiscard]] tl::expected<Identity, Error> decodeIdentity(std::string_view text,
                                                           const std::filesystem::path& path);

// <state>/HEAD: record `sequence`, with this leaf hash, was durable when it was written. A journal
// that does not have it has lost its tail.
struct Head {
  JournalId id{};
  Sequence sequence = 0;
  Hash leaf_hash;  // all zero for sequence 0

  bool operator==(const Head&) const = default;
};

std::string encodeHead(const Head& head);
[[nodiscard]] tl::expected<Head, Error> decodeHead(std::string_view text,
                                                   const std::filesystem::path& path);

std::string toText(const JournalId& id);

}  // namespace glaux::journal
