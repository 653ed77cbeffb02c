// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What calibration measured of the activations of each layer, as algorithms of
// first and second order need it.
//
// Beside the ranges in FILE.json lies FILE.json.safetensors with, for a layer L
// (called as in getLayers), the tensors `L.count` [1], `L.mean` and `L.absmax`
// [G, K], and `L.gram` [G, K, K] where a request needs it. They are of the rows
// x of the matrix X that the layer multiplies with its weight's matrix view
// (Y = X W^T; im2col for convolutions, G groups of K columns), and
// gram = X^T X = sum over `count` rows of x x^T.

#ifndef CONDENSE_ANALYSIS_LAYERSTATISTICS_H
#define CONDENSE_ANALYSIS_LAYERSTATISTICS_H

#include "mlir/IR/Location.h"
#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <optional>

namespace condense {

struct LayerMoments {
  int64_t groups = 0, columns = 0;
  double count = 0;             ///< rows of X that were seen, at least one
  llvm::ArrayRef<float> mean;   ///< [groups, columns]
  llvm::ArrayRef<float> absmax; ///< [groups, columns]
  llvm::ArrayRef<float> gram;   ///< [groups, columns, columns], or empty

  /// The row-major Gram matrix of one group; empty if it was not measured.
  llvm::ArrayRef<float> getGram(int64_t group) const {
    if (gram.empty())
      return {};
    return gram.slice(group * columns * columns, columns * columns);
  }
};

/// The statistics of one file. Its data are mapped and live as long as this.
class LayerStatistics {
public:
  /// Reads what lies beside `path` ("statistics.json"); nothing, where a calibration measured ranges only. Every
  /// number is finite.
  static llvm::Expected<LayerStatistics> load(llvm::StringRef path);

  /// What was measured of a layer, or null if it was not observed.
  const LayerMoments *find(llvm::StringRef layer) const {
    auto it = moments.find(layer);
    return it == moments.end() ? nullptr : &it->second;
  }

private:
  llvm::StringMap<LayerMoments> moments;
  std::shared_ptr<const void> owner;
};

/// Where the tensors of the statistics `path` are kept.
std::string getMomentsPath(llvm::StringRef path);

/// Reads what the option `statistics` of a pass names; nothing if `path` is empty. Emits an
/// error at `loc` when the file cannot be read.
mlir::LogicalResult loadStatistics(mlir::Location loc, llvm::StringRef path,
                                   std::optional<LayerStatistics> &statistics);

} // namespace condense

#endif // CONDENSE_ANALYSIS_LAYERSTATISTICS_H
