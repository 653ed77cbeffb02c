// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reverse-mode differentiation: one sweep backwards over the function, in which each operation turns the
// adjoints of its results into those of its operands. Only what depends on the chosen arguments and is
// used for the loss gets an adjoint; adjoints of a value with several uses are summed.

#include "condense/Dialect/NN/Transforms/Differentiate.h"

#include "condense/Dialect/NN/Gradients/AdjointBuilder.h"
#include "condense/Dialect/NN/Transforms/Passes.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace condense::nn {
#define GEN_PASS_DEF_DIFFERENTIATEPASS
#include "condense/Dialect/NN/Transforms/Passes.h.inc"
} // namespace condense::nn

using namespace mlir;
using namespace condense;
using namespace condense::nn;

static bool isFloatTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && isa<FloatType>(tensor.getElementType());
}

namespace {
/// Differentiates the loss of one block.
class Differentiator {
public:
  Differentiator(Block &block, ArrayRef<unsigned> arguments) : block(block), arguments(arguments) {}

  LogicalResult run();
  /// The adjoint of an argument, of its type.
  Value take(BlockArgument argument);

private:
  void findVarying();
  LogicalResult differentiate(Operation *op);

  Block &block;
  ArrayRef<unsigned> arguments;
  llvm::DenseSet<Value> varying; // depends on the arguments
  llvm::DenseMap<Value, Value> adjoints;
};
} // namespace

void Differentiator::findVarying() {
  for (unsigned number : arguments)
    varying.insert(block.getArgument(number));
  for (Operation &op : block)
    if (llvm::any_of(op.getOperands(), [&](Value operand) { return varying.contains(operand); }))
      for (Value result : op.getResults())
        if (isFloatTensor(result.getType()))
          varying.insert(result);
}

LogicalResult Differentiator::differentiate(Operation *op) {
  SmallVector<Value> results = llvm::map_to_vector(op->getResults(), [&](Value v) { return adjoints.lookup(v); });
  SmallVector<bool> needed =
      llvm::map_to_vector(op->getOperands(), [&](Value operand) { return varying.contains(operand); });
  if (llvm::none_of(results, [](Value v) { return bool(v); }) || !llvm::is_contained(needed, true))
    return success();
  auto differentiable = dyn_cast<DifferentiableOpInterface>(op);
  if (!differentiable) {
    InFlightDiagnostic error = op->emitOpError();
    if (StringRef name = getLayerName(op->getLoc()); !name.empty())
      error << "of layer \"" << name << "\" ";
    return error << "has no adjoint; what is trained must not pass through it";
  }
  OpBuilder builder(block.getTerminator());
  SmallVector<Value> built(op->getNumOperands());
  if (failed(differentiable.buildAdjoints(builder, results, needed, built)))
    return failure();
  AdjointBuilder sum(op->getLoc(), builder);
  for (auto [operand, adjoint, isNeeded] : llvm::zip_equal(op->getOperands(), built, needed))
    if (isNeeded && adjoint) {
      Value &total = adjoints[operand];
      total = sum.add(total, adjoint);
    }
  return success();
}

LogicalResult Differentiator::run() {
  findVarying();
  Operation *terminator = block.getTerminator();
  Value loss = terminator->getOperand(0);
  AdjointBuilder builder(loss.getLoc(), OpBuilder(terminator));
  if (varying.contains(loss))
    adjoints[loss] = builder.broadcastLike(builder.constant(loss, 1), loss);
  // Operations are added before the terminator, behind all that is visited.
  SmallVector<Operation *> order;
  for (Operation &op : block.without_terminator())
    order.push_back(&op);
  for (Operation *op : llvm::reverse(order))
    if (failed(differentiate(op)))
      return failure();
  return success();
}

Value Differentiator::take(BlockArgument argument) {
  AdjointBuilder builder(argument.getLoc(), OpBuilder(block.getTerminator()));
  Value adjoint = adjoints.lookup(argument);
  if (!adjoint)
    adjoint = builder.broadcastLike(builder.constant(argument, 0), argument);
  if (adjoint.getType() != argument.getType())
    adjoint = tensor::CastOp::create(builder, argument.getType(), adjoint);
  return adjoint;
}

/// log(softmax(x)) divides by probabilities that may be 0; log_softmax(x) is the same without.
static void rewriteLogSoftmax(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    auto log = dyn_cast<LogOp>(op);
    auto softmax = log ? log.getInput().getDefiningOp<SoftmaxOp>() : SoftmaxOp();
    if (!softmax)
      continue;
    OpBuilder builder(log);
    log.replaceAllUsesWith(
        LogSoftmaxOp::create(builder, log.getLoc(), softmax.getInput(), softmax.getAxisAttr()).getOutput());
    log.erase();
  }
}

static void eraseDead(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
}

