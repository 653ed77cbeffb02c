// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The range of an activation by the divergence of its distribution.

#ifndef CONDENSE_LIB_NUMERICS_ENTROPYRANGE_H
#define CONDENSE_LIB_NUMERICS_ENTROPYRANGE_H

#include "condense/Numerics/RangeObserver.h"

namespace condense::numerics {

/// The part of `extremes` within [-T, T] for the T at which the distribution of
/// codes diverges least from that of the values.
Range getLeastDivergence(const Histogram &histogram, const Range &extremes, const CodeFormat &format);

} // namespace condense::numerics

#endif // CONDENSE_LIB_NUMERICS_ENTROPYRANGE_H
