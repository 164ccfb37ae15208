#include "journal/hash.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "journal/require.h"

namespace glaux::journal {
namespace {

// Fetching the algorithm and making a context costs more than hashing a small record; both are done
// once per thread.
class Context {
 public:
  Context() {
    require(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1,
            "libcrypto offers no SHA-256");
  }

  Hash digest(std::initializer_list<std::string_view> parts) {
    bool ok = EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) == 1;
    for (std::string_view part : parts) {
      ok = ok && EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1;
    }
    Hash hash;
    ok = ok && EVP_DigestFinal_ex(context_.get(), hash.bytes.data(), nullptr) == 1;
    require(ok, "libcrypto failed to compute a SHA-256");
    return hash;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_{EVP_MD_CTX_new()};
};

int digitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string toHex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::optional<std::string> bytesFromHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digitValue(text[i]);
    const int low = digitValue(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::string Hash::hex() const { return toHex(view()); }

std::optional<Hash> Hash::fromHex(std::string_view text) {
  const auto raw = bytesFromHex(text);
  if (!raw) return std::nullopt;
  return fromBytes(*raw);
}

std::string_view Hash::view() const {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::optional<Hash> Hash::fromBytes(std::string_view raw) {
  Hash hash;
  if (raw.size() != hash.bytes.size()) return std::nullopt;
  std::copy(raw.begin(), raw.end(), reinterpret_cast<char*>(hash.bytes.data()));
  return hash;
}

Hash sha256(std::initializer_list<std::string_view> parts) {
  thread_local Context context;
  return context.digest(parts);
}

Hash sha256(std::string_view bytes) { return sha256({bytes}); }

}  // namespace glaux::journal
