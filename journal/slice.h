#pragma once

#include <rocksdb/slice.h>

#include <string_view>

// Between RocksDB's view of bytes and the standard one. Neither owns anything.
namespace glaux::journal {

// A default string_view's data() is null, which RocksDB hands to memcmp().
inline rocksdb::Slice slice(std::string_view bytes) {
  return bytes.empty() ? rocksdb::Slice() : rocksdb::Slice(bytes.data(), bytes.size());
}

inline std::string_view view(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace glaux::journal
