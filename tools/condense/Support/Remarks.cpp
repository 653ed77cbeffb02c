// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A remark streamer that keeps what it gets.

#include "Remarks.h"

#include "mlir/IR/Remarks.h"
#include <mutex>

using namespace condense::tool;
using namespace mlir;

namespace {
class Collector : public remark::detail::MLIRRemarkStreamerBase {
public:
  explicit Collector(std::vector<CollectedRemark> &remarks) : remarks(remarks) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    std::string text;
    for (const auto &arg : remark.getArgs()) {
      bool isText = arg.key == "Remark" || arg.key == "Reason";
      text += (text.empty() ? "" : ", ") + (isText ? arg.val : arg.key + " " + arg.val);
    }
    bool isMissed = remark.getRemarkType() == llvm::remarks::Type::Missed;
    // Passes may run on several functions at once.
    std::lock_guard<std::mutex> lock(mutex);
    remarks.push_back({remark.getFunction().str(), text, isMissed});
  }

private:
  std::vector<CollectedRemark> &remarks;
  std::mutex mutex;
};
} // namespace

void condense::tool::collectRemarks(MLIRContext &context, std::vector<CollectedRemark> &remarks) {
  remark::RemarkCategories categories;
  categories.passed = categories.missed = "compress";
  // Fails only if the context has remarks enabled already.
  (void)remark::enableOptimizationRemarks(context, std::make_unique<Collector>(remarks),
                                          std::make_unique<remark::RemarkEmittingPolicyAll>(), categories);
}
