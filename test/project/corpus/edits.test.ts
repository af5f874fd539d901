import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Client, Split } from '#contract'
import { clip, findTopics } from '../../store/folder.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let client: Client

const store = () => bench.app.project().store
const idOf = (name: string) => store().clips.byName(name)!.id
const named = async (query: { search?: string; split?: Split; removed?: boolean } = {}) =>
  (await client.corpus.clips(query)).rows.map(({ name }) => name)
const texts = async (name: string) =>
  (await client.corpus.clip({ clipId: idOf(name) })).captions.map(({ text }) => text)
const undone = async () => (await client.project.edits()).undo

beforeAll(async () => {
  bench = await createWorkbench()
  client = bench.client
  return bench.close
})
let projects = 0
/** A project of this test's own: three clips, two topics. */
beforeEach(async () => {
  await client.project.create({ path: `${bench.folder}/${++projects}.vitrine` })
  store().clips.add([
    clip('a', ['a dog barks', 'a dog barks loudly']),
    clip('b', ['a cat sleeps']),
    clip('c', ['a dog and a cat'], { split: 'test' }),
  ])
  findTopics(
    bench.app.project(),
    ['dog', 'cat'],
    store()
      .clips.all()
      .map(({ id, name }) => ({ clipId: id, shares: name === 'b' ? [0, 1] : [1, 0] })),
  )
})

