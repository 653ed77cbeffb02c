// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which layers an annotation is about.

#include "LayerFilter.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace condense;
using namespace condense::compress;

FailureOr<LayerFilter> LayerFilter::create(Location loc, StringRef layers, ArrayRef<std::string> ops,
                                           int64_t minElements) {
  llvm::Expected<llvm::GlobPattern> glob = llvm::GlobPattern::create(layers, /*MaxSubPatterns=*/1024);
  if (!glob) {
    emitError(loc) << "layers: '" << layers << "' is no glob: " << llvm::toString(glob.takeError());
    return failure();
  }
  return LayerFilter(std::move(*glob), ops, minElements);
}

bool LayerFilter::matches(const Layer &layer) const {
  if (!layers.match(layer.name))
    return false;
  OperationName kind = layer.op->getName();
  auto isKind = [&](StringRef name) { return name == kind.getStringRef() || name == kind.stripDialect(); };
  if (!ops.empty() && llvm::none_of(ops, isKind))
    return false;
  std::optional<WeightSource> source = findWeightSource(layer.op);
  if (!source)
    return false;
  auto type = cast<ShapedType>(source->constant.getType());
  return isa<FloatType>(type.getElementType()) && type.getNumElements() >= minElements;
}

FailureOr<Type> condense::compress::parseTypeOption(Location loc, StringRef option, StringRef text) {
  Builder b(loc.getContext());
  for (unsigned width : {2, 3, 4, 8}) {
    if (text == "i" + Twine(width).str())
      return Type(b.getIntegerType(width));
    if (text == "ui" + Twine(width).str())
      return Type(b.getIntegerType(width, /*isSigned=*/false));
  }
  for (Type type : {Type(b.getF16Type()), Type(b.getF32Type()), Type(b.getType<Float8E4M3FNType>()),
                    Type(b.getType<Float8E5M2Type>())}) {
    std::string name;
    llvm::raw_string_ostream(name) << type;
    if (text == name)
      return type;
  }
  emitError(loc) << option << ": unknown type '" << text
                 << "'; expected i2, i3, i4, i8, ui2, ui3, ui4, ui8, f8E4M3FN, f8E5M2, f16 or f32";
  return failure();
}
