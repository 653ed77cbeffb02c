// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Summaries of weights, and reports as JSON and HTML.

#include "condense/Report/Report.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/bit.h"
#include <cmath>

using namespace condense::report;
using namespace llvm;

/// More different values than this are "many".
static constexpr size_t kMaxDistinct = 4096;

Weight condense::report::summarize(ArrayRef<float> values, double low, double high, int bins) {
  Weight weight;
  weight.elements = values.size();
  weight.histogram.resize(bins);
  DenseSet<uint32_t> distinct;
  double sum = 0, squares = 0;
  if (!values.empty())
    weight.low = weight.high = values.front();
  for (float value : values) {
    weight.zeros += value == 0;
    weight.low = std::min<double>(weight.low, value);
    weight.high = std::max<double>(weight.high, value);
    sum += value;
    squares += static_cast<double>(value) * value;
    // the two largest keys belong to the set; as numbers they are NaN
    if (distinct.size() <= kMaxDistinct && !std::isnan(value))
      distinct.insert(llvm::bit_cast<uint32_t>(value == 0 ? 0.0f : value));
    double place = high > low ? (value - low) / (high - low) * bins : 0;
    ++weight.histogram[std::clamp<int64_t>(std::isfinite(place) ? static_cast<int64_t>(place) : 0, 0, bins - 1)];
  }
  weight.distinct = distinct.size() <= kMaxDistinct ? distinct.size() : 0;
  if (double count = values.size(); count > 0)
    weight.deviation = std::sqrt(std::max(0.0, squares / count - (sum / count) * (sum / count)));
  return weight;
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static json::Value toJSON(const Weight &weight) {
  return json::Object{{"shape", json::Array(weight.shape)},
                      {"scheme", json::fixUTF8(weight.scheme)},
                      {"bytes", weight.bytes},
                      {"elements", weight.elements},
                      {"zeros", weight.zeros},
                      {"distinct", weight.distinct},
                      {"low", weight.low},
                      {"high", weight.high},
                      {"deviation", weight.deviation},
                      {"histogram", json::Array(weight.histogram)}};
}

static json::Value toJSON(const Layer &layer) {
  json::Array decisions;
  for (const Decision &decision : layer.decisions)
    decisions.push_back(json::Object{{"text", json::fixUTF8(decision.text)}, {"missed", decision.isMissed}});
  json::Object object{{"name", json::fixUTF8(layer.name)},
                      {"op", layer.op},
                      {"histogram_low", layer.histogramLow},
                      {"histogram_high", layer.histogramHigh},
                      {"decisions", std::move(decisions)}};
  if (layer.before)
    object["before"] = toJSON(*layer.before);
  if (layer.after)
    object["after"] = toJSON(*layer.after);
  if (layer.relativeError)
    object["relative_error"] = *layer.relativeError;
  return object;
}

static json::Value toJSON(const Training &training) {
  json::Array curves;
  for (const Curve &curve : training.curves)
    curves.push_back(json::Object{{"name", json::fixUTF8(curve.name)}, {"values", json::Array(curve.values)}});
  return json::Object{{"samples", training.samples},
                      {"validation_samples", training.validationSamples},
                      {"best_epoch", training.bestEpoch},
                      {"curves", std::move(curves)}};
}

json::Value condense::report::toJSON(const Run &run) {
  json::Array layers;
  for (const Layer &layer : run.layers)
    layers.push_back(::toJSON(layer));
  json::Object object{{"model", json::fixUTF8(run.model)},   {"recipe", json::fixUTF8(run.recipe)},
                      {"output", json::fixUTF8(run.output)}, {"bytes_before", run.bytesBefore},
                      {"bytes_after", run.bytesAfter},       {"file_bytes", run.fileBytes},
                      {"layers", std::move(layers)}};
  if (run.quality)
    object["quality"] = json::Object{{"metric", run.quality->metric},
                                     {"samples", json::fixUTF8(run.quality->samples)},
                                     {"count", run.quality->count},
                                     {"before", run.quality->before},
                                     {"after", run.quality->after}};
  if (run.training)
    object["training"] = ::toJSON(*run.training);
  return object;
}

// found by llvm::json::fromJSON for members of vectors and optionals
namespace condense::report {
static bool fromJSON(const json::Value &value, Weight &weight, json::Path path) {
  json::ObjectMapper map(value, path);
  return map && map.map("shape", weight.shape) && map.map("scheme", weight.scheme) && map.map("bytes", weight.bytes) &&
         map.map("elements", weight.elements) && map.map("zeros", weight.zeros) &&
         map.map("distinct", weight.distinct) && map.map("low", weight.low) && map.map("high", weight.high) &&
         map.map("deviation", weight.deviation) && map.map("histogram", weight.histogram);
}

static bool fromJSON(const json::Value &value, Decision &decision, json::Path path) {
  json::ObjectMapper map(value, path);
  return map && map.map("text", decision.text) && map.map("missed", decision.isMissed);
}

static bool fromJSON(const json::Value &value, Layer &layer, json::Path path) {
  json::ObjectMapper map(value, path);
  return map && map.map("name", layer.name) && map.map("op", layer.op) &&
         map.map("histogram_low", layer.histogramLow) && map.map("histogram_high", layer.histogramHigh) &&
         map.map("decisions", layer.decisions) && map.map("before", layer.before) && map.map("after", layer.after) &&
         map.map("relative_error", layer.relativeError);
}

static bool fromJSON(const json::Value &value, Quality &quality, json::Path path) {
  json::ObjectMapper map(value, path);
  return map && map.map("metric", quality.metric) && map.map("samples", quality.samples) &&
         map.map("count", quality.count) && map.map("before", quality.before) && map.map("after", quality.after);
}

static bool fromJSON(const json::Value &value, Curve &curve, json::Path path) {
  json::ObjectMapper map(value, path);
  return map && map.map("name", curve.name) && map.map("values", curve.values);
}

static bool fromJSON(const json::Value &value, Training &training, json::Path path) {
  json::ObjectMapper map(value, path);
  return map && map.map("samples", training.samples) && map.map("validation_samples", training.validationSamples) &&
         map.map("best_epoch", training.bestEpoch) && map.map("curves", training.curves);
}

static bool fromJSON(const json::Value &value, Run &run, json::Path path) {
  json::ObjectMapper map(value, path);
  return map && map.map("model", run.model) && map.map("recipe", run.recipe) && map.map("output", run.output) &&
         map.map("bytes_before", run.bytesBefore) && map.map("bytes_after", run.bytesAfter) &&
         map.map("file_bytes", run.fileBytes) && map.map("quality", run.quality) && map.map("layers", run.layers) &&
         map.map("training", run.training);
}
} // namespace condense::report

Expected<Run> condense::report::fromJSON(const json::Value &value) {
  Run run;
  json::Path::Root root("report");
  if (!fromJSON(value, run, root))
    return root.getError();
  return run;
}

//===----------------------------------------------------------------------===//
// HTML
//===----------------------------------------------------------------------===//

static constexpr StringLiteral kTemplate =
#include "condense/Report/Page.inc"
    ;

std::string condense::report::toHTML(ArrayRef<Run> runs) {
  json::Array array;
  for (const Run &run : runs)
    array.push_back(toJSON(run));
  std::string data;
  raw_string_ostream(data) << json::Value(std::move(array));
  // the data lies inside of a script element, which "</script" or "<!--" would end
  std::string page;
  auto [head, tail] = kTemplate.split("CONDENSE_DATA");
  page = head;
  for (char c : data)
    page += c == '<' ? StringRef("\\u003c") : StringRef(&c, 1);
  page += tail;
  return page;
}
