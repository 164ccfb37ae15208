#include "daemon/objects/byte_range.h"

#include <gtest/gtest.h>

#include <string>

namespace glaux::daemon {
namespace {

/// "offset+length", "whole" or "unsatisfiable", for an object of ten bytes.
std::string rangeOfTen(std::string_view header, std::uint64_t size = 10) {
  const RangeRequest request = parseRange(header, size);
  if (request.kind == RangeRequest::Kind::kWhole) return "whole";
  if (request.kind == RangeRequest::Kind::kUnsatisfiable) return "unsatisfiable";
  return std::to_string(request.range.offset) + "+" + std::to_string(request.range.length);
}

TEST(ByteRange, FirstAndLastAreInclusive) {
  EXPECT_EQ(rangeOfTen("bytes=0-0"), "0+1");
  EXPECT_EQ(rangeOfTen("bytes=2-5"), "2+4");
  EXPECT_EQ(rangeOfTen("BYTES=2-5"), "2+4");
}

TEST(ByteRange, LastIsClampedToTheEnd) {
  EXPECT_EQ(rangeOfTen("bytes=4-"), "4+6");
  EXPECT_EQ(rangeOfTen("bytes=4-1000"), "4+6");
  EXPECT_EQ(rangeOfTen("bytes=4-99999999999999999999999"), "4+6");
}

TEST(ByteRange, SuffixCountsFromTheEnd) {
  EXPECT_EQ(rangeOfTen("bytes=-3"), "7+3");
  EXPECT_EQ(rangeOfTen("bytes=-30"), "0+10");
}

TEST(ByteRange, BeginningBehindTheEndIsUnsatisfiable) {
  EXPECT_EQ(rangeOfTen("bytes=10-"), "unsatisfiable");
  EXPECT_EQ(rangeOfTen("bytes=-0"), "unsatisfiable");
  EXPECT_EQ(rangeOfTen("bytes=0-", 0), "unsatisfiable");
  EXPECT_EQ(rangeOfTen("bytes=-1", 0), "unsatisfiable");
}

TEST(ByteRange, WhatDoesNotParseIsIgnored) {
  for (const char* header :
       {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "items=0-1", "bytes=0-1,3-4",
        "bytes= 0-1", "bytes=--1", "bytes=+1-2"}) {
    EXPECT_EQ(rangeOfTen(header), "whole") << header;
  }
}

}  // namespace
}  // namespace glaux::daemon
