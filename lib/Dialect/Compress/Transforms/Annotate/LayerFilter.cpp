// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which layers an annotation is about.

#include "LayerFilter.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

FailureOr<LayerFilter> LayerFilter::create(Location loc, StringRef layers, ArrayRef<std::string> ops,
                                           int64_t minElements, double smallestShare) {
  llvm::Expected<llvm::GlobPattern> glob = llvm::GlobPattern::create(layers, /*MaxSubPatterns=*/1024);
  if (!glob) {
    emitError(loc) << "layers: '" << layers << "' is no glob: " << llvm::toString(glob.takeError());
    return failure();
  }
  if (!(smallestShare > 0 && smallestShare <= 1)) {
    emitError(loc) << "smallest-share: " << smallestShare << " is not above 0 and at most 1";
    return failure();
  }
  return LayerFilter(std::move(*glob), ops, minElements, smallestShare);
}

static int64_t getElements(const Layer &layer) {
  CompressibleOpInterface op = layer.op;
  return cast<ShapedType>(op.getWeightOperand().get().getType()).getNumElements();
}

SmallVector<Layer> LayerFilter::select(Operation *root) const {
  SmallVector<Layer> selected =
      llvm::filter_to_vector(getLayers(root), [&](const Layer &layer) { return matches(layer); });
  if (smallestShare == 1)
    return selected;
  llvm::stable_sort(selected, [](const Layer &a, const Layer &b) { return getElements(a) < getElements(b); });
  int64_t total = 0, sum = 0;
  for (const Layer &layer : selected)
    total += getElements(layer);
  Layer *end =
      llvm::find_if(selected, [&](const Layer &layer) { return (sum += getElements(layer)) > smallestShare * total; });
  selected.erase(end, selected.end());
  return selected;
}

bool LayerFilter::matches(const Layer &layer) const {
  if (!layers.match(layer.name))
    return false;
  OperationName kind = layer.op->getName();
  auto isKind = [&](StringRef name) { return name == kind.getStringRef() || name == kind.stripDialect(); };
  if (!ops.empty() && llvm::none_of(ops, isKind))
    return false;
  // A weight may be a sum, a product, or compressed already: the pass that takes the request says
  // what it cannot do.
  CompressibleOpInterface op = layer.op;
  Value weight = op.getWeightOperand().get();
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(weight.getType()));
  bool isConstant = !findWeightTargets(op).empty() || isConstantExpression(weight);
  return isFloat && isConstant && getElements(layer) >= minElements;
}

FailureOr<Type> condense::compress::parseTypeOption(Location loc, StringRef option, StringRef text) {
  Builder b(loc.getContext());
  for (unsigned width : {2, 3, 4, 5, 6, 7, 8}) {
    if (text == "i" + Twine(width).str())
      return Type(b.getIntegerType(width));
    if (text == "ui" + Twine(width).str())
      return Type(b.getIntegerType(width, /*isSigned=*/false));
  }
  for (Type type : {Type(b.getF16Type()), Type(b.getF32Type()), Type(b.getType<Float8E4M3FNType>()),
                    Type(b.getType<Float8E5M2Type>()), Type(b.getType<Float8E8M0FNUType>())}) {
    std::string name;
    llvm::raw_string_ostream(name) << type;
    if (text == name)
      return type;
  }
  emitError(loc) << option << ": unknown type '" << text
                 << "'; expected i2 to i8, ui2 to ui8, f8E4M3FN, f8E5M2, f8E8M0FNU, f16 or f32";
  return failure();
}