static LogicalResult checkFunction(func::FuncOp function, ArrayRef<unsigned> arguments) {
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("cannot be differentiated: requires one block");
  ArrayRef<Type> results = function.getResultTypes();
  auto loss = results.empty() ? RankedTensorType() : dyn_cast<RankedTensorType>(results.front());
  if (!loss || !isFloatTensor(loss) || !loss.hasStaticShape() || loss.getNumElements() != 1)
    return function.emitOpError("cannot be differentiated: its first result must be the loss, a tensor of one float");
  for (unsigned number : arguments) {
    if (number >= function.getNumArguments())
      return function.emitOpError("cannot be differentiated: it has no argument ") << number;
    if (!isFloatTensor(function.getArgumentTypes()[number]))
      return function.emitOpError("cannot be differentiated: argument ")
             << number << " is no tensor of floats but " << function.getArgumentTypes()[number];
  }
  return success();
}

/// The results are followed by adjoints, named after their arguments.
static void appendResults(func::FuncOp gradient, Differentiator &differentiator, ArrayRef<unsigned> arguments) {
  Operation *terminator = gradient.getBody().front().getTerminator();
  SmallVector<Type> types(gradient.getResultTypes());
  unsigned first = types.size();
  for (unsigned number : arguments) {
    BlockArgument argument = gradient.getArgument(number);
    Value adjoint = differentiator.take(argument);
    terminator->insertOperands(terminator->getNumOperands(), adjoint);
    types.push_back(argument.getType());
  }
  SmallVector<DictionaryAttr> attributes;
  gradient.getAllResultAttrs(attributes);
  gradient.setType(FunctionType::get(gradient.getContext(), gradient.getArgumentTypes(), types));
  Builder builder(gradient.getContext());
  for (auto [index, number] : llvm::enumerate(arguments)) {
    auto name = gradient.getArgAttrOfType<StringAttr>(number, NNDialect::kNameAttrName);
    if (name)
      gradient.setResultAttr(first + index, NNDialect::kNameAttrName,
                             builder.getStringAttr(name.getValue() + ".gradient"));
  }
}

FailureOr<func::FuncOp> nn::differentiate(func::FuncOp function, ArrayRef<unsigned> arguments, StringRef name) {
  if (failed(checkFunction(function, arguments)))
    return failure();
  auto module = function->getParentOfType<ModuleOp>();
  if (SymbolTable::lookupSymbolIn(module, name))
    return function.emitOpError("cannot be differentiated: there is a function '") << name << "' already";
  func::FuncOp gradient = function.clone();
  gradient.setName(name);
  module.insert(std::next(Block::iterator(function)), gradient);
  Block &block = gradient.getBody().front();
  rewriteLogSoftmax(block);
  Differentiator differentiator(block, arguments);
  if (failed(differentiator.run())) {
    gradient.erase();
    return failure();
  }
  appendResults(gradient, differentiator, arguments);
  eraseDead(block);
  return gradient;
}

namespace {
struct DifferentiatePass : nn::impl::DifferentiatePassBase<DifferentiatePass> {
  using DifferentiatePassBase::DifferentiatePassBase;

  void runOnOperation() override {
    auto found = getOperation().lookupSymbol<func::FuncOp>(function);
    if (!found) {
      getOperation().emitError() << "has no function '" << function << "' to differentiate";
      return signalPassFailure();
    }
    FailureOr<SmallVector<unsigned>> arguments = findArguments(found);
    std::string result = name.empty() ? function + "_gradient" : name;
    if (failed(arguments))
      return signalPassFailure();
    FailureOr<func::FuncOp> gradient = differentiate(found, *arguments, result);
    if (failed(gradient))
      return signalPassFailure();
    numAdjoints += arguments->size();
  }

  /// The arguments by name or number; without any, all of floats.
  FailureOr<SmallVector<unsigned>> findArguments(func::FuncOp found) {
    SmallVector<unsigned> numbers;
    auto all = llvm::seq<unsigned>(0, found.getNumArguments());
    if (wrt.empty()) {
      llvm::copy_if(all, std::back_inserter(numbers),
                    [&](unsigned number) { return isFloatTensor(found.getArgumentTypes()[number]); });
      return numbers;
    }
    for (StringRef text : wrt) {
      unsigned number = 0;
      if (!text.getAsInteger(10, number)) {
        numbers.push_back(number);
        continue;
      }
      auto argument = llvm::find_if(all, [&](unsigned number) {
        auto attr = found.getArgAttrOfType<StringAttr>(number, NNDialect::kNameAttrName);
        return attr && attr.getValue() == text;
      });
      if (argument == all.end())
        return found.emitOpError("has no argument named \"") << text << '"';
      numbers.push_back(*argument);
    }
    return numbers;
  }
};
} // namespace
