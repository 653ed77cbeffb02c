// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// condense inspect IN: what each layer stores.

#include "Support/Command.h"
#include "Support/Execution.h"
#include "Support/Inspection.h"
#include "Support/ModelFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace condense;
using namespace condense::tool;
using namespace llvm;

static llvm::Error runInspect();

static Command command("inspect",
                       "Show the layers of a model: shape, scheme, "
                       "bytes and error",
                       runInspect);
static Option<std::string> input(command, cl::Positional, cl::Required, cl::desc("<model>"));
static Option<std::string> reference(command, "reference", cl::value_desc("model"),
                                     cl::desc("The model before compression: errors are computed "
                                              "against its weights instead of taken from the model"));
static Option<bool> asJSON(command, "json", cl::desc("Print results as JSON"));

static std::string describeShape(ArrayRef<int64_t> shape) {
  std::string text;
  for (auto [index, size] : enumerate(shape))
    text += (index ? "x" : "") + std::to_string(size);
  return text;
}

static void printTable(const ModelReport &report) {
  size_t nameWidth = 5, shapeWidth = 5, schemeWidth = 6;
  for (const LayerReport &layer : report.layers) {
    nameWidth = std::max(nameWidth, layer.name.size());
    shapeWidth = std::max(shapeWidth, describeShape(layer.shape).size());
    schemeWidth = std::max(schemeWidth, layer.scheme.size());
  }
  auto printRow = [&](StringRef name, StringRef shape, StringRef scheme, StringRef stored, StringRef dense,
                      StringRef error) {
    outs() << left_justify(name, nameWidth) << "  " << left_justify(shape, shapeWidth) << "  "
           << left_justify(scheme, schemeWidth) << "  " << right_justify(stored, 12) << "  " << right_justify(dense, 12)
           << "  " << right_justify(error, 8) << "\n";
  };
  printRow("layer", "shape", "scheme", "stored bytes", "dense bytes", "error");
  for (const LayerReport &layer : report.layers)
    printRow(layer.name, describeShape(layer.shape), layer.scheme, std::to_string(layer.storedBytes),
             std::to_string(layer.denseBytes),
             layer.relativeError ? formatv("{0:F5}", *layer.relativeError).str() : "?");
  printRow("total", "", "", std::to_string(report.storedBytes), std::to_string(report.denseBytes), "");
  if (report.denseBytes)
    outs() << "the layers store " << format("%.1f", 100.0 * report.storedBytes / report.denseBytes)
           << " % of their dense size; other constants take " << report.otherBytes << " bytes\n";
}

static void printJSON(const ModelReport &report) {
  json::OStream stream(outs(), 2);
  stream.object([&] {
    stream.attributeArray("layers", [&] {
      for (const LayerReport &layer : report.layers)
        stream.object([&] {
          stream.attribute("name", json::fixUTF8(layer.name));
          stream.attribute("op", layer.op);
          stream.attribute("shape", json::Array(layer.shape));
          stream.attribute("scheme", layer.scheme);
          stream.attribute("stored_bytes", layer.storedBytes);
          stream.attribute("dense_bytes", layer.denseBytes);
          stream.attribute("relative_error",
                           layer.relativeError ? json::Value(*layer.relativeError) : json::Value(nullptr));
        });
    });
    stream.attributeObject("total", [&] {
      stream.attribute("stored_bytes", report.storedBytes);
      stream.attribute("dense_bytes", report.denseBytes);
      stream.attribute("other_bytes", report.otherBytes);
    });
  });
  outs() << "\n";
}

static json::Array describeValues(const condense_io *values, uint64_t count, StringRef kind) {
  json::Array result;
  for (uint64_t i = 0; i != count; ++i)
    result.push_back(json::Object{{"name", json::fixUTF8(getName(values[i], kind, i))},
                                  {"type", runtime::describeType(values[i].dtype, values[i].shape, values[i].rank)}});
  return result;
}

/// A compiled library knows its interface and the size of its constants.
static llvm::Error inspectLibrary() {
  auto model = openModel(input);
  if (!model)
    return model.takeError();
  const condense_model_info &info = (*model)->getInfo();
  json::Object report{{"producer", info.producer},
                      {"target", info.target_cpu},
                      {"features", info.required_features},
                      {"inputs", describeValues(info.inputs, info.num_inputs, "input")},
                      {"outputs", describeValues(info.outputs, info.num_outputs, "output")},
                      {"total", json::Object{{"stored_bytes", int64_t(info.weight_bytes)}}}};
  if (asJSON) {
    outs() << formatv("{0:2}\n", json::Value(std::move(report)));
    return llvm::Error::success();
  }
  outs() << "compiled by " << info.producer << " for " << info.target_cpu << "\n";
  for (StringRef kind : {"inputs", "outputs"})
    for (const json::Value &value : *report.getArray(kind))
      outs() << kind.drop_back() << " " << *value.getAsObject()->getString("name") << ": "
             << *value.getAsObject()->getString("type") << "\n";
  outs() << "constants: " << info.weight_bytes << " bytes; layers are shown for the model before compilation\n";
  return llvm::Error::success();
}

static llvm::Error runInspect() {
  Expected<ModelKind> kind = detectModelKind(input);
  if (!kind)
    return kind.takeError();
  if (*kind == ModelKind::SharedLibrary)
    return inspectLibrary();
  auto context = createContext();
  auto module = loadModel(*context, input);
  if (!module)
    return module.takeError();
  ModelReport report;
  if (reference.empty()) {
    report = inspectModule(**module);
  } else {
    auto original = loadModel(*context, reference);
    if (!original)
      return original.takeError();
    // Compression starts from the clean graph, whose weights it replaces.
    if (llvm::Error error = runPipeline(**original, "builtin.module(condense-import-cleanup)", reference))
      return error;
    report = inspectModule(**module, **original);
  }
  if (asJSON)
    printJSON(report);
  else
    printTable(report);
  return llvm::Error::success();
}
