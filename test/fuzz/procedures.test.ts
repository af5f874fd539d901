import { expect, it } from 'vitest'
import { fuzzProcedures } from './procedures.ts'

const CALLS = 20_000

it(`${CALLS} calls with odd inputs are answered or refused in a sentence`, { timeout: 900_000 }, async () => {
  const { calls, answered, faults } = await fuzzProcedures(CALLS, 1)
  expect(faults).toEqual([])
  expect(calls).toBe(CALLS)
  expect(answered).toBeGreaterThan(CALLS / 10)
})
