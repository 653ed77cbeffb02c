// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the safetensors reader accepts, what it refuses and with which words, and
// that no corruption of a file makes it read outside the file.

#include "condense/IO/Safetensors.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

using namespace condense::safetensors;

namespace {
std::string makeFile(const std::string &header, const std::string &data) {
  uint64_t length = header.size();
  return std::string(reinterpret_cast<const char *>(&length), 8) + header + data;
}

bool parseBytes(const std::string &bytes, File &file, Error &error) {
  return parse(reinterpret_cast<const std::byte *>(bytes.data()), bytes.size(), "x.safetensors", file, error);
}

void expectRefusal(const std::string &bytes, const std::string &part) {
  File file;
  Error error;
  EXPECT_FALSE(parseBytes(bytes, file, error)) << part;
  EXPECT_FALSE(error.isIO);
  EXPECT_NE(error.message.find("x.safetensors: "), std::string::npos) << error.message;
  EXPECT_NE(error.message.find(part), std::string::npos) << error.message;
}

std::string valid() {
  return makeHeader({{"b.mean", "F32", {1, 2}}, {"a \"quoted\"\n", "I8", {3}}, {"empty", "F16", {0, 7}}}) +
         std::string(11, '\1');
}
} // namespace

TEST(Safetensors, WhatIsWrittenIsRead) {
  File file;
  Error error;
  std::string bytes = valid();
  ASSERT_TRUE(parseBytes(bytes, file, error)) << error.message;
  ASSERT_EQ(file.tensors.size(), 3u);
  const Tensor *mean = file.find("b.mean");
  ASSERT_TRUE(mean);
  EXPECT_EQ(mean->type, "F32");
  EXPECT_EQ(mean->shape, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(mean->bytes, 8u);
  const Tensor *codes = file.find("a \"quoted\"\n");
  ASSERT_TRUE(codes);
  EXPECT_EQ(codes->bytes, 3u);
  EXPECT_EQ(codes->getFloats(), nullptr);
  EXPECT_EQ(file.find("c"), nullptr);
}

TEST(Safetensors, DataStartAtAMultipleOf64) {
  for (int length = 1; length != 80; ++length)
    EXPECT_EQ(makeHeader({{std::string(length, 'x'), "F32", {1}}}).size() % 64, 0u);
}

TEST(Safetensors, AcceptsForeignHeaders) {
  File file;
  Error error;
  std::string bytes = makeFile(R"({ "__metadata__": {"format": "pt"}, "é\u00e9\ud83d\ude00": )"
                               R"({"data_offsets": [0, 2], "shape": [], "dtype": "BF16"} }  )",
                               "xx");
  ASSERT_TRUE(parseBytes(bytes, file, error)) << error.message;
  EXPECT_TRUE(file.find("éé😀"));
}

TEST(Safetensors, RefusesBadHeaders) {
  auto tensor = [](const std::string &body) { return makeFile("{\"t\":{" + body + "}}", std::string(8, 'x')); };
  expectRefusal("", "ends before its header");
  expectRefusal(std::string(8, '\xff'), "its header should have");
  expectRefusal(makeFile("", ""), "expected '{'");
  expectRefusal(makeFile("{} x", ""), "expected its end");
  expectRefusal(makeFile(std::string(1 << 20, '['), ""), "expected '{'");
  expectRefusal(makeFile("{\"a\":{\"shape\":" + std::string(1 << 20, '['), ""), "expected a natural number");
  expectRefusal(tensor(R"("dtype":"F32")"), "lacks dtype");
  expectRefusal(tensor(R"("dtype":"F32","dtype":"F32")"), "given twice");
  expectRefusal(tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1)"), "unexpected key 'x'");
  expectRefusal(tensor(R"("dtype":"F33","shape":[2],"data_offsets":[0,8])"), "unknown type");
  expectRefusal(tensor(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])"), "do not need");
  expectRefusal(tensor(R"("dtype":"F32","shape":[-2],"data_offsets":[0,8])"), "expected a natural number");
  expectRefusal(tensor(R"("dtype":"F32","shape":[2],"data_offsets":[0])"), "expected two data_offsets");
  expectRefusal(tensor(R"("dtype":"F32","shape":[2],"data_offsets":[8,16])"), "does not start");
  expectRefusal(tensor(R"("dtype":"F32","shape":[1],"data_offsets":[0,4])"), "need 4 bytes of data, found 8");
  expectRefusal(tensor(R"("dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8])"), "too large");
  expectRefusal(tensor(R"("dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8])"), "do not need");
  expectRefusal(makeFile(R"({"t":{"dtype":"I8","shape":[4],"data_offsets":[0,4]},)"
                         R"("t":{"dtype":"I8","shape":[4],"data_offsets":[4,8]}})",
                         std::string(8, 'x')),
                "there twice");
  expectRefusal(makeFile(R"({"\ud83d":{}})", ""), "half a surrogate pair");
}

TEST(Safetensors, NoCorruptionReadsOutside) {
  const std::string good = valid();
  std::mt19937 random(1);
  for (int i = 0; i != 20000; ++i) {
    // On the heap, so that a sanitizer sees a read beyond the end.
    std::vector<std::byte> bytes(good.size());
    std::memcpy(bytes.data(), good.data(), good.size());
    for (unsigned k = random() % 3 + 1; k--;)
      bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    if (random() % 4 == 0)
      bytes.resize(random() % bytes.size());
    File file;
    Error error;
    if (parse(bytes.data(), bytes.size(), "x", file, error))
      for (const Tensor &tensor : file.tensors)
        EXPECT_LE(tensor.data + tensor.bytes, bytes.data() + bytes.size());
  }
}

TEST(Safetensors, MissingFilesAreIOErrors) {
  File file;
  Error error;
  EXPECT_FALSE(read("/nonexistent/x.safetensors", file, error));
  EXPECT_TRUE(error.isIO);
  EXPECT_EQ(error.message, "/nonexistent/x.safetensors: cannot read: No such "
                           "file or directory");
}
