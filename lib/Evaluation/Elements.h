// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Elements of a runtime type as doubles.

#ifndef CONDENSE_LIB_EVALUATION_ELEMENTS_H
#define CONDENSE_LIB_EVALUATION_ELEMENTS_H

#include <cstddef>
#include <cstdint>

namespace condense::evaluation {

/// True for the integer types and bool.
bool isInteger(int32_t dtype);

/// Converts `value`, floats by rounding to nearest even. Returns false if
/// `dtype` is an integer type that cannot hold it exactly.
bool storeElement(int32_t dtype, double value, std::byte *target);

} // namespace condense::evaluation

#endif // CONDENSE_LIB_EVALUATION_ELEMENTS_H
