// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a model stores: its layers and their weights.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_INSPECTION_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_INSPECTION_H

#include "mlir/IR/BuiltinOps.h"
#include <optional>
#include <string>
#include <vector>

namespace condense::tool {

/// One layer with a constant weight.
struct LayerReport {
  std::string name;
  std::string op;
  std::vector<int64_t> shape;          ///< of the weight
  std::string scheme;                  ///< "f32", "i4 block 1x32 scale f16", ...
  int64_t storedBytes = 0;             ///< of the constants that the weight is made of
  int64_t denseBytes = 0;              ///< of the weight itself
  std::optional<double> relativeError; ///< ||w - original|| / ||original||
};

struct ModelReport {
  std::vector<LayerReport> layers;
  /// Over all layers; what several layers share counts once.
  int64_t storedBytes = 0, denseBytes = 0;
  /// Of all other constants, such as biases.
  int64_t otherBytes = 0;
};

/// Describes `module`. Errors are those that compression recorded or, given the
/// model before compression in the same form, computed.
ModelReport inspectModule(mlir::ModuleOp module, mlir::ModuleOp reference = nullptr);

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_INSPECTION_H
