// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Moves the loop nests of a model to functions of their own. Equal ones are found by their text: the text of a nest is
// short, as weights have left the module, and says all that it computes.

#include "condense/Codegen/Buffers/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/raw_ostream.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENOUTLINEKERNELSPASS
#include "condense/Codegen/Buffers/Passes.h.inc"
} // namespace condense

using namespace mlir;

static constexpr StringLiteral kernelName = "kernel";

static bool isConstant(Value value) { return matchPattern(value, m_Constant()); }

/// Whether `value` is known when the model is compiled, as the address of a weight is.
static bool isCompileTimeValue(Value value) {
  if (isConstant(value) || value.getDefiningOp<memref::GetGlobalOp>())
    return true;
  auto view = value.getDefiningOp<memref::ViewOp>();
  return view && llvm::all_of(view->getOperands(), isCompileTimeValue);
}

/// The allocation, global or argument that `buffer` is a view of; nothing if that is not known.
static Value findBase(Value buffer) {
  while (auto view = buffer.getDefiningOp<ViewLikeOpInterface>())
    buffer = view.getViewSource();
  if (auto argument = dyn_cast<BlockArgument>(buffer))
    return isa<FunctionOpInterface>(argument.getOwner()->getParentOp()) ? buffer : Value();
  return isa<memref::AllocOp, memref::AllocaOp, memref::GetGlobalOp>(buffer.getDefiningOp()) ? buffer : Value();
}

/// Whether nothing writes to a base: weights, and the inputs of a model.
static bool isReadOnly(Value base) {
  if (auto argument = dyn_cast<BlockArgument>(base))
    return cast<FunctionOpInterface>(argument.getOwner()->getParentOp()).isPublic();
  auto global = base.getDefiningOp<memref::GetGlobalOp>();
  auto symbol = global ? SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(global, global.getNameAttr()) : nullptr;
  return symbol && symbol.getConstant();
}

namespace {

/// A buffer as a pointer and the numbers that its type does not tell.
class PassedBuffer {
public:
  explicit PassedBuffer(MemRefType type) : type(type) {
    if (failed(type.getStridesAndOffset(strides, offset)))
      llvm::report_fatal_error("a buffer without strides has no address");
  }

  bool isPointer() const {
    return type.hasStaticShape() && !ShapedType::isDynamic(offset) && llvm::none_of(strides, ShapedType::isDynamic);
  }

  /// In the caller.
  SmallVector<Value> take(OpBuilder &builder, Value buffer) const {
    auto data = memref::ExtractStridedMetadataOp::create(builder, buffer.getLoc(), buffer);
    SmallVector<Value> parts{data.getBaseBuffer()};
    if (ShapedType::isDynamic(offset))
      parts.push_back(data.getOffset());
    for (auto [dim, size] : llvm::enumerate(type.getShape()))
      if (ShapedType::isDynamic(size))
        parts.push_back(data.getSizes()[dim]);
    for (auto [dim, stride] : llvm::enumerate(strides))
      if (ShapedType::isDynamic(stride))
        parts.push_back(data.getStrides()[dim]);
    return parts;
  }

  SmallVector<Type> getTypes() const {
    auto isDynamic = [](int64_t size) { return ShapedType::isDynamic(size); };
    int64_t numbers =
        isDynamic(offset) + llvm::count_if(type.getShape(), isDynamic) + llvm::count_if(strides, isDynamic);
    SmallVector<Type> types{MemRefType::get({}, type.getElementType(), AffineMap(), type.getMemorySpace())};
    types.append(numbers, IndexType::get(type.getContext()));
    return types;
  }

  /// In the function, from arguments of these types.
  Value build(OpBuilder &builder, Location loc, ValueRange parts) const {
    Value base = parts.front();
    parts = parts.drop_front();
    auto number = [&](int64_t known) -> OpFoldResult {
      if (!ShapedType::isDynamic(known))
        return builder.getIndexAttr(known);
      Value part = parts.front();
      parts = parts.drop_front();
      return part;
    };
    OpFoldResult begin = number(offset);
    SmallVector<OpFoldResult> sizes = llvm::map_to_vector(type.getShape(), number);
    SmallVector<OpFoldResult> steps = llvm::map_to_vector(strides, number);
    return memref::ReinterpretCastOp::create(builder, loc, type, base, begin, sizes, steps);
  }

private:
  MemRefType type;
  SmallVector<int64_t> strides;
  int64_t offset = 0;
};

} // namespace

/// What is passed for `value`.
static SmallVector<Value> passValue(OpBuilder &builder, Value value) {
  auto type = dyn_cast<MemRefType>(value.getType());
  if (!type || PassedBuffer(type).isPointer())
    return {value};
  return PassedBuffer(type).take(builder, value);
}

namespace {

/// A loop nest and what it uses from outside, but for constants.
struct Nest {
  Operation *loop;
  SetVector<Value> captured;
  /// Those of `captured` that do not overlap any other of them that is written to.
  SmallVector<bool> isSeparate;
};

struct OutlineKernelsPass : condense::impl::CodegenOutlineKernelsPassBase<OutlineKernelsPass> {
  using Base::Base;

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    llvm::MapVector<StringAttr, SmallVector<Nest>> groups;
    for (auto function : getOperation().getOps<func::FuncOp>())
      for (Operation *loop : findNests(function)) {
        Nest nest = analyze(*loop);
        groups[describe(nest)].push_back(std::move(nest));
      }
    for (auto &[text, nests] : groups)
      outline(symbols, nests);
  }

private:
  /// Nothing if they are few.
  SmallVector<Operation *> findNests(func::FuncOp function) const {
    SmallVector<Operation *> loops;
    for (Block &block : function.getBody())
      for (Operation &op : block)
        if (function.isPublic() && isOutlined(op))
          loops.push_back(&op);
    return loops.size() < minNests ? SmallVector<Operation *>() : loops;
  }

