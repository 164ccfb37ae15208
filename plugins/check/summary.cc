#include "plugins/check/summary.h"

#include <algorithm>
#include <cstdio>
#include <pugixml.hpp>

namespace glaux::plugins::check {
namespace {

struct Sum {
  std::string name;
  int cases = 0, ok = 0, failed = 0, skipped = 0;
  std::chrono::milliseconds duration{};

  void add(const CaseResult& result) {
    ++cases;
    ok += result.verdict == Verdict::kOk;
    failed += result.verdict == Verdict::kFailed;
    skipped += result.verdict == Verdict::kSkipped;
    duration += result.duration;
  }
};

std::vector<Sum> sumsOf(const std::vector<CaseResult>& results) {
  std::vector<Sum> sums;
  for (const CaseResult& result : results) {
    if (sums.empty() || sums.back().name != result.group) sums.push_back({result.group});
    sums.back().add(result);
  }
  return sums;
}

double seconds(std::chrono::milliseconds duration) {
  return static_cast<double>(duration.count()) / 1000;
}

std::string row(const Sum& sum) {
  char text[120];
  std::snprintf(text, sizeof(text), "%-14s %5d %5d %7d %8d %8.1f s\n", sum.name.c_str(), sum.cases,
                sum.ok, sum.failed, sum.skipped, seconds(sum.duration));
  return text;
}

// XML has no place for most control characters, and output of a broken executor may hold any.
std::string forXml(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' ' && c != '\n' && c != '\t'; },
      '?');
  return text;
}

void addCase(pugi::xml_node suite, const std::string& executor, const CaseResult& result) {
  auto node = suite.append_child("testcase");
  node.append_attribute("classname") = (executor + "." + result.group).c_str();
  node.append_attribute("name") = result.name.c_str();
  node.append_attribute("time") = seconds(result.duration);
  if (result.verdict == Verdict::kOk) return;
  auto why = node.append_child(result.verdict == Verdict::kFailed ? "failure" : "skipped");
  why.append_attribute("message") = forXml(result.explanation).c_str();
}

}  // namespace

std::string lineOf(const CaseResult& result) {
  switch (result.verdict) {
    case Verdict::kOk:
      return "ok      " + result.fullName();
    case Verdict::kFailed:
      return "FAILED  " + result.fullName() + ": " + result.explanation;
    case Verdict::kSkipped:
      return "skipped " + result.fullName() + ": " + result.explanation;
  }
  return "";
}

std::string tableOf(const std::vector<CaseResult>& results, std::chrono::milliseconds duration) {
  std::string table = "group          cases    ok  failed  skipped      time\n";
  Sum whole{"all"};
  for (const Sum& sum : sumsOf(results)) table += row(sum);
  for (const CaseResult& result : results) whole.add(result);
  char last[120];
  std::snprintf(last, sizeof(last), "%d cases: %d ok, %d failed, %d skipped, in %.1f s\n",
                whole.cases, whole.ok, whole.failed, whole.skipped, seconds(duration));
  return table + "\n" + last;
}

bool allPassed(const std::vector<CaseResult>& results) {
  return std::none_of(results.begin(), results.end(),
                      [](const CaseResult& result) { return result.verdict == Verdict::kFailed; });
}

tl::expected<void, Error> writeJunit(const std::filesystem::path& file, const std::string& executor,
                                     const std::vector<CaseResult>& results) {
  pugi::xml_document document;
  auto root = document.append_child("testsuites");
  pugi::xml_node suite;
  for (const Sum& sum : sumsOf(results)) {
    suite = root.append_child("testsuite");
    suite.append_attribute("name") = sum.name.c_str();
    suite.append_attribute("tests") = sum.cases;
    suite.append_attribute("failures") = sum.failed;
    suite.append_attribute("skipped") = sum.skipped;
    suite.append_attribute("time") = seconds(sum.duration);
    for (const CaseResult& result : results) {
      if (result.group == sum.name) addCase(suite, executor, result);
    }
  }
  if (!document.save_file(file.c_str()))
    return tl::make_unexpected(Error{file.string() + " cannot be written"});
  return {};
}

}  // namespace glaux::plugins::check
