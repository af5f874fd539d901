import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Client } from '#contract'
import { clip } from '../../store/folder.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let client: Client

const store = () => bench.app.project().store
const captionsOf = (name: string) => store().captions.ofClip(store().clips.byName(name)!.id)
const texts = (name: string) => captionsOf(name).map(({ text }) => text)
const open = async () => (await client.corpus.findings({})).rows

beforeAll(async () => {
  bench = await createWorkbench()
  client = bench.client
  return bench.close
})
let projects = 0
/** A project of this test's own. */
beforeEach(async () => {
  await client.project.create({ path: `${bench.folder}/${++projects}.vitrine` })
  store().clips.add([
    clip('a', ['a dog barks', 'a dog barks loudly', 'teh dog barks']),
    clip('b', ['a cat sleeps']),
    ...Array.from({ length: 8 }, (_, i) =>
      clip(`c${i}`, ['the dog runs to the house', 'a dog is running home', 'the brown dog runs']),
    ),
  ])
})

/** Findings as a check might leave them. */
function found(): void {
  const [first, second, third] = captionsOf('a')
  const of = (
    kind: 'duplicate' | 'typo' | 'contradiction',
    captionId: number,
    score: number,
    suggestion: string | null = null,
  ) => ({ kind, clipId: store().clips.byName('a')!.id, captionId, reason: `${kind} here`, suggestion, score })
  store().findings.replace([
    of('duplicate', second!.id, 0.5),
    of('typo', third!.id, 0.9, 'the dog barks'),
    of('contradiction', third!.id, 0.2),
    of('contradiction', first!.id, 0.1),
    {
      kind: 'single',
      clipId: store().clips.byName('b')!.id,
      captionId: null,
      reason: 'the only one',
      suggestion: null,
      score: 0.3,
    },
  ])
}

describe('checks of captions', () => {
  it('shows the queue, the likeliest faults first, with the captions as they are', async () => {
    expect(await client.corpus.findings({})).toMatchObject({ checkedAt: null, total: 0, rows: [] })
    found()
    const { total, open: counts, rows } = await client.corpus.findings({ limit: 2 })
    expect([total, counts]).toEqual([5, { contradiction: 2, duplicate: 1, typo: 1, single: 1, language: 0 }])
    expect(rows[0]).toMatchObject({
      kind: 'typo',
      clip: 'a',
      caption: { text: 'teh dog barks' },
      others: ['a dog barks', 'a dog barks loudly'],
      suggestion: 'the dog barks',
      state: 'open',
    })
    expect(rows[1]).toMatchObject({ kind: 'duplicate' })
    expect((await client.corpus.findings({ kind: 'single' })).rows).toMatchObject([
      { clip: 'b', caption: null, others: ['a cat sleeps'] },
    ])
  })

  it('fixes, drops and accepts, each an edit that undo takes back', async () => {
    found()
    const [typo, duplicate, single] = await open()
    const before = texts('a')
    await client.corpus.decide({ decision: 'fix', findingId: typo!.id, text: ' the dog  barks ' })
    expect(texts('a')).toEqual(['a dog barks', 'a dog barks loudly', 'the dog barks'])
    expect((await open()).map(({ id }) => id)).not.toContain(typo!.id)
    expect((await client.project.edits()).undo).toBe('fix a caption of a')
    expect((await client.corpus.clips({ search: 'the dog barks' })).rows.map(({ name }) => name)).toContain(
      'a',
    )

    // With a caption goes all that was found of it.
    const contradiction = (await open()).find(
      ({ kind, caption }) => kind === 'contradiction' && caption?.text === 'the dog barks',
    )
    await client.corpus.decide({ decision: 'drop', findingIds: [duplicate!.id, contradiction!.id] })
    expect(texts('a')).toEqual(['a dog barks'])
    await client.corpus.decide({ decision: 'accept', findingIds: [single!.id] })
    expect(
      (await client.corpus.findings({ state: 'decided' })).rows.map(({ state }) => state).sort(),
    ).toEqual(['accepted', 'dropped', 'dropped', 'fixed'])
    for (let i = 0; i < 3; i++) {
      await client.project.undo()
    }
    expect([texts('a'), (await open()).length]).toEqual([before, 5])
    for (let i = 0; i < 3; i++) {
      await client.project.redo()
    }
    expect([texts('a'), (await open()).length]).toEqual([['a dog barks'], 1])
    for (let i = 0; i < 3; i++) {
      await client.project.undo()
    }
  })

  it('refuses what makes no sense, and changes nothing then', async () => {
    found()
    const [typo, , single] = await open()
    await expect(
      client.corpus.decide({ decision: 'drop', findingIds: [typo!.id, single!.id] }),
    ).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: expect.stringContaining('about the whole clip b') as string,
    })
    await expect(
      client.corpus.decide({ decision: 'fix', findingId: typo!.id, text: 'teh dog barks' }),
    ).rejects.toMatchObject({ code: 'BAD_INPUT' })
    await expect(client.corpus.decide({ decision: 'accept', findingIds: [9999] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await client.corpus.decide({ decision: 'accept', findingIds: [typo!.id] })
    await expect(client.corpus.decide({ decision: 'drop', findingIds: [typo!.id] })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('was accepted already') as string,
    })
    expect([texts('a').length, (await open()).length]).toEqual([3, 4])
  })

  it('is filled by a check of all captions, which leaves alone what was accepted', async () => {
    found()
    const [typo] = await open()
    await client.corpus.decide({ decision: 'accept', findingIds: [typo!.id] })
    await bench.finished(await client.corpus.checkCaptions())
    const page = await client.corpus.findings({ limit: 200 })
    expect(page.checkedAt).not.toBeNull()
    expect(page.rows.filter(({ kind }) => kind === 'single').map(({ clip: name }) => name)).toEqual(['b'])
    expect(
      page.rows.filter(({ kind, caption }) => kind === 'typo' && caption?.text === 'teh dog barks'),
    ).toEqual([])
  })
})
