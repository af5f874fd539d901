/**
 * What becomes of a line of annotations, by its kind: it is known here, is new, has no place, or meets what somebody here
 * says. What is here of a kind is looked up once, before the first line.
 */
import { isDeepStrictEqual } from 'node:util'
import type { AnnotationConflict, NeuronJudgement } from '#contract'
import { grouped } from '../../../common/grouped.ts'
import type { AnnotationLine } from '../../../formats/annotations.ts'
import type { KnownCaption, OpenProject, SingleChange, StoredCorrection } from '../../../store/index.ts'
import { rewrittenBy } from '../edits.ts'
import { correctedModel, topicsByName } from './corrections.ts'
import type { NewCorrection } from './corrections.ts'

type Store = OpenProject['store']
export type LineOf<Kind extends AnnotationLine['kind']> = Extract<AnnotationLine, { kind: Kind }>
type Outcome = AnnotationConflict['outcome']
/** Whose word stands where only one can. */
export type Prefer = 'project' | 'file'

/** What becomes of one line: it is known, changes something, can't be placed, or meets something else. */
export type Found =
  | { is: 'known' }
  | { is: 'added'; changes: PlannedChange[] }
  | { is: 'unplaced'; reason: string }
  | { is: 'conflict'; outcome: Outcome; here: string; whoHere: string; changes: PlannedChange[] }

const KNOWN: Found = { is: 'known' }

/** A change; or a new caption of a clip, or a new correction in the queue, which gets its id when it is made. */
export type PlannedChange =
  | SingleChange
  | { kind: 'caption.new'; clipId: number; text: string; who: string; at: string | null }
  | { kind: 'correction.new'; correction: NewCorrection }

/** What places are found by. */
export interface Placing {
  prefer: Prefer
  /** Words of typed corrections that the current model can't say, by caption. */
  unsayable: ReadonlyMap<string, string[]>
  /** Models here by the hash of their parameters. */
  modelsByHash: ReadonlyMap<string, readonly number[]>
}

export interface Places {
  verdict(line: LineOf<'verdict'>, clipId: number): Found
  note(line: LineOf<'note'>, clipId: number): Found
  tag(line: LineOf<'tag'>, clipId: number): Found
  caption(line: LineOf<'caption'>, clipId: number): Found
  topic(line: LineOf<'topic'>, clipId: number): Found
  correction(line: LineOf<'correction'>, clipId: number): Found
  neuron(line: LineOf<'neuron'>): Found
}

export const placesOf = (store: Store, { prefer, unsayable, modelsByHash }: Placing): Places => ({
  ...verdictPlaces(store, prefer),
  ...otherPlaces(store, prefer),
  ...captionPlaces(store),
  ...topicPlaces(store, prefer),
  ...neuronPlaces(store, { prefer, modelsByHash }),
  ...correctionPlaces(store, { prefer, unsayable }),
})

function verdictPlaces({ verdicts, ...store }: Store, prefer: Prefer): Pick<Places, 'verdict'> {
  const known = new Set(store.models.list().map(({ id }) => id))
  /** What lines of the file have given so far, by clip, caption and person; and where that was put. */
  const verdictsOfFile = new Map<string, string>()
  const taken = new Set<string>()
  return {
    verdict({ text: caption, verdict, model, who, at }, clipId) {
      const change = (modelId: number): SingleChange => ({
        kind: 'caption.verdict',
        modelId,
        clipId,
        who,
        value: { caption, verdict, at },
      })
      const here = verdicts.onCaption(clipId, caption)
      const given = here.filter((one) => one.who === who)
      const [first] = given
      if (first !== undefined) {
        return first.verdict === verdict
          ? KNOWN
          : oneStands(
              prefer,
              { who, here: first.verdict },
              given.map(({ modelId }) => change(modelId)),
            )
      }
      const name = JSON.stringify([clipId, caption, who])
      const earlier = verdictsOfFile.get(name)
      if (earlier !== undefined) {
        return oneStands('project', { who, here: earlier }, [])
      }
      const place = (modelId: number): string => JSON.stringify([modelId, clipId, who])
      const models = candidates(verdicts.saying(clipId, caption), known, model)
      const modelId = models.find(
        (candidate) => !taken.has(place(candidate)) && verdicts.of(candidate, clipId, who) === null,
      )
      if (modelId === undefined) {
        const [best] = models
        const former = best === undefined ? null : verdicts.of(best, clipId, who)
        // What they said of an earlier caption of that model has the place.
        return best === undefined || former === null
          ? { is: 'unplaced', reason: `no model here says "${caption}" of it` }
          : oneStands(prefer, { who, here: `${former.verdict}: ${former.caption}` }, [change(best)])
      }
      verdictsOfFile.set(name, verdict)
      taken.add(place(modelId))
      const other = here.find((one) => one.verdict !== verdict)
      return other === undefined
        ? { is: 'added', changes: [change(modelId)] }
        : {
            is: 'conflict',
            outcome: 'beside',
            here: other.verdict,
            whoHere: other.who,
            changes: [change(modelId)],
          }
    },
  }
}

