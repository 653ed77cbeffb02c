// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Moves the bytes of constants out of the module. LLVM needs minutes for a global of 64 MiB, and
// holds several copies of it; an offset into an external array costs nothing.

#include "condense/Codegen/Buffers/Passes.h"
#include "condense/Codegen/Buffers/WeightBlob.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Remarks.h"
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

/// An external array of bytes.
static MemRefType getArrayType(MLIRContext *context, uint64_t size) {
  return MemRefType::get({static_cast<int64_t>(size)}, IntegerType::get(context, 8));
}

/// Declares an array that is defined outside of the module.
static void declareArray(ModuleOp module, StringRef name, uint64_t size) {
  if (!size)
    return;
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  // public: a private one without a value would be a definition without contents in LLVM
  memref::GlobalOp::create(builder, module.getLoc(), name, /*sym_visibility=*/nullptr,
                           getArrayType(module.getContext(), size),
                           /*initial_value=*/Attribute(), /*constant=*/true,
                           /*alignment=*/builder.getI64IntegerAttr(WeightBlob::alignment));
}

/// Says where the weights are decoded, and why.
static void reportPlacement(ModuleOp module, const WeightBlob &blob) {
  auto options = remark::RemarkOpts::name("decode-placement").category("compress").function("model");
  auto remark = remark::passed(module.getLoc(), options);
  if (blob.numCoded())
    remark << remark::metric("Placement", "load") << remark::metric("Constants", blob.numCoded())
           << remark::metric("BytesBefore", blob.decodedSize()) << remark::metric("BytesAfter", blob.codedSize());
  else
    remark << remark::metric("Placement", "compile") << remark::metric("Bytes", blob.size());
}

static void replaceUse(memref::GetGlobalOp use, const WeightBlob &blob, WeightBlob::Place place) {
  OpBuilder builder(use);
  Location loc = use.getLoc();
  MemRefType type = getArrayType(use.getContext(), place.isCoded ? blob.decodedSize() : blob.size());
  Value array =
      memref::GetGlobalOp::create(builder, loc, type, place.isCoded ? WeightBlob::decodedSymbol : WeightBlob::symbol);
  Value shift = arith::ConstantIndexOp::create(builder, loc, place.offset);
  Value view = memref::ViewOp::create(builder, loc, use.getType(), array, shift, /*sizes=*/ValueRange());
  use.replaceAllUsesWith(view);
  use.erase();
}

namespace {

struct OutlineConstantsPass : public condense::impl::CodegenOutlineConstantsPassBase<OutlineConstantsPass> {
  using Base::Base;
  explicit OutlineConstantsPass(std::shared_ptr<WeightBlob> blob) : blob(std::move(blob)) {}

  void runOnOperation() override {
    using Coding = WeightBlob::Coding;
    auto target = blob ? blob : std::make_shared<WeightBlob>(codedFile.empty() ? Coding::none : Coding::always);
    if (!blob && file.empty())
      return;
    Places places;
    if (failed(collect(*target, places)))
      return signalPassFailure();
    if (!target->isWorthwhile()) {
      *target = WeightBlob();
      if (failed(collect(*target, places)))
        return signalPassFailure();
    }
    if (!blob && failed(writeFiles(*target)))
      return signalPassFailure();
    numOutlined += places.size();
    numBytes += target->size() + target->codedSize();
    numCoded += target->numCoded();
    if (!places.empty())
      replace(*target, places);
    reportPlacement(getOperation(), *target);
  }

private:
  using Places = llvm::DenseMap<StringAttr, WeightBlob::Place>;

  LogicalResult collect(WeightBlob &target, Places &places) {
    for (auto global : getOperation().getOps<memref::GlobalOp>()) {
      if (!isOutlined(global))
        continue;
      auto attr = cast<ElementsAttr>(global.getInitialValueAttr());
      FailureOr<WeightBlob::Place> place = target.add(attr);
      if (failed(place))
        return global.emitOpError("has no data of the size that its type ") << global.getType() << " requires";
      places[global.getSymNameAttr()] = *place;
    }
    return success();
  }

  LogicalResult writeFiles(WeightBlob &target) {
    if (failed(writeFile(file, [&](llvm::raw_ostream &os) { target.write(os); })))
      return failure();
    return codedFile.empty() ? success() : writeFile(codedFile, [&](llvm::raw_ostream &os) { target.writeCoded(os); });
  }

  LogicalResult writeFile(StringRef path, llvm::function_ref<void(llvm::raw_ostream &)> write) {
    std::string error;
    std::unique_ptr<llvm::ToolOutputFile> output = openOutputFile(path, &error);
    if (!output)
      return getOperation().emitError(error);
    write(output->os());
    output->os().close();
    if (output->os().has_error()) {
      std::string reason = output->os().error().message();
      output->os().clear_error();
      return getOperation().emitError("cannot write '") << path << "': " << reason;
    }
    output->keep();
    return success();
  }

  void replace(const WeightBlob &target, const Places &places) {
    ModuleOp module = getOperation();
    module.walk([&](memref::GetGlobalOp use) {
      auto found = places.find(use.getNameAttr().getAttr());
      if (found != places.end())
        replaceUse(use, target, found->second);
    });
    for (auto global : llvm::make_early_inc_range(module.getOps<memref::GlobalOp>()))
      if (places.contains(global.getSymNameAttr()))
        global.erase();
    declareArray(module, WeightBlob::decodedSymbol, target.decodedSize());
    declareArray(module, WeightBlob::symbol, target.size());
  }

  std::shared_ptr<WeightBlob> blob;
};

} // namespace

std::unique_ptr<Pass> condense::createCodegenOutlineConstantsPass(std::shared_ptr<WeightBlob> blob) {
  return std::make_unique<OutlineConstantsPass>(std::move(blob));
}
