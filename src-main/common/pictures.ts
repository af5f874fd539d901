/** RGB pictures [n, height, width, 3] in one row, as one [height, n * width, 3]. */
export function sideBySide(pictures: Uint8Array, width: number, height: number): Uint8Array {
  const rowBytes = width * 3
  const n = pictures.length / (rowBytes * height)
  const row = new Uint8Array(pictures.length)
  for (let picture = 0; picture < n; picture++) {
    for (let y = 0; y < height; y++) {
      const from = (picture * height + y) * rowBytes
      row.set(pictures.subarray(from, from + rowBytes), (y * n + picture) * rowBytes)
    }
  }
  return row
}
