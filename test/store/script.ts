// A thousand edits of every kind, the same ones each time; and the whole state that edits can change.
import type { TopicEdit } from '#contract'
import { planEdit } from '../../src-main/project/topics/plan-edit.ts'
import type { Change, OpenProject } from '../../src-main/store/index.ts'
import { foundBy } from './folder.ts'

type Store = OpenProject['store']

/**
 * Edit i. Its project has ten clips, topics 1 to 6 with words of their own, captions and a finding, and model
 * 1, which says "a bird" of every clip.
 */
export function scriptedEdit(store: Store, i: number, who?: string): void {
  const round = Math.floor(i / STEPS.length)
  store.transaction(() => {
    const step = STEPS[i % STEPS.length]!(round, store)
    const { label, changes } =
      'edit' in step
        ? planEdit(store, step)
        : { label: `change ${i}`, changes: step.kind === 'all' ? step.changes : [step] }
    if (changes.length === 0) {
      throw new Error(`edit ${i} changes nothing`)
    }
    store.edits.make(`${i}: ${label}`, { kind: 'all', changes }, who)
  })
}

const STEPS: ((round: number, store: Store) => TopicEdit | Change)[] = [
  (round) => ({ edit: 'rename', topicId: 1, label: `name ${round}` }),
  (round) => ({ edit: 'describe', topicId: 1, description: `about ${round}` }),
  (round) => ({ edit: 'recolour', topicId: 2, hue: round % 360 }),
  () => ({ edit: 'rejectLabel', topicId: 1 }),
  () => ({ edit: 'acceptLabel', topicIds: [1] }),
  (round) => ({
    edit: 'markWords',
    topicId: 2,
    words: ['two a'],
    mark: (['pinned', 'forbidden', null] as const)[round % 3]!,
  }),
  (round) => ({ edit: 'moveWords', from: 3 + (round % 2), to: 4 - (round % 2), words: ['three a'] }),
  (round) => ({
    edit: 'setClips',
    topicIds: [1, 3],
    clipIds: [1 + (round % 7), 8],
    verdict: round % 2 === 0,
  }),
  (round) => ({ edit: 'setClips', topicIds: [1], clipIds: [8, 1 + (round % 7)], verdict: null }),
  (round) => ({
    kind: 'clip.verdicts',
    topicId: 1,
    set: round % 2 === 0 ? [9, 10] : [],
    cleared: [],
    none: round % 2 === 0 ? [] : [10, 9],
  }),
  (round) => ({ edit: 'setRule', rule: { topicsPerClip: 1 + (round % 4), minShare: 0.05 } }),
  (round) => ({
    edit: 'setState',
    topicIds: [5, 6],
    state: (['hidden', 'junk', 'deleted', 'active'] as const)[round % 4]!,
  }),
  (_, store) => ({ kind: 'topic', topicId: newTopic(store), set: { state: 'active' } }),
  (round) => ({ edit: 'merge', into: 1, topicIds: [7 + round] }),
  (round, store) => ({
    kind: 'caption',
    captionId: 1,
    value: { ...store.captions.find(2)!, position: 0, text: `caption ${round}` },
  }),
  (round) => ({ kind: 'import', importId: 1, undone: round % 2 === 0 }),
  (round) => ({
    kind: 'captions.removed',
    removed: round % 2 === 0 ? [1] : [],
    present: round % 2 === 0 ? [] : [1],
  }),
  (round) => ({
    kind: 'clips.removed',
    removed: [1 + (round % 10), 1 + ((round + 3) % 10)],
    present: [1 + ((round + 5) % 10)],
  }),
  (round) => ({
    kind: 'clips.split',
    train: [1 + (round % 10)],
    val: [1 + ((round + 1) % 10)],
    test: [1 + ((round + 2) % 10)],
  }),
  (round) => ({ kind: 'model.trashed', modelId: 1, trashed: round % 2 === 0, current: false }),
  (round) => ({ kind: 'finding', findingId: 1, state: round % 2 === 0 ? 'accepted' : 'open' }),
  (round) => ({
    kind: 'caption.verdict',
    modelId: 1,
    clipId: 1 + (round % 10),
    who: round % 5 === 0 ? 'Ann' : 'Bob',
    value:
      round % 3 === 2
        ? null
        : { caption: 'a bird', verdict: round % 2 === 0 ? 'wrong' : 'right', at: `2026-01-0${round % 7}` },
  }),
  (round) => ({
    kind: 'clip.tag',
    tag: round % 2 === 0 ? 'odd' : 'look again',
    clips: [1 + (round % 10), 1 + ((round + 4) % 10)].map((clipId) => ({
      clipId,
      value: round % 3 === 2 ? null : { who: round % 5 === 0 ? 'Ann' : 'Bob', at: null },
    })),
  }),
  (round) => ({
    kind: 'clip.note',
    clipId: 1 + (round % 10),
    who: round % 5 === 0 ? 'Ann' : 'Bob',
    value: round % 3 === 2 ? null : { note: `note ${round}`, at: null },
  }),
  (round) => ({
    kind: 'all',
    changes: [
      {
        kind: 'neuron.judgement',
        modelId: 1,
        neuron: round % 4,
        value: round % 3 === 2 ? null : { verdict: 'agree', label: `label ${round}`, note: '' },
      },
      {
        kind: 'saved.view',
        list: round % 2 === 0 ? 'corpus' : 'review',
        name: `view ${round % 4}`,
        filter: round % 5 === 4 ? null : { search: `word ${round}` },
      },
    ],
  }),
]

