// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Adds to a translated module what the runtime expects of a model: the tables that describe
// it (structures of condense/Runtime/Model.h) and its entry.

#include "Internal.h"
#include "condense/Codegen/Buffers/WeightBlob.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

using namespace condense;
using namespace condense::target;

#ifndef CONDENSE_VERSION
#error "CONDENSE_VERSION must be defined by the build"
#endif

namespace {

/// Makes the constants of the tables.
class TableBuilder {
public:
  explicit TableBuilder(llvm::Module &module) : module(module), context(module.getContext()) {}

  llvm::Constant *number(unsigned bits, uint64_t value) {
    return llvm::ConstantInt::get(llvm::IntegerType::get(context, bits), value);
  }

  llvm::Constant *pointerTo(llvm::Constant *value) {
    return new llvm::GlobalVariable(module, value->getType(), /*isConstant=*/true, llvm::GlobalValue::PrivateLinkage,
                                    value);
  }

  llvm::Constant *text(llvm::StringRef value) { return pointerTo(llvm::ConstantDataArray::getString(context, value)); }

  llvm::Constant *record(llvm::ArrayRef<llvm::Constant *> fields) {
    return llvm::ConstantStruct::getAnon(context, fields);
  }

  /// An array of condense_io.
  llvm::Constant *ioTable(llvm::ArrayRef<ModelIO> ios) {
    llvm::SmallVector<llvm::Constant *> entries;
    for (const ModelIO &io : ios) {
      llvm::SmallVector<uint64_t> shape(io.shape.begin(), io.shape.end());
      entries.push_back(record({text(io.name), number(32, io.dtype), number(32, shape.size()),
                                pointerTo(llvm::ConstantDataArray::get(context, shape))}));
    }
    if (entries.empty())
      return llvm::ConstantPointerNull::get(llvm::PointerType::getUnqual(context));
    auto *type = llvm::ArrayType::get(entries.front()->getType(), entries.size());
    return pointerTo(llvm::ConstantArray::get(type, entries));
  }

private:
  llvm::Module &module;
  llvm::LLVMContext &context;
};

} // namespace

/// Makes everything internal, so that no name of a model can clash with another library's.
static void hideEverything(llvm::Module &module) {
  for (llvm::GlobalValue &value : module.global_values())
    if (!value.isDeclaration())
      value.setLinkage(llvm::GlobalValue::InternalLinkage);
}

static void addDescription(llvm::Module &module, const ModelDescription &description, const Cpu &cpu) {
  TableBuilder table(module);
  const ModelInterface &interface = description.interface;
  llvm::Constant *value = table.record(
      {table.number(32, CONDENSE_ABI_VERSION), table.number(32, 0), table.text("Condense " CONDENSE_VERSION),
       table.text(cpu.name), table.text(cpu.requiredFeatures()),
       table.number(64, description.weightBytes + description.codedBytes), table.number(64, interface.inputs.size()),
       table.ioTable(interface.inputs), table.number(64, interface.outputs.size()), table.ioTable(interface.outputs)});
  auto *global = new llvm::GlobalVariable(module, value->getType(), /*isConstant=*/true,
                                          llvm::GlobalValue::ExternalLinkage, value, "condense_model_description");
  global->setVisibility(llvm::GlobalValue::HiddenVisibility);
}

/// void condense_model_entry(void **arguments): calls the model with each pointer.
static void addEntry(llvm::Module &module, const ModelDescription &description) {
  llvm::LLVMContext &context = module.getContext();
  llvm::Function *model = module.getFunction("_mlir_ciface_" + description.entry);
  assert(model && "the entry was given a C interface before lowering");
  auto *pointer = llvm::PointerType::getUnqual(context);
  auto *type = llvm::FunctionType::get(llvm::Type::getVoidTy(context), {pointer}, false);
  auto *entry = llvm::Function::Create(type, llvm::GlobalValue::ExternalLinkage, "condense_model_entry", module);
  entry->setVisibility(llvm::GlobalValue::HiddenVisibility);
  llvm::IRBuilder<> builder(llvm::BasicBlock::Create(context, "", entry));
  llvm::SmallVector<llvm::Value *> arguments;
  for (unsigned i = 0, e = model->arg_size(); i < e; ++i)
    arguments.push_back(builder.CreateLoad(pointer, builder.CreateConstGEP1_64(pointer, entry->getArg(0), i)));
  builder.CreateCall(model, arguments);
  builder.CreateRetVoid();
}

/// Tells LLVM that every allocation is memory of its own.
static void describeAllocation(llvm::Module &module) {
  for (llvm::StringRef name : {"_mlir_memref_to_llvm_alloc", "_mlir_memref_to_llvm_aligned_alloc"})
    if (llvm::Function *function = module.getFunction(name))
      function->addRetAttr(llvm::Attribute::NoAlias);
}

static void describeWeights(llvm::Module &module, llvm::StringRef symbol, uint64_t bytes) {
  llvm::GlobalVariable *weights = module.getGlobalVariable(symbol);
  if (!weights)
    return;
  weights->setLinkage(llvm::GlobalValue::ExternalLinkage);
  weights->setVisibility(llvm::GlobalValue::HiddenVisibility);
  weights->setDSOLocal(true);
  weights->setConstant(true);
  weights->setAlignment(llvm::Align(WeightBlob::alignment));
  // farther away than an offset of 32 bits reaches
  if (bytes > uint64_t(1) << 30)
    weights->setCodeModel(llvm::CodeModel::Large);
}

/// What the runtime decodes (condense_coded_weights_info of the runtime).
static void addCodedWeights(llvm::Module &module, const ModelDescription &description) {
  TableBuilder table(module);
  auto *pointer = llvm::PointerType::getUnqual(module.getContext());
  auto array = [&](llvm::StringRef symbol) -> llvm::Constant * {
    if (!description.codedBytes)
      return llvm::ConstantPointerNull::get(pointer);
    if (llvm::GlobalVariable *known = module.getGlobalVariable(symbol))
      return known;
    auto *global = new llvm::GlobalVariable(module, llvm::Type::getInt8Ty(module.getContext()), /*isConstant=*/true,
                                            llvm::GlobalValue::ExternalLinkage, /*Initializer=*/nullptr, symbol);
    global->setVisibility(llvm::GlobalValue::HiddenVisibility);
    return global;
  };
  llvm::Constant *value = table.record({array(WeightBlob::codedSymbol), table.number(64, description.codedBytes),
                                        array(WeightBlob::decodedSymbol), table.number(64, description.decodedBytes)});
  auto *global = new llvm::GlobalVariable(module, value->getType(), /*isConstant=*/true,
                                          llvm::GlobalValue::ExternalLinkage, value, "condense_model_coded_weights");
  global->setVisibility(llvm::GlobalValue::HiddenVisibility);
}

void condense::target::completeModule(llvm::Module &module, const ModelDescription &description, const Cpu &cpu) {
  hideEverything(module);
  addDescription(module, description, cpu);
  addEntry(module, description);
  describeAllocation(module);
  describeWeights(module, WeightBlob::symbol, description.weightBytes);
  describeWeights(module, WeightBlob::decodedSymbol, description.decodedBytes);
  addCodedWeights(module, description);
  for (llvm::Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", cpu.name);
    function.addFnAttr("target-features", cpu.featureString);
    function.addFnAttr(llvm::Attribute::NoUnwind);
  }
}
