// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The C interface used directly, as a C program would: what the C++ loader cannot express.

#include "TestCompiler.h"
#include <dlfcn.h>
#include <filesystem>
#include <unistd.h>

using namespace condense;
using namespace condense::test;

namespace {

/// A model of the identity over tensor<?xf32> plus a doubled copy, loaded with dlopen.
class CInterface : public testing::Test {
protected:
  void SetUp() override {
    path = std::filesystem::temp_directory_path() / ("condense-test-" + std::to_string(getpid()) + ".so");
    auto module = compiler.parse(R"(
      func.func @main(%a: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
        %c0 = arith.constant 0 : index
        %n = tensor.dim %a, %c0 : tensor<?xf32>
        %e = tensor.empty(%n) : tensor<?xf32>
        %0 = linalg.map { arith.addf } ins(%a, %a : tensor<?xf32>, tensor<?xf32>) outs(%e : tensor<?xf32>)
        return %a, %0 : tensor<?xf32>, tensor<?xf32>
      })");
    ASSERT_TRUE(succeeded(target::compileToSharedLibrary(*module, compiler.options, path.string()))) << compiler.errors;
    handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    ASSERT_TRUE(handle) << dlerror();
    run = reinterpret_cast<decltype(run)>(dlsym(handle, "condense_model_run"));
    free = reinterpret_cast<decltype(free)>(dlsym(handle, "condense_tensor_free"));
    lastError = reinterpret_cast<decltype(lastError)>(dlsym(handle, "condense_model_last_error"));
  }

  void TearDown() override {
    if (handle)
      dlclose(handle);
    std::filesystem::remove(path);
  }

  TestCompiler compiler;
  std::filesystem::path path;
  void *handle = nullptr;
  decltype(&condense_model_run) run = nullptr;
  decltype(&condense_tensor_free) free = nullptr;
  decltype(&condense_model_last_error) lastError = nullptr;
};

} // namespace

TEST_F(CInterface, OutputsOutliveFurtherRuns) {
  float values[3] = {1, 2, 3};
  condense_tensor in = {values, CONDENSE_F32, 1, {3}}, first[2], second[2];
  ASSERT_EQ(run(&in, first), CONDENSE_OK);
  values[0] = 7;
  ASSERT_EQ(run(&in, second), CONDENSE_OK);
  EXPECT_EQ(static_cast<float *>(first[0].data)[0], 1);
  EXPECT_EQ(static_cast<float *>(first[1].data)[0], 2);
  EXPECT_EQ(static_cast<float *>(second[1].data)[0], 14);
  EXPECT_NE(first[0].data, in.data);
  for (condense_tensor *tensor : {&first[0], &first[1], &second[0], &second[1]}) {
    free(tensor);
    EXPECT_EQ(tensor->data, nullptr);
    free(tensor); // a second time is harmless
  }
}

TEST_F(CInterface, ReportsBadData) {
  char bytes[64] = {};
  condense_tensor outputs[2];
  condense_tensor none = {nullptr, CONDENSE_F32, 1, {3}};
  EXPECT_EQ(run(&none, outputs), CONDENSE_ERROR_ARGUMENT);
  EXPECT_STREQ(lastError(), "input 0 (input0): no data");
  condense_tensor unaligned = {bytes + 1, CONDENSE_F32, 1, {3}};
  EXPECT_EQ(run(&unaligned, outputs), CONDENSE_ERROR_ARGUMENT);
  EXPECT_STREQ(lastError(), "input 0 (input0): data must be aligned to 4 bytes");
  condense_tensor negative = {bytes, CONDENSE_F32, 1, {-3}};
  EXPECT_EQ(run(&negative, outputs), CONDENSE_ERROR_ARGUMENT);
  EXPECT_STREQ(lastError(), "input 0 (input0): dimension 0 is -3, expected at least 0");
  condense_tensor huge = {bytes, CONDENSE_F32, 1, {int64_t(1) << 62}};
  EXPECT_EQ(run(&huge, outputs), CONDENSE_ERROR_ARGUMENT);
  EXPECT_STREQ(lastError(), "input 0 (input0): the shape is too large");
  condense_tensor strange = {bytes, 99, 1, {3}};
  EXPECT_EQ(run(&strange, outputs), CONDENSE_ERROR_ARGUMENT);
  EXPECT_STREQ(lastError(), "input 0 (input0): type unknown, expected float32");
}

TEST_F(CInterface, ReportsExhaustedMemory) {
  char bytes[64] = {};
  condense_tensor outputs[2];
  // as much as a process can address: the first buffer of that size cannot be allocated
  condense_tensor large = {bytes, CONDENSE_F32, 1, {int64_t(1) << 45}};
  EXPECT_EQ(run(&large, outputs), CONDENSE_ERROR_MEMORY);
  EXPECT_NE(std::string(lastError()).find("out of memory"), std::string::npos) << lastError();
  EXPECT_EQ(outputs[0].data, nullptr);
  // and the model still works
  condense_tensor small = {bytes, CONDENSE_F32, 1, {3}};
  EXPECT_EQ(run(&small, outputs), CONDENSE_OK);
  free(&outputs[0]);
  free(&outputs[1]);
}
