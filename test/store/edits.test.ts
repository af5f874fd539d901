import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { captionerSettings, decoding } from '#contract'
import { expectedError } from '../../src-main/common/files/file-errors.ts'
import { activeTopics } from '../../src-main/engine/topics/assignments.ts'
import { applyChange } from '../../src-main/store/project/changes.ts'
import { createProject, NO_MEDIA, openProject } from '../../src-main/store/index.ts'
import type { Change, ImportedClip, OpenProject } from '../../src-main/store/index.ts'
import { clip, findTopics, line, temporaryFolder, temporaryProject } from './folder.ts'
import { scriptedEdit, state } from './script.ts'

const SQL_TEXT = join(import.meta.dirname, '..', '..', 'scripts', 'sql-text.mjs')
const WRITER = ['--import', SQL_TEXT, join(import.meta.dirname, 'writer.ts')]
const SHARES = [
  [0.6, 0.4, 0, 0, 0, 0],
  [0, 0, 0.5, 0.5, 0, 0],
  [0.2, 0.2, 0.2, 0.2, 0.1, 0.1],
  [0, 0, 0, 0, 0.5, 0.5],
  [0.04, 0, 0.96, 0, 0, 0],
]

/** The project of the script: see `scriptedEdit`. */
function prepare(project: OpenProject): OpenProject {
  const { store } = project
  const added = Array.from({ length: 10 }, (_, i) => clip(`clip ${i}`, i === 0 ? ['a bird', 'a hen'] : []))
  store.clips.add(added.slice(0, 8))
  importTwo(project, added.slice(8))
  const topicIds = findTopics(
    project,
    ['one', 'two', 'three', 'four', 'five', 'six'],
    store.clips.all().map(({ id }, i) => ({ clipId: id, shares: SHARES[i % SHARES.length]! })),
  )
  for (const [i, name] of ['one', 'two', 'three', 'four', 'five', 'six'].entries()) {
    applyChange(store, {
      kind: 'topic.words',
      topicId: topicIds[i]!,
      words: ['a', 'b'].map((more) => ({ word: `${name} ${more}`, value: { count: 5, mark: null } })),
    })
  }
  store.findings.replace([
    { kind: 'typo', clipId: 1, captionId: 1, reason: 'why', suggestion: null, score: 1 },
  ])
  const { id: modelId } = store.models.add({
    parent: null,
    jobId: null,
    kind: 'interpretive',
    origin: 'trained',
    settings: captionerSettings.parse({}),
    seed: 1,
    topics: topicIds,
    fingerprints: store.topics.fingerprints(topicIds),
    featureKey: 'k',
    frames: 28,
  })
  store.models.setState(modelId, 'ready')
  store.generated.put(
    modelId,
    store.clips.all().map(({ id }) => ({
      clipId: id,
      decoding: decoding.parse({}),
      caption: 'a bird',
      logProbability: -1,
      score: null,
      words: [],
      alternatives: [],
      cider: null,
      topics: [],
    })),
  )
  return project
}

/** Import 1: two clips, and of the first one a caption, a video and another split. */
function importTwo({ store }: OpenProject, added: ImportedClip[]): void {
  const importId = store.imports.begin(null, 'two clips')
  store.imports.stageClips(importId, added)
  store.imports.stageChanges(importId, [
    {
      clipId: 1,
      media: { before: NO_MEDIA, after: { ...NO_MEDIA, path: 'a.mp4', contentHash: 'A' } },
      split: { before: 'train', after: 'test' },
      returns: false,
      returningCaptions: [],
      captions: [line('a cock')],
    },
  ])
  store.transaction(() => store.imports.setUndone(importId, false))
}

/**
 * What clips bear by its definition: each clip's shares of the current run under the engine's own rule, then
 * verdicts.
 */
