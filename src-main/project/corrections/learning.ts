/**
 * Learning corrections: the network learns them together as a new model version, and what else that changed
 * is measured (blast-radius.ts) before a person decides. The corrections stay queued until all of it is done.
 */
import type { BlastRadius, Decoding, Split } from '#contract'
import { ciderGain } from '../../common/cider-gain.ts'
import { count } from '../../common/text.ts'
import type { CallOptions } from '../../engine-host/client.ts'
import type { EngineParams, EngineResult } from '../../engine-host/contract/index.ts'
import type { JobContext, JobOutcome } from '../../jobs/index.ts'
import type { Captioner, OpenProject, StoredCorrection } from '../../store/index.ts'
import { captionSplit, scoreSplit, storeSplit, toStored } from '../review/captioning.ts'
import type { CaptionedSplit } from '../review/captioning.ts'
import { beginVersion, makeVersion } from '../version.ts'
import { captionedClips, clipFeatures, clipsWithFeatures, engineOptions, modelFolder } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { measureRadius } from './blast-radius.ts'
import { describeCorrections } from './correction.ts'
import { carriedColumns, carryOf, clipsLookedAt, leftOutClips, sample } from './carrying.ts'
import { keptCorrections, noticeLost } from './kept.ts'
import { captionOf, DECODING, movesOf } from './moves.ts'
import { noticeRegressions } from './regressions.ts'

/** A topic is said to be shifted when its f changes by so much; so many of a clip are named. */
const LEAST_SHIFT = 0.1
const MOST_SHIFTED = 5

/** Corrections that are learnt together, from `parent`. */
interface Learning {
  workspace: Workspace
  project: OpenProject
  parent: Captioner
  corrections: readonly StoredCorrection[]
  context: JobContext
}

type WantedCaptions = EngineParams<'corrections.learn'>['wanted']

/** A version that has learnt, and all that is stored with it. */
interface Learnt {
  learnt: EngineResult<'corrections.learn'>
  /** What the version says of the split. */
  after: CaptionedSplit
  /** What parent and version say of each corrected clip. */
  captions: { before: string; after: string }[]
  radius: BlastRadius
}

/**
 * Begins a version, learns into it, captions the validation split and measures what changed.
 * Whatever ends it early leaves the corrections queued and no version.
 */
export async function learnCorrections(learning: Learning): Promise<JobOutcome> {
  const { workspace, project, parent, corrections, context } = learning
  const split = comparedSplit(learning)
  noticeTestClips(learning)
  // Before a version is begun: a correction that does not fit the model leaves nothing behind.
  const wanted = wantedCaptions(learning)
  const version = beginVersion(project, parent, context, {
    origin: 'corrected',
    note: `${sentence(describeCorrections(project, corrections))}.`,
  })
  const result = await makeVersion(project, version, context, {
    compute: () => learnInto(learning, version, wanted, split),
    save: (computed) => {
      storeLearnt(learning, version, computed)
    },
  })
  await noticeRegressions(workspace, project, version, context)
  return {
    result: { kind: 'correct', modelId: version.id },
    summary: summarise(version, split, result),
  }
}

/**
 * What the versions are compared on: validation, whichever clips are corrected, for a person decides by it
 * what is kept. Where that split has nothing to compare, the training clips stand in for it.
 */
function comparedSplit({ project, parent, context }: Learning): Split {
  if (captionedClips(project, parent.featureKey, parent.topics, 'val').length > 0) {
    return 'val'
  }
  context.notice(
    'There is no validation split: what else changed is measured on the training clips, which the model knows. Move some clips into it.',
  )
  return 'train'
}

/** Says so where test clips are corrected. */
function noticeTestClips({ project: { store }, corrections, context }: Learning): void {
  const clips = corrections.filter(({ clipId }) => store.clips.get(clipId).split === 'test').length
  if (clips > 0) {
    context.notice(
      `${count(clips, 'corrected clip')} ${clips === 1 ? 'is' : 'are'} of the test split: a test score flatters the version from now on.`,
    )
  }
}

/** What the network is to say of each corrected clip, as the engine takes it. */
function wantedCaptions({ project, parent, corrections }: Learning): WantedCaptions {
  return corrections.map((correction) => ({
    clip: clipFeatures(project, parent.featureKey, correction.clipId),
    ...movesOf(parent, correction),
    typed: correction.typed,
  }))
}