/**
 * Models that a verdict may be given to, the best first: that of the file where it says so here, too, others that do, and
 * that of the file where it said so once.
 */
const candidates = (
  saying: readonly number[],
  known: ReadonlySet<number>,
  model: number | null,
): number[] => [
  ...saying.filter((id) => id === model),
  ...saying.filter((id) => id !== model).reverse(),
  ...(model !== null && known.has(model) ? [model] : []),
]

/** Only one of two words can stand: what is here stays, unless the file's is preferred. */
const oneStands = (
  prefer: Prefer,
  { who, here }: { who: string; here: string },
  changes: PlannedChange[],
): Found => ({
  is: 'conflict',
  outcome: prefer === 'file' ? 'replaced' : 'kept',
  here,
  whoHere: who,
  changes: prefer === 'file' ? changes : [],
})

function otherPlaces(store: Store, prefer: Prefer): Pick<Places, 'note' | 'tag'> {
  const notes = new Map<string, string>()
  const noteName = (clipId: number, who: string): string => JSON.stringify([clipId, who])
  for (const { clipId, who, note } of store.verdicts.allNotes()) {
    notes.set(noteName(clipId, who), note)
  }
  const tagged = tagsByName(store)
  return {
    note({ text: note, who, at }, clipId) {
      const name = noteName(clipId, who)
      const here = notes.get(name)
      if (here === note) {
        return KNOWN
      }
      const change: SingleChange = { kind: 'clip.note', clipId, who, value: { note, at } }
      if (here === undefined) {
        notes.set(name, note)
        return { is: 'added', changes: [change] }
      }
      return oneStands(prefer, { who, here }, [change])
    },

    tag({ text, who, at }, clipId) {
      const { tag, clips } = tagged(text)
      if (clips.has(clipId)) {
        return KNOWN
      }
      clips.add(clipId)
      return { is: 'added', changes: [{ kind: 'clip.tag', tag, clips: [{ clipId, value: { who, at } }] }] }
    },
  }
}

function captionPlaces(store: Store): Pick<Places, 'caption'> {
  /** Captions that lines of the file have made of others, and texts that they have brought: each once. */
  const edited = new Set<number>()
  const brought = new Set<string>()
  return {
    caption({ text, before, who, at }, clipId) {
      const known = (store.captions.known([clipId]).get(clipId) ?? []).filter(({ undone }) => !undone)
      const same = known.find((caption) => caption.text === text && !edited.has(caption.id))
      const name = JSON.stringify([clipId, text])
      if (same?.removed === true) {
        return { is: 'conflict', outcome: 'kept', here: 'removed', whoHere: '', changes: [] }
      }
      if (same !== undefined || brought.has(name)) {
        return KNOWN
      }
      brought.add(name)
      const origin = before === null ? undefined : originOf(known, before, edited)
      if (origin !== undefined && isAsImported(origin)) {
        edited.add(origin.id)
        const value = rewrittenBy(who, store.captions.find(origin.id)!, text, at)
        return { is: 'added', changes: [{ kind: 'caption', captionId: origin.id, value }] }
      }
      const changes: PlannedChange[] = [{ kind: 'caption.new', clipId, text, who, at }]
      if (origin === undefined) {
        return { is: 'added', changes }
      }
      return {
        is: 'conflict',
        outcome: 'beside',
        here: origin.removed ? 'removed' : origin.text,
        whoHere: store.captions.find(origin.id)?.origin?.author ?? '',
        changes,
      }
    },
  }
}

