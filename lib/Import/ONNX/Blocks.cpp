//===- Blocks.cpp - ONNX operators that exchange channels and space -------===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NodeImporter.h"

using namespace mlir;
using namespace condense;
using namespace condense::onnx;

namespace {
/// [n, c, h, w] with c = b * b * d; `mode` says which of b and d comes first.
LogicalResult importDepthToSpace(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!importer.requireStatic(type, "DepthToSpace"))
    return failure();
  int64_t block = importer.getInt("blocksize", 0);
  std::string mode = importer.getString("mode", "DCR");
  if (type.getRank() != 4 || block < 1 || block > 65536 || type.getDimSize(1) % (block * block) != 0 ||
      type.getNumElements() == 0 || (mode != "DCR" && mode != "CRD"))
    return importer.reject("the block does not fit the channels");
  ArrayRef<int64_t> dims = type.getShape();
  int64_t depth = dims[1] / (block * block);
  bool isColumnsFirst = mode == "CRD";
  Value split =
      importer.reshape(importer.getInput(0), isColumnsFirst ? Shape{dims[0], depth, block, block, dims[2], dims[3]}
                                                            : Shape{dims[0], block, block, depth, dims[2], dims[3]});
  Value moved = importer.transpose(split, isColumnsFirst ? Shape{0, 1, 4, 2, 5, 3} : Shape{0, 3, 4, 1, 5, 2});
  return importer.setOutput(0, importer.reshape(moved, {dims[0], depth, dims[2] * block, dims[3] * block}));
}

LogicalResult importSpaceToDepth(NodeImporter &importer) {
  RankedTensorType type = importer.getInputType(0);
  if (!importer.requireStatic(type, "SpaceToDepth"))
    return failure();
  int64_t block = importer.getInt("blocksize", 0);
  if (type.getRank() != 4 || block < 1 || block > 65536 || type.getDimSize(2) % block != 0 ||
      type.getDimSize(3) % block != 0 || type.getNumElements() == 0)
    return importer.reject("the block does not fit the image");
  ArrayRef<int64_t> dims = type.getShape();
  int64_t height = dims[2] / block, width = dims[3] / block;
  Value split = importer.reshape(importer.getInput(0), {dims[0], dims[1], height, block, width, block});
  Value moved = importer.transpose(split, {0, 3, 5, 1, 2, 4});
  return importer.setOutput(0, importer.reshape(moved, {dims[0], block * block * dims[1], height, width}));
}
} // namespace

void condense::onnx::registerBlocks(HandlerTable &table) {
  table["DepthToSpace"] = {1, importDepthToSpace};
  table["SpaceToDepth"] = {1, importSpaceToDepth};
}
