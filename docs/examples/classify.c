/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Classifies the images of a .npy file with a compiled model.
 *
 *   condense compile small.mlirbc -o model.so              # writes model.h as
 * well cc -I. classify.c -o classify -L. -l:model.so -Wl,-rpath,'$ORIGIN'
 *   ./classify images.npy 16                               # the model's input
 * is image / 16
 *
 * The images are uint8, [count, ...]; the model's first dimension is the batch.
 */

#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Prints what the library says about itself. */
static void describe(const condense_model_info *info) {
  printf("%s for %s, %llu bytes of weights\n", info->producer, info->target_cpu,
         (unsigned long long)info->weight_bytes);
  for (uint64_t i = 0; i < info->num_inputs; ++i)
    printf("input %s, rank %d\n", info->inputs[i].name, (int)info->inputs[i].rank);
  for (uint64_t i = 0; i < info->num_outputs; ++i)
    printf("output %s, rank %d\n", info->outputs[i].name, (int)info->outputs[i].rank);
}

/* Opens a .npy file (version 1) and skips its header. Returns NULL if it is no
 * such file or does not hold uint8 in C order. */
static FILE *open_images(const char *path) {
  unsigned char start[12];
  char header[4096] = {0};
  FILE *file = fopen(path, "rb");
  if (!file || fread(start, 1, 10, file) != 10 || memcmp(start, "\x93NUMPY", 6) != 0)
    return NULL;
  size_t length = start[8] | (size_t)start[9] << 8;
  if (length >= sizeof header || fread(header, 1, length, file) != length)
    return NULL;
  if (!strstr(header, "'|u1'") || !strstr(header, "'fortran_order': False"))
    return NULL;
  return file;
}

static int largest(const float *values, int64_t count) {
  int best = 0;
  for (int64_t i = 1; i < count; ++i)
    if (values[i] > values[best])
      best = (int)i;
  return best;
}

/* Runs the model on one image and prints the class with the largest output. */
static int classify(int index, condense_tensor *input) {
  condense_tensor output;
  if (condense_model_run(input, &output) != CONDENSE_OK) {
    fprintf(stderr, "classify: %s\n", condense_model_last_error());
    return 1;
  }
  printf("image %d: class %d\n", index, largest(output.data, output.shape[output.rank - 1]));
  condense_tensor_free(&output);
  return 0;
}

int main(int argc, char **argv) {
  const condense_model_info *info = condense_model_get_info();
  if (argc != 3 || info->num_inputs != 1 || info->num_outputs != 1) {
    fprintf(stderr, "usage: classify IMAGES.npy SCALE (with a model of one "
                    "input and output)\n");
    return 2;
  }
  if (condense_model_check_cpu() != CONDENSE_OK) {
    fprintf(stderr, "classify: %s\n", condense_model_last_error());
    return 1;
  }
  FILE *file = open_images(argv[1]);
  if (!file) {
    fprintf(stderr, "classify: %s: expected a .npy file of uint8\n", argv[1]);
    return 1;
  }
  describe(info);

  /* A dynamic dimension is -1; here the batch, which becomes 1. */
  condense_tensor input = {NULL, CONDENSE_F32, info->inputs[0].rank, {0}};
  size_t elements = 1;
  for (int32_t i = 0; i < input.rank; ++i) {
    input.shape[i] = info->inputs[0].shape[i] < 0 ? 1 : info->inputs[0].shape[i];
    elements *= (size_t)input.shape[i];
  }
  float *values = malloc(elements * sizeof *values);
  unsigned char *image = malloc(elements);
  input.data = values;

  int status = !values || !image;
  for (int index = 0; !status && fread(image, 1, elements, file) == elements; ++index) {
    for (size_t i = 0; i < elements; ++i)
      values[i] = (float)image[i] / (float)atof(argv[2]);
    status = classify(index, &input);
  }
  free(image);
  free(values);
  fclose(file);
  return status;
}
