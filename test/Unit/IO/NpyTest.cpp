// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the .npy reader accepts, what it refuses and with which words, and that
// no corruption of a file makes it read outside the file.

#include "condense/IO/Npy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <random>
#include <sys/stat.h>
#include <unistd.h>

using namespace condense::npy;

namespace {
std::string makeFile(const std::string &dictionary, const std::string &data, int version = 1) {
  std::string file = "\x93NUMPY";
  file += {static_cast<char>(version), 0};
  uint32_t length = static_cast<uint32_t>(dictionary.size());
  file.append(reinterpret_cast<const char *>(&length), version == 1 ? 2 : 4);
  return file + dictionary + data;
}

std::string describe(const std::string &descr, const std::string &shape) {
  return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
}

/// The message of the refused `file`, or "" if it is accepted.
std::string refusal(const std::string &file) {
  Array array;
  Error error;
  if (parse(reinterpret_cast<const std::byte *>(file.data()), file.size(), "x.npy", array, error))
    return "";
  EXPECT_FALSE(error.isIO);
  return error.message;
}

Array accept(const std::string &file) {
  Array array;
  Error error;
  EXPECT_TRUE(parse(reinterpret_cast<const std::byte *>(file.data()), file.size(), "x.npy", array, error))
      << error.message;
  return array;
}

template <typename T> std::string bytesOf(std::vector<T> values) {
  return {reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)};
}

void expectRefusal(const std::string &file, const std::string &part) {
  std::string message = refusal(file);
  EXPECT_NE(message.find(part), std::string::npos) << message;
  EXPECT_EQ(message.rfind("x.npy: ", 0), 0u) << message;
}
} // namespace

TEST(Npy, ReadsEveryType) {
  auto check = [](const char *descr, DType type, const std::string &data, double expected) {
    std::string file = makeFile(describe(descr, "(1,)"), data);
    Array array = accept(file);
    EXPECT_EQ(array.type, type);
    EXPECT_EQ(array.at(0), expected) << descr;
  };
  check("|b1", DType::Bool, bytesOf<uint8_t>({1}), 1);
  check("|i1", DType::I8, bytesOf<int8_t>({-7}), -7);
  check("<i2", DType::I16, bytesOf<int16_t>({-300}), -300);
  check("<i4", DType::I32, bytesOf<int32_t>({-70000}), -70000);
  check("<i8", DType::I64, bytesOf<int64_t>({-5000000000}), -5000000000.0);
  check("|u1", DType::U8, bytesOf<uint8_t>({200}), 200);
  check(">u1", DType::U8, bytesOf<uint8_t>({200}), 200);
  check("<u2", DType::U16, bytesOf<uint16_t>({65535}), 65535);
  check("<u4", DType::U32, bytesOf<uint32_t>({4000000000u}), 4e9);
  check("<u8", DType::U64, bytesOf<uint64_t>({1ull << 63}), 0x1p63);
  check("<f4", DType::F32, bytesOf<float>({-0.5f}), -0.5);
  check("=f8", DType::F64, bytesOf<double>({0.1}), 0.1);
}

TEST(Npy, ReadsHalfFloats) {
  std::string file =
      makeFile(describe("<f2", "(6,)"), bytesOf<uint16_t>({0x3c00, 0xc000, 0x0001, 0x7bff, 0xfc00, 0x7e00}));
  Array array = accept(file);
  EXPECT_EQ(array.at(0), 1.0);
  EXPECT_EQ(array.at(1), -2.0);
  EXPECT_EQ(array.at(2), 0x1p-24);
  EXPECT_EQ(array.at(3), 65504.0);
  EXPECT_EQ(array.at(4), -INFINITY);
  EXPECT_TRUE(std::isnan(array.at(5)));
}

TEST(Npy, ReadsShapesAndVersions) {
  EXPECT_EQ(accept(makeFile(describe("<f4", "()"), std::string(4, 0))).shape, std::vector<int64_t>{});
  for (int version : {1, 2, 3}) {
    Array array = accept(makeFile(describe("|u1", "(2, 3)"), std::string(6, 'a'), version));
    EXPECT_EQ(array.shape, (std::vector<int64_t>{2, 3}));
    EXPECT_EQ(array.elements, 6);
  }
  Array empty = accept(makeFile(describe("<f8", "(0, 9)"), ""));
  EXPECT_EQ(empty.elements, 0);
  std::string reordered = "{\"shape\": (1, ), \"fortran_order\": False, \"descr\": \"|u1\"}";
  EXPECT_EQ(accept(makeFile(reordered, "a")).elements, 1);
}

