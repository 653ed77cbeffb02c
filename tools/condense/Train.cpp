// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// condense train IN --recipe R --data X.npy -o OUT.mlirbc: techniques with training.

#include "Support/Command.h"
#include "Support/Inspection.h"
#include "Support/ModelFile.h"
#include "Support/OutputFile.h"
#include "Support/PreprocessingOptions.h"
#include "Support/Progress.h"
#include "Support/Remarks.h"
#include "Support/RunReport.h"
#include "Support/StageRunner.h"
#include "Support/Threads.h"
#include "Support/ToolError.h"
#include "Support/TrainingRun.h"
#include "condense/Recipe/Recipe.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include <sys/resource.h>

using namespace condense;
using namespace condense::tool;
using namespace llvm;

static llvm::Error runTrain();

static Command command("train", "Train a model, or what compression left of it", runTrain);
static Option<std::string> input(command, cl::Positional, cl::Required, cl::desc("<model>"));
static Option<std::string> recipeName(command, "recipe", cl::value_desc("recipe"),
                                      cl::desc("A YAML file: 'train' says how, the other techniques are applied before "
                                               "or after (default: train only)"));
static ListOption<std::string> dataFiles(command, "data", cl::OneOrMore, cl::value_desc("[input=]x.npy"),
                                         cl::desc("Samples along the first dimension; repeated for models of "
                                                  "several inputs, by name or in their order"));
static Option<std::string> labelFile(command, "labels", cl::value_desc("y.npy"),
                                     cl::desc("Integers: the class of each sample; floats: what the output should be"));
static Option<std::string> teacherFile(command, "teacher", cl::value_desc("model"),
                                       cl::desc("A model with the same inputs whose outputs are learned from"));
static Option<std::string> output(command, "o", cl::Required, cl::value_desc("file.mlirbc"),
                                  cl::desc("The trained model"));
static Option<int64_t> epochs(command, "epochs", cl::init(0), cl::value_desc("n"),
                              cl::desc("Times that all samples are seen (default: the recipe's, or 10)"));
static Option<int64_t> batchSize(command, "batch", cl::init(0), cl::value_desc("n"),
                                 cl::desc("Samples of a step (default: the recipe's, or 32)"));
static Option<uint64_t> seed(command, "seed", cl::init(0), cl::value_desc("n"),
                             cl::desc("Of the order of samples, --initialize and --validation-split (default: 0)"));
static Option<bool> initialize(command, "initialize", cl::desc("Train from scratch: start with random weights"));
static PreprocessingOptions preprocessing(command);
static Option<double> validationSplit(command, "validation-split", cl::init(0), cl::value_desc("share"),
                                      cl::desc("Keep this share of the samples for validation"));
static ListOption<std::string> validationFiles(command, "validate", cl::value_desc("[input=]x.npy"),
                                               cl::desc("Samples for validation after each epoch; the epoch of the "
                                                        "best accuracy (else the least loss) is kept"));
static Option<std::string> validationLabels(command, "validation-labels", cl::value_desc("y.npy"),
                                            cl::desc("The labels of --validate"));
static Option<bool> resume(command, "resume", cl::desc("Continue from the checkpoint, if there is one"));
static Option<std::string> checkpoint(command, "checkpoint", cl::value_desc("file"),
                                      cl::desc("Where to keep what --resume needs (default: beside the output; "
                                               "removed at the end)"));
static Option<double> checkpointSeconds(command, "checkpoint-seconds", cl::init(30), cl::value_desc("s"),
                                        cl::desc("Write it this often within an epoch (default: 30)"));
static Option<int> threads(command, "threads", cl::init(0),
                           cl::desc("Number of threads (default: all CPUs); the result does not depend on it"));
static Option<std::string> reportPath(command, "report", cl::value_desc("file.html"),
                                      cl::desc("Write curves and layers as a page to look at, or as JSON"));
static Option<bool> printPipeline(command, "print-pipeline",
                                  cl::desc("Print the passes that make the training step, for condense-opt"));
static Option<bool> asJSON(command, "json", cl::desc("Print results as JSON"));

static std::vector<std::string> getList(const ListOption<std::string> &option) {
  return {option.begin(), option.end()};
}

