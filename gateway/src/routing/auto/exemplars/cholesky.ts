/** The lower triangle L with L·Lᵀ = `matrix`, row by row. A matrix that is singular is treated as just not so. */
export function cholesky(matrix: Float64Array, width: number): Float64Array {
  const lower = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * width + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * width + k]! * lower[j * width + k]!;
      lower[i * width + j] = i === j ? Math.sqrt(Math.max(sum, 1e-9)) : sum / lower[j * width + j]!;
    }
  }
  return lower;
}
