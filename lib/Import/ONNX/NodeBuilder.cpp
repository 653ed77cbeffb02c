//===- NodeBuilder.cpp - How handlers create operations -------------------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

namespace {
/// Storage for the properties of an operation that does not exist yet.
class PropertyStorage {
public:
  explicit PropertyStorage(OperationName name)
      : name(name), buffer(name.getOpPropertyByteSize() / sizeof(uint64_t) + 1), storage(buffer.data()) {
    name.initOpProperties(storage, OpaqueProperties(nullptr));
  }
  PropertyStorage(const PropertyStorage &) = delete;
  ~PropertyStorage() {
    if (name.getOpPropertyByteSize())
      name.destroyOpProperties(storage);
  }
  OpaqueProperties get() { return storage; }

private:
  OperationName name;
  std::vector<uint64_t> buffer;
  OpaqueProperties storage;
};

/// Whether the operation takes `count` operands. Inference relies on it.
bool acceptsOperands(RegisteredOperationName info, size_t count) {
  if (info.hasTrait<OpTrait::OneOperand>())
    return count == 1;
  if (info.hasTrait<OpTrait::NOperands<2>::Impl>())
    return count == 2;
  if (info.hasTrait<OpTrait::NOperands<3>::Impl>())
    return count == 3;
  if (info.hasTrait<OpTrait::NOperands<5>::Impl>())
    return count == 5;
  if (info.hasTrait<OpTrait::AtLeastNOperands<2>::Impl>())
    return count == 2 || count == 3;
  return info.hasTrait<OpTrait::VariadicOperands>();
}

/// Infers the types, reporting failures through diagnostics.
LogicalResult inferTypes(OperationState &state, DictionaryAttr attributes) {
  std::optional<RegisteredOperationName> info = state.name.getRegisteredInfo();
  auto *interface = info ? info->getInterface<InferTypeOpInterface>() : nullptr;
  if (!interface)
    return emitError(state.location) << state.name << " cannot infer its type";
  if (!acceptsOperands(*info, state.operands.size()))
    return emitError(state.location) << "has " << state.operands.size() << " inputs, which are too few "
                                     << "or too many";
  PropertyStorage properties(state.name);
  if (state.name.getOpPropertyByteSize() &&
      failed(info->setOpPropertiesFromAttribute(state.name, properties.get(), attributes,
                                                [&] { return emitError(state.location); })))
    return failure();
  return interface->inferReturnTypes(state.getContext(), state.location, state.operands, attributes, properties.get(),
                                     {}, state.types);
}
} // namespace

Value NodeImporter::create(StringRef name, ValueRange operands, ArrayRef<NamedAttribute> attributes) {
  return createTyped(name, Type(), operands, attributes);
}

Value NodeImporter::createTyped(StringRef name, Type type, ValueRange operands, ArrayRef<NamedAttribute> attributes) {
  if (!reason.empty() || llvm::is_contained(operands, Value()))
    return Value();
  std::string message;
  ScopedDiagnosticHandler handler(builder.getContext(), [&](Diagnostic &diagnostic) {
    if (message.empty())
      message = diagnostic.str();
    return success();
  });
  OperationState state(loc, name, operands, TypeRange(), attributes);
  if (type)
    state.addTypes(type);
  else if (failed(inferTypes(state, builder.getDictionaryAttr(attributes)))) {
    (void)reject(message.empty() ? "its shapes do not fit" : message);
    return Value();
  }
  Operation *op = builder.create(state);
  if (failed(verify(op))) {
    op->erase();
    (void)reject(message);
    return Value();
  }
  return op->getResult(0);
}

NamedAttribute NodeImporter::attr(StringRef name, int64_t value) {
  return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
}
NamedAttribute NodeImporter::attr(StringRef name, double value) {
  return builder.getNamedAttr(name, builder.getF64FloatAttr(value));
}
NamedAttribute NodeImporter::attr(StringRef name, ArrayRef<int64_t> value) {
  return builder.getNamedAttr(name, builder.getDenseI64ArrayAttr(value));
}
NamedAttribute NodeImporter::attr(StringRef name, mlir::Attribute value) { return builder.getNamedAttr(name, value); }
NamedAttribute NodeImporter::unit(StringRef name) { return builder.getNamedAttr(name, builder.getUnitAttr()); }

Value NodeImporter::cast(Value value, Type elementType) {
  if (!value || !elementType)
    return Value();
  if (getTensorType(value).getElementType() == elementType)
    return value;
  return create<nn::CastOp>(value, attr("to", TypeAttr::get(elementType)));
}

Value NodeImporter::reshape(Value value, ArrayRef<int64_t> shape) {
  if (!value || getTensorType(value).getShape() == shape)
    return value;
  return create<nn::ReshapeOp>(value, attr("shape", shape));
}

Value NodeImporter::transpose(Value value, ArrayRef<int64_t> permutation) {
  if (value && llvm::equal(permutation, makeRange(0, getTensorType(value).getRank())))
    return value;
  return create<nn::TransposeOp>(value, attr("permutation", permutation));
}

Value NodeImporter::rearrange(Value value, ArrayRef<int64_t> sources) {
  if (!value)
    return value;
  RankedTensorType type = getTensorType(value);
  Shape shape;
  bool hasInferred = false;
  for (auto [i, source] : llvm::enumerate(sources)) {
    bool isDynamic = source >= 0 && type.isDynamicDim(source);
    if (!isDynamic) {
      shape.push_back(source < 0 ? 1 : type.getDimSize(source));
    } else if (source == static_cast<int64_t>(i)) {
      shape.push_back(0);
    } else if (!hasInferred) {
      hasInferred = true;
      shape.push_back(-1);
    } else {
      (void)reject("moving several dynamic dimensions is not supported");
      return Value();
    }
  }
  return reshape(value, shape);
}

std::optional<int64_t> NodeImporter::normalizeAxis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank) {
    (void)reject("axis " + Twine(axis) + " is outside of a tensor of rank " + Twine(rank));
    return std::nullopt;
  }
  return axis < 0 ? axis + rank : axis;
}

std::optional<Shape> NodeImporter::normalizeAxes(ArrayRef<int64_t> axes, int64_t rank) {
  Shape result;
  for (int64_t axis : axes) {
    std::optional<int64_t> normal = normalizeAxis(axis, rank);
    if (!normal)
      return std::nullopt;
    result.push_back(*normal);
  }
  llvm::sort(result);
  if (llvm::adjacent_find(result) != result.end()) {
    (void)reject("an axis is listed twice");
    return std::nullopt;
  }
  return result;
}

bool NodeImporter::requireStatic(RankedTensorType type, StringRef what) {
  if (!type)
    return false;
  if (type.hasStaticShape())
    return true;
  (void)reject(what + " needs a static shape");
  return false;
}
