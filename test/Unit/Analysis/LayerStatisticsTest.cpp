// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Statistics of layers are read as they were written, and refused where they
// contradict themselves.

#include "condense/Analysis/LayerStatistics.h"

#include "condense/IO/Safetensors.h"
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <unistd.h>

using namespace condense;

namespace {
using Tensors = std::vector<std::pair<safetensors::Entry, std::vector<float>>>;

/// Writes the tensors beside a name that it returns.
class LayerStatisticsTest : public testing::Test {
protected:
  void SetUp() override {
    char pattern[] = "/tmp/condense-statistics-XXXXXX";
    close(mkstemp(pattern));
    path = pattern;
  }
  void TearDown() override {
    unlink(path.c_str());
    unlink(getMomentsPath(path).c_str());
  }
  void write(const Tensors &tensors) {
    std::ofstream file(getMomentsPath(path), std::ios::binary);
    std::vector<safetensors::Entry> entries;
    for (const auto &[entry, values] : tensors)
      entries.push_back(entry);
    file << safetensors::makeHeader(entries);
    for (const auto &[entry, values] : tensors)
      file.write(reinterpret_cast<const char *>(values.data()),
                 static_cast<std::streamsize>(values.size() * sizeof(float)));
  }
  void expectError(const Tensors &tensors, const std::string &part) {
    write(tensors);
    auto statistics = LayerStatistics::load(path);
    ASSERT_FALSE(bool(statistics)) << part;
    std::string message = toString(statistics.takeError());
    EXPECT_NE(message.find(path + ".safetensors: "), std::string::npos) << message;
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }

  std::string path;
};

Tensors makeMoments() {
  return {{{"fc.count", "F32", {1}}, {5}},
          {{"fc.mean", "F32", {2, 2}}, {0, 1, 2, 3}},
          {{"fc.absmax", "F32", {2, 2}}, {4, 5, 6, 7}},
          {{"fc.gram", "F32", {2, 2, 2}}, {1, 2, 2, 4, 5, 6, 6, 8}}};
}
} // namespace

TEST_F(LayerStatisticsTest, ReadsMoments) {
  Tensors tensors = makeMoments();
  for (auto [entry, values] : makeMoments())
    if (entry.name != "fc.gram")
      tensors.push_back({{"a.b" + entry.name.substr(2), entry.type, entry.shape}, values});
  write(tensors);
  auto statistics = LayerStatistics::load(path);
  ASSERT_TRUE(bool(statistics)) << toString(statistics.takeError());
  const LayerMoments *moments = statistics->find("fc");
  ASSERT_TRUE(moments);
  EXPECT_EQ(moments->groups, 2);
  EXPECT_EQ(moments->columns, 2);
  EXPECT_EQ(moments->count, 5);
  EXPECT_EQ(moments->mean[3], 3);
  EXPECT_EQ(moments->absmax[0], 4);
  EXPECT_EQ(moments->getGram(1)[0], 5);
  ASSERT_TRUE(statistics->find("a.b"));
  EXPECT_TRUE(statistics->find("a.b")->gram.empty());
  EXPECT_TRUE(statistics->find("a.b")->getGram(0).empty());
  EXPECT_EQ(statistics->find("other"), nullptr);
}

TEST_F(LayerStatisticsTest, RefusesContradictions) {
  Tensors tensors = makeMoments();
  tensors[0].second = {0};
  expectError(tensors, "'fc.count': expected one number, 1 or more");
  tensors = makeMoments();
  tensors[1].first.shape = {4};
  expectError(tensors, "'fc.mean': expected f32 [groups, columns]");
  tensors = makeMoments();
  tensors.erase(tensors.begin() + 2);
  expectError(tensors, "'fc.absmax': expected f32 of the shape");
  tensors = makeMoments();
  tensors[2].second[1] = -1;
  expectError(tensors, "'fc.absmax': expected finite numbers");
  tensors = makeMoments();
  tensors[3].second[1] = NAN;
  expectError(tensors, "'fc.gram': expected finite numbers");
  tensors = makeMoments();
  tensors[3].second[7] = -8;
  expectError(tensors, "'fc.gram': expected no negative number");
  tensors = makeMoments();
  tensors[3].first.shape = {4, 2};
  expectError(tensors, "'fc.gram': expected f32 of the shape");
}

TEST_F(LayerStatisticsTest, ReadsDataAtAnyAddress) {
  write(makeMoments());
  std::ifstream in(getMomentsPath(path), std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof(length));
  bytes.insert(sizeof(length) + length, " ");
  ++length;
  std::memcpy(bytes.data(), &length, sizeof(length));
  std::ofstream(getMomentsPath(path), std::ios::binary) << bytes;
  auto statistics = LayerStatistics::load(path);
  ASSERT_TRUE(bool(statistics)) << toString(statistics.takeError());
  EXPECT_EQ(statistics->find("fc")->gram[3], 4);
}

TEST_F(LayerStatisticsTest, HoldsNothingWhereOnlyRangesWereMeasured) {
  auto statistics = LayerStatistics::load(path);
  ASSERT_TRUE(bool(statistics)) << toString(statistics.takeError());
  EXPECT_EQ(statistics->find("fc"), nullptr);
}

TEST_F(LayerStatisticsTest, NamesTheRemedyOfAMissingFile) {
  unlink(path.c_str());
  auto statistics = LayerStatistics::load(path);
  ASSERT_FALSE(bool(statistics));
  EXPECT_EQ(toString(statistics.takeError()),
            path + ".safetensors: cannot read: No such file or directory; make it by calibration with the same recipe");
}