async function learnInto(
  learning: Learning,
  version: Captioner,
  wanted: WantedCaptions,
  split: Split,
): Promise<Learnt> {
  const { workspace, project, parent, corrections, context } = learning
  const options = engineOptions(context)
  const learnt = await workspace.engine.call(
    'corrections.learn',
    {
      parentDir: modelFolder(project, parent),
      modelDir: modelFolder(project, version),
      wanted,
      cells: project.store.featureSets.cellsOf(parent.featureKey),
      kept: keptCorrections(project, parent),
      carry: carryOf(project, parent, carriedColumns(project, parent, corrections)),
      leftOut: leftOutClips(project, parent, corrections),
      shown: clipsLookedAt(project, parent, corrections),
      others: sample(clipsWithFeatures(project, parent.featureKey, 'train')),
      device: 'auto',
    },
    options,
  )
  noticeShortfalls(learnt, context)
  const before = await storedSplit({ workspace, project, model: parent, split, options })
  const after = await captionVersion(learning, version, before)
  const captions = await correctedCaptions(learning, version, before, after)
  const corrected = corrections.map(({ clipId }, i) => ({
    clipId,
    before: captions[i]?.before ?? '',
    wanted: learnt.captions[i]?.wanted ?? '',
  }))
  const versions = { parent, version, split, before, after, corrected }
  const radius = await measureRadius(workspace, project, versions, options)
  const shown = shownClips(project, learnt)
  return { learnt, after, captions, radius: { ...radius, shown, shifted: shiftedTopics(learning, learnt) } }
}

/** What a version says of a split: what its parent does, but for the clips that it takes otherwise. */
async function captionVersion(
  { workspace, project, parent, context }: Learning,
  version: Captioner,
  { captions: before, evaluation: { split } }: CaptionedSplit,
): Promise<CaptionedSplit> {
  const options = engineOptions(context)
  const changed = await workspace.engine.call(
    'corrections.changed',
    {
      parentDir: modelFolder(project, parent),
      modelDir: modelFolder(project, version),
      clips: clipsWithFeatures(project, parent.featureKey, split),
      decoding: DECODING,
      device: 'auto',
    },
    options,
  )
  const anew = new Map(changed.captions.map((caption) => [caption.id, toStored(caption, DECODING, null)]))
  const captions = before.map((caption) => anew.get(caption.clipId) ?? caption)
  const { ciders, ...scores } = await scoreSplit(
    { workspace, project, model: version, split, options },
    captions.map(({ clipId, caption, topics }) => ({ id: clipId, caption, topics })),
  )
  return {
    ...scores,
    captions: captions.map((caption) => ({ ...caption, cider: ciders.get(caption.clipId) ?? null })),
  }
}

/** What became of the clips that a person was shown before. */
const shownClips = ({ store }: OpenProject, { shown }: Learnt['learnt']): BlastRadius['shown'] =>
  shown.map(({ id: clipId, ...clip }) => ({ clipId, clip: store.clips.get(clipId).name, ...clip }))

/** What the neurons of each corrected clip were shifted to say: the topics whose f changed most. A baseline's f was never trained. */
function shiftedTopics(
  { project: { store }, parent, corrections }: Learning,
  { captions }: Learnt['learnt'],
): BlastRadius['shifted'] {
  if (parent.kind === 'baseline') {
    return []
  }
  const labels = store.topics.labels()
  return corrections.map(({ clipId }, i) => {
    const { before, after } = captions[i]!.topics
    const changes = parent.topics.map((topicId, column) => ({
      topicId,
      label: labels.get(topicId) ?? `topic ${topicId}`,
      before: before[column]!,
      after: after[column]!,
    }))
    const size = (change: (typeof changes)[number]): number => Math.abs(change.after - change.before)
    const noted = changes.filter((change) => size(change) >= LEAST_SHIFT)
    return { clipId, topics: noted.sort((a, b) => size(b) - size(a)).slice(0, MOST_SHIFTED) }
  })
}

/** Says so where something else was learnt than was wanted, where it won't last, and where something was lost. */
function noticeShortfalls(
  { steps, captions, kept, leftOut, shown }: Learnt['learnt'],
  { notice }: Pick<JobContext, 'notice'>,
): void {
  const missed = captions.filter(({ wanted, caption }) => caption !== wanted)
  if (missed.length > 0) {
    notice(
      `Not learnt: after ${steps} steps the version does not say ${quoted(missed.map(({ wanted }) => wanted))} by itself.`,
    )
  }
  const brittle = captions.filter(({ wanted, caption, lasts }) => caption === wanted && !lasts)
  if (brittle.length > 0) {
    notice(
      `${quoted(brittle.map(({ wanted }) => wanted))} won't last: another search or a few frames less, and the version says something else.`,
    )
  }
  noticeLost(kept, { notice })
  if (leftOut.held < leftOut.of) {
    notice(
      `Of ${count(leftOut.of, 'clip')} left out ${leftOut.of - leftOut.held} could not be left as it was.`,
    )
  }
  const unmended = shown.filter(({ isMended }) => !isMended).length
  if (unmended > 0) {
    notice(`Of ${count(shown.length, 'clip')} shown to be touched ${unmended} could not be mended.`)
  }
}

