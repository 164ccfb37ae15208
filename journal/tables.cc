#include "journal/tables.h"

namespace glaux::journal {

void TableBatch::put(std::string_view table, std::string_view key, std::string_view value) {
  changes_.push_back({Verb::kPut, std::string(table), std::string(key), std::string(value)});
}

void TableBatch::erase(std::string_view table, std::string_view key) {
  changes_.push_back({Verb::kErase, std::string(table), std::string(key), {}});
}

void TableBatch::clear(std::string_view table) {
  changes_.push_back({Verb::kClear, std::string(table), {}, {}});
}

}  // namespace glaux::journal
