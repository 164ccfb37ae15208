#include "daemon/ctl/time_text.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>

namespace glaux::daemon {
namespace {

namespace chrono = std::chrono;

constexpr std::int64_t kMsPerSecond = 1000;
constexpr std::int64_t kMsPerMinute = 60 * kMsPerSecond;
constexpr std::int64_t kMsPerHour = 60 * kMsPerMinute;

// Takes what it recognises from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool atEnd() const { return rest_.empty(); }

  bool takeAny(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Exactly `digits` of them.
  std::optional<int> takeNumber(std::size_t digits) {
    if (leadingDigits() < digits) return std::nullopt;
    return static_cast<int>(*takeDigits(digits));
  }

  std::optional<std::int64_t> takeSeconds() {
    const std::size_t digits = leadingDigits();
    if (digits == 0 || digits > 12) return std::nullopt;
    return takeDigits(digits);
  }

  // The ".125" of a second, if it is there.
  std::optional<std::int64_t> takeMillis() {
    if (!takeAny(".")) return 0;
    const std::size_t digits = leadingDigits();
    if (digits == 0) return std::nullopt;
    std::string millis(rest_.substr(0, std::min<std::size_t>(digits, 3)));
    millis.resize(3, '0');
    rest_.remove_prefix(digits);
    return std::stoll(millis);
  }

 private:
  std::size_t leadingDigits() const {
    return std::min(rest_.find_first_not_of("0123456789"), rest_.size());
  }

  std::optional<std::int64_t> takeDigits(std::size_t digits) {
    std::int64_t number = 0;
    std::from_chars(rest_.data(), rest_.data() + digits, number);
    rest_.remove_prefix(digits);
    return number;
  }

  std::string_view rest_;
};

std::optional<std::int64_t> takeDate(Scanner& scanner) {
  const auto year = scanner.takeNumber(4);
  if (!year || !scanner.takeAny("-")) return std::nullopt;
  const auto month = scanner.takeNumber(2);
  if (!month || !scanner.takeAny("-")) return std::nullopt;
  const auto day = scanner.takeNumber(2);
  if (!day) return std::nullopt;
  const chrono::year_month_day date{chrono::year(*year), chrono::month(unsigned(*month)),
                                    chrono::day(unsigned(*day))};
  if (!date.ok()) return std::nullopt;
  return chrono::milliseconds(chrono::sys_days(date).time_since_epoch()).count();
}

std::optional<std::int64_t> takeClock(Scanner& scanner) {
  const auto hour = scanner.takeNumber(2);
  if (!hour || *hour > 23 || !scanner.takeAny(":")) return std::nullopt;
  const auto minute = scanner.takeNumber(2);
  if (!minute || *minute > 59) return std::nullopt;
  const std::int64_t ms = *hour * kMsPerHour + *minute * kMsPerMinute;
  if (!scanner.takeAny(":")) return ms;
  const auto second = scanner.takeNumber(2);
  if (!second || *second > 59) return std::nullopt;
  const auto millis = scanner.takeMillis();
  if (!millis) return std::nullopt;
  return ms + *second * kMsPerSecond + *millis;
}

// What to subtract to get UTC.
std::optional<std::int64_t> takeOffset(Scanner& scanner) {
  if (scanner.atEnd() || scanner.takeAny("Zz")) return 0;
  const bool is_east = scanner.takeAny("+");
  if (!is_east && !scanner.takeAny("-")) return std::nullopt;
  const auto hours = scanner.takeNumber(2);
  if (!hours || *hours > 23) return std::nullopt;
  scanner.takeAny(":");
  const auto minutes = scanner.takeNumber(2);
  if (!minutes || *minutes > 59) return std::nullopt;
  const std::int64_t ms = *hours * kMsPerHour + *minutes * kMsPerMinute;
  return is_east ? ms : -ms;
}

std::optional<api::Timestamp> parseIso(std::string_view text) {
  Scanner scanner(text);
  const auto date = takeDate(scanner);
  if (!date) return std::nullopt;
  if (scanner.atEnd()) return api::Timestamp{*date};
  if (!scanner.takeAny("Tt ")) return std::nullopt;
  const auto clock = takeClock(scanner);
  if (!clock) return std::nullopt;
  const auto offset = takeOffset(scanner);
  if (!offset || !scanner.atEnd()) return std::nullopt;
  return api::Timestamp{*date + *clock - *offset};
}

std::optional<api::Timestamp> parseEpochSeconds(std::string_view text) {
  Scanner scanner(text);
  const auto seconds = scanner.takeSeconds();
  if (!seconds) return std::nullopt;
  const auto millis = scanner.takeMillis();
  if (!millis || !scanner.atEnd()) return std::nullopt;
  return api::Timestamp{*seconds * kMsPerSecond + *millis};
}

}  // namespace

std::string timeText(api::Timestamp time) {
  const chrono::sys_time<chrono::milliseconds> moment{chrono::milliseconds(time.ms)};
  const auto day = chrono::floor<chrono::days>(moment);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss clock(moment - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int(date.year()),
                unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                int(clock.minutes().count()), int(clock.seconds().count()),
                int(clock.subseconds().count()));
  return text;
}

std::optional<api::Timestamp> parseTimeText(std::string_view text) {
  if (auto iso = parseIso(text)) return iso;
  return parseEpochSeconds(text);
}

}  // namespace glaux::daemon
