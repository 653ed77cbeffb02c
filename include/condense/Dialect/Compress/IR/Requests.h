// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The requests that a layer carries: `compress.weight` holds one scheme, or an array
// of schemes of different kinds. Each realize pass takes the kind that it honours; the
// order of techniques is the order of the passes.

#ifndef CONDENSE_DIALECT_COMPRESS_IR_REQUESTS_H
#define CONDENSE_DIALECT_COMPRESS_IR_REQUESTS_H

#include "condense/Dialect/Compress/IR/Compress.h"

namespace condense::compress {

/// The requests of `op`, in the order in which they were made.
llvm::SmallVector<mlir::Attribute> getRequests(mlir::Operation *op);

/// Makes `requests` those of `op`; none removes the attribute.
void setRequests(mlir::Operation *op, llvm::ArrayRef<mlir::Attribute> requests);

/// Adds a request, or replaces that of the same kind.
void setRequest(mlir::Operation *op, mlir::Attribute scheme);

/// Removes the request whose mnemonic (`prune`, `quantize`) is `kind`; whether there was one.
bool removeRequest(mlir::Operation *op, llvm::StringRef kind);

/// The mnemonic of a scheme, or "" for an attribute that is no request.
llvm::StringRef getRequestKind(mlir::Attribute scheme);

/// The request of one kind, or null.
template <typename SchemeT> SchemeT getRequest(mlir::Operation *op) {
  for (mlir::Attribute scheme : getRequests(op))
    if (auto found = llvm::dyn_cast<SchemeT>(scheme))
      return found;
  return {};
}

/// The same, which is then no longer asked for.
template <typename SchemeT> SchemeT takeRequest(mlir::Operation *op) {
  SchemeT scheme = getRequest<SchemeT>(op);
  if (scheme)
    removeRequest(op, SchemeT::getMnemonic());
  return scheme;
}

/// What calibration has to measure of a layer's input.
enum class Moments {
  None,
  Channels, ///< mean and largest magnitude of each column of the activation matrix
  Gram      ///< and the products of its columns, summed over its rows
};

/// What a request needs, and what all requests of a layer do.
Moments getNeededMoments(mlir::Attribute request);
Moments getNeededMoments(mlir::Operation *op);

} // namespace condense::compress

#endif // CONDENSE_DIALECT_COMPRESS_IR_REQUESTS_H
