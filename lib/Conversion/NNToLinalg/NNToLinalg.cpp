// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Lowers the `nn` dialect to linalg, and `uiN` to `iN` everywhere.

#include "condense/Conversion/NNToLinalg/NNToLinalg.h"

#include "Attention.h"
#include "Structured.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Func/Transforms/FuncConversions.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"

namespace condense {
#define GEN_PASS_DEF_CONVERTNNTOLINALGPASS
#include "condense/Conversion/NNToLinalg/Passes.h.inc"
} // namespace condense

using namespace mlir;
using namespace condense;
using namespace condense::nn;

static Type getSignless(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type); integer && integer.isUnsigned())
    return IntegerType::get(type.getContext(), integer.getWidth());
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    return tensor.clone(getSignless(tensor.getElementType()));
  return type;
}

SignlessTypeConverter::SignlessTypeConverter() {
  addConversion([](Type type) { return getSignless(type); });
  auto materialize = [](OpBuilder &builder, Type type, ValueRange inputs, Location loc) -> Value {
    return UnrealizedConversionCastOp::create(builder, loc, type, inputs).getResult(0);
  };
  addSourceMaterialization(materialize);
  addTargetMaterialization(materialize);
}

namespace {

/// Constants keep their bytes.
struct ConvertConstant : OpConversionPattern<arith::ConstantOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(arith::ConstantOp op, OpAdaptor, ConversionPatternRewriter &rewriter) const override {
    auto type = dyn_cast_or_null<RankedTensorType>(getTypeConverter()->convertType(op.getType()));
    if (!type)
      return rewriter.notifyMatchFailure(op, "requires a tensor");
    TypedAttr value;
    if (auto dense = dyn_cast<DenseElementsAttr>(op.getValue()))
      value = dense.bitcast(type.getElementType());
    else if (auto resource = dyn_cast<DenseResourceElementsAttr>(op.getValue()))
      value = DenseResourceElementsAttr::get(type, resource.getRawHandle());
    else
      return rewriter.notifyMatchFailure(op, "requires dense elements");
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, value);
    return success();
  }
};

struct ConvertTensorCast : OpConversionPattern<tensor::CastOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(tensor::CastOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<tensor::CastOp>(op, getTypeConverter()->convertType(op.getType()), adaptor.getSource());
    return success();
  }
};

/// A cast between `uiN` and `iN` has nothing left to do.
struct DropSignednessCast : OpConversionPattern<UnrealizedConversionCastOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(UnrealizedConversionCastOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (op.getNumOperands() != 1 || op.getNumResults() != 1 ||
        adaptor.getOperands()[0].getType() != getTypeConverter()->convertType(op.getResult(0).getType()))
      return rewriter.notifyMatchFailure(op, "requires a cast of signedness");
    rewriter.replaceOp(op, adaptor.getOperands());
    return success();
  }
};

struct ConvertNNToLinalgPass : public condense::impl::ConvertNNToLinalgPassBase<ConvertNNToLinalgPass> {
  using Base::Base;

  void runOnOperation() override {
    getOperation()->walk([&](Operation *op) { converted += isa_and_nonnull<NNDialect>(op->getDialect()); });
    SignlessTypeConverter converter;
    RewritePatternSet patterns(&getContext());
    populateNNToLinalgPatterns(converter, patterns, queryBlock);
    patterns.add<ConvertConstant, ConvertTensorCast, DropSignednessCast>(converter, &getContext());
    populateFunctionOpInterfaceTypeConversionPattern<func::FuncOp>(patterns, converter);
    populateReturnOpTypeConversionPattern(patterns, converter);
    populateCallOpTypeConversionPattern(patterns, converter);

    ConversionTarget target(getContext());
    target.addIllegalDialect<NNDialect>();
    target.addDynamicallyLegalOp<func::FuncOp>(
        [&](func::FuncOp function) { return converter.isSignatureLegal(function.getFunctionType()); });
    target.addDynamicallyLegalOp<func::ReturnOp, func::CallOp, arith::ConstantOp, tensor::CastOp,
                                 UnrealizedConversionCastOp>([&](Operation *op) { return converter.isLegal(op); });
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    if (failed(applyPartialConversion(getOperation(), target, std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

void condense::populateNNToLinalgPatterns(const TypeConverter &converter, RewritePatternSet &patterns,
                                          int64_t queryBlock) {
  if (queryBlock > 0)
    lowering::populateAttentionBlockPatterns(converter, patterns, queryBlock);
  lowering::populateUnaryPatterns(converter, patterns);
  lowering::populateActivationPatterns(converter, patterns);
  lowering::populateCastPatterns(converter, patterns);
  lowering::populateBinaryPatterns(converter, patterns);
  lowering::populateLinearAlgebraPatterns(converter, patterns);
  lowering::populateAttentionPatterns(converter, patterns);
  lowering::populateConvolutionPatterns(converter, patterns);
  lowering::populatePoolingPatterns(converter, patterns);
  lowering::populateNormalisationPatterns(converter, patterns);
  lowering::populateReductionPatterns(converter, patterns);
  lowering::populateGatheringPatterns(converter, patterns);
  lowering::populateReshapePatterns(converter, patterns);
  lowering::populateShapePatterns(converter, patterns);
  lowering::populateSlicingPatterns(converter, patterns);
  lowering::populateLikePatterns(converter, patterns);
  lowering::populateGatheringGradientPatterns(converter, patterns);
  lowering::populateConvolutionGradientPatterns(converter, patterns);
  lowering::populatePoolingGradientPatterns(converter, patterns);
}
