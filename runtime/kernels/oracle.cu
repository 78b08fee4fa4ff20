//===- oracle.cu - The definition of Parallax attention -------------------===//
//
// Part of the Parallax project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What generated kernels are checked against on the card. It shares nothing
// with them: no tiles, no online softmax, no tensor cores, every sum in
// float64. One block computes one row of o. The first pass over the keys finds
// the maximum of s1; the second goes in chunks of one key a thread: each thread
// weighs its key, then each thread adds the chunk's values into its columns.
//
// It includes only its parameters, which are pasted in when it is embedded, so
// that NVRTC needs no headers. Any block size that is a power of two up to
// kMaxThreads will do.
//
//===----------------------------------------------------------------------===//

#include "runtime/kernels/OracleParameters.h"

namespace {

constexpr int kMaxThreads = 128;
constexpr int kMaxHeadDim = 256;

__device__ double widenHalf(unsigned short bits) {
  int exponent = (bits >> 10) & 31;
  int fraction = bits & 1023;
  double magnitude;
  if (exponent == 31) // Infinity, or NaN, which comes of infinity - infinity.
    magnitude = fraction ? exp(1e300) - exp(1e300) : exp(1e300);
  else if (exponent == 0)
    magnitude = ldexp((double)fraction, -24);
  else
    magnitude = ldexp((double)(fraction + 1024), exponent - 25);
  return bits >> 15 ? -magnitude : magnitude;
}

/// 4 bits of exponent, 3 of fraction, and no infinity.
__device__ double widenE4M3(unsigned char bits) {
  int exponent = (bits >> 3) & 15;
  int fraction = bits & 7;
  double magnitude = exponent == 0 ? ldexp((double)fraction, -9)
                                   : ldexp((double)(fraction + 8), exponent - 10);
  if (exponent == 15 && fraction == 7)
    magnitude = exp(1e300) - exp(1e300);
  return bits >> 7 ? -magnitude : magnitude;
}

__device__ double element(const void *data, long long index, int type) {
  if (type == OracleF32)
    return ((const float *)data)[index];
  if (type == OracleE4M3)
    return widenE4M3(((const unsigned char *)data)[index]);
  unsigned short bits = ((const unsigned short *)data)[index];
  return type == OracleBF16 ? (double)__uint_as_float((unsigned)bits << 16)
                            : widenHalf(bits);
}

/// Where a row begins.
struct Place {
  const void *data;
  long long offset;
};

__device__ double dot(const double *row, const Place &key, int headDim,
                      int type) {
  double sum = 0;
  for (int d = 0; d < headDim; ++d)
    sum += row[d] * element(key.data, key.offset + d, type);
  return sum;
}

/// Of key or value j. `first` is the first of the new tokens, from which on they count.
__device__ Place placeOf(const OracleTensor &cache,
                         const OracleTensor &newTokens,
                         const OracleParameters &p, long long batch,
                         long long j, int head, long long first) {
  const OracleTensor &tensor = j >= first ? newTokens : cache;
  if (j >= first) {
    j -= first;
  } else if (p.blockTable) {
    batch = p.blockTable[batch * p.blockTableStride + j / p.pageSize];
    j %= p.pageSize;
  }
  return {tensor.data,
          batch * tensor.batch + j * tensor.length + head * tensor.head};
}

/// Of a row whose sums are relative to the maximum of its scores in base 2.
struct Sums {
  const double *o1, *o2;
  double max2, d1, d2;
};

/// Writes what is asked for of a row.
__device__ void writeRow(const OracleParameters &p, long long row,
                         const Sums &s) {
  const double log2e = 1.4426950408889634;
  // A row that sees no key is zero, and its m the lowest there is.
  const bool seesNone = !(s.d1 > 0);
  for (int d = threadIdx.x; d < p.headDim; d += blockDim.x) {
    const long long at = row * p.headDim + d;
    if (p.o)
      p.o[at] = seesNone ? 0.0f
                         : (float)(s.o1[d] / s.d1 * (1 + s.d2 / s.d1) -
                                   s.o2[d] / s.d1);
    if (p.stateO1) {
      p.stateO1[at] = (float)s.o1[d];
      p.stateO2[at] = (float)s.o2[d];
    }
  }
  if (threadIdx.x != 0)
    return;
  const double rowMax = s.max2 / log2e;
  if (p.rowMax)
    p.rowMax[row] = (float)rowMax;
  if (p.d1)
    p.d1[row] = (float)s.d1;
  if (p.tbar)
    p.tbar[row] = seesNone ? 0.0f : (float)(s.d2 / s.d1);
  if (p.logSumExp)
    p.logSumExp[row] = (float)(rowMax + log(s.d1));
  if (p.stateO1) {
    p.stateM[row] = seesNone ? -3.402823466e38f : (float)s.max2;
    p.stateD1[row] = (float)s.d1;
    p.stateD2[row] = (float)s.d2;
  }
}

/// Each thread sums what it will write; all sum d1 and d2.
__device__ void mergeRow(const OracleParameters &p, long long row, double *o1,
                         double *o2) {
  const long long rows =
      (long long)p.batch * p.queryLength * (long long)p.queryHeads;
  double max2 = log(0.0);
  for (int n = 0; n < p.parts; ++n)
    if (p.partD1[n * rows + row] > 0)
      max2 = fmax(max2, (double)p.partM[n * rows + row]);
  double d1 = 0, d2 = 0;
  for (int d = threadIdx.x; d < p.headDim; d += blockDim.x)
    o1[d] = o2[d] = 0;
  for (int n = 0; n < p.parts; ++n) {
    const long long at = n * rows + row;
    if (!(p.partD1[at] > 0))
      continue;
    const double weight = exp2((double)p.partM[at] - max2);
    d1 += weight * p.partD1[at];
    d2 += weight * p.partD2[at];
    for (int d = threadIdx.x; d < p.headDim; d += blockDim.x) {
      o1[d] += weight * p.partO1[at * p.headDim + d];
      o2[d] += weight * p.partO2[at * p.headDim + d];
    }
  }
  writeRow(p, row, {o1, o2, max2, d1, d2});
}

/// Every thread's value joined; all threads get the result.
__device__ double reduce(double value, bool isMax, double *scratch) {
  scratch[threadIdx.x] = value;
  __syncthreads();
  for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
    if (threadIdx.x < half) {
      double other = scratch[threadIdx.x + half];
      scratch[threadIdx.x] = isMax ? fmax(scratch[threadIdx.x], other)
                                   : scratch[threadIdx.x] + other;
    }
    __syncthreads();
  }
  double result = scratch[0];
  __syncthreads(); // Before the next one writes.
  return result;
}

} // namespace

