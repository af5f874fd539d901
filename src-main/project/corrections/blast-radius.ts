/**
 * What learning corrections changed beside the corrected clips: a comparison of a version with its parent on
 * a split.
 */
import type { BlastRadius, Split } from '#contract'
import { ciderGain, withGain } from '../../common/cider-gain.ts'
import type { CallOptions } from '../../engine-host/client.ts'
import type { Captioner, OpenProject, StoredCaption } from '../../store/index.ts'
import type { CaptionedSplit } from '../review/captioning.ts'
import { clipTopics } from '../review/clip-topics.ts'
import type { ClipTopics } from '../review/clip-topics.ts'
import type { TopicErrors } from '../review/topic-verdicts.ts'
import { modelFolder } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'

/** f of a topic that is predicted. */
const PREDICTED = 0.5
const BOOTSTRAP = { samples: 2000, seed: 1 }
/** Of the compared clips so many that are nearest to each corrected one are looked at. */
const NEIGHBOURS = 20

interface Versions {
  parent: Captioner
  version: Captioner
  split: Split
  before: CaptionedSplit
  after: CaptionedSplit
  /** What was corrected, with the captions of the parent and those that were wanted. */
  corrected: readonly { clipId: number; before: string; wanted: string }[]
}

/** What parent and version say of a clip. */
interface CaptionPair {
  clipId: number
  before: StoredCaption
  after: StoredCaption
}

type SimilarErrors = NonNullable<BlastRadius['similar']>

export async function measureRadius(
  workspace: Workspace,
  project: OpenProject,
  versions: Versions,
  options: CallOptions,
): Promise<Omit<BlastRadius, 'shown' | 'shifted'>> {
  const pairs = uncorrectedPairs(versions)
  const human = project.store.captions.textsByClip(versions.split)
  const metrics = await compareMetrics(workspace, pairs, human, options)
  const isInterpreted = project.store.neurons.get(versions.parent.id) !== null
  return {
    split: versions.split,
    clips: pairs.length,
    metrics,
    changed: changedCaptions(project, pairs),
    topics: changedTopics(project, versions, pairs),
    similar: isInterpreted ? await similarErrors(workspace, project, versions, options) : null,
  }
}

/** The split's clips but for the corrected ones. */
function uncorrectedPairs({ before, after, corrected }: Versions): CaptionPair[] {
  const isCorrected = new Set(corrected.map(({ clipId }) => clipId))
  const parentCaptions = new Map(before.captions.map((caption) => [caption.clipId, caption]))
  return after.captions.flatMap((caption) => {
    const { clipId } = caption
    const parentCaption = parentCaptions.get(clipId)
    return parentCaption === undefined || isCorrected.has(clipId)
      ? []
      : [{ clipId, before: parentCaption, after: caption }]
  })
}

/** Parent (a) against version (b), on the clips of which people say something. */
async function compareMetrics(
  workspace: Workspace,
  pairs: readonly CaptionPair[],
  human: ReadonlyMap<number, string[]>,
  options: CallOptions,
): Promise<BlastRadius['metrics']> {
  const scorable = pairs.filter(({ clipId }) => human.has(clipId))
  if (scorable.length === 0) {
    return []
  }
  const { metrics } = await workspace.engine.call(
    'metrics.compare',
    {
      a: scorable.map(({ clipId, before }) => ({ id: String(clipId), caption: before.caption })),
      b: scorable.map(({ clipId, after }) => ({ id: String(clipId), caption: after.caption })),
      references: scorable.map(({ clipId }) => ({
        id: String(clipId),
        captions: human.get(clipId) ?? [],
      })),
      tokenizer: 'words',
      ...BOOTSTRAP,
    },
    options,
  )
  return metrics
}

