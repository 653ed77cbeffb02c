// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How single operations carry channels from operands to results and back.

#ifndef CONDENSE_LIB_ANALYSIS_CHANNELOPS_H
#define CONDENSE_LIB_ANALYSIS_CHANNELOPS_H

#include "condense/Analysis/ChannelMap.h"
#include "condense/Dialect/NN/IR/NN.h"

namespace condense {

/// Whether an operation of one tensor commutes with a positive scale per channel. `map`
/// is that of the operand or of the result.
bool keepsChannels(mlir::Operation *op, const ChannelMap &map);

/// For these operations: the map of the operand from that of the result, and the
/// reverse. Nothing where channels are not kept whole.
std::optional<ChannelMap> mapBack(mlir::Operation *op, const ChannelMap &map);
std::optional<ChannelMap> mapForward(mlir::Operation *op, const ChannelMap &map);

/// The map of the right factor of a product of matrices from that of the result.
std::optional<ChannelMap> mapRightFactor(nn::MatmulOp op, const ChannelMap &map);

} // namespace condense

#endif // CONDENSE_LIB_ANALYSIS_CHANNELOPS_H
