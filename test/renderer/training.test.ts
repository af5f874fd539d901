/**
 * What the training view computes on its own: the form's fields, the rows of the list, curves over common
 * steps.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { captionerSettings, preset } from '#contract'
import type { ModelRow, TrainingPoint } from '#contract'
import { linearAxis, logAxis, nearest, smoothed } from '#chart/scale.ts'
import { fitting, inWords } from '../../src-renderer/components/review/settings.ts'
import { chartsOf, stepsOf } from '../../src-renderer/views/training/curves.ts'
import { FIELDS, isValid, rangeOf } from '../../src-renderer/views/training/fields.ts'
import { PRESET_NAMES } from '../../src-renderer/views/training/presets.ts'
import { keptBecause, rowsOf, seriesName } from '../../src-renderer/views/training/rows.ts'

describe('the form', () => {
  it('reaches every setting once, and every choice of it', () => {
    expect(FIELDS.map(({ key }) => key).sort()).toEqual(Object.keys(captionerSettings.shape).sort())
    for (const { key, choices } of FIELDS) {
      const schema = captionerSettings.shape[key].unwrap()
      expect(Object.keys(choices ?? {}), key).toEqual(schema instanceof z.ZodEnum ? schema.options : [])
    }
    expect(PRESET_NAMES.map(({ value }) => value).sort()).toEqual([...preset.options].sort())
  })

  it('shows plateau, topic and feature fields only where they matter', () => {
    const shown = (schedule: 'plateau' | 'cosine', kind: 'interpretive' | 'baseline', projection = 0) =>
      FIELDS.filter(
        ({ matters }) => matters?.({ ...captionerSettings.parse({}), schedule, projection }, kind) ?? true,
      ).map(({ key }) => key)
    expect(shown('plateau', 'interpretive')).toHaveLength(FIELDS.length)
    expect(shown('cosine', 'interpretive')).not.toContain('plateauFactor')
    expect(shown('plateau', 'baseline')).not.toContain('lambda')
    expect(shown('plateau', 'interpretive', 128)).not.toContain('standardise')
  })

  it('takes the contract’s ranges, and says them in words', () => {
    expect([
      isValid('dropout', 0.9),
      isValid('dropout', 0.91),
      isValid('epochs', 1.5),
      isValid('epochs', NaN),
      isValid('plateauFactor', 1),
    ]).toEqual([true, false, false, false, false])
    expect([
      rangeOf('dropout'),
      rangeOf('epochs'),
      rangeOf('plateauFactor'),
      rangeOf('learningRate'),
    ]).toEqual([
      'a number, 0 to 0.9',
      'a whole number, 1 to 100000',
      'a number, above 0, below 1',
      'a number, above 0, below 1000000',
    ])
  })
})

describe('the list of models', () => {
  const model = (id: number, seed: number, series: number | null, parent: number | null = null) =>
    ({ id, seed, series, parent }) as ModelRow

  it('puts the models of a series under one head, by their seeds', () => {
    const rows = rowsOf([
      model(1, 1, null),
      model(2, 5, 2),
      model(3, 6, 2),
      model(4, 1, null),
      model(5, 7, 2),
    ])
    expect(rows.map(({ address }) => address)).toEqual(['series-2', '2', '3', '5', '4', '1'])
    expect(rows.map((row) => (row.type === 'series' ? seriesName(row.models) : row.inSeries))).toEqual([
      'Series of 3, seeds 5 to 7',
      true,
      true,
      true,
      false,
      false,
    ])
  })

  it('is a tree of versions, with lines that end at the last child', () => {
    const rows = rowsOf([
      model(1, 1, null),
      model(2, 1, null, 1),
      model(3, 1, null, 2),
      model(4, 1, null, 1),
      model(5, 1, null),
      model(6, 1, null, 99),
    ])
    expect(rows.map((row) => [row.address, row.type === 'model' ? row.guides : null])).toEqual([
      ['6', []],
      ['5', []],
      ['1', []],
      ['4', [true]],
      ['2', [false]],
      ['3', [false, false]],
    ])
    const series = rowsOf([model(1, 1, 1), model(2, 2, 1), model(3, 1, null, 1)])
    expect(series.map(({ address }) => address)).toEqual(['series-1', '1', '3', '2'])
  })

  it('says why a model is kept', () => {
    const models = [model(1, 1, null), model(2, 1, null, 1)]
    expect(keptBecause(model(1, 1, null), models, 0)).toBe('v2 came from it')
    expect(keptBecause(model(2, 1, null, 1), models, 1)).toBe('It has corrections in the queue')
    expect(keptBecause(model(2, 1, null, 1), models, 0)).toBeNull()
    expect(keptBecause({ ...model(2, 1, null, 1), current: true }, models, 0)).toBe('It is the current model')
  })
})

describe('curves', () => {
  const point = (step: number, nll: number, validation: number | null): TrainingPoint => ({
    step,
    epoch: step / 10,
    loss: nll,
    nll,
    topicLoss: 0,
    learningRate: null,
    validation:
      validation === null ? null : { nll: validation, bleu4: 0.5, cider: 1, topicMap: null, topicLoss: null },
  })
  const runs = [
    {
      name: 'v1',
      points: [point(10, 3, null), point(20, 2, 2.5)],
      kept: 20,
      captionsAStep: 64,
      validationClips: 24,
    },
    { name: 'v2', points: [point(15, 4, 4.5)], kept: null, captionsAStep: 32, validationClips: 24 },
  ]

  it('stand over the steps of all runs, with gaps where a run has no value', () => {
    expect(stepsOf(runs)).toEqual([10, 15, 20])
    const nll = chartsOf(runs).find(({ title }) => title.startsWith('NLL'))
    expect(nll?.n).toBe('64 / 32 captions a step; 24 validation clips')
    expect(nll?.lines.map(({ label, values }) => [label, ...values])).toEqual([
      ['v1 training', 3, null, 2],
      ['v1 validation', null, null, 2.5],
      ['v2 training', null, 4, null],
      ['v2 validation', null, 4.5, null],
    ])
  })

  it('leave out what no run has: interpretive loss and precision of topics of baselines, the rate of older runs', () => {
    expect(chartsOf(runs).map(({ title }) => title.split(/[ ,]/)[0])).toEqual([
      'Loss',
      'NLL',
      'CIDEr',
      'BLEU-4',
    ])
  })

  it('read the nearest value', () => {
    expect([
      nearest([1, null, null, 4], 1),
      nearest([1, null, null, 4], 2),
      nearest([null, null], 1),
      nearest([], 0),
    ]).toEqual([0, 3, null, null])
  })

  it('mark the kept check on what validation measured, and on nothing else', () => {
    const kept = chartsOf(runs).flatMap(({ title, lines }) =>
      lines.filter((line) => line.kept != null).map((line) => [title, line.label, line.kept]),
    )
    expect(kept).toEqual([
      ['NLL a caption', 'v1 validation', 20],
      ['CIDEr, validation', 'v1', 20],
      ['BLEU-4, validation', 'v1', 20],
    ])
  })

  it('are smoothed as TensorBoard does it: not drawn to zero at first, and gaps stay', () => {
    // Worked by hand: averages before the division by 1 - 0.5^n are 2, 3 and 0.5 * 3 + 1.
    expect(smoothed([4, null, 4, 2], 0.5)).toEqual([4, null, 4, (0.5 * 3 + 1) / 0.875])
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }),
        fc.double({ min: 0, max: 0.99, noNaN: true }),
        (values, weight) => {
          const [low, high] = [Math.min(...values), Math.max(...values)]
          const slack = 1e-9 * Math.max(1, Math.abs(low), Math.abs(high))
          for (const value of smoothed(values, weight)) {
            expect(value).toBeGreaterThanOrEqual(low - slack)
            expect(value).toBeLessThanOrEqual(high + slack)
          }
          // Adding 0 makes -0 the same as 0.
          expect(smoothed(values, 0).map((value) => (value ?? NaN) + 0)).toEqual(
            values.map((value) => value + 0),
          )
        },
      ),
    )
  })

  it('stand on axes that hold them, with a few ascending marks that have labels of their own', () => {
    const value = fc.double({ min: 1e-6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1 }),
        fc.constantFrom(linearAxis, logAxis),
        (values, axisOf) => {
          const { scale, marks } = axisOf(values, [100, 0])
          for (const one of values) {
            expect(scale(one)).toBeGreaterThan(-1e-6)
            expect(scale(one)).toBeLessThan(100 + 1e-6)
          }
          const places = marks.map((mark) => mark.value)
          expect(places).toEqual([...new Set(places)].sort((a, b) => a - b))
          expect(new Set(marks.map(({ label }) => label)).size).toBe(marks.length)
          expect(marks.length).toBeGreaterThan(0)
          expect(marks.length).toBeLessThanOrEqual(12)
        },
      ),
    )
  })

  it('start at zero and reach as far as is asked where length means amount', () => {
    expect(linearAxis([0.02, 0.04], [100, 0], 0.1).scale.domain()).toEqual([0, 0.1])
    expect(linearAxis([], [100, 0], 0).scale(0)).toBe(100)
  })
})

it('keeps no more captions than a search finds', () => {
  const settings = {
    method: 'beam' as const,
    beam: 3,
    lengthNormalisation: 1,
    nBest: 5,
    temperature: 0.7,
    seed: 1,
  }
  expect([
    fitting(settings).nBest,
    fitting({ ...settings, method: 'greedy' }).nBest,
    fitting({ ...settings, method: 'sample' }).nBest,
  ]).toEqual([3, 1, 5])
  expect([
    inWords(settings),
    inWords({ ...settings, method: 'greedy' }),
    inWords({ ...settings, method: 'sample' }),
  ]).toEqual(['beam 3, 3 kept', 'greedy', 'sampled at temperature 0.7, 5 kept'])
})
