// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The report of one run of compress: what the model was before, what it is after.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_RUNREPORT_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_RUNREPORT_H

#include "Command.h"
#include "Grading.h"
#include "PreprocessingOptions.h"
#include "Remarks.h"
#include "condense/IR/HostTensor.h"
#include "condense/Report/Report.h"
#include "mlir/IR/BuiltinOps.h"

namespace condense::tool {

/// The options --report, --evaluate, --labels and --metric of compress.
class ReportOptions {
public:
  explicit ReportOptions(Command &command);

  bool isWanted() const { return !path.empty(); }
  llvm::StringRef getPath() const { return path; }
  /// Refuses what cannot be done, before any work.
  llvm::Error check() const;
  /// Quality of both modules (named by their paths); nothing without --evaluate.
  llvm::Expected<std::optional<report::Quality>> measure(mlir::ModuleOp before, llvm::StringRef beforePath,
                                                         mlir::ModuleOp after, llvm::StringRef afterPath,
                                                         const evaluation::Preprocessing &preprocessing) const;

private:
  enum class Metric { Accuracy, Perplexity };
  llvm::Expected<double> grade(mlir::ModuleOp module, llvm::StringRef path, const GradedSamples &samples,
                               const npy::Array &classes, int64_t &count) const;

  Option<std::string> path, samples, labels;
  Option<Metric> metric;
};

/// Remembers the layers of a model, then compares them with those that it has
/// after passes changed it. The context must outlive this.
class RunRecorder {
public:
  explicit RunRecorder(mlir::ModuleOp before);

  /// The layers of `after` beside those before, in their order, with what
  /// `remarks` say about them.
  void finish(mlir::ModuleOp after, llvm::ArrayRef<CollectedRemark> remarks, report::Run &run);

private:
  struct Original {
    std::string name, op, scheme;
    int64_t bytes;
    std::optional<HostTensor> value;
    mlir::Type type;
  };
  std::vector<Original> originals;
  int64_t bytesBefore = 0;
};

/// Writes runs as JSON if `path` ends with .json (one run), else as HTML.
llvm::Error writeReport(llvm::StringRef path, llvm::ArrayRef<report::Run> runs);

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_RUNREPORT_H
