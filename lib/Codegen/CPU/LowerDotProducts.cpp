// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels multiply bytes by the instruction vpdpbusd. Here it becomes what a CPU without it has; the sums are the same.

#include "condense/Codegen/CPU/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENLOWERDOTPRODUCTSPASS
#include "condense/Codegen/CPU/Passes.h.inc"
} // namespace condense

using namespace mlir;

static Value callIntrinsic(ImplicitLocOpBuilder &builder, StringRef name, Type type, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(builder, TypeRange(type), builder.getStringAttr(name), operands,
                                       LLVM::FastmathFlagsAttr())
      .getResults();
}

static Value splat(ImplicitLocOpBuilder &builder, VectorType type, int64_t value) {
  return arith::ConstantOp::create(builder,
                                   DenseElementsAttr::get(type, builder.getIntegerAttr(type.getElementType(), value)));
}

/// Sums of products of neighbouring 16-bit integers: first those of the even bytes, then those of the odd ones. (Of
/// products of bytes, vpmaddubsw has only 16 bits for a sum of two.)
static Value lowerToPairs(ImplicitLocOpBuilder &builder, Value sum, Value unsignedBytes, Value signedBytes) {
  int64_t lanes = cast<VectorType>(sum.getType()).getNumElements();
  auto words = VectorType::get(2 * lanes, builder.getI16Type());
  StringRef name = lanes == 4   ? "llvm.x86.sse2.pmadd.wd"
                   : lanes == 8 ? "llvm.x86.avx2.pmadd.wd"
                                : "llvm.x86.avx512.pmaddw.d.512";
  Value u = vector::BitCastOp::create(builder, words, unsignedBytes);
  Value s = vector::BitCastOp::create(builder, words, signedBytes);
  Value eight = splat(builder, words, 8);
  Value evenU = arith::AndIOp::create(builder, u, splat(builder, words, 255));
  Value evenS = arith::ShRSIOp::create(builder, arith::ShLIOp::create(builder, s, eight).getResult(), eight);
  Value oddU = arith::ShRUIOp::create(builder, u, eight), oddS = arith::ShRSIOp::create(builder, s, eight);
  Value even = callIntrinsic(builder, name, sum.getType(), {evenU, evenS});
  Value odd = callIntrinsic(builder, name, sum.getType(), {oddU, oddS});
  sum = arith::AddIOp::create(builder, sum, even);
  return arith::AddIOp::create(builder, sum, odd);
}

static Value lowerToUsdot(ImplicitLocOpBuilder &builder, Value sum, Value unsignedBytes, Value signedBytes) {
  return callIntrinsic(builder, "llvm.aarch64.neon.usdot.v4i32.v16i8", sum.getType(),
                       {sum, unsignedBytes, signedBytes});
}

/// `u * s = (u - 128) * s + 64 * s + 64 * s`, all of them products of signed bytes.
static Value lowerToSdot(ImplicitLocOpBuilder &builder, Value sum, Value unsignedBytes, Value signedBytes) {
  auto bytes = cast<VectorType>(signedBytes.getType());
  Value centred = arith::XOrIOp::create(builder, unsignedBytes, splat(builder, bytes, -128));
  Value half = splat(builder, bytes, 64);
  for (Value factor : {centred, half, half})
    sum = callIntrinsic(builder, "llvm.aarch64.neon.sdot.v4i32.v16i8", sum.getType(), {sum, factor, signedBytes});
  return sum;
}

namespace {

struct LowerDotProductsPass : condense::impl::CodegenLowerDotProductsPassBase<LowerDotProductsPass> {
  using Base::Base;

  void runOnOperation() override {
    auto lower = llvm::StringSwitch<Value (*)(ImplicitLocOpBuilder &, Value, Value, Value)>(instruction)
                     .Case("pmaddwd", lowerToPairs)
                     .Case("usdot", lowerToUsdot)
                     .Case("sdot", lowerToSdot)
                     .Default(nullptr);
    if (!lower) {
      getOperation()->emitError("unknown instruction '") << instruction << "'; there are pmaddwd, usdot and sdot";
      return signalPassFailure();
    }
    getOperation()->walk([&](LLVM::CallIntrinsicOp call) {
      if (!call.getIntrin().starts_with("llvm.x86.avx512.vpdpbusd."))
        return;
      ImplicitLocOpBuilder builder(call.getLoc(), call);
      Value result = lower(builder, call.getArgs()[0], call.getArgs()[1], call.getArgs()[2]);
      call.getResults().replaceAllUsesWith(result);
      call.erase();
      ++numLowered;
    });
  }
};

} // namespace
