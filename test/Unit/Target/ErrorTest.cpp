// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What cannot be compiled or run is refused with a text that says why.

#include "TestCompiler.h"
#include "condense/Target/Cpu.h"
#include "llvm/Support/FileSystem.h"
#include <fstream>

using namespace condense;
using namespace condense::test;

static const char *const identity = R"(
  func.func @main(%a: tensor<?x3xf32>) -> tensor<?x3xf32> {
    return %a : tensor<?x3xf32>
  })";

static std::string compileError(const char *text, const target::CompileOptions &options = {}) {
  TestCompiler compiler;
  compiler.options = options;
  EXPECT_FALSE(compiler.compile(text));
  return compiler.errors;
}

#define EXPECT_CONTAINS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST(CompileErrors, NoEntry) {
  EXPECT_CONTAINS(compileError("func.func private @f(tensor<1xf32>)"), "found none");
  EXPECT_CONTAINS(compileError("func.func @f() { return }\nfunc.func @g() { return }"), "found f, g");
}

TEST(CompileErrors, InterfaceTypes) {
  EXPECT_CONTAINS(compileError("func.func @main(%a: f32) { return }"), "'input0' has type 'f32'");
  EXPECT_CONTAINS(compileError("func.func @main(%a: tensor<*xf32>) { return }"),
                  "a model takes and returns ranked tensors");
  EXPECT_CONTAINS(compileError("func.func @main(%a: tensor<1x1x1x1x1x1x1x1x1xf32>) { return }"), "has rank 9");
}

TEST(CompileErrors, UnknownCpu) {
  target::CompileOptions options;
  options.cpu = "pentium-pro-max";
  EXPECT_CONTAINS(compileError(identity, options), "unknown CPU 'pentium-pro-max'");
}

TEST(CompileErrors, NoLinker) {
  target::CompileOptions options;
  options.linker = "no-such-linker";
  EXPECT_CONTAINS(compileError(identity, options), "'no-such-linker' was not found");
}

TEST(CompileErrors, LinkerFails) {
  target::CompileOptions options;
  options.linker = "false";
  EXPECT_CONTAINS(compileError(identity, options), "failed");
}

TEST(CompileErrors, UnknownCall) {
  // a function that no library has is found when linking, not when running
  EXPECT_CONTAINS(compileError(R"(
    func.func private @no_such_function(tensor<4xf32>) -> tensor<4xf32>
    func.func @main(%a: tensor<4xf32>) -> tensor<4xf32> {
      %0 = call @no_such_function(%a) : (tensor<4xf32>) -> tensor<4xf32>
      return %0 : tensor<4xf32>
    })"),
                  "no_such_function");
}

TEST(CompileErrors, OutputThatCannotBeWritten) {
  TestCompiler compiler;
  auto module = compiler.parse(identity);
  EXPECT_TRUE(failed(target::compileToSharedLibrary(*module, compiler.options, "/no/such/folder/model.so")));
  EXPECT_CONTAINS(compiler.errors, "cannot write '/no/such/folder/model.so'");
}

TEST(RunErrors, WrongInputs) {
  TestCompiler compiler;
  auto model = compiler.compile(identity);
  ASSERT_TRUE(model) << compiler.errors;
  std::vector<runtime::Tensor> outputs;
  std::string error;
  EXPECT_FALSE(model->run({}, outputs, error));
  EXPECT_EQ(error, "the model has 1 inputs, 0 were given");
  EXPECT_FALSE(model->run({tensor<float>({3}, {1, 2, 3})}, outputs, error));
  EXPECT_EQ(error, "input 0 (input0): rank 1, expected 2");
  EXPECT_FALSE(model->run({tensor<float>({1, 2}, {1, 2})}, outputs, error));
  EXPECT_EQ(error, "input 0 (input0): dimension 1 is 2, expected 3");
  EXPECT_FALSE(model->run({tensor<int32_t>({1, 3}, {1, 2, 3})}, outputs, error));
  EXPECT_EQ(error, "input 0 (input0): type int32, expected float32");
  EXPECT_FALSE(model->run({tensor<float>({2, 3}, {1, 2, 3})}, outputs, error));
  EXPECT_EQ(error, "input 0: 12 bytes of data do not make a float32[2x3]");
  EXPECT_FALSE(model->run({runtime::Tensor{CONDENSE_F32, std::vector<int64_t>(9, 1), {}}}, outputs, error));
  EXPECT_EQ(error, "input 0: rank 9 exceeds 8");
  EXPECT_TRUE(model->run({tensor<float>({1, 3}, {1, 2, 3})}, outputs, error)) << error;
}

TEST(LoadErrors, MissingCpuFeatures) {
  llvm::Expected<target::Cpu> host = target::resolveCpu("host");
  ASSERT_TRUE(bool(host));
  if (host->has("amx-tile"))
    GTEST_SKIP() << "this CPU has the features that the test expects to be missing";
  TestCompiler compiler;
  compiler.options.cpu = "sapphirerapids";
  EXPECT_FALSE(compiler.compile(identity));
  EXPECT_CONTAINS(compiler.errors, "was compiled for sapphirerapids");
  EXPECT_CONTAINS(compiler.errors, "amx-tile");
}

TEST(LoadErrors, NotAModel) {
  std::string error;
  EXPECT_FALSE(runtime::Model::load("/no/such/model.so", error));
  EXPECT_CONTAINS(error, "/no/such/model.so");
  EXPECT_FALSE(runtime::Model::load("libm.so.6", error));
  EXPECT_FALSE(runtime::Model::load("/usr/lib/llvm-22/lib/libomp.so.5", error));
  EXPECT_CONTAINS(error, "not a model compiled by Condense");
}

TEST(Header, DescribesTheModel) {
  TestCompiler compiler;
  auto module = compiler.parse(identity);
  llvm::SmallString<128> path;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("model", "h", path));
  ASSERT_TRUE(succeeded(target::writeModelHeader(*module, "my-net", path)));
  std::ifstream file(path.c_str());
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  llvm::sys::fs::remove(path);
  EXPECT_CONTAINS(text, "input 0: input0, float32[?x3]");
  EXPECT_CONTAINS(text, "#define MY_NET_NUM_INPUTS 1");
  EXPECT_CONTAINS(text, "int condense_model_run(");
}
