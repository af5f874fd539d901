import fc from 'fast-check'
import { expect, it } from 'vitest'
import { evenTimes, joinFeatures, nearestRows } from '../../src-main/store/corpus/joined-features.ts'

const file = (frames: number, frameTimes: number[] = []) => ({
  path: `${frames}.npy`,
  sha256: `sha of ${frames}`,
  frames,
  cells: 1,
  dimension: 10 * frames,
  frameTimes,
  areTimesGiven: false,
})

it('finds the nearest of any times for any times', () => {
  const times = fc
    .array(fc.nat(50), { minLength: 1, maxLength: 20 })
    .map((list) => list.sort((a, b) => a - b))
  fc.assert(
    fc.property(times, times, (wanted, there) => {
      nearestRows(wanted, there).forEach((row, i) => {
        const distances = there.map((time) => Math.abs(time - wanted[i]!))
        expect(Math.abs(there[row]! - wanted[i]!)).toBe(Math.min(...distances))
      })
    }),
  )
})

it('takes the frames of one part, and of the others the nearest', () => {
  const lead = file(4, [0, 1, 2, 3])
  const other = file(3, [0.4, 0.6, 2.9])
  expect(joinFeatures([other, lead])).toEqual({
    frames: 4,
    cells: 1,
    dimension: 70,
    frameTimes: [0, 1, 2, 3],
    areTimesGiven: false,
    parts: [
      { path: '3.npy', sha256: 'sha of 3', rows: [0, 1, 2, 2] },
      { path: '4.npy', sha256: 'sha of 4', rows: null },
    ],
  })
  expect(joinFeatures([lead, file(1, [0])]).parts[1]?.rows).toEqual([0, 0, 0, 0])
  expect(joinFeatures([lead, file(4, [0, 1, 2.2, 3])]).parts[1]?.rows).toBeNull()
})

it('stands the values of whole frames beside each of their cells', () => {
  const cut = { ...file(2, [0, 1]), cells: 2 }
  expect(joinFeatures([cut, file(2, [0, 1])])).toMatchObject({
    frames: 2,
    cells: 2,
    parts: [{ rows: null }, { rows: [0, 0, 0, 0, 1, 1, 1, 1] }],
  })
  // The frames of the longer one, the cells of the shorter.
  expect(joinFeatures([cut, file(3, [0, 0.9, 1.2])]).parts.map(({ rows }) => rows)).toEqual([
    [0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7],
    [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2],
  ])
  expect(joinFeatures([cut, { ...file(2, [0, 1]), cells: 2 }]).parts[1]?.rows).toBeNull()
})

it('spreads frames evenly where nobody knows the times of one', () => {
  expect(joinFeatures([file(4), file(2, [0, 0.1])]).parts[1]?.rows).toEqual([0, 0, 1, 1])
  expect(evenTimes(4, 2)).toEqual([0, 0.5, 1, 1.5])
  expect(evenTimes(4, null)).toEqual([])
})
