// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the lowerings of attention share.

#ifndef CONDENSE_LIB_CONVERSION_NNTOLINALG_ATTENTION_H
#define CONDENSE_LIB_CONVERSION_NNTOLINALG_ATTENTION_H

#include "Structured.h"

namespace condense::nn::lowering {

/// What the maximum of the scores starts from: finite, so that no key at all gives weights of exp(-inf) = 0.
double getLowestScore(Type type);

/// The score of a query for a key, of which `query` and `key` are the positions. `mask` may be null.
Value createScore(ImplicitLocOpBuilder &in, AttentionOp op, Value product, Value mask, Value query, Value key);

/// A sum of 0 (of no key) divides products that are 0.
Value divideBySum(ImplicitLocOpBuilder &in, Value product, Value sum);

/// The mask, of which only dimensions of static size 1 stretch; null if there is none.
Value prepareMask(ImplicitLocOpBuilder &b, AttentionOp op, AttentionOp::Adaptor adaptor);

/// Lowers attention by blocks of `block` queries, of which only one has its scores in memory. Preferred to the
/// reference.
void populateAttentionBlockPatterns(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns,
                                    int64_t block);

} // namespace condense::nn::lowering

#endif // CONDENSE_LIB_CONVERSION_NNTOLINALG_ATTENTION_H
