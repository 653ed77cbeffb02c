// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Summaries of weights, and reports as JSON and back.

#include "condense/Report/Report.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>

using namespace condense::report;

TEST(Report, SummaryCountsZerosValuesAndBins) {
  Weight weight = summarize({-1.0f, 0.0f, -0.0f, 0.5f, 1.0f}, -1, 1, 4);
  EXPECT_EQ(weight.elements, 5);
  EXPECT_EQ(weight.zeros, 2);
  EXPECT_EQ(weight.distinct, 4);
  EXPECT_EQ(weight.low, -1);
  EXPECT_EQ(weight.high, 1);
  EXPECT_NEAR(weight.deviation, std::sqrt(2.25 / 5 - 0.01), 1e-12);
  EXPECT_EQ(weight.histogram, (std::vector<int64_t>{1, 0, 2, 2}));
}

TEST(Report, SummaryOfNothingAndOfNumbersThatAreNone) {
  EXPECT_EQ(summarize({}, 0, 0).elements, 0);
  float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  Weight weight = summarize({nan, infinity, 1.0f}, 0, 1, 2);
  EXPECT_EQ(weight.histogram[0] + weight.histogram[1], 3);
}

TEST(Report, ManyValuesAreNotCounted) {
  std::vector<float> values(5000);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i);
  EXPECT_EQ(summarize(values, 0, 5000).distinct, 0);
}

static condense::report::Run makeRun() {
  condense::report::Run run{"m.onnx", "r", "o.mlirbc", 400, 100, 120, Quality{"accuracy", "x.npy", 10, 0.9, 0.8}, {}};
  Layer layer;
  layer.name = "fc";
  layer.op = "nn.linear";
  layer.before = summarize({1.0f, 2.0f}, 0, 2, 2);
  layer.relativeError = 0.25;
  layer.decisions = {{"why", true}};
  run.layers = {layer};
  return run;
}

TEST(Report, JSONIsReadBack) {
  condense::report::Run run = makeRun();
  llvm::Expected<condense::report::Run> read = fromJSON(toJSON(run));
  ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
  EXPECT_EQ(toJSON(*read), toJSON(run));
  EXPECT_FALSE(read->layers[0].after);
  EXPECT_EQ(read->quality->after, 0.8);
  EXPECT_FALSE(read->training);
}

TEST(Report, CurvesOfTrainingAreReadBack) {
  condense::report::Run run = makeRun();
  run.training = Training{80, 20, 2, {{"loss", {1.5, 0.5}}, {"validation.loss", {1.0, 0.75}}}};
  llvm::Expected<condense::report::Run> read = fromJSON(toJSON(run));
  ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
  EXPECT_EQ(toJSON(*read), toJSON(run));
  ASSERT_TRUE(read->training);
  EXPECT_EQ(read->training->curves[1].values, (std::vector<double>{1.0, 0.75}));
  EXPECT_NE(toHTML(run).find("validation.loss"), std::string::npos);
}

TEST(Report, MissingMembersAreNamed) {
  llvm::Expected<condense::report::Run> read = fromJSON(llvm::json::Object{{"model", "m"}});
  ASSERT_FALSE(bool(read));
  EXPECT_NE(llvm::toString(read.takeError()).find("report.recipe"), std::string::npos);
}

TEST(Report, PageHoldsTheDataOfAllRuns) {
  condense::report::Run run = makeRun();
  run.model = "</script>";
  std::string page = toHTML({run, run});
  EXPECT_EQ(page.find("CONDENSE_DATA"), std::string::npos);
  EXPECT_EQ(page.find("\"</script>\""), std::string::npos);
  EXPECT_NE(page.find("\\u003c/script>"), std::string::npos);
}
