//===- Roofline.cpp - What was measured, as a picture ---------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both axes are logarithmic: useful operations over bytes that must be moved,
// and useful TFLOP/s. A kernel is a numbered dot; none can be above the lines,
// the measured rates of reading memory and of a matrix product.
//
//===----------------------------------------------------------------------===//

#include "tools/parallax-bench/Report.h"

#include <fmt/format.h>

#include <cmath>

namespace parallax::tools {

namespace {

constexpr double kWidth = 1180, kLeft = 80, kRight = 720, kTop = 60;
constexpr double kLegend = 750, kLineHeight = 21;

/// A logarithmic axis over whole decades.
struct Axis {
  double least, most; ///< Exponents of ten.
  double from, to;    ///< Pixels.

  static Axis over(double least, double most, double from, double to) {
    Axis axis{std::floor(std::log10(least)), std::ceil(std::log10(most)), from,
              to};
    axis.most = std::max(axis.most, axis.least + 1);
    return axis;
  }
  double operator()(double value) const {
    return from + (std::log10(value) - least) / (most - least) * (to - from);
  }
};

std::string escaped(const std::string &text) {
  std::string out;
  for (char c : text)
    out += c == '<'   ? std::string("&lt;")
           : c == '>' ? std::string("&gt;")
           : c == '&' ? std::string("&amp;")
                      : std::string(1, c);
  return out;
}

class Picture {
public:
  explicit Picture(double height) {
    svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" "
        "height=\"{1}\" viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" "
        "font-size=\"13\">\n<rect width=\"{0}\" height=\"{1}\" "
        "fill=\"white\"/>\n",
        kWidth, height);
  }
  void line(double x1, double y1, double x2, double y2, const char *colour,
            double width) {
    svg += fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" "
                       "y2=\"{:.1f}\" stroke=\"{}\" stroke-width=\"{}\"/>\n",
                       x1, y1, x2, y2, colour, width);
  }
  void text(double x, double y, const std::string &text,
            const char *anchor = "start", const char *colour = "#222") {
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" "
                       "fill=\"{}\">{}</text>\n",
                       x, y, anchor, colour, escaped(text));
  }
  void dot(double x, double y, size_t number, bool isDecode) {
    svg +=
        fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"10\" fill=\"{}\" "
                    "fill-opacity=\"0.85\"/>\n",
                    x, y, isDecode ? "#c2571a" : "#2563a8");
    text(x, y + 4.5, fmt::format("{}", number), "middle", "white");
  }
  std::string finish() { return svg + "</svg>\n"; }

private:
  std::string svg;
};

void drawGrid(Picture &picture, const Axis &x, const Axis &y) {
  for (double e = x.least; e <= x.most; ++e) {
    const double at = x(std::pow(10, e));
    picture.line(at, y.from, at, y.to, "#ddd", 1);
    picture.text(at, y.from + 20, fmt::format("{:g}", std::pow(10, e)),
                 "middle");
  }
  for (double e = y.least; e <= y.most; ++e) {
    const double at = y(std::pow(10, e));
    picture.line(x.from, at, x.to, at, "#ddd", 1);
    picture.text(x.from - 8, at + 4, fmt::format("{:g}", std::pow(10, e)),
                 "end");
  }
  picture.text((x.from + x.to) / 2, y.from + 42,
               "useful FLOP a byte that must be moved", "middle");
  picture.text(x.from - 60, y.to - 14, "useful TFLOP/s");
}

/// The lines that no kernel can be above.
void drawCeilings(Picture &picture, const BenchReport &report, const Axis &x,
                  const Axis &y) {
  const double least = std::pow(10, x.least), most = std::pow(10, x.most);
  const bool hasGemm = !report.gemm.time.isEmpty();
  const bool hasStream = !report.stream.time.isEmpty();
  // Where they meet.
  const double knee = hasGemm && hasStream
                          ? report.gemm.rate() / report.stream.rate()
                          : (hasGemm ? least : most);
  if (hasGemm) {
    const double rate = report.gemm.rate();
    picture.line(x(std::max(knee, least)), y(rate), x.to, y(rate), "#333", 2);
    picture.text(x.to, y(rate) - 8,
                 fmt::format("{}: {:.0f} TFLOP/s", report.gemm.name, rate),
                 "end");
  }
  if (hasStream) {
    const double rate = report.stream.rate();
    // From where the line enters the picture.
    const double begin = std::max(least, std::pow(10, y.least) / rate);
    const double end = std::min(knee, most);
    if (begin < end) {
      picture.line(x(begin), y(begin * rate), x(end), y(end * rate), "#333", 2);
      picture.text(x(begin) + 8, y(begin * rate) - 26,
                   fmt::format("reading memory: {:.2f} TB/s", rate));
    }
  }
}

} // namespace

std::string toSvg(const BenchReport &report) {
  double leastX = INFINITY, mostX = 0, leastY = INFINITY, mostY = 0;
  auto include = [](double value, double &least, double &most) {
    least = std::min(least, value);
    most = std::max(most, value);
  };
  for (const BenchRow &row : report.rows)
    if (!row.time.isEmpty()) {
      include(row.intensity(), leastX, mostX);
      include(row.tflops(), leastY, mostY);
    }
  if (!report.gemm.time.isEmpty())
    include(report.gemm.rate(), leastY, mostY);
  if (mostX == 0)
    leastX = mostX = 1;
  if (mostY == 0)
    leastY = mostY = 1;

  const double height =
      std::max(620.0, 130 + kLineHeight * double(report.rows.size()));
  const Axis x = Axis::over(leastX, mostX, kLeft, kRight);
  const Axis y = Axis::over(leastY, mostY * 1.2, 560, kTop);
  Picture picture(height);
  picture.text(kLeft - 60, 24, "Roofline: " + report.device);
  drawGrid(picture, x, y);
  drawCeilings(picture, report, x, y);
  size_t number = 0;
  for (const BenchRow &row : report.rows) {
    ++number;
    const double line = kTop + kLineHeight * double(number);
    if (row.time.isEmpty()) {
      picture.text(kLegend, line,
                   fmt::format("{}  {}: not timed", number, row.title));
      continue;
    }
    picture.dot(x(row.intensity()), y(row.tflops()), number, row.isDecode());
    std::string legend =
        fmt::format("{}  {}: {:.4g} TFLOP/s", number, row.title, row.tflops());
    if (row.isDecode())
      legend += fmt::format(", {:.2f} TB/s", row.terabytes());
    if (std::optional<double> ratio = report.ratio(row))
      legend += fmt::format(", {:.0f} %", 100 * *ratio);
    picture.text(kLegend, line, legend);
  }
  return picture.finish();
}

} // namespace parallax::tools
