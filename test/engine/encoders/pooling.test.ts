import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cellAverages } from '../../../src-main/engine/encoders/backbone.ts'
import type { OutputPart } from '../../../src-main/engine/encoders/descriptor.ts'
import { poolPart } from '../../../src-main/engine/encoders/pooling.ts'

const CHANNELS = 3

/** What a part makes of the second of two frames. */
function pooled(
  values: Float32Array,
  dims: readonly number[],
  part: Omit<OutputPart, 'output' | 'channels'>,
): number[] {
  const vector = new Float32Array(2 + CHANNELS * part.grid ** 2)
  poolPart({ values, dims }, 1, { ...part, output: 'map', channels: CHANNELS }, vector, 2)
  return [...vector.subarray(2)]
}

it('a map is pooled over the same cells however it lies, as inside the built-in network', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 3 }),
      fc.infiniteStream(fc.integer({ min: -50, max: 50 })),
      (side, grid, numbers) => {
        const area = side * side
        const map = Array.from({ length: CHANNELS * area }, () => numbers.next().value)
        const matrix = cellAverages(side, grid)
        const expected = Array.from({ length: CHANNELS * grid * grid }, (_, i) => {
          const [channel, cell] = [Math.floor(i / grid ** 2), i % grid ** 2]
          return Array.from(
            { length: area },
            (__, pixel) => (map[channel * area + pixel] ?? NaN) * (matrix[pixel * grid * grid + cell] ?? NaN),
          ).reduce((sum, value) => sum + value, 0)
        })
        const last = Array.from(map, (_, i) => map[(i % CHANNELS) * area + Math.floor(i / CHANNELS)] ?? NaN)
        const other = new Array<number>(map.length).fill(1000)
        const pooling = { pooling: 'mean', grid, extra: 0 } as const
        const token = [1000, 1000, 1000]
        const found = [
          pooled(Float32Array.from([...other, ...map]), [2, CHANNELS, side, side], {
            form: 'NCHW',
            ...pooling,
          }),
          pooled(Float32Array.from([...other, ...last]), [2, side, side, CHANNELS], {
            form: 'NHWC',
            ...pooling,
          }),
          pooled(Float32Array.from([...token, ...other, ...token, ...last]), [2, 1 + area, CHANNELS], {
            form: 'tokens',
            ...pooling,
            extra: 1,
          }),
        ]
        found.forEach((values) => {
          values.forEach((value, i) => {
            expect(value).toBeCloseTo(expected[i] ?? NaN, 3)
          })
        })
      },
    ),
  )
})

it('a maximum is that of all pixels that a cell touches', () => {
  const map = Float32Array.from([
    ...new Array<number>(27).fill(0),
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    ...new Array<number>(18).fill(0),
  ])
  const found = pooled(map, [2, CHANNELS, 3, 3], { form: 'NCHW', pooling: 'max', grid: 2, extra: 0 })
  expect(found.slice(0, 4)).toEqual([5, 6, 8, 9])
})