const newTopic = (store: Store): number =>
  store.topics.addTopic(
    { label: 'new', labelled: false, npmi: null, alpha: 0.1, words: [{ word: 'new', count: 3, mark: null }] },
    [{ clipId: 5, share: 0.3 }],
  )

/** All that edits can change; of past topics without the clips, which stay as they were last. */
export function state({ store }: Pick<OpenProject, 'store'>): unknown {
  const topics = [...store.topics.states().keys()].map((id) => store.topics.record(id))
  const current = topics.filter(({ state }) => state === 'active' || state === 'hidden').map(({ id }) => id)
  const counts = store.topics.clipCounts()
  return {
    // Rows that an undone edit left behind take part in nothing.
    topics: topics.filter(({ state }) => state !== 'deleted'),
    words: topics.filter(({ state }) => state !== 'deleted').map(({ id }) => store.topics.words(id)),
    verdicts: store.topics.verdicts(topics.map(({ id }) => id)),
    settings: (['topicRun', 'topicRule', 'wordsEdited', 'currentModel', 'savedViews'] as const).map((key) =>
      store.settings.get(key),
    ),
    clips: store.clips.all().map((clip) => ({
      ...clip,
      topics: store.topics.ofClip(clip.id),
      captions: store.captions.ofClip(clip.id),
    })),
    removed: store.clips.ids({ ...foundBy(''), removed: true }),
    found: ['bird', 'cock', 'clip'].map((search) => store.clips.ids(foundBy(search))),
    vectors: current.map((id) => counts.get(id) ?? 0),
    fingerprints: store.topics.fingerprints(current),
    findings: store.findings.list({ kind: null, state: 'decided', offset: 0, limit: 9 }),
    trash: store.models.trash('held').map(({ id }) => id),
    models: store.models.list().map(({ createdAt: _, ...model }) => ({
      ...model,
      verdicts: store.verdicts.ofModel(model.id),
      judgements: store.neurons.judgements(model.id),
    })),
    tags: store.tags.all(),
    notes: store.clips.all().map(({ id }) => store.verdicts.notesOn(id)),
    corrections: store.corrections.list().map(({ id, state }) => ({ id, state })),
  }
}
