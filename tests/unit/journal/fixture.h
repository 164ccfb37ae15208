#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "journal/journal.h"

namespace glaux::journal {

// A directory of its own for each test, removed afterwards.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(
      const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
    std::string name = (parent / "glaux-journal-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::string readAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

inline void writeAll(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

inline Draft draft(std::string payload) {
  Draft draft;
  draft.time_ms = 1'700'000'000'000;
  draft.kind = 7;
  draft.version = 1;
  draft.payload = std::move(payload);
  return draft;
}

// Lists every problem and goes on.
class ListProblems : public Reporter {
 public:
  Scan report(const Problem& problem) override {
    problems.push_back(problem);
    return Scan::kContinue;
  }
  std::vector<Problem> problems;
};

// A journal in a temporary directory, committed by hand unless the test says otherwise.
class JournalTest : public ::testing::Test {
 protected:
  JournalTest() {
    options.directory = directory.path() / "state";
    options.commit = Commit::kManual;
    options.head_interval = std::chrono::milliseconds(0);
    options.new_journal_id = {1, 2, 3};
    options.on_durable = [this](const Durable& durable) { news.push_back(durable); };
  }

  void open() {
    auto opened = Journal::open(options);
    ASSERT_TRUE(opened) << opened.error().message;
    journal = std::move(*opened);
  }

  Error openFails() {
    auto opened = Journal::open(options);
    EXPECT_FALSE(opened) << "the journal opened";
    return opened ? Error{} : opened.error();
  }

  void close() {
    const auto closed = journal->close();
    EXPECT_TRUE(closed) << closed.error().message;
    journal.reset();
  }

  void reopen() {
    close();
    open();
  }

  Sequence append(std::string payload) { return journal->append(draft(std::move(payload))); }

  void commit() {
    const auto committed = journal->commitPending();
    ASSERT_TRUE(committed) << committed.error().message;
  }

  // Appends records with payloads "1", "2", … up to `through`, and commits them.
  void fill(Sequence through) {
    while (journal->lastSequence() < through) append(std::to_string(journal->lastSequence() + 1));
    commit();
  }

  std::vector<std::string> payloads(Sequence from = 1) {
    std::vector<std::string> seen;
    StopAtFirstProblem reporter;
    const auto end = journal->replay(
        from,
        [&](const Record& record) {
          seen.emplace_back(record.payload);
          return Scan::kContinue;
        },
        reporter);
    EXPECT_TRUE(end) << end.error().message;
    EXPECT_FALSE(reporter.problem()) << describe(*reporter.problem());
    return seen;
  }

  std::filesystem::path logDirectory() const { return options.directory / "journal"; }

  // Files of the log's database with this extension, in the order of their numbers.
  std::vector<std::filesystem::path> logFiles(const std::string& extension) const {
    std::vector<std::filesystem::path> files;
    for (const auto& file : std::filesystem::directory_iterator(logDirectory())) {
      if (file.path().extension() == extension) files.push_back(file.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  TemporaryDirectory directory;
  Options options;
  std::vector<Durable> news;
  std::unique_ptr<Journal> journal;
};

}  // namespace glaux::journal
