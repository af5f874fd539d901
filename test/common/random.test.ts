import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src-main/common/random.ts'

describe('createRandom', () => {
  it('repeats under one seed and differs under another', () => {
    const draw = (seed: number) =>
      Array.from(
        { length: 5 },
        (
          (random) => () =>
            random.uint32()
        )(createRandom(seed)),
      )
    expect(draw(7)).toEqual(draw(7))
    expect(draw(7)).not.toEqual(draw(8))
    // Frozen: a change here would change every seeded result.
    expect(draw(1)).toEqual([393288148, 2174103013, 3814759091, 2092745082, 1865176206])
  })

  it('draws integers evenly and within range', () => {
    const random = createRandom(3)
    const counts = new Array<number>(7).fill(0)
    for (let i = 0; i < 70_000; i++) {
      counts[random.below(7)]! += 1
    }
    for (const count of counts) {
      expect(Math.abs(count - 10_000)).toBeLessThan(500)
    }
    expect(() => random.below(0)).toThrow(RangeError)
  })

  it('has uniform and normal deviates with the right moments', () => {
    const random = createRandom(5)
    const n = 100_000
    let uniform = 0
    let mean = 0
    let square = 0
    for (let i = 0; i < n; i++) {
      const u = random.next()
      if (u < 0 || u >= 1) {
        throw new Error(`out of range: ${u}`)
      }
      uniform += u / n
      const x = random.normal()
      mean += x / n
      square += (x * x) / n
    }
    expect(uniform).toBeCloseTo(0.5, 2)
    expect(Math.abs(mean)).toBeLessThan(0.015)
    expect(Math.abs(square - 1)).toBeLessThan(0.02)
  })

  it('shuffles into a permutation, typed arrays too', () => {
    const shuffled = createRandom(9).shuffle(Uint32Array.from({ length: 50 }, (_, i) => i))
    expect([...shuffled]).not.toEqual([...shuffled].sort((a, b) => a - b))
    expect([...shuffled].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i))
  })
})
