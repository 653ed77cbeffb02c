// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reads the statistics of layers, and refuses what no calibration writes.

#include "condense/Analysis/LayerStatistics.h"

#include "condense/IO/Safetensors.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include <cmath>

using namespace condense;
using namespace llvm;

static llvm::Error makeError(StringRef path, const Twine &what) {
  return createStringError(inconvertibleErrorCode(), path + ": " + what);
}

static bool hasShape(const safetensors::Tensor *tensor, ArrayRef<int64_t> shape) {
  return tensor && ArrayRef<int64_t>(tensor->shape) == shape && tensor->getFloats();
}

static ArrayRef<float> getFloats(const safetensors::Tensor &tensor) {
  return ArrayRef(tensor.getFloats(), tensor.bytes / sizeof(float));
}

/// Finite, and not negative where `isMagnitude`.
static bool isValid(ArrayRef<float> values, bool isMagnitude) {
  return all_of(values, [&](float value) { return std::isfinite(value) && !(isMagnitude && value < 0); });
}

namespace {
/// Reads the tensors of one layer.
class MomentsReader {
public:
  MomentsReader(const safetensors::File &file, StringRef layer) : file(file), layer(layer) {}

  /// False with `reason` set if they do not fit together.
  bool read(LayerMoments &moments) {
    const safetensors::Tensor *count = find(".count"), *mean = find(".mean");
    if (!hasShape(count, {1}) || !isValid(getFloats(*count), true) || getFloats(*count)[0] < 1)
      return fail("count", "one number, 1 or more");
    moments.count = getFloats(*count)[0];
    if (!mean || mean->shape.size() != 2 || mean->shape[0] < 1 || mean->shape[1] < 1 || !mean->getFloats())
      return fail("mean", "f32 [groups, columns]");
    moments.groups = mean->shape[0];
    moments.columns = mean->shape[1];
    return take(".mean", {moments.groups, moments.columns}, false, moments.mean) &&
           take(".absmax", {moments.groups, moments.columns}, true, moments.absmax) && readGram(moments);
  }

  std::string reason;

private:
  const safetensors::Tensor *find(StringRef suffix) const { return file.find((layer + suffix).str()); }

  bool fail(StringRef tensor, StringRef expected) {
    reason = ("'" + layer + "." + tensor + "': expected " + expected).str();
    return false;
  }

  bool take(StringRef suffix, ArrayRef<int64_t> shape, bool isMagnitude, ArrayRef<float> &values) {
    const safetensors::Tensor *tensor = find(suffix);
    if (!hasShape(tensor, shape))
      return fail(suffix.drop_front(), "f32 of the shape that the layer's mean implies");
    values = getFloats(*tensor);
    return isValid(values, isMagnitude) || fail(suffix.drop_front(), "finite numbers");
  }

  bool readGram(LayerMoments &moments) {
    if (!find(".gram"))
      return true;
    if (!take(".gram", {moments.groups, moments.columns, moments.columns}, false, moments.gram))
      return false;
    for (int64_t group = 0; group != moments.groups; ++group)
      for (int64_t i = 0; i != moments.columns; ++i)
        if (moments.getGram(group)[i * (moments.columns + 1)] < 0)
          return fail("gram", "no negative number on the diagonal");
    return true;
  }

  const safetensors::File &file;
  StringRef layer;
};
} // namespace

std::string condense::getMomentsPath(StringRef path) { return (path + ".safetensors").str(); }

Expected<LayerStatistics> LayerStatistics::load(StringRef path) {
  std::string file = getMomentsPath(path);
  safetensors::File tensors;
  safetensors::Error error;
  // A calibration of which nothing needed moments has none.
  if (sys::fs::exists(path) && !sys::fs::exists(file))
    return LayerStatistics();
  if (!safetensors::read(file, tensors, error))
    return createStringError(inconvertibleErrorCode(),
                             error.isIO ? error.message + "; make it by calibration with the same recipe"
                                        : error.message);
  LayerStatistics statistics;
  for (const safetensors::Tensor &tensor : tensors.tensors) {
    StringRef layer = tensor.name;
    if (!layer.consume_back(".count"))
      continue;
    MomentsReader reader(tensors, layer);
    if (!reader.read(statistics.moments[layer]))
      return makeError(file, reader.reason);
  }
  statistics.owner = std::move(tensors.owner);
  return statistics;
}

mlir::LogicalResult condense::loadStatistics(mlir::Location loc, StringRef path,
                                             std::optional<LayerStatistics> &statistics) {
  if (path.empty())
    return mlir::success();
  Expected<LayerStatistics> loaded = LayerStatistics::load(path);
  if (!loaded)
    return mlir::emitError(loc) << toString(loaded.takeError());
  statistics = std::move(*loaded);
  return mlir::success();
}
