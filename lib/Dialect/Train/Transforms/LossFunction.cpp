// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The function @loss while it is built.

#include "condense/Dialect/Train/Transforms/LossFunction.h"

#include "condense/Dialect/NN/IR/NN.h"
#include "condense/Dialect/Train/IR/Train.h"
#include "condense/Dialect/Train/Transforms/Leaves.h"
#include "condense/IR/TensorConstant.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace condense;
using namespace condense::train;

Value train::createScalar(ImplicitLocOpBuilder &b, Type elementType, double value) {
  auto type = RankedTensorType::get({}, elementType);
  return arith::ConstantOp::create(b, DenseElementsAttr::get(type, b.getFloatAttr(elementType, value)));
}

//===----------------------------------------------------------------------===//
// Creation
//===----------------------------------------------------------------------===//

FailureOr<LossFunction> LossFunction::getOrCreate(ModuleOp module) {
  if (auto function = module.lookupSymbol<func::FuncOp>("loss")) {
    if (getResultsOfRole(function, Role::Loss).size() == 1 && findFunction(module, "loss"))
      return LossFunction(function);
    return function.emitError() << "@loss is no loss function: expected one result with the role loss";
  }
  func::FuncOp network = findFunction(module, "main");
  if (!network)
    return failure();
  FailureOr<LossFunction> loss = create(module, network);
  auto teacher = module.lookupSymbol<func::FuncOp>("teacher");
  if (succeeded(loss) && teacher && (!findFunction(module, "teacher") || failed(loss->addTeacher(teacher))))
    return failure();
  return loss;
}

FailureOr<LossFunction> LossFunction::create(ModuleOp module, func::FuncOp network) {
  if (getArgsOfRole(network, Role::Parameter).empty())
    return network.emitError() << "@main has no parameters: run train-outline-parameters first";
  SmallVector<unsigned> outputs = getResultsOfRole(network, Role::Output);
  if (outputs.empty())
    return network.emitError() << "@main has no result with the role output";
  func::FuncOp function = network.clone();
  function.setName("loss");
  module.insert(std::next(network->getIterator()), function);
  LossFunction loss(function);
  ImplicitLocOpBuilder b = loss.getBuilder();
  bool isDouble = getElementTypeOrSelf(function.getResultTypes()[outputs.front()]).isF64();
  Value zero = createScalar(b, isDouble ? b.getF64Type() : b.getF32Type(), 0);
  (void)function.insertResult(0, zero.getType(), makeRole(function.getContext(), Role::Loss, "loss"));
  loss.getReturn()->insertOperands(0, zero);
  return loss;
}

/// The location of a layer of the teacher.
static Location addPrefix(Location loc) {
  StringRef name = getLayerName(loc);
  return name.empty() ? loc : NameLoc::get(StringAttr::get(loc.getContext(), kTeacherPrefix + name));
}

LogicalResult LossFunction::addTeacher(func::FuncOp teacher) {
  SmallVector<unsigned> inputs = getArgsOfRole(function, Role::Input);
  if (inputs.size() != teacher.getNumArguments())
    return teacher.emitError() << "the teacher has " << teacher.getNumArguments() << " inputs, the network "
                               << inputs.size() << ": expected the same";
  IRMapping map;
  for (auto [input, argument] : llvm::zip_equal(inputs, teacher.getArguments())) {
    if (function.getArgument(input).getType() != argument.getType())
      return teacher.emitError() << "input " << argument.getArgNumber() << " of the teacher is " << argument.getType()
                                 << ", that of the network " << function.getArgument(input).getType()
                                 << ": expected the same";
    map.map(argument, function.getArgument(input));
  }
  ImplicitLocOpBuilder b = getBuilder();
  for (Operation &op : teacher.front().without_terminator())
    b.clone(op, map)->setLoc(addPrefix(op.getLoc()));
  auto returns = cast<func::ReturnOp>(teacher.front().getTerminator());
  for (auto [index, value] : llvm::enumerate(returns.getOperands())) {
    std::string name = getResultName(teacher, index).str();
    name = (kTeacherPrefix + (name.empty() ? "output" + std::to_string(index) : name)).str();
    addResult(map.lookup(value), makeRole(function.getContext(), Role::Output, name));
  }
  teacher.erase();
  return success();
}

//===----------------------------------------------------------------------===//
// Access
//===----------------------------------------------------------------------===//