static llvm::Error checkOptions() {
  if (epochs.getNumOccurrences() && epochs < 1)
    return usageError("--epochs must be positive");
  if (batchSize.getNumOccurrences() && batchSize < 1)
    return usageError("--batch must be positive");
  if (!(validationSplit >= 0 && validationSplit < 1))
    return usageError("--validation-split must be at least 0 and below 1");
  if (validationSplit > 0 && !validationFiles.empty())
    return usageError("--validation-split and --validate exclude each other");
  if (!validationLabels.empty() && validationFiles.empty())
    return usageError("--validation-labels belongs to --validate");
  if (!validationFiles.empty() && validationLabels.empty() != labelFile.empty())
    return usageError("--validate needs --validation-labels exactly if --labels is given");
  if (labelFile.empty() && teacherFile.empty())
    return usageError("nothing to learn from: expected --labels, or --teacher");
  if (!(checkpointSeconds >= 0))
    return usageError("--checkpoint-seconds must not be negative");
  return llvm::Error::success();
}

/// The recipe with what the command line says.
static Expected<recipe::Recipe> makeRecipe() {
  recipe::Recipe recipe;
  if (!recipeName.empty()) {
    bool isMissing = false;
    Expected<recipe::Recipe> loaded = recipe::loadRecipe(recipeName, &isMissing);
    if (!loaded)
      return makeError(isMissing ? ExitCode::IO : ExitCode::Input, toString(loaded.takeError()));
    recipe = std::move(*loaded);
  }
  if (!recipe.getTraining())
    recipe.rules.emplace_back().train.emplace();
  for (recipe::Rule &rule : recipe.rules) {
    if (rule.train && epochs > 0)
      rule.train->epochs = epochs;
    if (rule.train && batchSize > 0)
      rule.train->batch = batchSize;
  }
  return recipe;
}

static Expected<mlir::OwningOpRef<mlir::ModuleOp>> loadClean(mlir::MLIRContext &context, StringRef path,
                                                             const std::string &pipeline) {
  auto module = loadModel(context, path);
  if (!module)
    return module;
  if (llvm::Error error = runPipeline(**module, "builtin.module(" + pipeline + ")", path))
    return error;
  return module;
}

static RunSettings getStageSettings() { return {input, getList(dataFiles), preprocessing.get(), "", threads}; }

static llvm::Error runStages(mlir::ModuleOp module, const recipe::Recipe &recipe, recipe::Phase phase) {
  StageRunner runner(getStageSettings());
  if (llvm::Error error = runner.init(recipe, recipeName, phase))
    return error;
  return runner.run(module);
}

static int64_t getPeakMemory() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t(usage.ru_maxrss) * 1024;
}

static void printOutcome(const TrainingOutcome &outcome, const ModelReport &after) {
  const TrainingProgress &progress = outcome.progress;
  int64_t shown = progress.bestEpoch ? progress.bestEpoch : progress.epoch;
  const std::vector<double> &row = progress.curves[shown - 1];
  if (asJSON) {
    json::Object values;
    for (auto [name, value] : zip_equal(outcome.columns, row))
      values[name] = value;
    outs() << json::Value(json::Object{{"epoch", shown},
                                       {"epochs", progress.epoch},
                                       {"parameters", outcome.elements},
                                       {"training_samples", outcome.trainingSamples},
                                       {"validation_samples", outcome.validationSamples},
                                       {"stored_bytes", after.storedBytes + after.otherBytes},
                                       {"step_seconds", outcome.stepSeconds},
                                       {"peak_memory", getPeakMemory()},
                                       {"values", std::move(values)}})
           << "\n";
    return;
  }
  outs() << output << ": " << outcome.elements << " values in " << outcome.parameters << " parameters trained on "
         << outcome.trainingSamples << " samples, epoch " << shown << " of " << progress.epoch << " kept, weights "
         << after.storedBytes + after.otherBytes << " bytes, peak memory " << getPeakMemory() / 1000000 << " MB\n";
}

