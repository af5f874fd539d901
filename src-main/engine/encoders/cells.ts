/**
 * The cells of a frame, which attention may look at one by one. A frame that is cut into 3 rows and columns makes nine
 * features, row by row: what the frame is as a whole, followed by what is seen in the cell.
 */
import { featuresOfFrame } from '../../common/cells.ts'
import { dimensionOfParts } from './descriptor.ts'
import type { EncoderDescriptor, OutputPart } from './descriptor.ts'
import { poolPart } from './pooling.ts'
import type { NetworkOutput } from './pooling.ts'

/** What is read of each cell; nothing, of an encoder that gives no maps. */
export const cellParts = ({ map, outputs }: EncoderDescriptor): OutputPart[] =>
  map === undefined
    ? outputs
        .flatMap(({ grid, parts }) => (grid === 2 ? parts.filter((part) => part.grid === 2) : []))
        .map((part) => ({ ...part, grid: 1 }))
    : [map]

/** How many values a cell adds to those of its frame; 0: the encoder sees no cells. */
export const cellDimension = (descriptor: EncoderDescriptor): number =>
  dimensionOfParts(cellParts(descriptor))

/**
 * What `parts` make of each cell of one frame: [cells^2, F], row by row of the frame. Outputs are by their names.
 */
export function readCells(
  outputs: ReadonlyMap<string, NetworkOutput>,
  { frame, cells, parts }: { frame: number; cells: number; parts: readonly OutputPart[] },
): Float32Array[] {
  const count = featuresOfFrame(cells)
  const vectors = Array.from({ length: count }, () => new Float32Array(dimensionOfParts(parts)))
  let at = 0
  for (const part of parts) {
    const pooled = new Float32Array(part.channels * count)
    poolPart(outputs.get(part.output)!, frame, { ...part, grid: cells }, pooled, 0)
    vectors.forEach((vector, cell) => {
      for (let channel = 0; channel < part.channels; channel++) {
        vector[at + channel] = pooled[channel * count + cell]!
      }
    })
    at += part.channels
  }
  return vectors
}
