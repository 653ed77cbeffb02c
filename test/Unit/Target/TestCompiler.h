// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiles a module from text, loads it and runs it, for the tests of the back end.

#ifndef CONDENSE_TEST_UNIT_TARGET_TESTCOMPILER_H
#define CONDENSE_TEST_UNIT_TARGET_TESTCOMPILER_H

#include "condense/Target/SharedLibrary.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include <cstring>
#include <gtest/gtest.h>

namespace condense::test {

/// A context for compilation that keeps the texts of all errors.
class TestCompiler {
public:
  TestCompiler() : context(makeRegistry()) {
    context.getDiagEngine().registerHandler([this](mlir::Diagnostic &diagnostic) {
      if (diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error)
        errors += diagnostic.str() + "\n";
    });
  }

  mlir::OwningOpRef<mlir::ModuleOp> parse(llvm::StringRef text) {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(module) << errors;
    return module;
  }

  /// Null, with the reason in `errors`, if the module cannot be compiled.
  std::unique_ptr<runtime::Model> compile(llvm::StringRef text) {
    auto module = parse(text);
    return module ? target::compileAndLoad(*module, options) : nullptr;
  }

  target::CompileOptions options;
  std::string errors;

private:
  static mlir::DialectRegistry makeRegistry() {
    mlir::DialectRegistry registry;
    target::registerCompilation(registry);
    return registry;
  }

  mlir::MLIRContext context;
};

template <typename T> constexpr condense_dtype dtypeOf();
template <> constexpr condense_dtype dtypeOf<float>() { return CONDENSE_F32; }
template <> constexpr condense_dtype dtypeOf<double>() { return CONDENSE_F64; }
template <> constexpr condense_dtype dtypeOf<int64_t>() { return CONDENSE_I64; }
template <> constexpr condense_dtype dtypeOf<int32_t>() { return CONDENSE_I32; }
template <> constexpr condense_dtype dtypeOf<int8_t>() { return CONDENSE_I8; }
template <> constexpr condense_dtype dtypeOf<uint8_t>() { return CONDENSE_U8; }
template <> constexpr condense_dtype dtypeOf<uint16_t>() { return CONDENSE_BF16; }
template <> constexpr condense_dtype dtypeOf<bool>() { return CONDENSE_BOOL; }

template <typename T> runtime::Tensor tensor(std::vector<int64_t> shape, const std::vector<T> &values) {
  runtime::Tensor result{dtypeOf<T>(), std::move(shape), {}};
  for (T value : values) {
    std::byte bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    result.data.insert(result.data.end(), bytes, bytes + sizeof(T));
  }
  return result;
}

template <typename T> std::vector<T> values(const runtime::Tensor &tensor) {
  EXPECT_EQ(tensor.dtype, dtypeOf<T>());
  std::vector<T> result;
  for (size_t i = 0; i < tensor.data.size(); i += sizeof(T)) {
    T value;
    std::memcpy(&value, tensor.data.data() + i, sizeof(T));
    result.push_back(value);
  }
  return result;
}

/// Runs `model` and expects success.
inline std::vector<runtime::Tensor> run(const runtime::Model &model, const std::vector<runtime::Tensor> &inputs) {
  std::vector<runtime::Tensor> outputs;
  std::string error;
  EXPECT_TRUE(model.run(inputs, outputs, error)) << error;
  return outputs;
}

} // namespace condense::test

#endif // CONDENSE_TEST_UNIT_TARGET_TESTCOMPILER_H
