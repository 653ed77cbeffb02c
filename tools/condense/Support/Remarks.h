// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The decisions of the compression passes, kept for the user.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_REMARKS_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_REMARKS_H

#include "mlir/IR/MLIRContext.h"
#include <string>
#include <vector>

namespace condense::tool {

struct CollectedRemark {
  std::string layer;
  std::string text;
  bool isMissed = false; ///< a request that was not followed
};

/// Collects the remarks of category "compress" of passes that run in `context`
/// from now on into `remarks`, which must outlive the context.
void collectRemarks(mlir::MLIRContext &context, std::vector<CollectedRemark> &remarks);

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_REMARKS_H
