import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Client, TopicEdit } from '#contract'
import { planEdit } from '../../../src-main/project/topics/plan-edit.ts'
import { openProject } from '../../../src-main/store/index.ts'
import { clip } from '../../store/folder.ts'
import { state } from '../../store/script.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

/** What the captions of each clip speak of; clip i speaks of theme i modulo 3. */
const THEMES = [
  ['dog barks loud', 'puppy barks outside', 'dog puppy fetch', 'loud puppy fetch'],
  ['guitar plays tune', 'violin plays tune', 'guitar violin concert', 'concert tune'],
  ['soup boils pan', 'onion fries pan', 'soup onion kitchen', 'kitchen pan'],
]
const CLIPS = 30

let bench: Workbench
let client: Client

const store = () => bench.app.project().store
const topics = async () => (await client.topics.list()).topics
/** The topic that holds most of a word. */
async function topicOf(word: string) {
  const all = await topics()
  const p = (topic: (typeof all)[number]) => topic.words.find((entry) => entry.word === word)?.p ?? 0
  return all.reduce((best, topic) => (p(topic) > p(best) ? topic : best))
}
const bearing = async (topicId: number) =>
  (await client.topics.clips({ topicId, limit: 200 })).rows.map(({ id }) => id).sort((a, b) => a - b)
const edit = (edit: TopicEdit) => client.topics.edit(edit)
const themed = (theme: number) =>
  store()
    .clips.all()
    .filter((_, i) => i % THEMES.length === theme)
    .map(({ id }) => id)
/** Makes edits, and checks that undo takes them all back and redo makes them again. */
async function undoable(work: () => Promise<unknown>): Promise<void> {
  const edits = async () => (await client.project.history({})).edits.find(({ undone }) => !undone)?.id ?? null
  const [before, at] = [state({ store: store() }), await edits()]
  await work()
  const [after, now] = [state({ store: store() }), await edits()]
  await client.project.goTo({ editId: at })
  expect(state({ store: store() })).toEqual(before)
  await client.project.goTo({ editId: now })
  expect(state({ store: store() })).toEqual(after)
}

beforeAll(async () => {
  bench = await createWorkbench()
  client = bench.client
  return bench.close
})
let projects = 0
/** A project of this test's own, without topics yet. */
beforeEach(async () => {
  await client.project.create({ path: `${bench.folder}/${++projects}.vitrine` })
  store().clips.add(
    Array.from({ length: CLIPS }, (_, i) =>
      clip(`clip ${String(i).padStart(2, '0')}`, THEMES[i % THEMES.length]!),
    ),
  )
})
const findTopics = async () =>
  bench.finished(await client.topics.extract({ k: 3, iterations: 60, maxDocumentShare: 1, minShare: 0.2 }))

describe('finding topics', () => {
  it('comes before curating them, and is an edit', async () => {
    await expect(client.topics.reassign()).rejects.toMatchObject({ code: 'NOT_READY' })
    await expect(client.topics.create({ from: { by: 'words', words: ['dog'] } })).rejects.toMatchObject({
      code: 'NOT_READY',
    })
    await undoable(findTopics)
    expect(await client.project.edits()).toEqual({ undo: 'find 3 topics', redo: null })
    const { run, rule, wordsEdited, topics } = await client.topics.list()
    expect([run?.origin, rule, wordsEdited, topics.map(({ state }) => state)]).toEqual([
      'found',
      { topicsPerClip: 3, minShare: 0.2 },
      false,
      ['active', 'active', 'active'],
    ])
    expect(topics.reduce((sum, { size }) => sum + size, 0)).toBeCloseTo(1)
    const dogs = await topicOf('puppy')
    expect(await bearing(dogs.id)).toEqual(themed(0))
    expect(dogs.words[0]?.lift).toBeGreaterThan(1)
  })
})

