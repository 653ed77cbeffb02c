// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Channels through transposes, reshapes and broadcasts.

#include "condense/Analysis/ChannelMap.h"
#include "mlir/IR/BuiltinTypes.h"

#include "gtest/gtest.h"

using namespace condense;

using Channels = std::vector<int32_t>;

static constexpr int64_t kDynamic = mlir::ShapedType::kDynamic;

TEST(ChannelMap, NumbersTheIndicesOfADimension) {
  ChannelMap map = ChannelMap::get({2, 3}, 1);
  EXPECT_EQ(map.getChannels(), (Channels{0, 1, 2, 0, 1, 2}));
  EXPECT_TRUE(map.isFree(0));
  EXPECT_TRUE(map.isOnly(1));
  EXPECT_FALSE(map.isOnly(0));
  EXPECT_EQ(map.transpose({1, 0}).getChannels(), (Channels{0, 0, 1, 1, 2, 2}));
}

TEST(ChannelMap, FlattensImages) {
  ChannelMap last = *ChannelMap::get({kDynamic, 2, 1, 3}, 3).reshape({kDynamic, 6});
  EXPECT_EQ(last.getDim(1).getChannels(), (Channels{0, 1, 2, 0, 1, 2}));
  ChannelMap first = *ChannelMap::get({kDynamic, 3, 2, 1}, 1).reshape({kDynamic, 6});
  EXPECT_EQ(first.getDim(1).getChannels(), (Channels{0, 0, 1, 1, 2, 2}));
  // and back
  EXPECT_EQ(*last.reshape({kDynamic, 2, 1, 3}), ChannelMap::get({kDynamic, 2, 1, 3}, 3));
}

TEST(ChannelMap, CutsFeaturesIntoHeads) {
  ChannelMap features = ChannelMap::get({kDynamic, 7, 15}, 2);
  ChannelMap heads = *features.reshape({kDynamic, 7, 3, 5});
  EXPECT_EQ(heads.getDim(2).getChannels(), (Channels{0, 5, 10}));
  EXPECT_EQ(heads.getDim(3).getChannels(), (Channels{0, 1, 2, 3, 4}));
  ChannelMap moved = heads.transpose({0, 2, 1, 3});
  EXPECT_FALSE(moved == heads);
  EXPECT_EQ(*moved.transpose({0, 2, 1, 3}).reshape({kDynamic, 7, 15}), features);
  EXPECT_FALSE(moved.reshape({kDynamic, 15, 7}));
}

TEST(ChannelMap, KeepsDynamicDimensionsWhereNothingDependsOnThem) {
  ChannelMap map = ChannelMap::get({kDynamic, 128, 4}, 2);
  EXPECT_EQ(*map.reshape({kDynamic, 4}), ChannelMap::get({kDynamic, 4}, 1));
  EXPECT_EQ(*ChannelMap::get({kDynamic, 4}, 1).reshape({kDynamic, 128, 4}), map);
  EXPECT_EQ(*ChannelMap::get({4, kDynamic}, 0).reshape({4, kDynamic, 2}), ChannelMap::get({4, kDynamic, 2}, 0));
  EXPECT_FALSE(ChannelMap::get({kDynamic, 6}, 1).reshape({kDynamic, 4, 3}));
}

TEST(ChannelMap, BroadcastsOverFreeDimensionsOnly) {
  ChannelMap map = ChannelMap::get({kDynamic, 5, 4}, 2);
  EXPECT_EQ(map.getOperand({4})->getChannels(), (Channels{0, 1, 2, 3}));
  EXPECT_EQ(map.getOperand({1, 4})->getChannels(), (Channels{0, 1, 2, 3}));
  EXPECT_FALSE(map.getOperand({1}));
  EXPECT_FALSE(map.getOperand({5, 1}));
  EXPECT_EQ(*map.getExpandedShape({1}), (llvm::SmallVector<int64_t>{4}));
  EXPECT_EQ(*map.getExpandedShape({5, 1}), (llvm::SmallVector<int64_t>{5, 4}));
  EXPECT_EQ(*map.getExpandedShape({}), (llvm::SmallVector<int64_t>{4}));
  EXPECT_FALSE(map.getExpandedShape({3}));
  EXPECT_EQ(*ChannelMap::get({4}, 0).broadcast({2, 4}), ChannelMap::get({2, 4}, 1));
}

TEST(ChannelMap, SplitsGroupsOfAConvolution) {
  // Six channels in two groups: the filter [4, kh, kw, 3] reads channel 3 g + j.
  auto parts = ChannelMap::get({kDynamic, 8, 8, 6}, 3).split(3, 3);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->first.getChannels(), (Channels{0, 3}));
  EXPECT_EQ(parts->second.getChannels(), (Channels{0, 1, 2}));
  ChannelMap rows = *ChannelMap::join({parts->first, ChannelMap::getFree(2)}).reshape({4});
  EXPECT_EQ(rows.getChannels(), (Channels{0, 0, 3, 3}));
  EXPECT_FALSE(ChannelMap::get({6}, 0).split(0, 4));
}
