// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// condense report RUN.json... -o PAGE.html: several runs of compress side by side.

#include "Support/Command.h"
#include "Support/RunReport.h"
#include "Support/ToolError.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace condense;
using namespace condense::tool;
using namespace llvm;

static llvm::Error runReport();

static Command command("report", "Show several runs of compress side by side", runReport);
static ListOption<std::string> inputs(command, cl::Positional, cl::OneOrMore, cl::desc("<run.json>..."));
static Option<std::string> output(command, "o", cl::Required, cl::value_desc("file.html"), cl::desc("The page"));

static Expected<report::Run> readRun(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path);
  if (!buffer)
    return ioError(path + ": cannot read: " + buffer.getError().message());
  Expected<json::Value> value = json::parse((*buffer)->getBuffer());
  if (!value)
    return inputError(path + ": not JSON: " + toString(value.takeError()));
  Expected<report::Run> run = report::fromJSON(*value);
  if (!run)
    return inputError(path +
                      ": not a report that 'condense compress --report "
                      "run.json' wrote: " +
                      toString(run.takeError()));
  return run;
}

static llvm::Error runReport() {
  if (StringRef(output).ends_with(".json"))
    return usageError("-o: expected the name of a page, such as report.html");
  std::vector<report::Run> runs;
  for (const std::string &path : inputs) {
    Expected<report::Run> run = readRun(path);
    if (!run)
      return run.takeError();
    runs.push_back(std::move(*run));
  }
  return writeReport(output, runs);
}
