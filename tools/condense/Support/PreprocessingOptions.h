// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The options --scale, --mean, --std and --layout of eval and compress.

#ifndef CONDENSE_TOOLS_CONDENSE_SUPPORT_PREPROCESSINGOPTIONS_H
#define CONDENSE_TOOLS_CONDENSE_SUPPORT_PREPROCESSINGOPTIONS_H

#include "Command.h"
#include "condense/Evaluation/Preprocessing.h"

namespace condense::tool {

class PreprocessingOptions {
public:
  explicit PreprocessingOptions(Command &command)
      : scale(command, "scale", llvm::cl::init(1.0), llvm::cl::desc("Divide samples by this first (default: 1)")),
        mean(command, "mean", llvm::cl::CommaSeparated, llvm::cl::value_desc("m,..."),
             llvm::cl::desc("Then subtract: one number, or one for each index "
                            "of a sample's last dimension")),
        deviation(command, "std", llvm::cl::CommaSeparated, llvm::cl::value_desc("s,..."),
                  llvm::cl::desc("Then divide: input = (x / scale - mean) / std")),
        layout(command, "layout", llvm::cl::init(Layout::AsIs), llvm::cl::desc("Layout of the model's input:"),
               llvm::cl::values(clEnumValN(Layout::AsIs, "nhwc", "as in the samples"),
                                clEnumValN(Layout::NCHW, "nchw",
                                           "samples [height, width, channels] are "
                                           "transposed after the above"))) {}

  evaluation::Preprocessing get() const {
    return {scale, std::vector<double>(mean.begin(), mean.end()),
            std::vector<double>(deviation.begin(), deviation.end()), layout == Layout::NCHW};
  }

private:
  enum class Layout { AsIs, NCHW };

  Option<double> scale;
  ListOption<double> mean, deviation;
  Option<Layout> layout;
};

} // namespace condense::tool

#endif // CONDENSE_TOOLS_CONDENSE_SUPPORT_PREPROCESSINGOPTIONS_H
