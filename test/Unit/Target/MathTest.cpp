// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Compiled elementary functions against the C library, over the whole range of f32.

#include "TestCompiler.h"
#include <cmath>
#include <limits>

using namespace condense;
using namespace condense::test;

static std::vector<float> samples() {
  const float inf = std::numeric_limits<float>::infinity();
  std::vector<float> result = {0.0f,   -0.0f,   1.0f,     -1.0f, 0.5f, 88.5f,
                               -87.0f, -103.0f, 1.2e-38f, inf,   -inf, std::numeric_limits<float>::quiet_NaN()};
  for (float magnitude = 1e-30f; magnitude < 1e30f; magnitude *= 1.37f) {
    result.push_back(magnitude);
    result.push_back(-magnitude);
  }
  for (int i = -400; i <= 400; ++i)
    result.push_back(i * 0.04f);
  return result;
}

static bool isClose(float got, double expected, double relative, double absolute) {
  if (std::isnan(expected))
    return std::isnan(got);
  float rounded = static_cast<float>(expected);
  if (std::isinf(rounded) || std::isinf(got))
    return got == rounded;
  return std::fabs(got - expected) <= relative * std::fabs(expected) + absolute;
}

static void check(const char *op, double (*reference)(double), double relative, double absolute) {
  std::vector<float> in = samples();
  std::string type = "tensor<" + std::to_string(in.size()) + "xf32>";
  TestCompiler compiler;
  auto model = compiler.compile("func.func @main(%a: " + type + ") -> " + type + " {\n%e = tensor.empty() : " + type +
                                "\n%0 = linalg.map { " + op + " } ins(%a : " + type + ") outs(%e : " + type +
                                ")\nreturn %0 : " + type + "\n}");
  ASSERT_TRUE(model) << compiler.errors;
  std::vector<float> out = values<float>(run(*model, {tensor<float>({int64_t(in.size())}, in)})[0]);
  for (size_t i = 0; i < in.size(); ++i)
    EXPECT_TRUE(isClose(out[i], reference(in[i]), relative, absolute))
        << op << "(" << in[i] << ") = " << out[i] << ", expected " << reference(in[i]);
}

// the smallest normal number: results below it may be flushed to 0
static const double tiny = 1.2e-38;

TEST(Math, Exp) { check("math.exp", std::exp, 1e-6, tiny); }
TEST(Math, ExpM1) { check("math.expm1", std::expm1, 1e-5, tiny); }
TEST(Math, Log) { check("math.log", std::log, 1e-6, 1e-7); }
TEST(Math, Log1p) { check("math.log1p", std::log1p, 1e-5, tiny); }
TEST(Math, Tanh) { check("math.tanh", std::tanh, 1e-5, tiny); }
TEST(Math, Erf) { check("math.erf", std::erf, 1e-5, tiny); }
TEST(Math, Sin) { check("math.sin", std::sin, 1e-6, 1e-7); }
TEST(Math, Cos) { check("math.cos", std::cos, 1e-6, 1e-7); }
TEST(Math, Sinh) { check("math.sinh", std::sinh, 1e-6, tiny); }
TEST(Math, Atan) { check("math.atan", std::atan, 1e-6, tiny); }
TEST(Math, Cbrt) { check("math.cbrt", std::cbrt, 1e-6, tiny); }
TEST(Math, Sqrt) { check("math.sqrt", std::sqrt, 1e-6, tiny); }
TEST(Math, Rsqrt) {
  check("math.rsqrt", [](double x) { return 1 / std::sqrt(x); }, 1e-6, tiny);
}
TEST(Math, Floor) { check("math.floor", std::floor, 0, 0); }
TEST(Math, RoundEven) { check("math.roundeven", std::nearbyint, 0, 0); }
TEST(Math, Round) { check("math.round", std::round, 0, 0); }
