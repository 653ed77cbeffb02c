// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// condense bench IN: how long one run takes and how much memory it needs.

#include "Support/Command.h"
#include "Support/Execution.h"
#include "Support/Progress.h"
#include "Support/ToolError.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <map>
#include <random>
#include <unistd.h>

using namespace condense;
using namespace condense::tool;
using namespace llvm;

static llvm::Error runBench();

static Command command("bench", "Measure latency and memory", runBench);
static Option<std::string> input(command, cl::Positional, cl::Required, cl::desc("<model>"));
static ListOption<std::string> inputFiles(command, "input", cl::value_desc("file.npy"),
                                          cl::desc("The inputs, in order (default: random numbers)"));
static Option<int> threads(command, "threads", cl::init(1), cl::desc("Number of threads (default: 1)"));
static ListOption<std::string> dims(command, "dim", cl::CommaSeparated, cl::value_desc("N=size"),
                                    cl::desc("Size of dynamic dimension N of every input (default: 1)"));
static Option<double> seconds(command, "seconds", cl::init(1.0),
                              cl::desc("How long to measure (default: 1; at least 10 runs are made)"));
static Option<bool> asJSON(command, "json", cl::desc("Print results as JSON"));

using Clock = std::chrono::steady_clock;

/// Bytes of this process in memory now.
static int64_t getResidentBytes() {
  long pages = 0;
  if (FILE *file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%*s %ld", &pages) != 1)
      pages = 0;
    std::fclose(file);
  }
  return int64_t(pages) * sysconf(_SC_PAGESIZE);
}

static llvm::Error parseDims(std::map<int64_t, int64_t> &sizes) {
  for (const std::string &dim : dims) {
    auto [index, size] = StringRef(dim).split('=');
    int64_t key = 0, value = 0;
    if (index.getAsInteger(10, key) || size.getAsInteger(10, value) || key < 0 || value < 1)
      return usageError("--dim " + dim +
                        ": expected the index of a dimension, "
                        "'=' and a positive size, such as 0=8");
    sizes[key] = value;
  }
  return llvm::Error::success();
}

/// Random numbers in [-1, 1) for floats; 0 or 1 for integers, which may be
/// indices into small tables.
static Expected<runtime::Tensor> makeRandomInput(const condense_io &io, const std::map<int64_t, int64_t> &sizes) {
  runtime::Tensor tensor;
  tensor.dtype = static_cast<condense_dtype>(io.dtype);
  int64_t elements = 1;
  for (int32_t i = 0; i != io.rank; ++i) {
    auto size = sizes.find(i);
    tensor.shape.push_back(io.shape[i] >= 0 ? io.shape[i] : size != sizes.end() ? size->second : 1);
    if (llvm::MulOverflow(elements, tensor.shape.back(), elements) || elements > int64_t(1) << 40)
      return makeError(ExitCode::Limit, "--dim: input '" + Twine(io.name) + "' would not fit into memory");
  }
  size_t width = runtime::elementBytes(io.dtype);
  tensor.data.resize(elements * width);
  std::mt19937 random(1);
  std::uniform_real_distribution<float> uniform(-1, 1);
  for (int64_t i = 0; i != elements; ++i) {
    std::byte *target = &tensor.data[i * width];
    float value = uniform(random);
    uint16_t half = value < 0 ? 0xb800 : 0x3800; // -0.5 or 0.5
    double wide = value;
    if (io.dtype == CONDENSE_F32)
      std::memcpy(target, &value, width);
    else if (io.dtype == CONDENSE_F64)
      std::memcpy(target, &wide, width);
    else if (io.dtype == CONDENSE_F16)
      std::memcpy(target, &half, width);
    else if (io.dtype != CONDENSE_BF16)
      *target = std::byte(value < 0);
  }
  return tensor;
}

static llvm::Error makeInputs(const condense_model_info &info, std::vector<runtime::Tensor> &inputs) {
  std::map<int64_t, int64_t> sizes;
  if (llvm::Error error = parseDims(sizes))
    return error;
  if (!inputFiles.empty() && inputFiles.size() != info.num_inputs)
    return inputError(input + ": expected " + Twine(info.num_inputs) + " inputs, found " + Twine(inputFiles.size()));
  for (uint64_t i = 0; i != info.num_inputs; ++i) {
    Expected<runtime::Tensor> tensor = runtime::Tensor();
    if (inputFiles.empty()) {
      tensor = makeRandomInput(info.inputs[i], sizes);
    } else {
      Expected<npy::Array> array = readArray(inputFiles[i]);
      if (!array)
        return array.takeError();
      tensor = makeTensor(*array, info.inputs[i], inputFiles[i]);
    }
    if (!tensor)
      return tensor.takeError();
    inputs.push_back(std::move(*tensor));
  }
  return llvm::Error::success();
}

/// Times of runs in milliseconds, sorted.
static Expected<std::vector<double>> measure(const runtime::Model &model, const std::vector<runtime::Tensor> &inputs) {
  constexpr int warmUps = 2, minRuns = 10, maxRuns = 100000;
  std::vector<double> times;
  std::vector<runtime::Tensor> outputs;
  Progress progress("measuring (percent of the time)", 100);
  auto start = Clock::now();
  for (int i = -warmUps; i < maxRuns; ++i) {
    auto before = Clock::now();
    if (llvm::Error error = runModel(model, input, inputs, outputs))
      return error;
    auto after = Clock::now();
    std::chrono::duration<double> elapsed = after - start;
    if (i >= 0)
      times.push_back(std::chrono::duration<double>(after - before).count() * 1e3);
    if (i + 1 >= minRuns && elapsed.count() >= seconds)
      break;
    progress.advance(std::min(99.0, elapsed.count() / seconds * 100));
  }
  llvm::sort(times);
  return times;
}

static llvm::Error runBench() {
  auto model = openModelApart(input);
  if (!model)
    return model.takeError();
  int64_t before = getResidentBytes();
  std::vector<runtime::Tensor> inputs;
  if (llvm::Error error = makeInputs((*model)->getInfo(), inputs))
    return error;
  (*model)->setThreads(threads);
  auto times = measure(**model, inputs);
  if (!times)
    return times.takeError();
  int64_t resident = std::max<int64_t>(getResidentBytes() - before, 0);
  auto quantile = [&](double q) { return (*times)[size_t(q * (times->size() - 1))]; };
  uint64_t weights = (*model)->getInfo().weight_bytes;
  if (asJSON) {
    outs() << json::Value(json::Object{{"median_ms", quantile(0.5)},
                                       {"p10_ms", quantile(0.1)},
                                       {"p90_ms", quantile(0.9)},
                                       {"runs", int64_t(times->size())},
                                       {"threads", int64_t(threads)},
                                       {"resident_bytes", resident},
                                       {"weight_bytes", int64_t(weights)}})
           << "\n";
    return llvm::Error::success();
  }
  outs() << "latency: " << format("%.4g", quantile(0.5)) << " ms (10 % below " << format("%.4g", quantile(0.1))
         << ", 90 % below " << format("%.4g", quantile(0.9)) << ", " << times->size() << " runs, " << threads
         << (threads == 1 ? " thread)\n" : " threads)\n");
  outs() << "memory: " << format("%.2f", resident / 1048576.0) << " MiB resident for the model, "
         << format("%.2f", weights / 1048576.0) << " MiB of it weights\n";
  return llvm::Error::success();
}
