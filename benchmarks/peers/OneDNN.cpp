// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Matrix products of oneDNN 3: y[M, N] = x[M, K] * w[N, K]^T in f32, or with 8-bit x and w scaled to f32 per column.
// The weights are reordered once, into the layout that the library asks for; x and y are plain.

#include <chrono>
#include <cstring>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>

using namespace dnnl;

namespace {
struct Product {
  engine cpu{engine::kind::cpu, 0};
  stream queue{cpu};
  matmul primitive;
  std::unordered_map<int, memory> arguments;
};
} // namespace

using DataType = memory::data_type;

static memory makeWeights(Product &product, const memory::desc &wanted, const void *data, DataType type, int64_t n,
                          int64_t k) {
  memory plain({{k, n}, type, memory::format_tag::ba}, product.cpu, const_cast<void *>(data));
  memory packed(wanted, product.cpu);
  reorder(plain, packed).execute(product.queue, plain, packed);
  product.queue.wait();
  return packed;
}

/// `scales` (of 8-bit operands only): n factors of the columns.
static std::unique_ptr<Product> create(DataType input, int64_t m, int64_t n, int64_t k, const void *weights,
                                       const float *scales) {
  auto product = std::make_unique<Product>();
  DataType weightType = input == DataType::f32 ? DataType::f32 : DataType::s8;
  memory::desc x({m, k}, input, memory::format_tag::ab), y({m, n}, DataType::f32, memory::format_tag::ab);
  primitive_attr attributes;
  if (scales)
    attributes.set_scales_mask(DNNL_ARG_WEIGHTS, 1 << 1);
  matmul::primitive_desc description(product->cpu, x, {{k, n}, weightType, memory::format_tag::any}, y, attributes);
  product->primitive = matmul(description);
  product->arguments = {
      {DNNL_ARG_SRC, memory(x, product->cpu, nullptr)},
      {DNNL_ARG_WEIGHTS, makeWeights(*product, description.weights_desc(), weights, weightType, n, k)},
      {DNNL_ARG_DST, memory(y, product->cpu, nullptr)}};
  if (scales) {
    memory factors({{n}, DataType::f32, memory::format_tag::a}, product->cpu);
    std::memcpy(factors.get_data_handle(), scales, sizeof(float) * n);
    product->arguments.insert({DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS, factors});
  }
  return product;
}

extern "C" {

/// `input`: "f32", "u8" or "s8". Null if the library cannot.
void *condense_bench_onednn_create(const char *input, int64_t m, int64_t n, int64_t k, const void *weights,
                                   const float *scales) try {
  DataType type = !std::strcmp(input, "f32") ? DataType::f32 : !std::strcmp(input, "u8") ? DataType::u8 : DataType::s8;
  return create(type, m, n, k, weights, scales).release();
} catch (const error &) {
  return nullptr;
}

/// Mean seconds of `count` products, negative after an error.
double condense_bench_onednn_run(void *handle, void *x, void *y, int64_t count) try {
  auto *product = static_cast<Product *>(handle);
  product->arguments.at(DNNL_ARG_SRC).set_data_handle(x);
  product->arguments.at(DNNL_ARG_DST).set_data_handle(y);
  auto start = std::chrono::steady_clock::now();
  for (int64_t i = 0; i < count; ++i) {
    product->primitive.execute(product->queue, product->arguments);
    product->queue.wait();
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / double(count);
} catch (const error &) {
  return -1;
}

void condense_bench_onednn_free(void *handle) { delete static_cast<Product *>(handle); }

/// For example 3002000.
int condense_bench_onednn_version() {
  const dnnl_version_t *version = dnnl_version();
  return version->major * 1000000 + version->minor * 1000 + version->patch;
}
}
