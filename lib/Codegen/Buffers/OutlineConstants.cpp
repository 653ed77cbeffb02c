// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Moves the bytes of constants out of the module. LLVM needs minutes for a global of 64 MiB, and
// holds several copies of it; an offset into an external array costs nothing.

#include "condense/Codegen/Buffers/Passes.h"
#include "condense/Codegen/Buffers/WeightBlob.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/ToolOutputFile.h"

namespace condense {
#define GEN_PASS_DEF_CODEGENOUTLINECONSTANTSPASS
#include "condense/Codegen/Buffers/Passes.h.inc"
} // namespace condense

using namespace mlir;
using namespace condense;

/// Smaller constants stay: LLVM can fold them into instructions.
static constexpr uint64_t smallestOutlined = 65;

/// Whether the values of `global` are worth moving. Those of type index have no size in bytes
/// before LLVM, and are shapes.
static bool isOutlined(memref::GlobalOp global) {
  MemRefType type = global.getType();
  if (!isa_and_nonnull<ElementsAttr>(global.getInitialValueAttr()) || !global.getConstant() ||
      !type.getLayout().isIdentity() || type.getElementType().isIndex())
    return false;
  uint64_t bits = type.getElementType().isIntOrFloat() ? type.getElementTypeBitWidth() : 64;
  return llvm::divideCeil(bits, 8) * type.getNumElements() >= smallestOutlined;
}

static void replaceUse(memref::GetGlobalOp use, MemRefType arrayType, uint64_t offset) {
  OpBuilder builder(use);
  Location loc = use.getLoc();
  Value array = memref::GetGlobalOp::create(builder, loc, arrayType, WeightBlob::symbol);
  Value shift = arith::ConstantIndexOp::create(builder, loc, offset);
  Value view =
      memref::ViewOp::create(builder, loc, use.getType(), array, shift, /*sizes=*/ValueRange());
  use.replaceAllUsesWith(view);
  use.erase();
}

namespace {

struct OutlineConstantsPass
    : public condense::impl::CodegenOutlineConstantsPassBase<OutlineConstantsPass> {
  using Base::Base;
  explicit OutlineConstantsPass(std::shared_ptr<WeightBlob> blob) : blob(std::move(blob)) {}

  void runOnOperation() override {
    auto target = blob ? blob : std::make_shared<WeightBlob>();
    if (!blob && file.empty())
      return;
    llvm::DenseMap<StringAttr, uint64_t> offsets;
    if (failed(collect(*target, offsets)) || (!blob && failed(writeFile(*target))))
      return signalPassFailure();
    if (!offsets.empty())
      replace(*target, offsets);
  }

private:
  LogicalResult collect(WeightBlob &target, llvm::DenseMap<StringAttr, uint64_t> &offsets) {
    for (auto global : getOperation().getOps<memref::GlobalOp>()) {
      if (!isOutlined(global))
        continue;
      auto attr = cast<ElementsAttr>(global.getInitialValueAttr());
      FailureOr<uint64_t> offset = target.add(attr);
      if (failed(offset))
        return global.emitOpError("has no data of the size that its type ")
               << global.getType() << " requires";
      offsets[global.getSymNameAttr()] = *offset;
      ++numOutlined;
    }
    numBytes += target.size();
    return success();
  }

  LogicalResult writeFile(const WeightBlob &target) {
    std::string error;
    std::unique_ptr<llvm::ToolOutputFile> output = openOutputFile(file, &error);
    if (!output)
      return getOperation().emitError(error);
    target.write(output->os());
    output->os().close();
    if (output->os().has_error()) {
      std::string reason = output->os().error().message();
      output->os().clear_error();
      return getOperation().emitError("cannot write '") << file << "': " << reason;
    }
    output->keep();
    return success();
  }

  void replace(const WeightBlob &target, const llvm::DenseMap<StringAttr, uint64_t> &offsets) {
    ModuleOp module = getOperation();
    auto i8 = IntegerType::get(&getContext(), 8);
    auto arrayType = MemRefType::get({static_cast<int64_t>(target.size())}, i8);
    module.walk([&](memref::GetGlobalOp use) {
      auto found = offsets.find(use.getNameAttr().getAttr());
      if (found != offsets.end())
        replaceUse(use, arrayType, found->second);
    });
    for (auto global : llvm::make_early_inc_range(module.getOps<memref::GlobalOp>()))
      if (offsets.contains(global.getSymNameAttr()))
        global.erase();
    OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
    // public: a private one without a value would be a definition without contents in LLVM
    memref::GlobalOp::create(builder, module.getLoc(), WeightBlob::symbol,
                             /*sym_visibility=*/nullptr, arrayType,
                             /*initial_value=*/Attribute(), /*constant=*/true,
                             /*alignment=*/builder.getI64IntegerAttr(WeightBlob::alignment));
  }

  std::shared_ptr<WeightBlob> blob;
};

} // namespace

std::unique_ptr<Pass>
condense::createCodegenOutlineConstantsPass(std::shared_ptr<WeightBlob> blob) {
  return std::make_unique<OutlineConstantsPass>(std::move(blob));
}
