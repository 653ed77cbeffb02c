// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Low-rank factorization by the eigenvectors of W G W^T.
//
// A tall W is first reduced to the square R of its QR decomposition: the eigenvectors of W G W^T
// are Q times those of R G R^T. All is computed in f64; only the results are rounded.

#include "condense/Numerics/LowRank.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

using namespace condense::numerics;

namespace {
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::ColMajor>;
using RowMajorF32 = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
} // namespace

static bool isFinite(std::span<const float> values) {
  return std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); });
}

static Matrix toMatrix(int64_t rows, int64_t columns, std::span<const float> values) {
  return Eigen::Map<const RowMajorF32>(values.data(), rows, columns).cast<double>();
}

static std::vector<float> toVector(const Matrix &matrix) {
  std::vector<float> values(matrix.size());
  Eigen::Map<RowMajorF32>(values.data(), matrix.rows(), matrix.cols()) = matrix.cast<float>();
  return values;
}

/// The mean of the diagonal; 0 for an empty matrix.
static double getMeanDiagonal(int64_t columns, std::span<const float> gram) {
  double sum = 0;
  for (int64_t i = 0; i < columns && !gram.empty(); ++i)
    sum += gram[i * columns + i];
  return sum / static_cast<double>(columns);
}

/// G + added I.
static Matrix toDampened(int64_t columns, std::span<const float> gram, double added) {
  Matrix dampened = toMatrix(columns, columns, gram);
  dampened.diagonal().array() += added;
  return dampened;
}

/// W (G + added I) W^T, or W W^T.
static Matrix getOutputGram(const Matrix &weight, std::span<const float> gram, double added) {
  if (gram.empty())
    return weight * weight.transpose();
  Matrix product = weight * toDampened(weight.cols(), gram, added);
  return product * weight.transpose();
}

/// Makes the largest element of each column of `left` positive, the first one of equals; the same columns
/// of `basis` follow.
static void fixSigns(Matrix &left, Matrix &basis) {
  for (Eigen::Index column = 0; column < left.cols(); ++column) {
    Eigen::Index largest = 0;
    left.col(column).cwiseAbs().maxCoeff(&largest);
    if (left(largest, column) >= 0)
      continue;
    left.col(column) *= -1;
    basis.col(column) *= -1;
  }
}

std::optional<LowRank> LowRank::compute(int64_t rows, int64_t columns, std::span<const float> weight,
                                        std::span<const float> gram, double damping) {
  if (rows < 1 || columns < 1 || !isFinite(weight) || !isFinite(gram))
    return std::nullopt;
  LowRank result;
  result.rows = rows;
  result.columns = columns;
  Matrix w = toMatrix(rows, columns, weight), q;
  if (rows > columns) {
    Eigen::HouseholderQR<Matrix> qr(w);
    q = qr.householderQ() * Matrix::Identity(rows, columns);
    w = qr.matrixQR().topRows(columns).triangularView<Eigen::Upper>();
  }
  double mean = getMeanDiagonal(columns, gram);
  // Without any activation all directions count the same.
  if (mean <= 0)
    gram = {};
  double added = damping * mean;
  Eigen::SelfAdjointEigenSolver<Matrix> solver(getOutputGram(w, gram, added));
  if (solver.info() != Eigen::Success)
    return std::nullopt;
  // Eigenvalues ascend; rounding may leave small negative ones.
  int64_t rank = w.rows();
  Matrix basis = solver.eigenvectors().rowwise().reverse();
  Matrix left = q.size() ? Matrix(q * basis) : basis;
  fixSigns(left, basis);
  Matrix right = basis.transpose() * w;
  // What the damping added is not part of the output.
  result.energies.resize(rank);
  for (int64_t i = 0; i < rank; ++i)
    result.energies[i] = std::max(solver.eigenvalues()[rank - 1 - i] - added * right.row(i).squaredNorm(), 0.0);
  result.right = toVector(right);
  result.left = toVector(left);
  return result;
}

double LowRank::getRelativeError(int64_t rank) const {
  double lost = 0, kept = 0;
  for (int64_t i = getFullRank() - 1; i >= 0; --i)
    (i >= rank ? lost : kept) += energies[i];
  return lost > 0 ? std::sqrt(lost / (lost + kept)) : 0;
}

int64_t LowRank::getRankByError(double error) const {
  double total = 0, lost = 0;
  for (int64_t i = getFullRank() - 1; i >= 0; --i)
    total += energies[i];
  for (int64_t rank = getFullRank(); rank > 1; --rank) {
    lost += energies[rank - 1];
    if (lost > error * error * total)
      return rank;
  }
  return 1;
}