func::ReturnOp LossFunction::getReturn() const {
  return cast<func::ReturnOp>(function.getBody().front().getTerminator());
}

ImplicitLocOpBuilder LossFunction::getBuilder() const {
  func::ReturnOp returns = getReturn();
  return ImplicitLocOpBuilder(NameLoc::get(StringAttr::get(function.getContext(), "loss")), returns);
}

void LossFunction::addResult(Value value, DictionaryAttr attributes) {
  (void)function.insertResult(function.getNumResults(), value.getType(), attributes);
  getReturn()->insertOperands(getReturn().getNumOperands(), value);
}

bool LossFunction::hasTeacher() const {
  return llvm::any_of(getResultsOfRole(function, Role::Output),
                      [&](unsigned result) { return getResultName(function, result).starts_with(kTeacherPrefix); });
}

Value LossFunction::getOutput(unsigned index, bool ofTeacher) const {
  unsigned count = 0;
  for (unsigned result : getResultsOfRole(function, Role::Output)) {
    if (getResultName(function, result).starts_with(kTeacherPrefix) != ofTeacher)
      continue;
    if (count++ == index)
      return getReturn().getOperand(result);
  }
  function.emitError() << "the " << (ofTeacher ? "teacher" : "network") << " has " << count
                       << " outputs, there is no number " << index
                       << (ofTeacher && !count ? ": expected a function @teacher" : "");
  return {};
}

Value LossFunction::getLogits(unsigned index, bool ofTeacher) const {
  Value output = getOutput(index, ofTeacher);
  if (!output)
    return {};
  auto type = dyn_cast<RankedTensorType>(output.getType());
  if (!type || !isa<FloatType>(type.getElementType()) || type.getRank() == 0) {
    function.emitError() << "output " << index << " of type " << output.getType()
                         << " is no tensor of floats with a dimension of classes";
    return {};
  }
  uint64_t last = type.getRank() - 1;
  if (auto softmax = output.getDefiningOp<nn::SoftmaxOp>(); softmax && softmax.getAxis() == last)
    return softmax.getInput();
  if (auto softmax = output.getDefiningOp<nn::LogSoftmaxOp>(); softmax && softmax.getAxis() == last)
    return softmax.getInput();
  return output;
}

Value LossFunction::findLayer(StringRef name) const {
  Value found;
  function.walk([&](Operation *op) {
    if (op->getNumResults() == 0 || getLayerName(op->getLoc()) != name)
      return WalkResult::advance();
    found = op->getResult(0);
    return isa<CompressibleOpInterface>(op) ? WalkResult::interrupt() : WalkResult::advance();
  });
  return found;
}

Value LossFunction::getLabels(RankedTensorType type) {
  for (unsigned index : getArgsOfRole(function, Role::Label)) {
    Value labels = function.getArgument(index);
    if (labels.getType() == type)
      return labels;
    function.emitError() << "labels are of type " << labels.getType() << " for one term of the loss and of type "
                         << type << " for another";
    return {};
  }
  unsigned index = function.getNumArguments();
  (void)function.insertArgument(index, type, makeRole(function.getContext(), Role::Label, "labels"), function.getLoc());
  return function.getArgument(index);
}

Value LossFunction::addParameter(StringRef name, RankedTensorType type) {
  unsigned index = function.getNumArguments();
  (void)function.insertArgument(index, type, makeRole(function.getContext(), Role::Parameter, name), function.getLoc());
  return function.getArgument(index);
}

void LossFunction::addMetric(StringRef name, Value value) {
  addResult(value, makeRole(function.getContext(), Role::Metric, name));
}

void LossFunction::addTerm(StringRef name, Value term, double weight) {
  unsigned result = getResultsOfRole(function, Role::Loss).front();
  ImplicitLocOpBuilder b = getBuilder();
  Value loss = getReturn().getOperand(result), scaled = term;
  Type type = loss.getType(), element = getElementTypeOrSelf(type);
  if (term.getType() != type)
    scaled = nn::CastOp::create(b, type, term, element);
  if (weight != 1)
    scaled = nn::MulOp::create(b, type, scaled, createScalar(b, element, weight));
  if (!matchPattern(loss, m_AnyZeroFloat()))
    scaled = nn::AddOp::create(b, type, loss, scaled);
  getReturn().setOperand(result, scaled);
  addMetric(name, term);
}