/** Of a topic and a clip one word stands, whoever said it. */
function topicPlaces({ topics, edits }: Store, prefer: Prefer): Pick<Places, 'topic'> {
  const byLabel = grouped(
    topics.current(),
    ({ label }) => label.toLowerCase(),
    ({ id }) => id,
  )
  const authorOf = edits.topicVerdictAuthors()
  /** What lines of the file have said so far. */
  const ofFile = new Map<string, boolean>()
  return {
    topic({ text: label, verdict }, clipId) {
      const [topicId, other] = byLabel.get(label.toLowerCase()) ?? []
      if (topicId === undefined || other !== undefined) {
        const reason = topicId === undefined ? 'no topic here is' : 'several topics here are'
        return { is: 'unplaced', reason: `${reason} called "${label}"` }
      }
      const bears = verdict === 'bears'
      const name = `${topicId} ${clipId}`
      const here = ofFile.get(name) ?? topics.verdict(topicId, clipId)
      if (here === bears) {
        return KNOWN
      }
      ofFile.set(name, bears)
      const change: SingleChange = {
        kind: 'clip.verdicts',
        topicId,
        set: bears ? [clipId] : [],
        cleared: bears ? [] : [clipId],
        none: [],
      }
      return here === null
        ? { is: 'added', changes: [change] }
        : oneStands(
            prefer,
            { who: authorOf(topicId, clipId)?.who ?? '', here: `${here ? 'bears' : 'lacks'} ${label}` },
            [change],
          )
    },
  }
}

/**
 * A correction waits in the queue of the current model, one a clip: what waits already stays, unless the file's is preferred.
 * Kept ones go there as well, as it is another model that has learnt them.
 */
function correctionPlaces(
  store: Store,
  { prefer, unsayable }: Pick<Placing, 'prefer' | 'unsayable'>,
): Pick<Places, 'correction'> {
  const model = correctedModel(store)
  const byName = topicsByName(store, model)
  const author = store.edits.correctionAuthors()
  const here = grouped(
    store.corrections.list().filter(({ state }) => state !== 'undone'),
    ({ clipId }) => clipId,
    (correction) => correction,
  )
  /** What lines of the file have queued so far. */
  const ofFile = new Map<number, string>()
  return {
    correction({ text: wanted, before, topics: named, note, at }, clipId) {
      if (model === null) {
        return { is: 'unplaced', reason: 'no current model could learn it' }
      }
      const strange = named.find(([name]) => byName.get(name.toLowerCase())?.length !== 1)
      if (strange !== undefined) {
        return { is: 'unplaced', reason: `the model has no topic, or several, called "${strange[0]}"` }
      }
      const unknown = named.length === 0 ? unsayable.get(wanted) : undefined
      if (unknown !== undefined || (named.length === 0 && wanted.trim() === '')) {
        return { is: 'unplaced', reason: `the model can't say ${(unknown ?? ['nothing']).join(', ')}` }
      }
      const topics = named.map(([name, strength]) => ({
        topicId: byName.get(name.toLowerCase())![0]!,
        strength,
      }))
      const ofClip = here.get(clipId) ?? []
      const isSame = (one: StoredCorrection): boolean =>
        sameMoves(one.topics, topics) && (topics.length > 0 || one.wanted === wanted)
      if (ofClip.some(isSame)) {
        return KNOWN
      }
      if (store.features.forClip(model.featureKey, clipId) === null) {
        return { is: 'unplaced', reason: 'the clip has no features that the model reads' }
      }
      const queued: PlannedChange = {
        kind: 'correction.new',
        correction: {
          parent: model.id,
          clipId,
          topics,
          typed: topics.length === 0 ? wanted : null,
          before,
          wanted,
          note,
          createdAt: at,
        },
      }
      const earlier = ofFile.get(clipId)
      if (earlier !== undefined) {
        return oneStands('project', { who: '', here: earlier }, [])
      }
      ofFile.set(clipId, wanted)
      const waiting = ofClip.find(({ state }) => state === 'queued')
      if (waiting === undefined) {
        return { is: 'added', changes: [queued] }
      }
      const { id: correctionId } = waiting
      return oneStands(
        prefer,
        { who: author(correctionId) ?? '', here: waiting.wanted },
        prefer === 'file' ? [{ kind: 'correction.state', correctionId, state: 'withdrawn' }, queued] : [],
      )
    },
  }
}

