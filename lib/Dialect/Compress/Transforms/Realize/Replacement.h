// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How a realize pass finds what it is asked to rewrite, and puts the result in its place:
// never larger than before, never with more error than the layer allows.

#ifndef CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_REPLACEMENT_H
#define CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_REPLACEMENT_H

#include "condense/Analysis/Layers.h"
#include "condense/Dialect/Compress/IR/Requests.h"
#include "mlir/Pass/Pass.h"
#include "llvm/ADT/MapVector.h"

namespace condense::compress {

/// A target that a layer asks to be rewritten.
struct TargetRequest {
  Layer layer;
  mlir::Attribute scheme;
  WeightTarget target;

  template <typename SchemeT> SchemeT getScheme() const { return llvm::cast<SchemeT>(scheme); }
};

/// Requests by the value that they are about, in the order of the layers.
using TargetGroups = llvm::MapVector<mlir::Value, std::vector<TargetRequest>>;

/// Replaces targets and says so in remarks called `name` (the technique).
class TargetRewriter {
public:
  explicit TargetRewriter(llvm::StringRef name) : name(name) {}

  /// Takes the requests of kind SchemeT off all layers, and groups their targets. A
  /// layer without a target is left alone.
  template <typename SchemeT> TargetGroups takeRequests(mlir::Operation *root) {
    TargetGroups groups;
    for (const Layer &layer : getLayers(root))
      if (auto scheme = takeRequest<SchemeT>(layer.op))
        addTargets(groups, layer, scheme);
    return groups;
  }

  /// Whether `requests`, all about one value, are all that use it, with one scheme.
  /// Otherwise they are left alone: replacing it for some would make the model grow.
  bool isSoleUse(llvm::ArrayRef<TargetRequest> requests);

  /// Makes the layers use `replacement` instead of the value that `requests` are about. If
  /// its leaves store no fewer bytes, or `relativeError` exceeds what a layer allows,
  /// the layers are left alone, and what only `replacement` used is erased. `details`
  /// is added to the remark. Whether the value was replaced.
  bool replace(llvm::ArrayRef<TargetRequest> requests, mlir::Value replacement, double relativeError,
               llvm::StringRef details = "");

  /// For passes that rewrite more than a value: whether `relativeError` exceeds what a layer allows, in
  /// which case the layers are left alone; and the remarks and counts of a replacement.
  bool exceedsBound(llvm::ArrayRef<TargetRequest> requests, double relativeError);
  void report(llvm::ArrayRef<TargetRequest> requests, int64_t before, int64_t after, double relativeError,
              llvm::StringRef details = "");

  /// A remark that the request of `layer` was not followed.
  void leaveAlone(const Layer &layer, const llvm::Twine &reason);
  void leaveAlone(llvm::ArrayRef<TargetRequest> requests, const llvm::Twine &reason);

  int64_t getNumReplaced() const { return replaced; }
  int64_t getNumLeftAlone() const { return leftAlone; }
  int64_t getBytesBefore() const { return bytesBefore; }
  int64_t getBytesAfter() const { return bytesAfter; }

private:
  void addTargets(TargetGroups &groups, const Layer &layer, mlir::Attribute scheme);

  std::string name;
  int64_t replaced = 0, leftAlone = 0, bytesBefore = 0, bytesAfter = 0;
};

/// The name for the constants of a target: that of its resource, or of the layer.
std::string getTargetName(const TargetRequest &request);

/// Adds what a technique established to the layer's `compress.structure`.
void declareStructure(mlir::Operation *layer, StructureAttr structure);

} // namespace condense::compress

#endif // CONDENSE_LIB_DIALECT_COMPRESS_TRANSFORMS_REALIZE_REPLACEMENT_H
