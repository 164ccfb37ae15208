#include "daemon/objects/object_attributes.h"

#include <gtest/gtest.h>

#include "daemon/objects/preconditions.h"
#include "daemon/objects/query_parameters.h"

namespace glaux::daemon {
namespace {

std::string kept(std::initializer_list<std::pair<std::string, std::string>> headers) {
  HeaderList list;
  for (const auto& [name, value] : headers) list.add(name, value);
  const auto attributes = ObjectAttributes::of(list);
  return attributes ? attributes->text() : std::string(api::name(attributes.error().code));
}

TEST(ObjectAttributes, OnlyWhatBelongsToTheObjectIsKept) {
  EXPECT_EQ(kept({{"Host", "x"},
                  {"content-type", "a/b"},
                  {"Content-Length", "3"},
                  {"X-Amz-Meta-One", "1"},
                  {"x-amz-meta-", "nothing"},
                  {"x-amz-date", "now"},
                  {"Expires", "never"}}),
            "content-type: a/b\nx-amz-meta-one: 1\nExpires: never\n");
}

TEST(ObjectAttributes, ChunkedCodingIsNoneOfTheObject) {
  EXPECT_EQ(kept({{"Content-Encoding", "aws-chunked"}}), "");
  EXPECT_EQ(kept({{"Content-Encoding", "aws-chunked, gzip"}}), "Content-Encoding: gzip\n");
  EXPECT_EQ(kept({{"Content-Encoding", "gzip,br"}}), "Content-Encoding: gzip, br\n");
}

TEST(ObjectAttributes, LimitsHold) {
  EXPECT_EQ(kept({{"x-amz-meta-a", std::string(2100, 'x')}}), "MetadataTooLarge");
  EXPECT_EQ(kept({{"x-amz-meta-a", "b\nContent-Type: c"}}), "InvalidArgument");
  EXPECT_EQ(kept({{"Content-Type", "a\x7F"}}), "InvalidArgument");
}

TEST(ObjectAttributes, TextIsParsedBackAndRubbishLeftOut) {
  const std::string text = "Content-Type: a: b\nx-amz-meta-k: \n";
  EXPECT_EQ(ObjectAttributes::parse(text).text(), text);
  EXPECT_TRUE(ObjectAttributes::parse(text).has("CONTENT-TYPE"));
  EXPECT_EQ(ObjectAttributes::parse("Set-Cookie: a\nExpires: b\r\nrubbish\n: x\nExpires: c").text(),
            "Expires: c\n");
}

TEST(QueryParameters, AreDecodedOnce) {
  const auto query = QueryParameters::parse("a=1%202&b&c=+%2B%252B&&d=x=y&a=second");
  ASSERT_TRUE(query);
  EXPECT_EQ(query->value("a"), "1 2");
  EXPECT_TRUE(query->has("b"));
  EXPECT_EQ(query->value("b"), "");
  EXPECT_EQ(query->value("c"), " +%2B");
  EXPECT_EQ(query->value("d"), "x=y");
  EXPECT_FALSE(query->has(""));
  EXPECT_FALSE(query->has("e"));
  for (const char* malformed : {"a=%", "a=%4", "%zz=1", "a=%00"}) {
    EXPECT_FALSE(QueryParameters::parse(malformed)) << malformed;
  }
}

TEST(QueryParameters, NumbersAreDigitsWithinBounds) {
  const auto query = QueryParameters::parse("n=7&negative=-1&large=4294967296&text=7x&empty=");
  EXPECT_EQ(query->number("n", 0, 1), 7);
  EXPECT_EQ(query->number("n", 8, 1), std::nullopt);
  EXPECT_EQ(query->number("missing", 0, 1), 1);
  EXPECT_EQ(query->number("empty", 0, 1), 1);
  for (const char* name : {"negative", "large", "text"}) {
    EXPECT_EQ(query->number(name, 0, 1), std::nullopt) << name;
  }
}

TEST(Preconditions, TagsAreFoundInLists) {
  EXPECT_TRUE(listsTag("*", "\"a\""));
  EXPECT_TRUE(listsTag("\"a\"", "\"a\""));
  EXPECT_TRUE(listsTag("a", "\"a\"")) << "some clients leave out the quotes";
  EXPECT_TRUE(listsTag(" \"b\" , W/\"a\"", "\"a\""));
  for (const char* list : {"", ",", "\"ab\"", "\"b\", \"c\"", "\"\""}) {
    EXPECT_FALSE(listsTag(list, "\"a\"")) << list;
  }
}

}  // namespace
}  // namespace glaux::daemon