describe('removed clips', () => {
  it('are out of lists, counts, search, topics and findings, and come back with all that was said of them', async () => {
    const [dog] = (await client.topics.list()).topics
    await client.topics.edit({ edit: 'setClips', topicIds: [dog!.id], clipIds: [idOf('b')], verdict: true })
    await client.review.note({ clipId: idOf('b'), note: 'look again' })
    store().findings.replace([
      { kind: 'single', clipId: idOf('b'), captionId: null, reason: 'alone', suggestion: null, score: 1 },
    ])
    const picture = async () => ({
      summary: { ...(await client.project.summary())!, savedAt: null },
      clips: await named(),
      found: await named({ search: 'cat' }),
      topics: (await client.topics.list()).topics.map(({ label, clips }) => [label, clips]),
      bearing: (await client.topics.clips({ topicId: dog!.id })).rows.map(({ name }) => name),
      findings: (await client.corpus.findings({})).rows.length,
    })
    const before = await picture()
    expect(before).toMatchObject({ summary: { clips: 3, captions: 4 }, findings: 1 })

    await client.corpus.removeClips({ clipIds: [idOf('b')] })
    expect(await picture()).toMatchObject({
      summary: { clips: 2, captions: 3, splits: { train: 1, val: 0, test: 1 } },
      clips: ['a', 'c'],
      found: ['c'],
      topics: [
        ['dog', 2],
        ['cat', 0],
      ],
      bearing: ['a', 'c'],
      findings: 0,
    })
    expect(await named({ removed: true })).toEqual(['b'])
    expect(await client.corpus.clip({ clipId: idOf('b') })).toMatchObject({ removed: true, name: 'b' })
    // What is found of all topics anew leaves it out, too.
    await client.topics.edit({ edit: 'setRule', rule: { topicsPerClip: 2, minShare: 0.1 } })
    expect(await picture()).toMatchObject({
      topics: [
        ['dog', 2],
        ['cat', 0],
      ],
    })
    await client.project.undo()

    await client.corpus.restoreClips({ clipIds: [idOf('b')] })
    expect(await undone()).toBe('restore b')
    expect(await picture()).toEqual(before)
    expect(store().verdicts.notesOn(idOf('b'))).toMatchObject([{ note: 'look again' }])
  })

  it('and moved ones are one edit each, whatever their number; what is so already is none', async () => {
    await client.corpus.moveClips({ clipIds: [idOf('a'), idOf('b'), idOf('b'), idOf('c')], split: 'test' })
    expect(await undone()).toBe('move 2 clips to test')
    expect(await named({ split: 'test' })).toEqual(['a', 'b', 'c'])
    await client.corpus.moveClips({ clipIds: [idOf('a')], split: 'test' })
    await client.corpus.restoreClips({ clipIds: [idOf('a')] })
    expect(await undone()).toBe('move 2 clips to test')
    await client.project.undo()
    expect(await named({ split: 'train' })).toEqual(['a', 'b'])
    await client.project.redo()
    await client.corpus.removeClips({ clipIds: [idOf('a'), idOf('c')] })
    await client.project.goTo({ editId: null })
    expect(await named()).toEqual(['a', 'b', 'c'])
    await expect(client.corpus.removeClips({ clipIds: [idOf('a'), 99] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'This project has no clip 99.',
    })
    expect(await named()).toEqual(['a', 'b', 'c'])
  })

  it('of ten thousand the log holds the ids alone', async () => {
    store().clips.add(Array.from({ length: 10_000 }, (_, i) => clip(`many ${i}`, [`a thing ${i}`])))
    const clipIds = await client.corpus.clipIds({ search: 'many' })
    expect(clipIds).toHaveLength(10_000)
    await client.corpus.removeClips({ clipIds })
    await client.corpus.moveClips({ clipIds, split: 'val' })
    expect(await client.project.summary()).toMatchObject({ clips: 3, captions: 4 })
    await client.project.goTo({ editId: null })
    expect(await client.project.summary()).toMatchObject({ clips: 10_003, splits: { val: 0 } })
  })
})

describe('captions', () => {
  it('are edited and removed, one or many, and found by what they say now', async () => {
    const [first, second] = (await client.corpus.clip({ clipId: idOf('a') })).captions
    await client.corpus.editCaption({ captionId: first!.id, text: ' a  wolf barks ' })
    expect(await undone()).toBe('edit a caption of a')
    expect([await texts('a'), await named({ search: 'wolf' })]).toEqual([
      ['a wolf barks', 'a dog barks loudly'],
      ['a'],
    ])
    // The same text is no edit; one that the clip has already is none either.
    await client.corpus.editCaption({ captionId: second!.id, text: 'a dog barks loudly' })
    await expect(
      client.corpus.editCaption({ captionId: second!.id, text: 'a wolf barks' }),
    ).rejects.toMatchObject({ code: 'CONFLICT', message: 'a has this caption already.' })
    expect(await undone()).toBe('edit a caption of a')

    store().findings.replace([
      { kind: 'typo', clipId: idOf('a'), captionId: first!.id, reason: 'why', suggestion: null, score: 1 },
    ])
    const open = async () => (await client.corpus.findings({})).open.typo
    expect(await open()).toBe(1)
    await client.corpus.removeCaptions({ captionIds: [first!.id, second!.id] })
    expect(await open()).toBe(0)
    expect(await undone()).toBe('remove 2 captions of a')
    expect([await texts('a'), await named({ search: 'wolf' }), await client.project.summary()]).toMatchObject(
      [[], [], { captions: 2 }],
    )
    await expect(client.corpus.removeCaptions({ captionIds: [first!.id] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await client.project.undo()
    expect(await open()).toBe(1)
    await client.project.undo()
    expect(await texts('a')).toEqual(['a dog barks', 'a dog barks loudly'])
    expect(await named({ search: 'dog' })).toEqual(['a', 'c'])
  })
})

it('a clip whose import was undone is edited no more, as by another window that still shows it', async () => {
  const importId = store().imports.begin(null, 'more')
  store().imports.stageClips(importId, [clip('d', ['a hen'])])
  store().edits.make('import', { kind: 'import', importId, undone: false })
  const [clipId, [dog]] = [idOf('d'), (await client.topics.list()).topics]
  await client.project.undo()
  const clipIds = [clipId]
  for (const edit of [
    client.corpus.addCaption({ clipId, text: 'a cock' }),
    client.corpus.removeClips({ clipIds }),
    client.corpus.moveClips({ clipIds, split: 'test' }),
    client.review.note({ clipId, note: 'look again' }),
    client.topics.edit({
      edit: 'setClips',
      topicIds: [dog!.id],
      clipIds: [idOf('a'), clipId],
      verdict: true,
    }),
  ]) {
    await expect(edit).rejects.toMatchObject({ code: 'NOT_FOUND' })
  }
  // So it can be redone.
  await client.project.redo()
  expect(await texts('d')).toEqual(['a hen'])
})