  bool isOutlined(Operation &op) const {
    if (!isa<scf::ForOp, scf::ParallelOp>(op) || op.getNumResults() != 0)
      return false;
    unsigned operations = 0;
    op.walk(
        [&](Operation *) { return ++operations < minOperations ? WalkResult::advance() : WalkResult::interrupt(); });
    return operations >= minOperations;
  }

  static Nest analyze(Operation &op) {
    Nest nest{&op, {}, {}};
    for (Value operand : op.getOperands())
      if (!isConstant(operand))
        nest.captured.insert(operand);
    SetVector<Value> inside;
    getUsedValuesDefinedAbove(op.getRegions(), inside);
    for (Value value : inside)
      if (!isConstant(value))
        nest.captured.insert(value);
    findSeparate(nest);
    return nest;
  }

  static void findSeparate(Nest &nest) {
    llvm::SmallDenseMap<Value, unsigned> uses;
    bool isKnown = true;
    for (Value value : nest.captured)
      if (isa<BaseMemRefType>(value.getType())) {
        Value base = findBase(value);
        isKnown &= base != nullptr;
        ++uses[base];
      }
    for (Value value : nest.captured) {
      Value base = isKnown && isa<MemRefType>(value.getType()) ? findBase(value) : Value();
      nest.isSeparate.push_back(base && (uses[base] == 1 || isReadOnly(base)));
    }
  }

  /// What a nest needs of its function. Values that are known when the model is compiled are arguments of a `shared`
  /// one.
  static SmallVector<unsigned> getArguments(const Nest &nest, bool shared) {
    SmallVector<unsigned> positions;
    for (unsigned position = 0; position < nest.captured.size(); ++position)
      if (shared || !isCompileTimeValue(nest.captured[position]))
        positions.push_back(position);
    return positions;
  }

  /// The function of a nest, not yet in the module.
  func::FuncOp build(const Nest &nest, bool shared) {
    OpBuilder builder(&getContext());
    Location loc = nest.loop->getLoc();
    auto function = func::FuncOp::create(builder, loc, kernelName, builder.getFunctionType({}, {}));
    function.setPrivate();
    function->setAttr("passthrough", builder.getStrArrayAttr({"noinline"}));
    builder.setInsertionPointToStart(function.addEntryBlock());
    IRMapping values;
    bool arePointers = true;
    for (unsigned position : getArguments(nest, shared)) {
      Value value = nest.captured[position];
      unsigned first = function.getNumArguments();
      values.map(value, addArguments(builder, function, value.getType()));
      if (nest.isSeparate[position])
        function.setArgAttr(first, LLVM::LLVMDialect::getNoAliasAttrName(), builder.getUnitAttr());
      arePointers &= !isa<UnrankedMemRefType>(value.getType());
    }
    if (arePointers)
      function->setAttr("llvm.bareptr", builder.getUnitAttr());
    cloneOutside(builder, nest.loop, values);
    builder.clone(*nest.loop, values);
    func::ReturnOp::create(builder, loc);
    return function;
  }

  /// Adds what is passed for a value of `type`, and returns that value.
  static Value addArguments(OpBuilder &builder, func::FuncOp function, Type type) {
    auto buffer = dyn_cast<MemRefType>(type);
    bool isWhole = !buffer || PassedBuffer(buffer).isPointer();
    unsigned first = function.getNumArguments();
    for (Type part : isWhole ? SmallVector<Type>{type} : PassedBuffer(buffer).getTypes())
      (void)function.insertArgument(function.getNumArguments(), part, DictionaryAttr(), function.getLoc());
    if (isWhole)
      return function.getArgument(first);
    return PassedBuffer(buffer).build(builder, function.getLoc(), function.getArguments().drop_front(first));
  }

  /// Clones what defines the values that `op` uses and that have no value in the function yet.
  static void cloneOutside(OpBuilder &builder, Operation *op, IRMapping &values) {
    SetVector<Value> used(op->operand_begin(), op->operand_end());
    getUsedValuesDefinedAbove(op->getRegions(), used);
    for (Value value : used) {
      if (values.contains(value))
        continue;
      cloneOutside(builder, value.getDefiningOp(), values);
      builder.clone(*value.getDefiningOp(), values);
    }
  }

  /// What tells a nest apart from others.
  StringAttr describe(const Nest &nest) {
    func::FuncOp function = build(nest, /*shared=*/true);
    std::string text;
    llvm::raw_string_ostream os(text);
    function.print(os, OpPrintingFlags().useLocalScope());
    function.erase();
    return StringAttr::get(&getContext(), text);
  }

  void outline(SymbolTable &symbols, ArrayRef<Nest> nests) {
    bool shared = nests.size() > 1;
    func::FuncOp function = build(nests.front(), shared);
    symbols.insert(function);
    ++numKernels;
    numNests += nests.size();
    for (const Nest &nest : nests) {
      OpBuilder builder(nest.loop);
      SmallVector<Value> arguments;
      for (unsigned position : getArguments(nest, shared))
        llvm::append_range(arguments, passValue(builder, nest.captured[position]));
      func::CallOp::create(builder, nest.loop->getLoc(), function, arguments);
      nest.loop->erase();
    }
  }
};

} // namespace
