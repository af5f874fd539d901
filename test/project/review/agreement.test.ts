/** Verdicts of several people on the same captions: each keeps their own, and how far they agree. */
import { createRouterClient } from '@orpc/server'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Client, Verdict } from '#contract'
import { PERSON_HEADER } from '#contract'
import { cohensKappa } from '../../../src-main/project/review/agreement.ts'
import { paceOf } from '../../../src-main/project/review/progress.ts'
import { createRouter } from '../../../src-main/router.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

describe("Cohen's kappa", () => {
  // J. Cohen, 1960: psychologists' diagnoses of 200 patients (kappa 0.492); two tables of two categories.
  it.each([
    [
      [
        [88, 14, 18],
        [10, 40, 10],
        [2, 6, 12],
      ],
      { observed: 0.7, expected: 0.41, kappa: 0.4915, error: 0.0549 },
    ],
    [
      [
        [20, 5],
        [10, 15],
      ],
      { observed: 0.7, expected: 0.5, kappa: 0.4, error: 0.1296 },
    ],
    [
      [
        [45, 15],
        [25, 15],
      ],
      { observed: 0.6, expected: 0.54, kappa: 0.1304, error: 0.1065 },
    ],
  ])('of %j', (table, { observed, expected, kappa, error }) => {
    const result = cohensKappa(table)
    expect(result.observed).toBeCloseTo(observed, 9)
    expect(result.expected).toBeCloseTo(expected, 9)
    expect(result.kappa?.value).toBeCloseTo(kappa, 4)
    expect((result.kappa!.high - result.kappa!.low) / 2 / 1.96).toBeCloseTo(error, 3)
  })

  it('is 1 where all agree, and none where both always say one thing, or nothing', () => {
    expect(cohensKappa([[5, 0], [0, 7]]).kappa?.value).toBe(1) // prettier-ignore
    expect(cohensKappa([[5, 0], [0, 0]]).kappa).toBeNull() // prettier-ignore
    expect(cohensKappa([[0, 0], [0, 0]]).kappa).toBeNull() // prettier-ignore
  })
})

describe('the pace', () => {
  const at = (...seconds: number[]) => seconds.map((second) => new Date(1000 * second).toISOString())
  it('leaves breaks out', () => {
    // Ten seconds each, a lunch, and ten seconds each again.
    expect(paceOf(at(0, 10, 20, 30, 4000, 4010, 4020))).toBeCloseTo(6, 9)
    expect(paceOf(at(4020, 0, 30, 10, 4000, 20, 4010))).toBeCloseTo(6, 9)
  })
  it('is not told by a few', () => {
    expect(paceOf(at(0, 10, 20, 30))).toBeNull()
    expect(paceOf(at(0, 4000, 8000, 12000, 16000))).toBeNull()
    expect(paceOf(at(5, 5, 5, 5, 5, 5))).toBeNull()
  })
})

describe('verdicts of two people', () => {
  let bench: Workbench
  let modelId: number
  let ann: Client
  let bob: Client
  let clipIds: number[]

  beforeAll(async () => {
    bench = await createWorkbench()
    await bench.openPrepared('trained')
    const as = (name: string): Client =>
      createRouterClient(createRouter(bench.app), {
        context: { reqHeaders: new Headers({ [PERSON_HEADER]: name }) },
      })
    ann = as('Ann')
    bob = as('Bob')
    modelId = (await ann.project.summary())?.currentModel ?? 0
    clipIds = (await ann.review.list({ modelId, split: 'test', order: 'clip' })).rows.map(
      ({ clipId }) => clipId,
    )
    return bench.close
  })
  const judge = (client: Client, place: number, verdict: Verdict | null) =>
    client.review.judge({ modelId, clipIds: [clipIds[place]!], verdict })
  const row = async (client: Client, place: number) =>
    (await client.review.list({ modelId, split: 'test', order: 'clip' })).rows[place]

  it('stand beside each other, and each undoes their own', async () => {
    await judge(ann, 0, 'right')
    await judge(bob, 0, 'wrong')
    await judge(bob, 1, 'nearly')
    expect(await row(ann, 0)).toMatchObject({ verdict: 'right', others: [{ who: 'Bob', verdict: 'wrong' }] })
    expect(await row(bob, 0)).toMatchObject({ verdict: 'wrong', others: [{ who: 'Ann', verdict: 'right' }] })
    const listed = async (client: Client, verdict: 'none' | 'nobody' | 'disputed') =>
      (await client.review.list({ modelId, split: 'test', order: 'clip', verdict })).rows.map(
        ({ clipId }) => clipId,
      )
    expect(await listed(ann, 'none')).toEqual(clipIds.slice(1))
    expect(await listed(ann, 'nobody')).toEqual(clipIds.slice(2))
    expect(await listed(bob, 'disputed')).toEqual(clipIds.slice(0, 1))
    expect(
      (await ann.review.list({ modelId, split: 'test', person: 'Bob', verdict: 'nearly' })).rows,
    ).toMatchObject([{ clipId: clipIds[1], verdict: 'nearly' }])
    await ann.project.undo()
    expect(await row(ann, 0)).toMatchObject({ verdict: null, others: [{ who: 'Bob', verdict: 'wrong' }] })
    await ann.project.redo()
    await ann.review.note({ clipId: clipIds[0]!, note: 'of Ann' })
    await bob.review.note({ clipId: clipIds[0]!, note: 'of Bob' })
    expect(await ann.review.clip({ modelId, clipId: clipIds[0]! })).toMatchObject({
      note: 'of Ann',
      otherNotes: [{ who: 'Bob', note: 'of Bob' }],
    })
  })

  it('are compared where both judged', async () => {
    await judge(ann, 1, 'nearly')
    await judge(ann, 2, 'right')
    await judge(bob, 2, 'skip')
    const { people, agreement } = await ann.review.agreement({ modelId, split: 'test' })
    expect(people).toEqual([
      { who: 'Ann', judged: 3 },
      { who: 'Bob', judged: 2 },
    ])
    expect(agreement).toMatchObject({
      between: ['Ann', 'Bob'],
      captions: 2,
      table: [
        [0, 0, 1],
        [0, 1, 0],
        [0, 0, 0],
      ],
      disagreements: [{ clipId: clipIds[0], verdicts: ['right', 'wrong'] }],
    })
    const turned = await ann.review.agreement({ modelId, split: 'test', between: ['Bob', 'Ann'] })
    expect(turned.agreement?.disagreements).toMatchObject([{ verdicts: ['wrong', 'right'] }])
  })
})