int64_t LowRank::getRankByEnergy(double energy) const { return getRankByError(std::sqrt(std::max(1 - energy, 0.0))); }

LowRankFactors LowRank::cut(int64_t rank) const {
  LowRankFactors factors;
  factors.rank = rank;
  factors.left.resize(rows * rank);
  for (int64_t row = 0; row < rows; ++row)
    std::copy_n(left.begin() + row * getFullRank(), rank, factors.left.begin() + row * rank);
  factors.right.assign(right.begin(), right.begin() + rank * columns);
  return factors;
}

int64_t condense::numerics::getRankByRatio(double ratio, int64_t dense, int64_t perRank) {
  // The tolerance keeps a ratio that was computed from a rank at that rank.
  return static_cast<int64_t>(std::floor(ratio * static_cast<double>(dense) / static_cast<double>(perRank) + 1e-9));
}

double condense::numerics::getOutputError(int64_t rows, int64_t columns, std::span<const float> weight,
                                          std::span<const float> approximation, std::span<const float> gram) {
  Matrix exact = toMatrix(rows, columns, weight);
  Matrix error = exact - toMatrix(rows, columns, approximation);
  auto getNorm = [&](const Matrix &matrix) {
    if (gram.empty())
      return matrix.squaredNorm();
    Matrix product = matrix * toMatrix(columns, columns, gram);
    return std::max(product.cwiseProduct(matrix).sum(), 0.0);
  };
  double norm = getNorm(exact);
  return norm > 0 ? std::sqrt(getNorm(error) / norm) : 0;
}

void condense::numerics::addProduct(int64_t rows, int64_t rank, int64_t columns, double scale,
                                    std::span<const float> left, std::span<const float> right,
                                    std::span<float> weight) {
  Matrix product = toMatrix(rows, rank, left) * toMatrix(rank, columns, right);
  Eigen::Map<RowMajorF32> target(weight.data(), rows, columns);
  target = (target.cast<double>() + scale * product).cast<float>();
}

std::vector<float> condense::numerics::fitCoefficients(int64_t rows, int64_t columns, std::span<const float> weight,
                                                       int64_t rank, std::span<const float> basis,
                                                       std::span<const float> gram, double damping) {
  Matrix w = toMatrix(rows, columns, weight), b = toMatrix(rank, columns, basis), product = b;
  double mean = getMeanDiagonal(columns, gram);
  if (mean > 0)
    product = b * toDampened(columns, gram, damping * mean);
  Matrix normal = product * b.transpose();
  // Rows of a basis may be zero or alike.
  double scale = normal.trace() / static_cast<double>(rank);
  normal.diagonal().array() += scale > 0 ? 1e-12 * scale : 1.0;
  Matrix right = product * w.transpose();
  return toVector(normal.ldlt().solve(right).transpose());
}

/// Calls `visit(kernel index, matrix index)` for each element.
template <typename Visit> static void forEachKernelElement(const KernelShape &shape, Visit visit) {
  int64_t index = 0, columns = shape.outer * shape.inner;
  for (int64_t o = 0; o < shape.outputs; ++o)
    for (int64_t p = 0; p < shape.outer; ++p)
      for (int64_t x = 0; x < shape.width; ++x)
        for (int64_t s = 0; s < shape.inner; ++s)
          visit(index++, (o * shape.width + x) * columns + p * shape.inner + s);
}

std::vector<float> condense::numerics::toSpatialMatrix(const KernelShape &shape, std::span<const float> kernel) {
  std::vector<float> matrix(kernel.size());
  forEachKernelElement(shape, [&](int64_t from, int64_t to) { matrix[to] = kernel[from]; });
  return matrix;
}

std::vector<float> condense::numerics::fromSpatialMatrix(const KernelShape &shape, std::span<const float> matrix) {
  std::vector<float> kernel(matrix.size());
  forEachKernelElement(shape, [&](int64_t to, int64_t from) { kernel[to] = matrix[from]; });
  return kernel;
}

std::vector<float> condense::numerics::toSpatialGram(const KernelShape &shape, std::span<const float> gram) {
  auto [outputs, outer, width, inner] = shape;
  int64_t size = outer * inner, columns = size * width;
  // The place of column [p, s] in [p, x, s].
  auto getPlace = [&](int64_t column, int64_t x) { return (column / inner * width + x) * inner + column % inner; };
  std::vector<float> result(size * size);
  for (int64_t i = 0; i < size; ++i)
    for (int64_t j = 0; j < size; ++j) {
      double sum = 0;
      for (int64_t x = 0; x < width; ++x)
        sum += gram[getPlace(i, x) * columns + getPlace(j, x)];
      result[i * size + j] = static_cast<float>(sum);
    }
  return result;
}