static report::Run makeReport(const TrainingOutcome &outcome) {
  report::Run run;
  run.model = input;
  run.recipe = recipeName.empty() ? "train" : sys::path::stem(recipeName).str();
  run.output = output;
  report::Training &training = run.training.emplace();
  training.samples = outcome.trainingSamples;
  training.validationSamples = outcome.validationSamples;
  training.bestEpoch = outcome.progress.bestEpoch;
  for (auto [column, name] : enumerate(outcome.columns)) {
    report::Curve &curve = training.curves.emplace_back();
    curve.name = name;
    for (const std::vector<double> &row : outcome.progress.curves)
      curve.values.push_back(row[column]);
  }
  return run;
}

static LoopSettings getLoopSettings() {
  LoopSettings loop;
  loop.seed = seed;
  loop.checkpointSeconds = checkpointSeconds;
  loop.isResumed = resume;
  loop.isQuiet = asJSON;
  if (!checkpoint.empty())
    loop.checkpoint = checkpoint;
  else if (output != "-")
    loop.checkpoint = output + ".checkpoint";
  return loop;
}

static llvm::Error trainModel(const recipe::Recipe &recipe, TrainingData &data, TrainingData *validation) {
  auto context = createContext();
  ThreadLimit limit(*context, threads);
  std::vector<CollectedRemark> collected;
  collectRemarks(*context, collected);
  announceStep("reading " + input);
  // a quantized weight is that of the folded network
  std::string prepare = getAnnotatePipeline(recipe, recipe.getTraining()->quantizationAware);
  if (initialize)
    prepare =
        "condense-import-cleanup{fold-batch-norm=false},train-initialize{seed=" + std::to_string(seed) + "}," + prepare;
  auto module = loadClean(*context, input, prepare);
  if (!module)
    return module.takeError();
  mlir::OwningOpRef<mlir::ModuleOp> teacher;
  if (!teacherFile.empty()) {
    auto loaded = loadClean(*context, teacherFile, "condense-import-cleanup");
    if (!loaded)
      return loaded.takeError();
    teacher = std::move(*loaded);
  }
  std::optional<RunRecorder> recorder;
  if (!reportPath.empty())
    recorder.emplace(**module);
  if (llvm::Error error = runStages(**module, recipe, recipe::Phase::BeforeTraining))
    return error;
  TrainingRequest request{
      input,           teacherFile, **module,         teacher ? *teacher : mlir::ModuleOp(), &recipe, &data, validation,
      validationSplit, threads,     getLoopSettings()};
  request.printsPasses = printPipeline;
  Expected<TrainingOutcome> outcome = trainLeaves(request);
  if (!outcome)
    return outcome.takeError();
  if (llvm::Error error = runPipeline(**module, "builtin.module(nn-fold-batch-norm,canonicalize,cse)", input))
    return error;
  if (llvm::Error error = runStages(**module, recipe, recipe::Phase::AfterTraining))
    return error;
  if (llvm::Error error = saveModel(**module, output))
    return error;
  if (recorder) {
    report::Run run = makeReport(*outcome);
    uint64_t fileBytes = 0;
    if (!sys::fs::file_size(output, fileBytes))
      run.fileBytes = fileBytes;
    recorder->finish(**module, collected, run);
    if (llvm::Error error = writeReport(reportPath, run))
      return error;
  }
  if (output != "-")
    printOutcome(*outcome, inspectModule(**module));
  // the result is there: nothing is left to continue
  if (!request.loop.checkpoint.empty())
    sys::fs::remove(request.loop.checkpoint);
  return llvm::Error::success();
}

static llvm::Error runTrain() {
  if (llvm::Error error = checkOptions())
    return error;
  Expected<recipe::Recipe> recipe = makeRecipe();
  if (!recipe)
    return recipe.takeError();
  Expected<TrainingData> data = TrainingData::read(getList(dataFiles), labelFile, preprocessing.get());
  if (!data)
    return data.takeError();
  if (validationFiles.empty())
    return trainModel(*recipe, *data, nullptr);
  Expected<TrainingData> validation =
      TrainingData::read(getList(validationFiles), validationLabels, preprocessing.get());
  if (!validation)
    return validation.takeError();
  return trainModel(*recipe, *data, &*validation);
}
