//===- BodyChecker.h - Names and order in one ONNX graph --------*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef CONDENSE_LIB_IMPORT_ONNX_READER_BODYCHECKER_H
#define CONDENSE_LIB_IMPORT_ONNX_READER_BODYCHECKER_H

#include "ReaderContext.h"

namespace condense::onnx {

/// A graph or a function body, as far as names go.
struct Body {
  std::string where;
  std::vector<std::string_view> inputs;
  std::vector<std::string_view> outputs;
  const std::vector<Tensor> *initializers = nullptr;
  std::vector<Node> *nodes = nullptr;
  /// Attributes that a function body may refer to; null outside functions.
  const std::vector<std::string> *functionAttributes = nullptr;
};

/// `graph` seen as a body; the result refers to it.
Body makeBody(Graph &graph, std::string where);

/// Checks single assignment and definedness in `body` and its subgraphs, and
/// sorts the nodes so that producers come first.
bool checkBody(ReaderContext &context, const Body &body);

} // namespace condense::onnx

#endif // CONDENSE_LIB_IMPORT_ONNX_READER_BODYCHECKER_H
