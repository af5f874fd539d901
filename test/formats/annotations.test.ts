/** Annotations as files: what is written is read again as it was, in either format. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { breather } from '../../src-main/common/breather.ts'
import {
  annotationsAsCsv,
  annotationsAsJsonLines,
  parseAnnotations,
} from '../../src-main/formats/annotations.ts'
import type { Annotation } from '../../src-main/formats/annotations.ts'

/** Texts with what files trip over: quotes, commas, newlines, formulas, apostrophes, spaces at the ends. */
const text = (most: number) =>
  fc
    .array(
      fc.oneof(fc.constantFrom('"', ',', '\n', '\r\n', '=1+1', "'", "'=", '+', ' ', '人'), fc.string()),
      {
        maxLength: 6,
      },
    )
    .map((parts) => parts.join('').replaceAll('\0', '').slice(0, most))
    .filter((joined) => joined.isWellFormed())
const trimmed = (most: number) =>
  text(most)
    .map((one) => one.trim())
    .filter((one) => one !== '')
const common = {
  video: trimmed(60),
  who: trimmed(80).map((name) => name.trim()),
  at: fc.option(fc.integer({ min: 0, max: 4e12 }).map((time) => new Date(time).toISOString())),
}
const annotation: fc.Arbitrary<Annotation> = fc.oneof(
  fc.record({
    kind: fc.constant('verdict' as const),
    ...common,
    text: text(500),
    verdict: fc.constantFrom('right' as const, 'nearly' as const, 'wrong' as const, 'skip' as const),
    model: fc.option(fc.nat(1000)),
  }),
  fc.record({ kind: fc.constant('note' as const), ...common, text: trimmed(500) }),
  fc.record({ kind: fc.constant('tag' as const), ...common, text: trimmed(50) }),
  fc.record({
    kind: fc.constant('caption' as const),
    ...common,
    text: trimmed(500),
    before: fc.option(trimmed(500)),
  }),
  fc.record({
    kind: fc.constant('topic' as const),
    ...common,
    text: trimmed(500),
    verdict: fc.constantFrom('bears' as const, 'lacks' as const),
  }),
  fc.record({
    kind: fc.constant('correction' as const),
    ...common,
    text: text(500),
    before: text(500),
    topics: fc.array(
      fc.tuple(
        trimmed(60),
        fc.double({ min: -1, max: 2, noNaN: true }).map((x) => x + 0),
      ),
      {
        maxLength: 3,
      },
    ),
    note: text(100),
  }),
  fc.record({
    kind: fc.constant('neuron' as const),
    ...common,
    video: fc.constant('' as const),
    parameters: fc.constant('0f'.repeat(32)),
    neuron: fc.nat(1000),
    verdict: fc.option(fc.constantFrom('agree' as const, 'disagree' as const)),
    text: text(80),
    note: text(100),
  }),
)

describe('annotations', () => {
  it.each([
    ['CSV', annotationsAsCsv],
    ['JSON lines', annotationsAsJsonLines],
  ])('are read from %s as they were written', async (_, write) => {
    await fc.assert(
      fc.asyncProperty(fc.array(annotation, { minLength: 1, maxLength: 8 }), async (annotations) => {
        const read = await parseAnnotations([...write(annotations)].join(''), 'file', breather())
        expect(read.map(({ line: _line, ...one }) => one)).toEqual(annotations)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['kind,video,text\nnote,a,x\n', /has no column "who"/],
    ['kind,video,text,who\nnote,a,x\n', /file line 2 is not a row of CSV/],
    ['kind,video,text,who\nnote,a,x,Ann\nguess,a,x,Ann\n', /file line 3: kind: /],
    ['{"kind":"note","video":"a","text":"x","who":"Ann"}\n{"kind":\n', /file line 2 is not a JSON object/],
    ['{"kind":"verdict","video":"a","text":"x","verdict":"good","who":"Ann"}\n', /line 1: verdict: /],
    ['{"kind":"note","video":"a","text":"x","who":"Ann","at":"yesterday"}\n', /line 1: at: /],
  ])('that are none are refused with their line: %j', async (content, message) => {
    await expect(parseAnnotations(content, 'file', breather())).rejects.toThrow(message)
  })
})