describe('curating topics', () => {
  beforeEach(findTopics)

  it('shows a topic with its words, its clips with words marked, the map and what a rule would do', async () => {
    const dogs = await topicOf('puppy')
    const detail = await client.topics.detail({ topicId: dogs.id })
    expect(detail.allWords.find(({ word }) => word === 'puppy')).toMatchObject({ total: 30, mark: null })
    expect(detail.proposals).toContain(dogs.label)
    const { total, rows } = await client.topics.clips({ topicId: dogs.id, search: 'clip 03' })
    expect([total, rows[0]?.name, rows[0]?.verdict]).toEqual([1, 'clip 03', null])
    const { text, marks } = rows[0]!.captions.find((caption) => caption.text.startsWith('dog barks'))!
    expect(marks.map(([from, to]) => text.slice(from, to))).toContain('dog')
    expect((await client.topics.map()).points).toHaveLength(3)
    expect(await client.topics.find({ text: ' PUP' })).toEqual([{ topicId: dogs.id, words: ['puppy'] }])
    const histogram = await client.topics.histogram({ topicsPerClip: 1, minShare: 0 })
    expect(histogram.clips).toEqual([0, CLIPS])
    const now = await client.topics.histogram((await client.topics.list()).rule)
    expect(now.topics).toEqual((await topics()).map(({ id, clips }) => ({ id, clips })))
  })

  it('renames, describes, recolours, and takes or turns down proposed labels', async () => {
    const { id: topicId, label } = await topicOf('puppy')
    await undoable(async () => {
      await edit({ edit: 'rename', topicId, label: 'dogs' })
      await edit({ edit: 'describe', topicId, description: 'They bark.' })
      await edit({ edit: 'recolour', topicId, hue: 30 })
    })
    expect((await topics()).find(({ id }) => id === topicId)).toMatchObject({
      label: 'dogs',
      labelled: true,
      description: 'They bark.',
      hue: 30,
    })
    expect((await client.project.history({})).edits.map((made) => made.label).slice(0, 3)).toEqual([
      'recolour "dogs"',
      'describe "dogs"',
      `rename "${label}" to "dogs"`,
    ])
    const soup = await topicOf('soup')
    const { proposals } = await client.topics.detail({ topicId: soup.id })
    await edit({ edit: 'rejectLabel', topicId: soup.id })
    expect((await client.topics.detail({ topicId: soup.id })).label).toBe(
      proposals[(proposals.indexOf(soup.label) + 1) % proposals.length],
    )
    await undoable(() => edit({ edit: 'acceptLabel', topicIds: [soup.id] }))
    expect((await client.topics.detail({ topicId: soup.id })).labelled).toBe(true)
  })

  it('merges: the one keeps its id, bears the clips of both and holds their words', async () => {
    const [dogs, music] = [await topicOf('puppy'), await topicOf('violin')]
    const both = [...themed(0), ...themed(1)].sort((a, b) => a - b)
    await undoable(() => edit({ edit: 'merge', into: dogs.id, topicIds: [music.id] }))
    expect((await client.project.edits()).undo).toBe(`merge "${music.label}" into "${dogs.label}"`)
    expect(await bearing(dogs.id)).toEqual(both)
    const detail = await client.topics.detail({ topicId: dogs.id })
    expect(detail.merged).toEqual([{ id: music.id, label: music.label }])
    expect(detail.allWords.map(({ word }) => word)).toContain('violin')
    await expect(edit({ edit: 'rename', topicId: music.id, label: 'x' })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: `The topic "${music.label}" was merged into "${dogs.label}".`,
    })
    await client.project.undo()
    expect(await bearing(music.id)).toEqual(themed(1))
  })

  it('sets and clears topics of clips before the rule, for a merged topic too', async () => {
    const [dogs, music] = [await topicOf('puppy'), await topicOf('violin')]
    const [first, second] = themed(1) as [number, number]
    await undoable(async () => {
      await edit({ edit: 'setClips', topicIds: [music.id], clipIds: [first], verdict: false })
      await edit({ edit: 'setClips', topicIds: [dogs.id], clipIds: [first, second], verdict: true })
      await edit({ edit: 'merge', into: music.id, topicIds: [dogs.id] })
      await edit({ edit: 'setClips', topicIds: [music.id], clipIds: [second], verdict: null })
    })
    expect(
      (await client.topics.clips({ topicId: music.id, which: 'cleared' })).rows.map(({ id }) => id),
    ).toEqual([first])
    expect((await client.topics.clips({ topicId: music.id, which: 'set' })).rows).toEqual([])
    for (let i = 0; i < 4; i++) {
      await client.project.undo()
    }
  })

  it('splits by proposal, words and clips; parts have new ids and the clips of their own', async () => {
    const dogs = await topicOf('puppy')
    const proposal = await client.topics.proposeSplit({ topicId: dogs.id, how: { by: 'proposal' } })
    expect(proposal.parts).toHaveLength(2)
    const [set] = themed(1) as [number]
    await undoable(async () => {
      await edit({ edit: 'setClips', topicIds: [dogs.id], clipIds: [set], verdict: true })
      await client.topics.split({
        topicId: dogs.id,
        how: { by: 'words', parts: [['dog', 'loud'], ['puppy']] },
        labels: ['dogs only', null],
      })
    })
    const parts = (await topics()).filter(({ id }) => id > dogs.id).slice(-2)
    expect(parts[0]?.label).toBe('dogs only')
    expect((await client.topics.detail({ topicId: dogs.id })).state).toBe('split')
    // A clip that a person set is set in exactly one part.
    const places = await Promise.all(
      parts.map(async ({ id }) =>
        (await client.topics.clips({ topicId: id, which: 'set' })).rows.map((row) => row.id),
      ),
    )
    expect(places.flat()).toEqual([set])
    await expect(client.topics.split({ topicId: dogs.id, how: { by: 'proposal' } })).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    await client.project.undo()
    await client.project.undo()
    const [a, b, ...rest] = themed(0) as [number, number, ...number[]]
    await undoable(() =>
      client.topics.split({ topicId: dogs.id, how: { by: 'clips', parts: [[a, b], rest] } }),
    )
    await client.project.undo()
  })

  it('creates topics by words and by clips', async () => {
    await undoable(() =>
      client.topics.create({ label: 'concerts', from: { by: 'words', words: ['concert', 'Tune'] } }),
    )
    const byWords = (await topics()).at(-1)!
    expect([byWords.label, await bearing(byWords.id)]).toEqual(['concerts', themed(1)])
    const [a, b] = themed(2) as [number, number]
    await undoable(() => client.topics.create({ from: { by: 'clips', clipIds: [a, b] } }))
    const byClips = (await topics()).at(-1)!
    expect(await bearing(byClips.id)).toEqual([a, b])
    await expect(client.topics.create({ from: { by: 'words', words: ['unheard'] } })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    })
    await client.project.undo()
    await client.project.undo()
  })

  it('moves, pins and forbids words; clips follow when they are given their topics anew', async () => {
    const [dogs, music] = [await topicOf('puppy'), await topicOf('violin')]
    const edited = async () => (await client.topics.list()).wordsEdited
    await undoable(async () => {
      await edit({ edit: 'moveWords', from: dogs.id, to: music.id, words: ['puppy', 'dog', 'barks', 'loud'] })
      expect(await edited()).toBe(true)
      await edit({ edit: 'markWords', topicId: dogs.id, words: ['fetch'], mark: 'forbidden' })
      await edit({ edit: 'markWords', topicId: music.id, words: ['outside'], mark: 'pinned' })
    })
    const detail = await client.topics.detail({ topicId: dogs.id })
    expect(detail.allWords.find(({ word }) => word === 'fetch')).toMatchObject({
      count: 0,
      p: 0,
      mark: 'forbidden',
    })
    expect(detail.allWords.some(({ word }) => word === 'puppy')).toBe(false)
    await expect(
      edit({ edit: 'moveWords', from: dogs.id, to: music.id, words: ['puppy'] }),
    ).rejects.toMatchObject({ message: `The topic "${dogs.label}" has no word "puppy".` })
    const before = await bearing(music.id)
    await undoable(async () => bench.finished(await client.topics.reassign()))
    expect([await edited(), (await client.topics.list()).run?.origin]).toEqual([false, 'reassigned'])
    expect(before).toEqual(themed(1))
    expect(await bearing(music.id)).toEqual([...themed(0), ...themed(1)].sort((x, y) => x - y))
    for (const was of [true, true, true, false]) {
      expect((await client.project.undo()).redo).not.toBeNull()
      expect(await edited()).toBe(was)
    }
  })

  it('finds topics anew around those that are kept, which keep their ids', async () => {
    const [dogs, music, soup] = [await topicOf('puppy'), await topicOf('violin'), await topicOf('soup')]
    const words = store().topics.words(dogs.id)
    await undoable(async () =>
      bench.finished(
        await client.topics.extract({
          k: 3,
          iterations: 60,
          maxDocumentShare: 1,
          seed: 2,
          keep: [{ topicId: music.id, as: 'start' }, { topicId: dogs.id }],
          topics: [{ label: 'food', seeds: ['soup'], forbidden: ['dog'] }],
        }),
      ),
    )
    const now = await topics()
    expect(now.map(({ id }) => id).slice(0, 2)).toEqual([dogs.id, music.id].sort((a, b) => a - b))
    expect(now[2]).toMatchObject({ label: 'food', labelled: true })
    expect((await client.topics.detail({ topicId: soup.id })).state).toBe('replaced')
    expect(store().topics.words(dogs.id)).toEqual(words)
    expect(await bearing(dogs.id)).toEqual(themed(0))
    await expect(client.topics.extract({ k: 3, keep: [{ topicId: soup.id }] })).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    await client.project.undo()
  })

  it('returns to snapshots, and says what was different', async () => {
    const [dogs, music, soup] = [await topicOf('puppy'), await topicOf('violin'), await topicOf('soup')]
    const { id: snapshotId } = await client.topics.takeSnapshot({ name: 'before' })
    await expect(client.topics.takeSnapshot({ name: 'before' })).rejects.toMatchObject({ code: 'CONFLICT' })
    const before = state({ store: store() })
    expect((await client.topics.compareSnapshot({ snapshotId })).differences).toEqual([])
    await edit({ edit: 'moveWords', from: dogs.id, to: soup.id, words: ['puppy'] })
    await edit({ edit: 'rename', topicId: soup.id, label: 'kitchen' })
    await edit({ edit: 'merge', into: dogs.id, topicIds: [music.id] })
    await edit({ edit: 'setClips', topicIds: [dogs.id], clipIds: [1], verdict: false })
    await edit({ edit: 'setRule', rule: { topicsPerClip: 1, minShare: 0.5 } })
    const { topicId } = await client.topics.create({ from: { by: 'words', words: ['concert'] } })
    const { differences } = await client.topics.compareSnapshot({ snapshotId })
    expect(
      differences
        .filter((difference) => difference.topicId !== dogs.id)
        .map((difference) => [difference.topicId, difference.what]),
    ).toEqual([
      [null, 'at most 3 topics a clip, each with at least 20% of its words'],
      ...[
        ...[music.id, soup.id]
          .sort((a, b) => a - b)
          .flatMap((id) =>
            id === music.id
              ? [[id, 'was active']]
              : [
                  [id, `was named "${soup.label}"`],
                  [id, 'had 1 word otherwise'],
                ],
          ),
      ],
      [topicId, 'was not there yet'],
    ])
    await undoable(() => client.topics.restoreSnapshot({ snapshotId }))
    expect(state({ store: store() })).toEqual(before)
    expect(await client.topics.snapshots()).toMatchObject([{ id: snapshotId, name: 'before', topics: 3 }])
  })

  it('of another window is followed: what was merged there is named, and nothing is lost', async () => {
    const [dogs, music, soup] = [await topicOf('puppy'), await topicOf('violin'), await topicOf('soup')]
    // Another process has the project open.
    const other = openProject(bench.app.project().folder)
    const there = (wrong: TopicEdit) =>
      other.store.transaction(() => {
        const { label, changes } = planEdit(other.store, wrong)
        other.store.edits.make(label, { kind: 'all', changes })
      })
    const before = await client.topics.histogram({ topicsPerClip: 3, minShare: 0.2 })
    there({ edit: 'merge', into: music.id, topicIds: [dogs.id] })
    expect(await client.topics.histogram({ topicsPerClip: 3, minShare: 0.2 })).not.toEqual(before)
    await expect(edit({ edit: 'merge', into: soup.id, topicIds: [dogs.id] })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining(`"${music.label}"`) as unknown,
    })
    await edit({ edit: 'merge', into: soup.id, topicIds: [music.id] })
    expect(() => {
      there({ edit: 'rename', topicId: dogs.id, label: 'x' })
    }).toThrow(`The topic "${dogs.label}" was merged into "${soup.label}".`)
    expect(await bearing(soup.id)).toHaveLength(CLIPS)
    expect((await client.project.history({ limit: 2 })).edits.map(({ label }) => label)).toEqual([
      `merge "${music.label}" into "${soup.label}"`,
      `merge "${dogs.label}" into "${music.label}"`,
    ])
    other.store.edits.undo()
    other.close()
    await client.project.undo()
    expect(await bearing(dogs.id)).toEqual(themed(0))
  })

  it('says in one sentence what can not be', async () => {
    const [dogs, music, soup] = [await topicOf('puppy'), await topicOf('violin'), await topicOf('soup')]
    const fails = async (wrong: TopicEdit, code: string, message: RegExp) =>
      expect(edit(wrong)).rejects.toMatchObject({ code, message: expect.stringMatching(message) as unknown })
    await fails({ edit: 'rename', topicId: 999, label: 'x' }, 'NOT_FOUND', /no topic 999/)
    await fails({ edit: 'merge', into: dogs.id, topicIds: [music.id, dogs.id] }, 'BAD_INPUT', /into itself/)
    await fails(
      { edit: 'moveWords', from: dogs.id, to: dogs.id, words: ['puppy'] },
      'BAD_INPUT',
      /same topic/,
    )
    await fails(
      { edit: 'setState', topicIds: [dogs.id, music.id, soup.id], state: 'deleted' },
      'CONFLICT',
      /no topic would be left/,
    )
    await fails(
      { edit: 'markWords', topicId: dogs.id, words: ['unheard'], mark: 'pinned' },
      'BAD_INPUT',
      /"unheard"/,
    )
    await fails(
      { edit: 'setClips', topicIds: [dogs.id], clipIds: [999], verdict: true },
      'NOT_FOUND',
      /no clip 999/,
    )
    await undoable(() => edit({ edit: 'setState', topicIds: [soup.id], state: 'junk' }))
    await fails({ edit: 'merge', into: soup.id, topicIds: [dogs.id] }, 'CONFLICT', /marked as junk/)
    expect((await client.topics.histogram({ topicsPerClip: 3, minShare: 0.2 })).clips).toEqual([
      CLIPS / 3,
      (2 * CLIPS) / 3,
    ])
    await client.project.undo()
    // What is so already is no edit.
    await edit({ edit: 'rename', topicId: dogs.id, label: 'dogs' })
    const { edits } = await client.project.history({ limit: 1 })
    await edit({ edit: 'rename', topicId: dogs.id, label: 'dogs' })
    expect((await client.project.history({ limit: 1 })).edits).toEqual(edits)
  })
})
