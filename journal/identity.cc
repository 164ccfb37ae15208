#include "journal/identity.h"

#include <algorithm>
#include <charconv>

namespace glaux::journal {
namespace {

constexpr std::string_view kChecksumField = "sha256";

std::string withChecksum(std::string lines) {
  const Hash checksum = sha256(lines);
  return lines + std::string(kChecksumField) + " " + checksum.hex() + "\n";
}

tl::unexpected<Error> damaged(const std::filesystem::path& path, std::string_view why) {
  const std::string_view way_out =
      path.filename() == "HEAD"
          ? "remove it to go on without knowing whether the end of the journal is there"
          : "restore it from a backup";
  return tl::unexpected(
      Error{Error::Kind::kCorrupt,
            path.string() + " is damaged: " + std::string(why) + "; " + std::string(way_out)});
}

// Reads "name value\n" lines from the front of a text.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  // The value of the next line if it has this name; empty otherwise.
  std::string_view value(std::string_view name) {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos || rest_.substr(0, name.size()) != name ||
        rest_.size() <= name.size() || rest_[name.size()] != ' ') {
      return {};
    }
    const std::string_view value = rest_.substr(name.size() + 1, end - name.size() - 1);
    rest_.remove_prefix(end + 1);
    return value;
  }

  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

template <typename Number>
std::optional<Number> parseNumber(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<JournalId> parseId(std::string_view text) {
  const auto raw = bytesFromHex(text);
  JournalId id;
  if (!raw || raw->size() != id.size()) return std::nullopt;
  std::copy(raw->begin(), raw->end(), id.begin());
  return id;
}

// The first line of either file. A later format may have changed everything behind it, the
// checksum included, so it is judged first.
tl::expected<void, Error> checkFormat(Lines* lines, const std::filesystem::path& path) {
  const auto format = parseNumber<int>(lines->value("format"));
  if (!format || *format < 1) return damaged(path, "it does not begin with a format number");
  if (*format <= kJournalFormat) return {};
  return tl::unexpected(
      Error{Error::Kind::kNewerFormat,
            path.string() + " was written by a newer glaux (format " + std::to_string(*format) +
                ", this binary knows up to " + std::to_string(kJournalFormat) +
                "); nothing was touched. Install that version again, or restore a backup made "
                "before the upgrade"});
}

tl::expected<void, Error> checkChecksum(std::string_view text, const std::filesystem::path& path) {
  const std::size_t last_line = text.rfind(kChecksumField);
  if (last_line == std::string_view::npos) return damaged(path, "its checksum is missing");
  Lines lines(text.substr(last_line));
  const auto stored = Hash::fromHex(lines.value(kChecksumField));
  if (!stored || !lines.rest().empty() || *stored != sha256(text.substr(0, last_line))) {
    return damaged(path, "its checksum does not fit");
  }
  return {};
}

}  // namespace

std::string toText(const JournalId& id) {
  return toHex({reinterpret_cast<const char*>(id.data()), id.size()});
}

std::string encodeIdentity(const Identity& identity) {
  return withChecksum("format " + std::to_string(kJournalFormat) + "\njournal " +
                      toText(identity.id) + "\n");
}

tl::expected<Identity, Error> decodeIdentity(std::string_view text,
                                             const std::filesystem::path& path) {
  Lines lines(text);
  if (auto known = checkFormat(&lines, path); !known) return tl::unexpected(known.error());
  if (auto sound = checkChecksum(text, path); !sound) return tl::unexpected(sound.error());
  const auto id = parseId(lines.value("journal"));
  if (!id) return damaged(path, "it names no journal");
  return Identity{*id};
}

std::string encodeHead(const Head& head) {
  return withChecksum("format " + std::to_string(kJournalFormat) + "\njournal " + toText(head.id) +
                      "\nsequence " + std::to_string(head.sequence) + "\nleaf " +
                      head.leaf_hash.hex() + "\n");
}

tl::expected<Head, Error> decodeHead(std::string_view text, const std::filesystem::path& path) {
  Lines lines(text);
  if (auto known = checkFormat(&lines, path); !known) return tl::unexpected(known.error());
  if (auto sound = checkChecksum(text, path); !sound) return tl::unexpected(sound.error());
  const auto id = parseId(lines.value("journal"));
  const auto sequence = parseNumber<Sequence>(lines.value("sequence"));
  const auto leaf = Hash::fromHex(lines.value("leaf"));
  if (!id || !sequence || !leaf) return damaged(path, "a line is missing");
  return Head{*id, *sequence, *leaf};
}

}  // namespace glaux::journal
