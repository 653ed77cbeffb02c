// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Gram matrices for targets, also for the factors of a product.

#include "TargetGram.h"

#include "condense/Analysis/WeightValue.h"
#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Numerics/MatrixProduct.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

bool condense::compress::isTable(CompressibleOpInterface layer) { return layer.getReductionDims().empty(); }

LogicalResult condense::compress::emitMissingStatistics(const Layer &layer, bool hasStatistics, StringRef what,
                                                        StringRef alternative) {
  CompressibleOpInterface op = layer.op;
  return op->emitOpError() << "layer '" << layer.name << "' has no Gram matrix in the statistics, which " << what
                           << " needs: "
                           << (hasStatistics ? "calibrate again" : "give statistics=FILE of a calibration")
                           << ", or use " << alternative;
}

void TargetGram::add(ArrayRef<float> gram) {
  if (sum.empty())
    sum.resize(gram.size());
  for (auto [total, value] : llvm::zip_equal(sum, gram))
    total += value;
}

void TargetGram::center(const LayerMoments &moments) {
  int64_t columns = moments.columns;
  for (int64_t group = 0; group < moments.groups; ++group) {
    ArrayRef<float> mean = moments.mean.slice(group * columns, columns);
    float *gram = sum.data() + group * size;
    for (int64_t i = 0; i < columns; ++i)
      for (int64_t j = 0; j < columns; ++j)
        gram[i * columns + j] -= static_cast<float>(moments.count * mean[i] * mean[j]);
  }
}

/// The use through which a factor enters its product.
static OpOperand *getProductUse(const WeightTarget &target) {
  for (OpOperand *use : llvm::reverse(target.path))
    if (isa<nn::MatmulOp>(use->getOwner()))
      return use;
  return nullptr;
}

/// Whether the target is the factor A of the weight A B, so that it multiplies B x.
static bool isLeftFactor(CompressibleOpInterface layer, const WeightTarget &target) {
  SmallVector<int64_t> outputs = layer.getOutputChannelDims();
  return target.isFactor() && llvm::any_of(target.dims, [&](int64_t dim) { return llvm::is_contained(outputs, dim); });
}

/// `B H B^T` for the left factor of `A B`, B being the other factor as it is now.
static FailureOr<std::vector<float>> transformGram(const TargetRequest &request, int64_t inner,
                                                   const LayerMoments &moments) {
  OpOperand *use = getProductUse(request.target);
  FailureOr<std::vector<float>> values = evaluateElements(use->getOwner()->getOperand(1 - use->getOperandNumber()));
  int64_t columns = moments.columns;
  CompressibleOpInterface layer = request.layer.op;
  if (failed(values) || static_cast<int64_t>(values->size()) != inner * columns)
    return layer->emitOpError() << "layer '" << request.layer.name << "': a factor of its weight cannot be evaluated";
  // B [inner, columns], or its transpose when the weight of the layer is that of A B.
  bool isTransposed = use->getOperandNumber() == 1;
  numerics::MatrixRef<const float> b{values->data(), isTransposed ? 1 : columns, isTransposed ? inner : 1};
  std::vector<float> product(inner * columns, 0.0f), flipped(columns * inner), gram(inner * inner, 0.0f);
  numerics::subtractProduct(inner, columns, columns, b, {moments.gram.data(), columns}, {product.data(), columns});
  for (int64_t i = 0; i < inner; ++i)
    for (int64_t j = 0; j < columns; ++j)
      flipped[j * inner + i] = product[i * columns + j];
  numerics::subtractProduct(inner, inner, columns, b, {flipped.data(), inner}, {gram.data(), inner});
  return gram;
}

FailureOr<TargetGram> TargetGram::get(ArrayRef<TargetRequest> requests, const WeightMatrix &matrix,
                                      const LayerStatistics *statistics) {
  TargetGram result;
  int64_t columns = matrix.getColumns();
  result.size = columns * columns;
  for (const TargetRequest &request : requests) {
    CompressibleOpInterface layer = request.layer.op;
    if (isTable(layer))
      continue;
    const LayerMoments *moments = statistics ? statistics->find(request.layer.name) : nullptr;
    if (!moments || moments->gram.empty())
      return TargetGram();
    if (isLeftFactor(layer, request.target) && moments->groups == 1) {
      FailureOr<std::vector<float>> gram = transformGram(request, columns, *moments);
      if (failed(gram))
        return failure();
      result.add(*gram);
      continue;
    }
    if (moments->groups != matrix.getGroups() || moments->columns != columns)
      return layer->emitOpError() << "statistics of layer '" << request.layer.name << "' are of [" << moments->groups
                                  << ", " << moments->columns << "] inputs, but its weight has [" << matrix.getGroups()
                                  << ", " << columns << "]: calibrate again";
    result.add(moments->gram);
  }
  return result;
}
