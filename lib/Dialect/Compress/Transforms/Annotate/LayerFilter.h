// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which layers an annotation is about.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_ANNOTATE_LAYERFILTER_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_ANNOTATE_LAYERFILTER_H

#include "condense/Analysis/Layers.h"
#include "llvm/Support/GlobPattern.h"

namespace condense::compress {

/// Matches layers with a constant weight of floats by name, kind and size.
class LayerFilter {
public:
  /// Emits an error at `loc` when the glob is malformed or the share not in (0, 1].
  static mlir::FailureOr<LayerFilter> create(mlir::Location loc, llvm::StringRef layers,
                                             llvm::ArrayRef<std::string> ops, int64_t minElements,
                                             double smallestShare = 1);

  bool matches(const Layer &layer) const;
  /// The layers below `root` that match; of these the smallest that together hold at
  /// most `smallestShare` of the elements.
  llvm::SmallVector<Layer> select(mlir::Operation *root) const;

private:
  LayerFilter(llvm::GlobPattern layers, llvm::ArrayRef<std::string> ops, int64_t minElements, double smallestShare)
      : layers(std::move(layers)), ops(ops), minElements(minElements), smallestShare(smallestShare) {}

  llvm::GlobPattern layers;
  llvm::SmallVector<std::string> ops;
  int64_t minElements;
  double smallestShare;
};

/// The type that an option names; an error at `loc` for anything else.
mlir::FailureOr<mlir::Type> parseTypeOption(mlir::Location loc, llvm::StringRef option, llvm::StringRef text);

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_ANNOTATE_LAYERFILTER_H
