#include "daemon/core/rules.h"

namespace glaux::core {
namespace {

constexpr std::size_t kReasonCharactersMax = 1024;

bool beginsCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

}  // namespace

// Characters, not bytes: a cut never leaves half of one.
std::string fitReason(std::string_view text) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (beginsCharacter(text[i]) && ++characters > kReasonCharactersMax)
      return std::string(text.substr(0, i));
  }
  return std::string(text);
}

}  // namespace glaux::core
