// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The requests that a layer carries.

#include "condense/Dialect/Compress/IR/Requests.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace condense::compress;

SmallVector<Attribute> condense::compress::getRequests(Operation *op) {
  Attribute attr = op->getAttr(CompressDialect::kWeightSchemeAttrName);
  if (!attr)
    return {};
  if (auto array = dyn_cast<ArrayAttr>(attr))
    return llvm::to_vector(array.getValue());
  return {attr};
}

void condense::compress::setRequests(Operation *op, ArrayRef<Attribute> requests) {
  if (requests.empty())
    op->removeAttr(CompressDialect::kWeightSchemeAttrName);
  else if (requests.size() == 1)
    op->setAttr(CompressDialect::kWeightSchemeAttrName, requests.front());
  else
    op->setAttr(CompressDialect::kWeightSchemeAttrName, ArrayAttr::get(op->getContext(), requests));
}

void condense::compress::setRequest(Operation *op, Attribute scheme) {
  SmallVector<Attribute> requests = getRequests(op);
  for (Attribute &request : requests)
    if (request.getTypeID() == scheme.getTypeID()) {
      request = scheme;
      return setRequests(op, requests);
    }
  requests.push_back(scheme);
  setRequests(op, requests);
}

StringRef condense::compress::getRequestKind(Attribute scheme) {
  return llvm::TypeSwitch<Attribute, StringRef>(scheme)
      .Case<QuantizeSchemeAttr, PruneSchemeAttr, ClusterSchemeAttr, FactorizeSchemeAttr, ShareSchemeAttr,
            StructuredPruneSchemeAttr, EntropyCodeSchemeAttr>([](auto attr) { return attr.getMnemonic(); })
      .Default(StringRef());
}

bool condense::compress::removeRequest(Operation *op, StringRef kind) {
  SmallVector<Attribute> requests = getRequests(op);
  size_t before = requests.size();
  llvm::erase_if(requests, [&](Attribute request) { return getRequestKind(request) == kind; });
  setRequests(op, requests);
  return requests.size() != before;
}

Moments condense::compress::getNeededMoments(Attribute request) {
  return llvm::TypeSwitch<Attribute, Moments>(request)
      .Case([](QuantizeSchemeAttr scheme) {
        return scheme.getAlgorithm() == ScaleAlgorithm::GPTQ ? Moments::Gram : Moments::None;
      })
      .Case([](PruneSchemeAttr scheme) {
        if (scheme.getMethod() == PruneMethod::Magnitude)
          return Moments::None;
        return Moments::Gram; // wanda needs the norms of the columns, the diagonal
      })
      .Case([](ClusterSchemeAttr scheme) { return scheme.getWeighted() ? Moments::Gram : Moments::None; })
      .Case([](FactorizeSchemeAttr scheme) {
        return scheme.getAlgorithm() == FactorizeAlgorithm::Whitened ? Moments::Gram : Moments::None;
      })
      // Of what a layer reads: its own request stands for those of the layers before it.
      .Case([](StructuredPruneSchemeAttr scheme) {
        bool isByOutputs = scheme.getCorrect() || scheme.getImportance() == ChannelImportance::Wanda ||
                           scheme.getImportance() == ChannelImportance::OBS;
        return isByOutputs ? Moments::Gram : Moments::None;
      })
      .Default(Moments::None);
}

Moments condense::compress::getNeededMoments(Operation *op) {
  Moments needed = Moments::None;
  for (Attribute request : getRequests(op))
    needed = std::max(needed, getNeededMoments(request));
  return needed;
}
