// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// condense compress IN --recipe R -o OUT.mlirbc: annotate, calibrate, realize.

#include "Support/Command.h"
#include "Support/Inspection.h"
#include "Support/ModelFile.h"
#include "Support/PreprocessingOptions.h"
#include "Support/Progress.h"
#include "Support/Remarks.h"
#include "Support/RunReport.h"
#include "Support/StageRunner.h"
#include "Support/Threads.h"
#include "Support/ToolError.h"
#include "condense/Recipe/Recipe.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"

using namespace condense;
using namespace condense::tool;
using namespace llvm;

static llvm::Error runCompress();

static Command command("compress", "Make a model smaller as a recipe says", runCompress);
static Option<std::string> input(command, cl::Positional, cl::Required, cl::desc("<model>"));
static const std::string recipeHelp = "A YAML file, or " + join(recipe::getBuiltinNames(), ", ");
static Option<std::string> recipeName(command, "recipe", cl::Required, cl::value_desc("recipe"), cl::desc(recipeHelp));
static Option<std::string> output(command, "o", cl::value_desc("file.mlirbc"), cl::desc("The compressed model"));
static ListOption<std::string>
    calibrationFiles(command, "calibrate", cl::value_desc("[input=]x.npy"),
                     cl::desc("Samples that activations are measured with; repeated for models "
                              "of several inputs, by name or in their order"));
static PreprocessingOptions preprocessing(command);
static Option<std::string> statisticsFile(command, "statistics", cl::value_desc("file.json"),
                                          cl::desc("Keep what calibration found in this file, file.json.safetensors "
                                                   "and, if a recipe measures again, file.2.json...; without "
                                                   "--calibrate, use what is there"));
static Option<int> threads(command, "threads", cl::init(0),
                           cl::desc("Number of threads (default: all CPUs); "
                                    "the result does not depend on it"));
static ReportOptions reportOptions(command);
static Option<bool> printPipeline(command, "print-pipeline",
                                  cl::desc("Print the line for condense-opt that does the "
                                           "same; without -o do no more"));
static Option<bool> verbose(command, "verbose", cl::desc("Print what was decided for each layer, and why"));
static Option<bool> remarksFlag(command, "remarks", cl::desc("Same as --verbose"));
static Option<bool> asJSON(command, "json", cl::desc("Print results as JSON"));

static void printEquivalentLine(const recipe::Recipe &recipe) {
  StringRef statistics = statisticsFile.empty() ? StringRef("statistics.json") : statisticsFile;
  std::string passes = getAnnotatePipeline(recipe);
  for (const recipe::Stage &stage : recipe.getStages(statistics))
    passes += "," + stage.passes;
  std::string source = input;
  raw_ostream &os = asJSON || output == "-" ? errs() : outs();
  if (!StringRef(input).ends_with(".mlir")) {
    source = (sys::path::stem(input) + ".mlir").str();
    os << "condense import " << input << " -o " << source << "\n";
  }
  // Within single quotes a shell takes everything literally but these.
  std::string quoted;
  for (char c : passes)
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  os << "condense-opt " << source << " --pass-pipeline='builtin.module(" << quoted << ")' --emit-bytecode -o "
     << (output.empty() ? std::string("out.mlirbc") : std::string(output)) << "\n";
}

static void printRemarks(ArrayRef<CollectedRemark> remarks) {
  for (const CollectedRemark &remark : remarks)
    errs() << "remark: layer '" << remark.layer << "': " << (remark.isMissed ? "left alone: " : "") << remark.text
           << "\n";
}

