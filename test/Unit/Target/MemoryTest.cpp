// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A compiled model reads its weights where they are mapped: it keeps no copy of them.

#include "TestCompiler.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace condense;
using namespace condense::test;

static constexpr int64_t inputs = 2048, outputs = 1024;

/// Memory of this process that is backed by no file, in KiB.
static long anonymousMemory() {
  std::ifstream status("/proc/self/status");
  std::string word;
  long value = 0;
  while (status >> word)
    if (word == "RssAnon:")
      status >> value;
  return value;
}

/// Replaces the constant of @main by a resource of that size.
static void setWeights(mlir::ModuleOp module, llvm::ArrayRef<float> values) {
  module.walk([&](mlir::arith::ConstantOp op) {
    auto type = llvm::dyn_cast<mlir::RankedTensorType>(op.getType());
    if (!type)
      return;
    auto data = llvm::ArrayRef(reinterpret_cast<const char *>(values.data()), values.size() * 4);
    op.setValueAttr(mlir::DenseResourceElementsAttr::get(type, "weights",
                                                         mlir::UnmanagedAsmResourceBlob::allocateWithAlign(data, 4)));
  });
}

TEST(Memory, WeightsAreNotCopied) {
  std::vector<float> weights(inputs * outputs);
  for (size_t i = 0; i < weights.size(); ++i)
    weights[i] = float(int(i * 7 % 23) - 11);
  TestCompiler compiler;
  auto module = compiler.parse(R"(
    func.func @main(%x: tensor<?x2048xf32>) -> tensor<?x1024xf32> {
      %c0 = arith.constant 0 : index
      %m = tensor.dim %x, %c0 : tensor<?x2048xf32>
      %w = arith.constant dense<0.0> : tensor<1024x2048xf32>
      %z = arith.constant 0.0 : f32
      %e = tensor.empty(%m) : tensor<?x1024xf32>
      %f = linalg.fill ins(%z : f32) outs(%e : tensor<?x1024xf32>) -> tensor<?x1024xf32>
      %0 = linalg.generic {
          indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>],
          iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%x, %w : tensor<?x2048xf32>, tensor<1024x2048xf32>) outs(%f : tensor<?x1024xf32>) {
      ^bb0(%a: f32, %b: f32, %acc: f32):
        %p = arith.mulf %a, %b : f32
        %s = arith.addf %acc, %p : f32
        linalg.yield %s : f32
      } -> tensor<?x1024xf32>
      return %0 : tensor<?x1024xf32>
    })");
  setWeights(*module, weights);
  std::filesystem::path path =
      std::filesystem::temp_directory_path() / ("condense-memory-" + std::to_string(getpid()) + ".so");
  ASSERT_TRUE(succeeded(target::compileToSharedLibrary(*module, compiler.options, path.string()))) << compiler.errors;
  uintmax_t fileSize = std::filesystem::file_size(path);
  EXPECT_LE(fileSize, weights.size() * 4 + (1 << 17));

  long before = anonymousMemory();
  std::string error;
  auto model = runtime::Model::load(path.string(), error);
  std::filesystem::remove(path);
  ASSERT_TRUE(model) << error;
  EXPECT_EQ(model->getInfo().weight_bytes, weights.size() * 4);
  model->setThreads(1);
  std::vector<float> x(3 * inputs);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = float(int(i * 5 % 13) - 6);
  auto result = values<float>(run(*model, {tensor<float>({3, inputs}, x)})[0]);
  EXPECT_LE(anonymousMemory() - before, 1024); // of 8 MiB of weights

  for (int64_t m = 0; m < 3; ++m)
    for (int64_t n = 0; n < outputs; n += 101) {
      float expected = 0;
      for (int64_t k = 0; k < inputs; ++k)
        expected += x[m * inputs + k] * weights[n * inputs + k];
      EXPECT_EQ(result[m * outputs + n], expected); // exact: small integers
    }
}
