import fc from 'fast-check'
import { expect, it } from 'vitest'
import { matchedNeurons } from '../../../src-main/engine/neurons/matched.ts'

/** A map of one clip, whose neurons have these activations; the first `firstLearnt` are features. */
const mapOf = (activations: readonly number[], firstLearnt: number) => ({
  topics: 1,
  delta: new Float32Array(activations.length),
  firstLearnt,
  shuffled: new Float32Array(activations.length),
  bearing: new Float32Array(activations.length),
  absent: new Float32Array(activations.length),
  clipIds: Float32Array.of(1),
  clipMeans: Float32Array.from(activations),
  alignment: null,
})

it('a loud neuron is matched by a loud one, a quiet one by a quiet one, whatever the sign', () => {
  const quiet = Array.from({ length: 8 }, (_, i) => 0.01 * i)
  const loud = Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? 1 : -1) * (5 + i))
  const map = mapOf([...quiet, ...loud], 0)
  for (let seed = 0; seed < 20; seed++) {
    expect(matchedNeurons(map, [12], { seed })[0]).toBeGreaterThanOrEqual(8)
    expect(matchedNeurons(map, [3], { seed })[0]).toBeLessThan(8)
  }
})

it('matches are learnt neurons, each once, none of those that are matched or left out', () => {
  const cases = fc.record({
    activations: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 40 }),
    chosen: fc.array(fc.nat(39)),
    without: fc.array(fc.nat(39)),
    firstLearnt: fc.nat(5),
    seed: fc.nat(1000),
  })
  fc.assert(
    fc.property(cases, ({ activations, chosen, without, firstLearnt, seed }) => {
      const D = activations.length
      const neurons = [...new Set(chosen.filter((neuron) => neuron < D))]
      const map = mapOf(activations, Math.min(firstLearnt, D))
      const matches = matchedNeurons(map, neurons, { without, seed })
      const free = Array.from({ length: D }, (_, neuron) => neuron).filter(
        (neuron) => neuron >= map.firstLearnt && !neurons.includes(neuron) && !without.includes(neuron),
      )
      expect(new Set(matches).size).toBe(Math.min(neurons.length, free.length))
      expect(matches.every((neuron) => free.includes(neuron))).toBe(true)
      expect(matchedNeurons(map, neurons, { without, seed })).toEqual(matches)
    }),
  )
})
