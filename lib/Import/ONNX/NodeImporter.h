//===- NodeImporter.h - What a handler of an operator works with -*- C++ -*-==//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One NodeImporter serves one ONNX node. A handler asks it for inputs and
// attributes, creates nn operations, and sets the outputs. Whatever a handler
// does not support exactly it rejects; an attribute that it never asked for is
// rejected for it, so that none is ignored by oversight.
//
//===----------------------------------------------------------------------===//

#ifndef CONDENSE_LIB_IMPORT_ONNX_NODEIMPORTER_H
#define CONDENSE_LIB_IMPORT_ONNX_NODEIMPORTER_H

#include "Value.h"

#include "condense/Dialect/NN/IR/NN.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace condense::onnx {

using Shape = llvm::SmallVector<int64_t>;

/// begin, begin + 1, ..., end - 1
inline Shape makeRange(int64_t begin, int64_t end) {
  return llvm::to_vector(llvm::seq<int64_t>(begin, std::max(begin, end)));
}

class NodeImporter {
public:
  NodeImporter(const Node &node, int64_t opset, mlir::OpBuilder &builder, mlir::Location loc,
               llvm::MutableArrayRef<Imported *> inputs)
      : node(node), opset(opset), builder(builder), loc(loc), inputs(inputs), outputs(node.outputs.size()) {}

  const Node &node;
  const int64_t opset;
  mlir::OpBuilder &builder;
  const mlir::Location loc;

  //===--------------------------------------------------------------------===//
  // Inputs
  //===--------------------------------------------------------------------===//

  size_t getNumInputs() const { return inputs.size(); }
  /// Whether the optional input `index` is given.
  bool hasInput(size_t index) const;
  /// The input as an SSA value; null (and a rejection) if it is missing or a
  /// number that depends on a dynamic dimension.
  mlir::Value getInput(size_t index);
  llvm::SmallVector<mlir::Value> getInputs();
  mlir::RankedTensorType getInputType(size_t index);
  /// What is known at import; null if nothing is.
  const IntTensor *getIntegers(size_t index) const;
  const Tensor *getConstant(size_t index) const;
  /// The input's numbers, all known at import. Otherwise the node is rejected.
  std::optional<Shape> getNumbers(size_t index, llvm::StringRef role);
  std::optional<llvm::SmallVector<double>> getReals(size_t index, llvm::StringRef role);
  /// The input in another static shape of as many elements; a constant stays
  /// one, over the same bytes.
  mlir::Value getReshapedInput(size_t index, llvm::ArrayRef<int64_t> shape);

  //===--------------------------------------------------------------------===//
  // Attributes
  //===--------------------------------------------------------------------===//

  bool hasAttribute(llvm::StringRef name);
  int64_t getInt(llvm::StringRef name, int64_t defaultValue);
  double getFloat(llvm::StringRef name, double defaultValue);
  std::string getString(llvm::StringRef name, llvm::StringRef defaultValue);
  Shape getInts(llvm::StringRef name, llvm::ArrayRef<int64_t> defaultValue);
  const Attribute *getAttribute(llvm::StringRef name);
  /// Says that an attribute does not matter here.
  void ignoreAttribute(llvm::StringRef name) { consulted.insert(name); }

  //===--------------------------------------------------------------------===//
  // Results
  //===--------------------------------------------------------------------===//

  bool hasOutput(size_t index) const { return index < node.outputs.size() && !node.outputs[index].empty(); }
  void setOutput(size_t index, Imported value) { outputs[index] = value; }
  mlir::LogicalResult setOutput(size_t index, mlir::Value value);
  mlir::LogicalResult setOutput(size_t index, IntTensor integers);
  /// Records why the node cannot be imported (the first reason counts).
  mlir::LogicalResult reject(const llvm::Twine &reason);

  //===--------------------------------------------------------------------===//
  // Building
  //===--------------------------------------------------------------------===//

  /// Creates an operation whose result types follow from its operands. If they
  /// do not, the node is rejected and null returned; a null operand gives null.
  mlir::Value create(llvm::StringRef name, mlir::ValueRange operands,
                     llvm::ArrayRef<mlir::NamedAttribute> attributes = {});
  template <typename OpTy>
  mlir::Value create(mlir::ValueRange operands, llvm::ArrayRef<mlir::NamedAttribute> attributes = {}) {
    return create(OpTy::getOperationName(), operands, attributes);
  }
  /// An operation that does not infer its type.
  mlir::Value createTyped(llvm::StringRef name, mlir::Type type, mlir::ValueRange operands,
                          llvm::ArrayRef<mlir::NamedAttribute> attributes = {});