/** What parent and version say of the corrected clips, those outside the split captioned now. */
function correctedCaptions(
  { workspace, project, parent, corrections, context }: Learning,
  version: Captioner,
  before: CaptionedSplit,
  after: CaptionedSplit,
): Promise<Learnt['captions']> {
  const options = engineOptions(context)
  const captionIn = ({ captions }: CaptionedSplit, clipId: number): string | undefined =>
    captions.find((caption) => caption.clipId === clipId)?.caption
  return Promise.all(
    corrections.map(async (correction) => {
      const { clipId } = correction
      const clip = clipFeatures(project, parent.featureKey, clipId)
      return {
        before: captionIn(before, clipId) ?? correction.before,
        after:
          captionIn(after, clipId) ??
          (await captionOf({ workspace, project, model: version, clip, options })),
      }
    }),
  )
}

function storeLearnt(
  { project, parent, corrections }: Learning,
  version: Captioner,
  { learnt, after, captions, radius }: Learnt,
): void {
  const { store } = project
  storeSplit(project, version.id, after)
  // No weight has changed: its neurons are the parent's.
  store.neurons.inherit(parent.id, version.id)
  store.models.finish(version.id, {
    state: 'proposed',
    device: parent.device,
    steps: learnt.steps,
    seconds: learnt.seconds,
    neurons: parent.neurons,
  })
  corrections.forEach(({ id }, i) => {
    store.corrections.propose(id, {
      model: version.id,
      parent: parent.id,
      before: captions[i]?.before ?? '',
      wanted: learnt.captions[i]?.wanted ?? '',
      after: captions[i]?.after ?? '',
      lasts: learnt.captions[i]?.lasts ?? false,
    })
  })
  store.corrections.setRadius(version.id, radius)
}

function summarise(version: Captioner, split: Split, { learnt, captions, radius }: Learnt): string {
  const worse = radius.changed.filter((change) => ciderGain(change) < 0).length
  const missed = captions.filter(({ after }, i) => after !== learnt.captions[i]?.wanted).length
  const says = `Model ${version.id} says ${quoted(captions.map(({ after }) => after))}`
  const outcome = missed === 0 ? says : `${says}, which is not what was wanted of ${count(missed, 'clip')}`
  const elsewhere = `of ${count(radius.clips, 'other caption')} of the ${split} split ${radius.changed.length} changed, ${worse} of them for the worse`
  return `${outcome}; ${elsewhere}.`
}

/** What a model says of a split: as stored when all of it is, else captioned now and stored. */
async function storedSplit({
  workspace,
  project,
  model,
  split,
  options,
}: {
  workspace: Workspace
  project: OpenProject
  model: Captioner
  split: Split
  options: CallOptions
}): Promise<CaptionedSplit> {
  const { store } = project
  const captions = store.generated.all(model.id, split)
  const evaluation = store.models.evaluations(model.id).find((stored) => stored.split === split)
  const isComplete =
    captions.length === store.features.paths(model.featureKey, split).length &&
    captions.every((caption) => decodedAlike(model, caption.decoding, DECODING))
  if (evaluation && isComplete) {
    const averagePrecision = store.models.averagePrecision(model.id, split)
    return { captions, evaluation, averagePrecision, notices: [] }
  }
  const captioned = await captionSplit({ workspace, project, model, split, decoding: DECODING, options })
  storeSplit(project, model.id, captioned)
  return captioned
}

/** Whether two beam searches with a model find the same best caption, however many others they keep. */
function decodedAlike({ settings }: Captioner, a: Decoding | null, b: Decoding): boolean {
  const normalisation = (decoding: Decoding): number =>
    decoding.lengthNormalisation ?? settings.lengthNormalisation
  return a !== null && a.method === b.method && a.beam === b.beam && normalisation(a) === normalisation(b)
}

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
const quoted = (captions: readonly string[]): string => captions.map((caption) => `"${caption}"`).join(', ')
