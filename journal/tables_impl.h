#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "journal/database.h"
#include "journal/tables.h"

namespace glaux::journal {

struct Tables::Impl {
  std::unique_ptr<Database> database;

  Error error(const rocksdb::Status& status, std::string_view verb, std::string_view table) const;
  // The greatest key; empty if the table is.
  tl::expected<std::string, Error> lastKey(std::string_view table) const;
};

}  // namespace glaux::journal
