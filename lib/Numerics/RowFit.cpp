// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Updates of an inverse by one row and column (the bordering method), and what they do to
// the solution.

#include "RowFit.h"

#include "condense/Numerics/MatrixProduct.h"
#include <cassert>
#include <cmath>

using namespace condense::numerics;

RowFit::RowFit(std::span<const float> gram, double damping, std::span<const float> row, int64_t capacity)
    : gram(gram), original(row), damping(damping), columns(row.size()), capacity(capacity), slots(columns, -1),
      inverse(capacity * capacity), difference(row.begin(), row.end()), buffer(capacity) {
  for (int64_t i = 0; i < columns; ++i) {
    double sum = damping * row[i];
    for (int64_t j = 0; j < columns; ++j)
      sum += static_cast<double>(gram[i * columns + j]) * row[j];
    error += sum * row[i];
  }
}

bool RowFit::add(int64_t column) {
  assert(!isActive(column) && static_cast<int64_t>(active.size()) < capacity);
  int64_t size = active.size();
  const float *h = gram.data() + column * columns;
  // p = inverse * h, the combination of the active columns that is nearest to the new one.
  std::fill(buffer.begin(), buffer.end(), 0.0);
  for (int64_t slot = 0; slot < size; ++slot)
    subtractScaled(size, -static_cast<double>(h[active[slot]]), getRow(slot), buffer.data());
  double pivot = h[column] + damping, gradient = damping * difference[column];
  double smallest = 1e-12 * pivot;
  for (int64_t slot = 0; slot < size; ++slot)
    pivot -= buffer[slot] * h[active[slot]];
  if (!(pivot > smallest) || !std::isfinite(pivot))
    return false;
  for (int64_t i = 0; i < columns; ++i)
    gradient += h[i] * difference[i];

  double value = gradient / pivot;
  for (int64_t slot = 0; slot < size; ++slot) {
    subtractScaled(size, -buffer[slot] / pivot, buffer.data(), getRow(slot));
    getRow(slot)[size] = getRow(size)[slot] = -buffer[slot] / pivot;
    difference[active[slot]] += value * buffer[slot];
  }
  getRow(size)[size] = 1 / pivot;
  difference[column] -= value;
  error -= gradient * value;
  slots[column] = size;
  active.push_back(column);
  return true;
}

double RowFit::getCost(int64_t column) const {
  int64_t slot = slots[column];
  double value = getValue(column);
  return value * value / inverse[slot * capacity + slot];
}

void RowFit::remove(int64_t column) {
  int64_t slot = slots[column], size = active.size(), last = size - 1;
  double *row = getRow(slot), value = getValue(column), diagonal = row[slot];
  error += value * value / diagonal;
  std::copy(row, row + size, buffer.begin());
  for (int64_t i = 0; i < size; ++i) {
    difference[active[i]] += value / diagonal * buffer[i];
    if (i != slot)
      subtractScaled(size, buffer[i] / diagonal, buffer.data(), getRow(i));
  }
  difference[column] = original[column];
  // The last slot moves to the free one.
  if (slot != last) {
    std::copy(getRow(last), getRow(last) + size, row);
    for (int64_t i = 0; i < last; ++i)
      getRow(i)[slot] = i == slot ? getRow(last)[last] : getRow(i)[last];
    active[slot] = active[last];
    slots[active[slot]] = slot;
  }
  active.pop_back();
  slots[column] = -1;
}