/** All captions that differ, those that lost most CIDEr first. */
function changedCaptions({ store }: OpenProject, pairs: readonly CaptionPair[]): BlastRadius['changed'] {
  return pairs
    .filter(({ before, after }) => before.caption !== after.caption)
    .map(({ clipId, before, after }) =>
      withGain({
        clipId,
        clip: store.clips.get(clipId).name,
        before: before.caption,
        after: after.caption,
        ciderBefore: before.cider,
        ciderAfter: after.cider,
      }),
    )
    .sort((a, b) => ciderGain(a) - ciderGain(b) || a.clipId - b.clipId)
}

/** Topics whose prediction changed for some clip. */
function changedTopics(
  { store }: OpenProject,
  { parent, before, after }: Versions,
  pairs: readonly CaptionPair[],
): BlastRadius['topics'] {
  const labels = store.topics.labels()
  const isPredicted = ({ topics }: StoredCaption, column: number): boolean =>
    (topics[column] ?? 0) > PREDICTED
  return parent.topics
    .map((topicId, column) => {
      const flipped = pairs.filter(
        (pair) => isPredicted(pair.before, column) !== isPredicted(pair.after, column),
      )
      const came = flipped.filter((pair) => isPredicted(pair.after, column)).length
      return {
        topicId,
        label: labels.get(topicId) ?? `topic ${topicId}`,
        came,
        went: flipped.length - came,
        averagePrecisionBefore: before.averagePrecision?.[column] ?? null,
        averagePrecisionAfter: after.averagePrecision?.[column] ?? null,
      }
    })
    .filter(({ came, went }) => came + went > 0)
}

/**
 * Nearest neighbours of the corrected clips with one of their errors, and whether the version has mended it.
 */
async function similarErrors(
  workspace: Workspace,
  project: OpenProject,
  versions: Versions,
  options: CallOptions,
): Promise<SimilarErrors> {
  const { parent, corrected } = versions
  const pairs = new Map(uncorrectedPairs(versions).map((pair) => [pair.clipId, pair]))
  const similar = new Map<number, SimilarErrors['clips'][number]>()
  for (const { clipId, before, wanted } of corrected) {
    const errors = correctedErrors(clipTopics(project, parent, clipId), before, wanted)
    const { clipIds } = await workspace.engine.call(
      'neurons.neighbours',
      { modelDir: modelFolder(project, parent), clipId, limit: Number.MAX_SAFE_INTEGER },
      options,
    )
    for (const neighbour of clipIds.flatMap((id) => pairs.get(id) ?? []).slice(0, NEIGHBOURS)) {
      const mended = isMended(project, parent, neighbour, errors)
      if (mended !== null) {
        similar.set(neighbour.clipId, {
          clipId: neighbour.clipId,
          clip: project.store.clips.get(neighbour.clipId).name,
          before: neighbour.before.caption,
          after: neighbour.after.caption,
          mended,
        })
      }
    }
  }
  return { clips: [...similar.values()] }
}

/** The errors of a caption that the wanted one does not have. */
function correctedErrors({ errors }: ClipTopics, before: string, wanted: string): TopicErrors {
  const left = errors(wanted)
  const { missing, unsupported } = errors(before)
  return {
    missing: missing.filter((topicId) => !left.missing.includes(topicId)),
    unsupported: unsupported.filter((topicId) => !left.unsupported.includes(topicId)),
  }
}

/** Whether fewer of some errors are left in a clip; null where it had none of them. */
function isMended(
  project: OpenProject,
  model: Captioner,
  { clipId, before, after }: CaptionPair,
  errors: TopicErrors,
): boolean | null {
  const topics = clipTopics(project, model, clipId)
  const count = ({ caption }: StoredCaption): number => {
    const { missing, unsupported } = topics.errors(caption)
    return (
      missing.filter((topicId) => errors.missing.includes(topicId)).length +
      unsupported.filter((topicId) => errors.unsupported.includes(topicId)).length
    )
  }
  const errorsBefore = count(before)
  return errorsBefore === 0 ? null : count(after) < errorsBefore
}
