#include "api/tags.h"

#include <gtest/gtest.h>

namespace glaux::api {
namespace {

const std::string kWorkGroupArn = "arn:aws:athena:us-east-1:123456789012:workgroup/w.1";

TEST(ResourceArn, NamesAWorkGroupOrASession) {
  EXPECT_EQ(parseResourceArn(kWorkGroupArn), (TaggedResource{"w.1", std::nullopt}));
  EXPECT_EQ(parseResourceArn(kWorkGroupArn + "/session/s"), (TaggedResource{"w.1", "s"}));
  EXPECT_EQ(parseResourceArn("arn:aws-cn:athena::000000000000:workgroup/w"),
            (TaggedResource{"w", std::nullopt}));
}

TEST(ResourceArn, OfAnythingElseIsRefused) {
  for (const char* arn :
       {"", "arn", "arn:aws:athena", "w", "arn:aws:s3:us-east-1:123456789012:workgroup/w",
        "arn:aws:athena:us-east-1:12345678901x:workgroup/w",
        "arn:aws:athena:us-east-1::workgroup/w", "arn:aws:athena:us-east-1:123456789012:workgroup",
        "arn:aws:athena:us-east-1:123456789012:workgroup/",
        "arn:aws:athena:us-east-1:123456789012:workgroup/a b",
        "arn:aws:athena:us-east-1:123456789012:workgroup/w/session/",
        "arn:aws:athena:us-east-1:123456789012:workgroup/w/notebook/n",
        "arn:aws:athena:us-east-1:123456789012:datacatalog/w",
        "xarn:aws:athena:us-east-1:123456789012:workgroup/w"}) {
    EXPECT_EQ(parseResourceArn(arn), std::nullopt) << arn;
  }
}

}  // namespace
}  // namespace glaux::api