/// What became of the layers; techniques may remove parts of them, or split them.
static void printResult(const ModelReport &before, const ModelReport &after, ArrayRef<CollectedRemark> remarks) {
  StringMap<int64_t> stored;
  for (const LayerReport &layer : after.layers)
    stored[layer.name] += layer.storedBytes;
  auto isCompressed = [&](const LayerReport &layer) {
    auto now = stored.find(layer.name);
    return now == stored.end() || now->second != layer.storedBytes;
  };
  int64_t numCompressed = count_if(before.layers, isCompressed);
  if (asJSON) {
    json::Array missed;
    for (const CollectedRemark &remark : remarks)
      if (remark.isMissed)
        missed.push_back(json::Object{{"layer", json::fixUTF8(remark.layer)}, {"reason", json::fixUTF8(remark.text)}});
    outs() << json::Value(json::Object{{"layers", int64_t(before.layers.size())},
                                       {"compressed", numCompressed},
                                       {"stored_bytes", after.storedBytes},
                                       {"dense_bytes", before.denseBytes},
                                       {"left_alone", std::move(missed)}})
           << "\n";
    return;
  }
  outs() << output << ": " << numCompressed << " of " << before.layers.size() << " layers compressed, weights "
         << before.denseBytes << " -> " << after.storedBytes << " bytes";
  if (before.denseBytes)
    outs() << " (" << format("%.1f", 100.0 * after.storedBytes / before.denseBytes) << " %)";
  outs() << "\n";
  int64_t numMissed = count_if(remarks, [](const CollectedRemark &remark) { return remark.isMissed; });
  if (numMissed && !verbose && !remarksFlag)
    outs() << numMissed << " requests were not followed; --verbose says why\n";
}

/// Compares the written model with what it was made from.
static llvm::Error reportRun(mlir::ModuleOp before, mlir::ModuleOp after, RunRecorder &recorder,
                             ArrayRef<CollectedRemark> remarks) {
  report::Run run;
  run.model = input;
  run.recipe = sys::path::stem(recipeName).str();
  run.output = output;
  uint64_t fileBytes = 0;
  if (!sys::fs::file_size(output, fileBytes))
    run.fileBytes = fileBytes;
  auto quality = reportOptions.measure(before, input, after, output, preprocessing.get());
  if (!quality)
    return quality.takeError();
  run.quality = *quality;
  recorder.finish(after, remarks, run);
  return writeReport(reportOptions.getPath(), run);
}

static llvm::Error compressModel(const recipe::Recipe &recipe) {
  StageRunner runner({input, calibrationFiles, preprocessing.get(), statisticsFile, threads});
  if (llvm::Error error = runner.init(recipe, recipeName))
    return error;
  std::vector<CollectedRemark> collected;
  auto context = createContext();
  ThreadLimit limit(*context, threads);
  collectRemarks(*context, collected);
  auto module = loadModel(*context, input);
  if (!module)
    return module.takeError();
  announceStep("annotating " + input);
  if (llvm::Error error = runPipeline(**module, "builtin.module(" + getAnnotatePipeline(recipe) + ")", input))
    return error;
  mlir::OwningOpRef<mlir::ModuleOp> original;
  std::optional<RunRecorder> recorder;
  if (reportOptions.isWanted()) {
    original = (*module)->clone();
    recorder.emplace(*original);
  }
  ModelReport before = inspectModule(**module);
  if (llvm::Error error = runner.run(**module))
    return error;
  if (llvm::Error error = saveModel(**module, output))
    return error;
  // Measuring compiles the model, and the collector grows meanwhile.
  const std::vector<CollectedRemark> remarks = collected;
  if (recorder)
    if (llvm::Error error = reportRun(*original, **module, *recorder, remarks))
      return error;
  if (verbose || remarksFlag)
    printRemarks(remarks);
  if (output != "-")
    printResult(before, inspectModule(**module), remarks);
  return llvm::Error::success();
}

static llvm::Error runCompress() {
  if (llvm::Error error = reportOptions.check())
    return error;
  bool isMissing = false;
  Expected<recipe::Recipe> recipe = recipe::loadRecipe(recipeName, &isMissing);
  if (!recipe)
    return makeError(isMissing ? ExitCode::IO : ExitCode::Input, toString(recipe.takeError()));
  if (recipe->getTraining())
    return inputError(recipeName + ": the recipe trains: give it samples to learn from with 'condense train'");
  if (output.empty() && !printPipeline)
    return usageError("expected -o file.mlirbc; see 'condense compress --help'");
  if (printPipeline)
    printEquivalentLine(*recipe);
  if (output.empty())
    return llvm::Error::success();
  return compressModel(*recipe);
}