/** What a person says of a neuron holds of every model here with the same parameters; one word stands. */
function neuronPlaces(
  { neurons, models, edits }: Store,
  { prefer, modelsByHash }: Pick<Placing, 'prefer' | 'modelsByHash'>,
): Pick<Places, 'neuron'> {
  const judgedBy = edits.judgementAuthors()
  /** What lines of the file have said so far. */
  const ofFile = new Map<string, NeuronJudgement>()
  return {
    neuron({ parameters, neuron, verdict, text: label, note }) {
      const same = (modelsByHash.get(parameters) ?? []).filter((id) => neuron < (models.get(id).neurons ?? 0))
      if (same.length === 0) {
        return { is: 'unplaced', reason: `no model here has the parameters of that of neuron ${neuron}` }
      }
      const value = { verdict, label, note }
      const name = `${parameters} ${neuron}`
      const earlier = ofFile.get(name)
      if (earlier !== undefined) {
        return isDeepStrictEqual(earlier, value)
          ? KNOWN
          : oneStands('project', { who: '', here: inWords(earlier) }, [])
      }
      ofFile.set(name, value)
      const differing = same.flatMap((modelId) => {
        const here = neurons.judgements(modelId).get(neuron) ?? null
        return isDeepStrictEqual(here && { ...here }, value) ? [] : [{ modelId, here }]
      })
      const change = ({ modelId }: { modelId: number }): SingleChange => ({
        kind: 'neuron.judgement',
        modelId,
        neuron,
        value,
      })
      const contradicted = differing.find(({ here }) => here !== null)
      if (differing.length === 0) {
        return KNOWN
      }
      if (contradicted === undefined) {
        return { is: 'added', changes: differing.map(change) }
      }
      const { modelId, here } = contradicted
      return oneStands(
        prefer,
        { who: judgedBy(modelId, neuron)?.who ?? '', here: inWords(here!) },
        differing.map(change),
      )
    },
  }
}

/** What a person says of a neuron, in a line. */
export const inWords = ({ verdict, label, note }: NeuronJudgement): string =>
  [verdict ?? '', label, note].filter((word) => word !== '').join(': ')

type Moved = readonly { topicId: number; strength: number }[]
const sameMoves = (one: Moved, other: Moved): boolean =>
  one.length === other.length &&
  one.every(({ topicId, strength }) =>
    other.some((moved) => moved.topicId === topicId && moved.strength === strength),
  )

/** Tags by their names in whichever case, as they are written here, with the clips that have them so far. */
function tagsByName({ tags }: Store): (text: string) => { tag: string; clips: Set<number> } {
  const known = new Map<string, { tag: string; clips: Set<number> }>()
  return (text) => {
    let found = known.get(text.toLowerCase())
    if (found === undefined) {
      const tag = tags.spelled(text) ?? text
      found = { tag, clips: new Set(tags.of(tag).keys()) }
      known.set(text.toLowerCase(), found)
    }
    return found
  }
}

const isAsImported = ({ text, importedText, removed }: KnownCaption): boolean =>
  text === importedText && !removed

/** The caption that was imported with a text: one that still reads so, before one that was edited or removed. */
const originOf = (
  known: readonly KnownCaption[],
  before: string,
  edited: ReadonlySet<number>,
): KnownCaption | undefined => {
  const imported = known.filter((caption) => caption.importedText === before && !edited.has(caption.id))
  return imported.find(isAsImported) ?? imported[0]
}