function bornByDefinition(
  { store }: OpenProject,
  shares: ReadonlyMap<number, readonly { topicId: number; clipId: number; share: number }[]>,
) {
  const states = store.topics.states()
  const current = [...states]
    .filter(([, { state }]) => state === 'active' || state === 'hidden')
    .map(([id]) => id)
    .sort((a, b) => a - b)
  const verdicts = store.topics.verdicts([...states.keys()])
  const runShares = shares.get(store.settings.get('topicRun') ?? 0) ?? []
  const { topicsPerClip, minShare } = store.settings.get('topicRule')
  return store.clips.all().map(({ id: clipId }) => {
    const judged = new Map(
      verdicts.filter((verdict) => verdict.clipId === clipId).map(({ topicId, active }) => [topicId, active]),
    )
    const end = (topicId: number): number => states.get(topicId)!.mergedInto ?? topicId
    const row = current.map((topic) =>
      runShares
        .filter(
          (entry) =>
            entry.clipId === clipId &&
            end(entry.topicId) === topic &&
            (entry.topicId === topic || judged.get(entry.topicId) !== false),
        )
        .sort((a, b) => a.topicId - b.topicId)
        .reduce((sum, { share }) => sum + share, 0),
    )
    const active = new Set(activeTopics(row, topicsPerClip, minShare).map((column) => current[column]!))
    for (const topic of current) {
      const inherited = [...judged].some(
        ([topicId, shown]) => topicId !== topic && end(topicId) === topic && shown,
      )
      const verdict = judged.get(topic) ?? (inherited ? true : undefined)
      if (verdict === true) {
        active.add(topic)
      } else if (verdict === false) {
        active.delete(topic)
      }
    }
    return {
      clipId,
      shares: current.flatMap((topicId, column) => (row[column]! > 0 ? [[topicId, row[column]!]] : [])),
      active: [...active].sort((a, b) => a - b),
    }
  })
}

const born = ({ store }: OpenProject) =>
  store.clips.all().map(({ id }) => {
    const entries = store.topics.ofClip(id).sort((a, b) => a.topicId - b.topicId)
    return {
      clipId: id,
      shares: entries.filter(({ share }) => share > 0).map(({ topicId, share }) => [topicId, share]),
      active: entries.filter(({ active }) => active).map(({ topicId }) => topicId),
    }
  })

/** How many clips bear each current topic, as the store reckons it up; those that none bears are left out. */
const clipCounts = ({ store }: OpenProject) => {
  const counts = store.topics.clipCounts()
  return Object.fromEntries(
    store.topics.current().flatMap(({ id }) => ((counts.get(id) ?? 0) > 0 ? [[id, counts.get(id)]] : [])),
  )
}
const countsOf = (rows: ReturnType<typeof born>) =>
  Object.fromEntries(
    [
      ...Map.groupBy(
        rows.flatMap(({ active }) => active),
        (topicId) => topicId,
      ),
    ].map(([topicId, clips]) => [topicId, clips.length]),
  )

