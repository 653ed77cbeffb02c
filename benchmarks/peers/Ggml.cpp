// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Matrix products of llama.cpp's ggml: y[M, N] = x[M, K] * w[N, K]^T, w quantized here to one of its formats. Weights
// lie in the buffer type CPU_REPACK where the format has a repacked kernel; elsewhere its fast paths are not used.

#include <chrono>
#include <cstdint>
#include <cstring>
#include <ggml-alloc.h>
#include <ggml-backend.h>
#include <ggml-cpu.h>
#include <ggml.h>
#include <memory>
#include <string>
#include <vector>

namespace {
struct Product {
  ggml_backend_t backend = nullptr;
  ggml_context *weights = nullptr, *context = nullptr;
  ggml_backend_buffer_t weightBuffer = nullptr, buffer = nullptr;
  ggml_cgraph *graph = nullptr;
  ggml_tensor *result = nullptr;

  ~Product() {
    ggml_backend_buffer_free(buffer);
    ggml_backend_buffer_free(weightBuffer);
    ggml_free(context);
    ggml_free(weights);
    ggml_backend_free(backend);
  }
};
} // namespace

static ggml_backend_buffer_type_t findBufferType(const std::string &type) {
  ggml_backend_buffer_type_t plain = ggml_backend_cpu_buffer_type();
  if (type == "q8_0")
    return plain;
  ggml_backend_reg_t registry = ggml_backend_cpu_reg();
  auto get = reinterpret_cast<ggml_backend_dev_get_extra_bufts_t>(
      ggml_backend_reg_get_proc_address(registry, "ggml_backend_dev_get_extra_bufts"));
  if (!get)
    return plain;
  for (ggml_backend_buffer_type_t *each = get(ggml_backend_reg_dev_get(registry, 0)); each && *each; ++each)
    if (!std::strcmp(ggml_backend_buft_name(*each), "CPU_REPACK"))
      return *each;
  return plain;
}

static ggml_type findType(const std::string &name) {
  for (int type = 0; type < GGML_TYPE_COUNT; ++type)
    if (const char *each = ggml_type_name(static_cast<ggml_type>(type)); each && each == name)
      return static_cast<ggml_type>(type);
  return GGML_TYPE_COUNT;
}

static ggml_context *createContext() {
  return ggml_init({ggml_tensor_overhead() * 16 + ggml_graph_overhead(), nullptr, /*no_alloc=*/true});
}

extern "C" {

/// Null if the format or the sizes are not possible.
void *condense_bench_ggml_create(const char *name, int64_t m, int64_t n, int64_t k, const float *weights,
                                 const float *x, int threads) {
  ggml_type type = findType(name);
  if (type == GGML_TYPE_COUNT || k % ggml_blck_size(type) != 0)
    return nullptr;
  ggml_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
  auto product = std::make_unique<Product>();
  product->backend = ggml_backend_cpu_init();
  ggml_backend_cpu_set_n_threads(product->backend, threads);
  product->weights = createContext();
  product->context = createContext();
  ggml_tensor *w = ggml_new_tensor_2d(product->weights, type, k, n);
  product->weightBuffer = ggml_backend_alloc_ctx_tensors_from_buft(product->weights, findBufferType(name));
  ggml_tensor *input = ggml_new_tensor_2d(product->context, GGML_TYPE_F32, k, m);
  product->result = ggml_mul_mat(product->context, w, input);
  product->buffer = ggml_backend_alloc_ctx_tensors_from_buft(product->context, ggml_backend_cpu_buffer_type());
  if (!product->weightBuffer || !product->buffer)
    return nullptr;
  std::vector<char> codes(ggml_nbytes(w));
  ggml_quantize_chunk(type, weights, codes.data(), 0, n, k, nullptr);
  ggml_backend_tensor_set(w, codes.data(), 0, codes.size());
  ggml_backend_tensor_set(input, x, 0, ggml_nbytes(input));
  product->graph = ggml_new_graph(product->context);
  ggml_build_forward_expand(product->graph, product->result);
  return product.release();
}

/// Mean seconds of `count` products, the last of which is copied to `y`; negative after an error.
double condense_bench_ggml_run(void *handle, float *y, int64_t count) {
  auto *product = static_cast<Product *>(handle);
  auto start = std::chrono::steady_clock::now();
  for (int64_t i = 0; i < count; ++i)
    if (ggml_backend_graph_compute(product->backend, product->graph) != GGML_STATUS_SUCCESS)
      return -1;
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  ggml_backend_tensor_get(product->result, y, 0, ggml_nbytes(product->result));
  return seconds / double(count);
}

void condense_bench_ggml_free(void *handle) { delete static_cast<Product *>(handle); }

const char *condense_bench_ggml_version() { return ggml_version(); }
}