extern "C" __global__ void parallax_oracle(const OracleParameters p) {
  __shared__ double q[kMaxHeadDim], r[kMaxHeadDim];
  __shared__ double o1[kMaxHeadDim], o2[kMaxHeadDim];
  __shared__ double p1[kMaxThreads], p2[kMaxThreads], scratch[kMaxThreads];

  const long long row = p.firstRow + blockIdx.x;
  if (p.parts) {
    mergeRow(p, row, o1, o2);
    return;
  }
  const int head = (int)(row % p.queryHeads);
  const int token = (int)(row / p.queryHeads % p.queryLength);
  const long long batch = row / p.queryHeads / p.queryLength;
  const int kvHead = head / (p.queryHeads / p.kvHeads);

  // The keys that the row sees: [first, last).
  const long long used =
      p.usedLengths ? p.usedLengths[batch] : (long long)p.keyLength;
  const long long length = used < 0             ? 0
                           : used < p.keyLength ? used
                                                : p.keyLength;
  const long long firstNew = used - p.newLength;
  auto keyAt = [&](long long j) {
    return placeOf(p.k, p.newK, p, batch, j, kvHead, firstNew);
  };
  auto valueAt = [&](long long j) {
    return placeOf(p.v, p.newV, p, batch, j, kvHead, firstNew);
  };
  long long first = 0, last = length;
  if (p.causal) {
    last = token + length - p.queryLength + 1;
    if (p.window && last > p.window)
      first = last - p.window;
  }

  for (int d = threadIdx.x; d < p.headDim; d += blockDim.x) {
    q[d] = element(p.q.data,
                   batch * p.q.batch + token * p.q.length + head * p.q.head + d,
                   p.elementType);
    r[d] = element(p.r.data,
                   batch * p.r.batch + token * p.r.length + head * p.r.head + d,
                   p.elementType);
    o1[d] = o2[d] = 0;
  }
  __syncthreads();

  const double keyScale =
      p.keyScale ? (double)p.keyScale[kvHead * p.keyScaleStride] : 1;
  const double valueScale =
      p.valueScale ? (double)p.valueScale[kvHead * p.valueScaleStride] : 1;
  auto product = [&](const double *row, const Place &key) {
    return keyScale * dot(row, key, p.headDim, p.keyElementType);
  };
  double rowMax = log(0.0);
  for (long long j = first + threadIdx.x; j < last; j += blockDim.x)
    rowMax = fmax(rowMax, p.scale * product(q, keyAt(j)));
  rowMax = reduce(rowMax, true, scratch);

  double d1 = 0, d2 = 0;
  for (long long chunk = first; chunk < last; chunk += blockDim.x) {
    const long long j = chunk + threadIdx.x;
    double weight = 0, weighted = 0;
    if (j < last) {
      const Place key = keyAt(j);
      weight = exp(p.scale * product(q, key) - rowMax);
      weighted = weight * product(r, key);
    }
    d1 += weight;
    d2 += weighted;
    p1[threadIdx.x] = weight;
    p2[threadIdx.x] = weighted;
    __syncthreads();
    const long long end = last - chunk < blockDim.x ? last - chunk : blockDim.x;
    for (int d = threadIdx.x; d < p.headDim; d += blockDim.x)
      for (int i = 0; i < end; ++i) {
        const Place at = valueAt(chunk + i);
        const double value =
            valueScale * element(at.data, at.offset + d, p.keyElementType);
        o1[d] += p1[i] * value;
        o2[d] += p2[i] * value;
      }
    __syncthreads();
  }
  d1 = reduce(d1, false, scratch);
  d2 = reduce(d2, false, scratch);

  writeRow(p, row, {o1, o2, rowMax * 1.4426950408889634, d1, d2});
}