TEST(Npy, RefusesWithReasons) {
  expectRefusal("", "the file is empty");
  expectRefusal("PK\x03\x04 a zip", "not an .npy file");
  expectRefusal(std::string("\x93NUMPY\x09\x00\x00\x00", 10), "expected version 1, 2 or 3 of the format, found 9");
  expectRefusal(std::string("\x93NUMPY\x02\x00\x00", 9), "the file ends inside its header");
  expectRefusal(makeFile(describe("<f4", "(1,)"), "").substr(0, 40), "the file ends inside its header: expected");
  std::string fortran = "{'descr': '<f4', 'fortran_order': True, 'shape': (1,)}";
  expectRefusal(makeFile(fortran, "1234"), "Fortran order: expected C order; save "
                                           "numpy.ascontiguousarray(x)");
  expectRefusal(makeFile(describe(">f4", "(1,)"), "1234"), "element type '>f4' is not supported");
  expectRefusal(makeFile(describe("<c8", "(1,)"), "12345678"), "element type '<c8' is not supported");
  expectRefusal(makeFile(describe("|O", "(1,)"), "12345678"), "element type '|O' is not supported");
  expectRefusal(makeFile(describe("<f4", "(2, 3)"), std::string(23, 0)),
                "shape [2, 3] of f32 needs 24 bytes of data, found 23");
  expectRefusal(makeFile(describe("<f4", "(2, 3)"), std::string(25, 0)), "needs 24 bytes of data, found 25");
  expectRefusal(makeFile(describe("<f4", "(4294967296, 4294967296)"), ""), "does not fit into memory");
  expectRefusal(makeFile(describe("<f4", "(0, 9223372036854775807, 9)"), ""), "does not fit into memory");
}

TEST(Npy, RefusesBadHeaders) {
  auto header = [](const std::string &text) { return makeFile(text, ""); };
  expectRefusal(header("(1)"), "bad header: expected '{' at byte 0");
  expectRefusal(header("{'descr' '<f4'}"), "expected ':' at byte 9");
  expectRefusal(header("{'descr': [('a', '<f4')]}"), "structured types are not supported");
  expectRefusal(header("{'descr': '<f4"), "a string does not end");
  expectRefusal(header("{'kind': 1}"), "unknown key 'kind'");
  expectRefusal(header("{'descr': '<f4', 'descr': '<f4'}"), "key 'descr' is there twice");
  expectRefusal(header("{'fortran_order': 0}"), "must be True or False");
  expectRefusal(header("{'descr': '<f4'}"), "it must have 'descr', 'fortran_order' and 'shape'");
  expectRefusal(header("{'descr': '<f4' 'shape': ()}"), "expected '}'");
  expectRefusal(header("{} {}"), "unexpected text after the dictionary");
  expectRefusal(header("{'shape': 3}"), "expected '('");
  expectRefusal(header("{'shape': (-1,)}"), "expected a size");
  expectRefusal(header("{'shape': (1 2)}"), "expected ')'");
  expectRefusal(header("{'shape': (9223372036854775808,)}"), "does not fit into 64 bits");
  std::string many = "{'shape': (";
  for (int i = 0; i != 65; ++i)
    many += "1,";
  expectRefusal(header(many + ")}"), "more than 64 dimensions");
}

TEST(Npy, ReadsWhatItWrites) {
  for (const std::vector<int64_t> &shape : {std::vector<int64_t>{}, {7}, {2, 3, 5}, {0}}) {
    std::string header = makeHeader(DType::I16, shape);
    EXPECT_EQ(header.size() % 64, 0u);
    int64_t elements = 1;
    for (int64_t dim : shape)
      elements *= dim;
    std::string file = header + std::string(2 * elements, 0);
    Array array = accept(file);
    EXPECT_EQ(array.shape, shape);
    EXPECT_EQ(array.type, DType::I16);
  }
}

TEST(Npy, ReadsFiles) {
  std::string path = testing::TempDir() + "condense-npy-test.npy";
  std::ofstream(path, std::ios::binary) << makeHeader(DType::F32, {2}) << bytesOf<float>({1.5f, -2.0f});
  Array array;
  Error error;
  ASSERT_TRUE(read(path, array, error)) << error.message;
  EXPECT_EQ(array.at(1), -2.0);
  unlink(path.c_str());
  EXPECT_FALSE(read(path, array, error));
  EXPECT_TRUE(error.isIO);
  EXPECT_EQ(error.message, path + ": cannot read: No such file or directory");
  EXPECT_FALSE(read(testing::TempDir(), array, error));
  EXPECT_NE(error.message.find("not a regular file"), std::string::npos);
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_FALSE(read(path, array, error));
  unlink(path.c_str());
}

// Each mutant either is refused or describes exactly the bytes that are there.
TEST(Npy, SurvivesCorruption) {
  std::string file = makeHeader(DType::U8, {4, 4}) + std::string(16, 'x');
  auto check = [](const std::string &mutant) {
    // A copy of exact size lets a sanitizer see reads past the end.
    std::vector<std::byte> bytes(mutant.size());
    for (size_t i = 0; i < mutant.size(); ++i)
      bytes[i] = std::byte(mutant[i]);
    Array array;
    Error error;
    if (!parse(bytes.data(), bytes.size(), "x.npy", array, error))
      return;
    ASSERT_GE(array.data, bytes.data());
    ASSERT_EQ(array.data + array.bytes, bytes.data() + bytes.size());
    for (int64_t i = 0; i != array.elements; ++i)
      array.at(i);
  };
  for (size_t length = 0; length != file.size(); ++length)
    check(file.substr(0, length));
  for (size_t position = 0; position != file.size(); ++position)
    for (int value = 0; value != 256; ++value) {
      std::string mutant = file;
      mutant[position] = static_cast<char>(value);
      check(mutant);
    }
  std::mt19937 random(7);
  for (int i = 0; i != 20000; ++i) {
    std::string mutant = file;
    for (int edits = 1 + random() % 4; edits; --edits)
      mutant[random() % mutant.size()] = "0123456789(),'<|uif{} "[random() % 22];
    check(mutant);
  }
}
