#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "plugins/kernel/connection_file.h"
#include "plugins/kernel/jupyter_message.h"
#include "plugins/kernel/kernel_spec.h"
#include "tests/unit/plugins/temporary_directory.h"

namespace glaux::plugins {
namespace {

JupyterCodec codec() { return JupyterCodec("secret", "session"); }

TEST(JupyterCodec, WhatItSignsItReads) {
  JupyterCodec kernel = codec();
  const JupyterMessage request = kernel.request("execute_request", R"({"code":"1"})");
  const auto read = kernel.decode(kernel.encode(request)).value();
  EXPECT_EQ(read.type, "execute_request");
  EXPECT_EQ(read.id, request.id);
  EXPECT_EQ(read.parent_id, "");
  EXPECT_EQ(read.content, R"({"code":"1"})");
}

TEST(JupyterCodec, RequestsHaveDifferentIds) {
  JupyterCodec kernel = codec();
  EXPECT_NE(kernel.request("a", "{}").id, kernel.request("a", "{}").id);
}

// Signed by hand: HMAC-SHA256 with key "secret" over the four frames, in hexadecimal digits.
TEST(JupyterCodec, ReadsAMessageSignedElsewhereWithIdentitiesAndBuffers) {
  const Frames frames = {"kernel.1.status",
                         "<IDS|MSG>",
                         "c7eb7603a6fb4f96950618f3af57ed0b746ccd51f018df04b08577315ede5f27",
                         R"({"msg_id":"k1","msg_type":"status"})",
                         R"({"msg_id":"s_1"})",
                         "{}",
                         R"({"execution_state":"idle"})",
                         "buffer"};
  const auto read = codec().decode(frames);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->type, "status");
  EXPECT_EQ(read->parent_id, "s_1");
}

TEST(JupyterCodec, AChangeInAnySignedFrameIsNoticed) {
  JupyterCodec kernel = codec();
  const Frames frames = kernel.encode(kernel.request("a", "{}"));
  for (std::size_t i = 1; i < frames.size(); ++i) {
    Frames forged = frames;
    forged[i] += ' ';
    EXPECT_FALSE(kernel.decode(forged)) << i;
  }
  EXPECT_FALSE(JupyterCodec("other", "session").decode(frames));
}

TEST(JupyterCodec, FramesThatAreNoMessageAreErrors) {
  EXPECT_FALSE(codec().decode({}));
  EXPECT_FALSE(codec().decode({"<IDS|MSG>"}));
  EXPECT_FALSE(codec().decode({"<IDS|MSG>", "", "{}", "{}", "{}"}));
  EXPECT_FALSE(codec().decode({"a", "b", "c", "d", "e", "f"}));
}

TEST(Colours, AreTakenOutAndOtherEscapesAreNot) {
  EXPECT_EQ(withoutColours("\x1b[0;31mred\x1b[0m plain"), "red plain");
  EXPECT_EQ(withoutColours("a\x1b[2Kb\x1b["), "a\x1b[2Kb\x1b[");
}

TEST(ConnectionFile, IsPrivateAndNamesTheChannels) {
  const TemporaryDirectory directory;
  const auto path = directory.path / "kernel.json";
  ASSERT_TRUE(writeConnectionFile(path, {"kernel", "../kernel", "key"}));
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  std::ifstream in(path);
  const auto json = nlohmann::json::parse(in);
  EXPECT_EQ(json.at("transport"), "ipc");
  EXPECT_EQ(json.at("ip"), "../kernel");
  EXPECT_EQ(json.at("signature_scheme"), "hmac-sha256");
}

class KernelSpecs : public ::testing::Test {
 protected:
  TemporaryDirectory data;
  const std::vector<std::filesystem::path> search_path = {data.path / "near", data.path / "far"};
};

TEST_F(KernelSpecs, AreListedOnceAndByName) {
  data.write("near/Python3/kernel.json", R"({"argv":["p"]})");
  data.write("far/python3/kernel.json", R"({"argv":["p"]})");
  data.write("far/ir/kernel.json", R"({"argv":["R"]})");
  data.write("far/empty/other.json", "{}");
  EXPECT_EQ(listKernels(search_path), (std::vector<std::string>{"ir", "python3"}));
}

TEST_F(KernelSpecs, TheNearestWinsWhateverItsCase) {
  data.write("near/Python3/kernel.json",
             R"({"argv":["near"],"language":"Python","interrupt_mode":"message","env":{"A":"1"}})");
  data.write("far/python3/kernel.json", R"({"argv":["far"]})");
  const auto spec = findKernel("PYTHON3", search_path).value();
  EXPECT_EQ(spec.argv, std::vector<std::string>{"near"});
  EXPECT_EQ(spec.language, "python");
  EXPECT_EQ(spec.interrupt_mode, KernelSpec::InterruptMode::kMessage);
  EXPECT_EQ(spec.env.at("A"), "1");
  EXPECT_EQ(spec.directory, data.path / "near/Python3");
}

TEST_F(KernelSpecs, ASpecThatCannotBeReadIsAnError) {
  data.write("near/a/kernel.json", "{");
  data.write("near/b/kernel.json", R"({"argv":[]})");
  data.write("near/c/kernel.json", R"({"argv":"python"})");
  for (const char* name : {"a", "b", "c"}) EXPECT_FALSE(findKernel(name, search_path)) << name;
}

TEST_F(KernelSpecs, NamesDoNotLeaveTheSearchPath) {
  data.write("kernel.json", R"({"argv":["p"]})");
  EXPECT_FALSE(findKernel("..", search_path));
  EXPECT_FALSE(findKernel("", search_path));
}

TEST(KernelSearchPath, BeginsWithJupyterPathAndTheUser) {
  ::setenv("JUPYTER_PATH", "/one:/two", 1);
  ::setenv("JUPYTER_DATA_DIR", "/mine", 1);
  const auto found = kernelSearchPath();
  ::unsetenv("JUPYTER_PATH");
  ::unsetenv("JUPYTER_DATA_DIR");
  EXPECT_EQ(found, (std::vector<std::filesystem::path>{
                       "/one/kernels", "/two/kernels", "/mine/kernels",
                       "/usr/local/share/jupyter/kernels", "/usr/share/jupyter/kernels"}));
}

}  // namespace
}  // namespace glaux::plugins