  mlir::NamedAttribute attr(llvm::StringRef name, int64_t value);
  mlir::NamedAttribute attr(llvm::StringRef name, double value);
  mlir::NamedAttribute attr(llvm::StringRef name, llvm::ArrayRef<int64_t> value);
  mlir::NamedAttribute attr(llvm::StringRef name, mlir::Attribute value);
  mlir::NamedAttribute unit(llvm::StringRef name);

  /// A constant of `type` (any real or integer element type) that repeats
  /// `value`, and one with the given elements (rounded to the type).
  mlir::Value createSplat(mlir::RankedTensorType type, double value);
  mlir::Value createScalar(mlir::Type elementType, double value);
  mlir::Value createConstant(mlir::RankedTensorType type, llvm::ArrayRef<double> elements);
  mlir::Value createIntegers(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> numbers);

  mlir::Value cast(mlir::Value value, mlir::Type elementType);
  mlir::Value reshape(mlir::Value value, llvm::ArrayRef<int64_t> shape);
  mlir::Value transpose(mlir::Value value, llvm::ArrayRef<int64_t> permutation);
  /// Inserts and drops dimensions of size 1: dimension i of the result is
  /// dimension sources[i] of the value, or new where that is -1.
  mlir::Value rearrange(mlir::Value value, llvm::ArrayRef<int64_t> sources);
  /// Reduces `axes` (sorted) with an nn reduction.
  template <typename OpTy> mlir::Value reduce(mlir::Value value, llvm::ArrayRef<int64_t> axes, bool keepDims) {
    llvm::SmallVector<mlir::NamedAttribute> attributes = {attr("axes", axes)};
    if (keepDims)
      attributes.push_back(unit("keep_dims"));
    return create<OpTy>(value, attributes);
  }

  /// Brings `axis` into [0, rank); otherwise rejects and returns nothing.
  std::optional<int64_t> normalizeAxis(int64_t axis, int64_t rank);
  /// The same for a list, sorted; rejects duplicates.
  std::optional<Shape> normalizeAxes(llvm::ArrayRef<int64_t> axes, int64_t rank);
  /// Whether every size of `type` is known; otherwise rejects.
  bool requireStatic(mlir::RankedTensorType type, llvm::StringRef what);

  /// After the handler: attributes nobody asked for, outputs nobody set.
  mlir::LogicalResult checkComplete();
  llvm::ArrayRef<Imported> getOutputs() const { return outputs; }
  llvm::StringRef getReason() const { return reason; }

private:
  const Attribute *find(llvm::StringRef name, Attribute::Kind kind);

  llvm::MutableArrayRef<Imported *> inputs;
  llvm::SmallVector<Imported> outputs;
  llvm::StringSet<> consulted;
  std::string reason;
};

inline mlir::RankedTensorType getTensorType(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType());
}

/// `value` (rounded, wrapped) as an attribute of an element type.
mlir::TypedAttr makeElement(mlir::Type type, double value);

/// Makes the SSA value of a constant: dense_resource over the tensor's own
/// bytes, or dense for a few elements. Null if the type has no MLIR form.
mlir::Value materializeTensor(mlir::OpBuilder &builder, mlir::Location loc,
                              const std::shared_ptr<const Tensor> &tensor);

//===----------------------------------------------------------------------===//
// The table of operators
//===----------------------------------------------------------------------===//

/// A handler that creates the nn operation `OpTy` from all inputs.
template <typename OpTy> mlir::LogicalResult importAs(NodeImporter &importer) {
  return importer.setOutput(0, importer.create<OpTy>(importer.getInputs()));
}

using Handler = mlir::LogicalResult (*)(NodeImporter &);

struct TableEntry {
  int64_t minOpset;
  Handler handler;
};
/// Keyed by "op" for the standard domain.
using HandlerTable = llvm::StringMap<TableEntry>;

void registerElementwise(HandlerTable &table);
void registerActivations(HandlerTable &table);
void registerLinearAlgebra(HandlerTable &table);
void registerConvolution(HandlerTable &table);
void registerPooling(HandlerTable &table);
void registerNormalization(HandlerTable &table);
void registerReductions(HandlerTable &table);
void registerShapes(HandlerTable &table);
void registerBlocks(HandlerTable &table);
void registerIndexing(HandlerTable &table);
void registerPadding(HandlerTable &table);
void registerGenerators(HandlerTable &table);
void registerQuantization(HandlerTable &table);
void registerLosses(HandlerTable &table);
void registerResize(HandlerTable &table);

/// Computes the node on numbers if its inputs are known at import and the
/// operator is one that shapes are computed with. Returns whether it did.
bool evaluateIntegers(NodeImporter &importer);

} // namespace condense::onnx

#endif // CONDENSE_LIB_IMPORT_ONNX_NODEIMPORTER_H