describe('edits', () => {
  it('are undone and redone in order, across restarts, whatever they are; and clips bear what follows from them', async () => {
    const start = prepare(await temporaryProject())
    const { store } = start
    const runs = [store.settings.get('topicRun')!]
    const topicIds = store.topics.current().map(({ id }) => id)
    const clipIds = store.clips.all().map(({ id }) => id)
    const shares = new Map([
      [
        runs[0]!,
        clipIds.flatMap((clipId, i) =>
          topicIds.map((topicId, column) => ({
            topicId,
            clipId,
            share: SHARES[i % SHARES.length]![column]!,
          })),
        ),
      ],
    ])
    // A second run over the same topics, with other shares.
    runs.push(
      store.topics.addRun({
        run: { ...store.topics.run()!, origin: 'reassigned' },
        vocabulary: [],
        topics: topicIds.map((id) => ({ id })),
        assignments: clipIds.map((clipId, i) => ({
          clipId,
          shares: SHARES[(i + 2) % SHARES.length]!,
          active: [],
        })),
      }).runId,
    )
    shares.set(
      runs[1]!,
      clipIds.flatMap((clipId, i) =>
        topicIds.map((topicId, column) => ({
          topicId,
          clipId,
          share: SHARES[(i + 2) % SHARES.length]![column]!,
        })),
      ),
    )
    const modelId = store.models.list()[0]!.id
    const { id: otherModelId } = store.models.add({ ...store.models.get(modelId), kind: 'baseline' })
    store.models.setState(otherModelId, 'ready')
    const { id: correctionId } = store.corrections.add({
      parent: modelId,
      clipId: clipIds[0]!,
      topics: [],
      neurons: [],
      typed: 'a hen',
      before: 'a bird',
      wanted: 'a hen',
      note: '',
      leftOut: [],
    })

    const topic = fc.constantFrom(...topicIds)
    const clips = fc.subarray(clipIds, { maxLength: 3 })
    const someWord = fc.record({
      word: fc.constantFrom('one a', 'two b', 'new'),
      value: fc.option(
        fc.record({ count: fc.nat(9), mark: fc.constantFrom(null, 'pinned' as const, 'forbidden' as const) }),
      ),
    })
    const single = fc.oneof(
      fc.record({
        kind: fc.constant('topic' as const),
        topicId: topic,
        set: fc.record(
          {
            label: fc.string(),
            labelled: fc.boolean(),
            description: fc.string(),
            hue: fc.option(fc.nat(360)),
            npmi: fc.constant(0.5),
          },
          { requiredKeys: [] },
        ),
      }),
      fc.record({
        kind: fc.constant('topic' as const),
        topicId: topic,
        set: fc.record({
          state: fc.constantFrom(
            'active' as const,
            'hidden' as const,
            'junk' as const,
            'split' as const,
            'replaced' as const,
          ),
          mergedInto: fc.constant(null),
        }),
      }),
      // Always into an earlier one, so that merges make no circle.
      fc
        .tuple(topic, topic)
        .filter(([a, b]) => a < b)
        .map(([into, topicId]) => ({
          kind: 'topic' as const,
          topicId,
          set: { state: 'merged' as const, mergedInto: into },
        })),
      fc.record({
        kind: fc.constant('topic.words' as const),
        topicId: topic,
        words: fc.array(someWord, { maxLength: 3 }),
      }),
      fc.record({
        kind: fc.constant('clip.verdicts' as const),
        topicId: topic,
        set: clips,
        cleared: clips,
        none: clips,
      }),
      fc.record({
        kind: fc.constant('topic.rule' as const),
        rule: fc.record({
          topicsPerClip: fc.integer({ min: 1, max: 4 }),
          minShare: fc.constantFrom(0, 0.05, 0.3),
        }),
      }),
      fc.record({ kind: fc.constant('topic.run' as const), runId: fc.constantFrom(null, ...runs) }),
      fc.record({ kind: fc.constant('topic.wordsEdited' as const), edited: fc.boolean() }),
      fc
        .record({
          kind: fc.constant('caption' as const),
          captionId: fc.constantFrom(1, 2),
          value: fc.option(
            fc.record({
              clipId: fc.constant(clipIds[0]!),
              position: fc.constant(0),
              source: fc.constant('human' as const),
              text: fc.string(),
            }),
          ),
        })
        .map((change) => ({
          ...change,
          value: change.value && { ...change.value, position: change.captionId - 1 },
        })),
      fc.record({ kind: fc.constant('import' as const), importId: fc.constant(1), undone: fc.boolean() }),
      fc.record({
        kind: fc.constant('captions.removed' as const),
        removed: fc.subarray([1, 2, 99]),
        present: fc.subarray([1, 2]),
      }),
      fc.record({
        kind: fc.constant('clips.removed' as const),
        removed: fc.subarray([...clipIds, 99]),
        present: clips,
      }),
      fc.record({ kind: fc.constant('clips.split' as const), train: clips, val: clips, test: clips }),
      fc.record({
        kind: fc.constant('model.trashed' as const),
        modelId: fc.constantFrom(modelId, otherModelId),
        trashed: fc.boolean(),
        current: fc.constant(false),
      }),
      fc.record({
        kind: fc.constant('finding' as const),
        findingId: fc.constantFrom(1, 99),
        state: fc.constantFrom('open' as const, 'accepted' as const, 'fixed' as const),
      }),
      fc.record({
        kind: fc.constant('model.current' as const),
        modelId: fc.constantFrom(null, modelId, otherModelId),
      }),
      fc.record({
        kind: fc.constant('model.state' as const),
        modelId: fc.constant(modelId),
        state: fc.constantFrom('ready' as const, 'stopped' as const),
      }),
      fc.record({
        kind: fc.constant('model.note' as const),
        modelId: fc.constant(modelId),
        note: fc.string(),
      }),
      fc.record({
        kind: fc.constant('correction.state' as const),
        correctionId: fc.constantFrom(correctionId, 99),
        state: fc.constantFrom('queued' as const, 'withdrawn' as const),
      }),
      fc.record({
        kind: fc.constant('correction.leftOut' as const),
        correctionId: fc.constantFrom(correctionId, 99),
        clipIds: fc.subarray(clipIds),
      }),
      // A verdict on what the model does not say any more is kept, and does not count; one of a model that is
      // gone is neither.
      fc.record({
        kind: fc.constant('caption.verdict' as const),
        modelId: fc.constantFrom(modelId, 99),
        clipId: fc.constantFrom(...clipIds, 99),
        who: fc.constantFrom('Ann', 'Bob'),
        value: fc.option(
          fc.record({
            at: fc.constant(null),
            caption: fc.constantFrom('a bird', 'a hen'),
            verdict: fc.constantFrom('right' as const, 'nearly' as const, 'wrong' as const, 'skip' as const),
          }),
        ),
      }),
      fc.record({
        kind: fc.constant('clip.tag' as const),
        tag: fc.constantFrom('odd', 'look again'),
        clips: fc.uniqueArray(
          fc.record({
            clipId: fc.constantFrom(...clipIds, 99),
            value: fc.option(fc.record({ who: fc.constantFrom('Ann', 'Bob'), at: fc.constant(null) })),
          }),
          { selector: ({ clipId }) => clipId },
        ),
      }),
      fc.record({
        kind: fc.constant('clip.note' as const),
        clipId: fc.constantFrom(...clipIds, 99),
        who: fc.constantFrom('Ann', 'Bob'),
        value: fc.option(fc.record({ note: fc.constantFrom('one', 'two'), at: fc.constant(null) })),
      }),
      fc.record({
        kind: fc.constant('neuron.judgement' as const),
        modelId: fc.constantFrom(modelId, 99),
        neuron: fc.nat(2),
        value: fc.option(
          fc.record({
            verdict: fc.constantFrom(null, 'agree' as const, 'disagree' as const),
            label: fc.string(),
            note: fc.string(),
          }),
        ),
      }),
    )
    const change: fc.Arbitrary<Change> = fc.oneof(
      single,
      fc.record({ kind: fc.constant('all' as const), changes: fc.array(single, { maxLength: 5 }) }),
    )
    const step = fc.oneof(
      { weight: 3, arbitrary: change.map((change) => ({ change })) },
      fc.constantFrom('undo' as const, 'redo' as const, 'reopen' as const),
      fc.nat(12).map((to) => ({ to })),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
        let project = openProject(start.folder)
        project.store.edits.goTo(null)
        project.store.edits.make('start', { kind: 'all', changes: [] })
        // The reference: a row of whole states with their edits' ids, and where in it the project is.
        const latest = () => project.store.edits.history(0, 1).edits[0]!.id
        const states = [{ id: latest(), state: state(project) }]
        let at = 0
        for (const step of steps) {
          if (step === 'reopen') {
            project.close()
            project = openProject(start.folder)
          } else if (step === 'undo') {
            if (at === 0) {
              continue
            }
            project.store.edits.undo()
            at--
          } else if (step === 'redo') {
            project.store.edits.redo()
            at = Math.min(at + 1, states.length - 1)
          } else if ('to' in step) {
            at = Math.min(step.to, states.length - 1)
            project.store.edits.goTo(states[at]!.id)
          } else {
            project.store.edits.make(`edit ${at}`, step.change)
            states.splice(++at)
            states.push({ id: latest(), state: state(project) })
          }
          expect(state(project)).toEqual(states[at]!.state)
          expect(born(project)).toEqual(bornByDefinition(project, shares))
          expect(clipCounts(project)).toEqual(countsOf(born(project)))
          expect(project.store.edits.state()).toEqual({
            undo: at ? `edit ${at - 1}` : 'start',
            redo: at < states.length - 1 ? `edit ${at}` : null,
          })
          expect(project.store.edits.history(0, 99).edits.map(({ undone }) => undone)).toEqual(
            states.map((_, i) => i > at).reverse(),
          )
        }
        project.close()
      }),
      { numRuns: 150 },
    )
  })

  it('of one person are taken back as if they had never been made, unless others built on them', async () => {
    const [project, replica] = [prepare(await temporaryProject()), prepare(await temporaryProject())]
    const people = ['Ann', 'Bob', 'Cai']
    for (let i = 0; i < 72; i++) {
      for (const { store } of [project, replica]) {
        scriptedEdit(store, i, people[(i * 5) % 3])
      }
    }
    const { edits } = project.store
    const all = state(project)
    const wasTaken = (step: () => { step: unknown }): boolean => {
      try {
        return step().step !== null
      } catch (error) {
        if (expectedError(error)?.code !== 'CONFLICT') {
          throw error
        }
        return false
      }
    }
    /** Takes back or makes again until there is nothing, or something is in the way; how often. */
    const goOn = (step: () => { step: unknown }): number => {
      let taken = 0
      while (wasTaken(step)) {
        taken++
      }
      return taken
    }
    /** What the edits that hold come to where the others were never made. */
    const asIfNeverMade = (): unknown => {
      const log = new Database(join(project.folder, 'project.sqlite'), { readonly: true })
      const held = log.prepare('SELECT forward FROM edit WHERE undone = 0 ORDER BY id').pluck().all()
      log.close()
      replica.store.edits.goTo(null)
      for (const forward of held) {
        replica.store.edits.make('again', JSON.parse(String(forward)) as Change)
      }
      return state(replica)
    }
    const taken: number[] = []
    for (const who of people) {
      taken.push(goOn(() => edits.undo(who)))
      expect(state(project)).toEqual(asIfNeverMade())
    }
    expect(taken.reduce((sum, times) => sum + times, 0)).toBeGreaterThan(5)
    expect(edits.history(0, 100).edits.filter(({ undone }) => undone)).toHaveLength(
      taken.reduce((sum, times) => sum + times, 0),
    )
    for (const who of people.toReversed()) {
      goOn(() => edits.redo(who))
    }
    for (const who of people) {
      goOn(() => edits.redo(who))
    }
    expect(state(project)).toEqual(all)
  })

  it('that name something unknown change nothing', async () => {
    const project = await temporaryProject()
    const [topicId] = findTopics(project, ['x'], [])
    const before = state(project)
    const changes = [
      { kind: 'topic' as const, topicId: topicId!, set: { label: 'new' } },
      { kind: 'model.current' as const, modelId: 9 },
    ]
    expect(() => project.store.edits.make('both', { kind: 'all', changes })).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND' }),
    )
    expect(() =>
      project.store.edits.make('verdict', {
        kind: 'clip.verdicts',
        topicId: topicId!,
        set: [9],
        cleared: [],
        none: [],
      }),
    ).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
    expect(() => project.store.edits.goTo(5)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }))
    expect(state(project)).toEqual(before)
    expect(project.store.edits.state()).toEqual({ undo: null, redo: null })
  })

  it('are signed with the name of the setting, else the account', async () => {
    const { store } = await temporaryProject()
    store.edits.make('first', { kind: 'all', changes: [] })
    store.settings.set('who', 'Ann')
    store.edits.make('second', { kind: 'all', changes: [] })
    const [second, first] = store.edits.history(0, 9).edits
    expect([second?.who, first?.who === 'Ann']).toEqual(['Ann', false])
    expect(store.edits.history(1, 9)).toMatchObject({ total: 2, edits: [{ label: 'first' }] })
  })

  it('a thousand of every kind are all there though the process is killed again and again', async () => {
    const project = prepare(await createProject(join(temporaryFolder(), 'killed.vitrine')))
    const start = state(project)
    project.close()
    const made: number[] = []
    for (const limit of [37, 180, 1, 333, 1000]) {
      const first = made.at(-1) ?? 0
      const writer = spawn(process.execPath, [...WRITER, project.folder, String(first), '1000'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let output = ''
      for await (const chunk of writer.stdout) {
        output += String(chunk)
        if (output.split('\n').length > limit) {
          writer.kill('SIGKILL')
        }
      }
      if (writer.exitCode === null && writer.signalCode === null) {
        await once(writer, 'exit')
      }
      expect(writer.signalCode).toBe(limit === 1000 ? null : 'SIGKILL')
      const acknowledged = Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1)) + 1
      const { store, close } = openProject(project.folder)
      made.push(store.edits.history(0, 1).total)
      // One more may have been made and not yet said.
      expect([acknowledged, acknowledged + 1]).toContain(made.at(-1))
      close()
    }
    expect(made.at(-1)).toBe(1000)

    // The same edits in one go lead to the same state; and all can be undone and redone.
    const whole = prepare(await temporaryProject())
    for (let i = 0; i < 1000; i++) {
      scriptedEdit(whole.store, i)
    }
    const again = openProject(project.folder)
    expect(state(again)).toEqual(state(whole))
    again.store.edits.goTo(null)
    expect(state(again)).toEqual(start)
    again.store.edits.goTo(1000)
    expect(state(again)).toEqual(state(whole))
    again.close()
  })

  it('of two processes at once are all there, each with its effect', async () => {
    const project = prepare(await createProject(join(temporaryFolder(), 'two.vitrine')))
    const writers = [1, 2].map((topicId) =>
      spawn(process.execPath, [...WRITER, project.folder, String(topicId)], { stdio: 'inherit' }),
    )
    expect(await Promise.all(writers.map((writer) => once(writer, 'exit')))).toEqual([
      [0, null],
      [0, null],
    ])
    const { store } = project
    const { total, edits } = store.edits.history(0, 500)
    expect(total).toBe(200)
    for (const topicId of [1, 2]) {
      expect(
        edits
          .filter(({ label }) => label.startsWith(`${topicId}/`))
          .map(({ label }) => label)
          .reverse(),
      ).toEqual(Array.from({ length: 100 }, (_, i) => `${topicId}/${i}`))
      expect(store.topics.record(topicId).description).toBe('99')
      expect(store.topics.words(topicId).filter(({ word }) => word.startsWith('word ')).length).toBe(100)
      expect(store.topics.clipCounts().get(topicId)).toBe(10)
    }
    store.edits.goTo(null)
    expect(store.topics.record(1).description).toBe('')
    project.close()
  })
})
