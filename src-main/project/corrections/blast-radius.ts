/**
 * What learning corrections changed beside the corrected clips: a comparison of a version with its parent on
 * a split.
 */
import type { BlastRadius, Split } from '#contract'
import { ciderGain, withGain } from '../../common/cider-gain.ts'
import type { CallOptions } from '../../engine-host/client.ts'
import type { Model, OpenProject } from '../../store/index.ts'
import type { CaptionedSplit } from '../review/service.ts'
import { topicsOfClip } from './interventions.ts'
import { modelFolder } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'

/** f of a topic that is predicted. */
const PREDICTED = 0.5
const BOOTSTRAP = { samples: 2000, seed: 1 }
/** Nearest clips of each corrected one that are looked at. */
const NEIGHBOURS = 10

interface Versions {
  parent: Model
  version: Model
  split: Split
  before: CaptionedSplit
  after: CaptionedSplit
  /** What was corrected, with the captions of the parent. */
  corrected: readonly { clipId: number; before: string }[]
}

export async function measureRadius(
  workspace: Workspace,
  project: OpenProject,
  versions: Versions,
  options: CallOptions,
): Promise<BlastRadius> {
  const { store } = project
  const { parent, split, before, after } = versions
  const corrected = new Set(versions.corrected.map(({ clipId }) => clipId))
  const old = new Map(before.captions.map((caption) => [caption.clipId, caption]))
  const pairs = after.captions.flatMap((now) => {
    const then = old.get(now.clipId)
    return then === undefined || corrected.has(now.clipId) ? [] : [{ clipId: now.clipId, then, now }]
  })
  const human = store.clips.captionsByClip(split)
  const scorable = pairs.filter(({ clipId }) => human.has(clipId))
  const system = (of: 'then' | 'now') =>
    scorable.map((pair) => ({ id: String(pair.clipId), caption: pair[of].caption }))
  const { metrics } =
    scorable.length === 0
      ? { metrics: [] }
      : await workspace.engine.call(
          'metrics.compare',
          {
            a: system('then'),
            b: system('now'),
            references: scorable.map(({ clipId }) => ({
              id: String(clipId),
              captions: human.get(clipId) ?? [],
            })),
            tokenizer: 'words',
            ...BOOTSTRAP,
          },
          options,
        )
  const changed = pairs
    .filter(({ then, now }) => then.caption !== now.caption)
    .map(({ clipId, then, now }) => ({
      clipId,
      clip: store.clips.get(clipId).name,
      before: then.caption,
      after: now.caption,
      ciderBefore: then.cider,
      ciderAfter: now.cider,
    }))
    .map(withGain)
  const labels = store.topics.labels()
  const topics = parent.topics.map((topicId, column) => {
    const flips = pairs.map(
      ({ then, now }) =>
        Number((now.topics[column] ?? 0) > PREDICTED) - Number((then.topics[column] ?? 0) > PREDICTED),
    )
    return {
      topicId,
      label: labels.get(topicId) ?? `topic ${topicId}`,
      came: flips.filter((flip) => flip > 0).length,
      went: flips.filter((flip) => flip < 0).length,
      averagePrecisionBefore: before.averagePrecision?.[column] ?? null,
      averagePrecisionAfter: after.averagePrecision?.[column] ?? null,
    }
  })
  return {
    split,
    clips: pairs.length,
    metrics,
    changed: changed.sort((a, b) => ciderGain(a) - ciderGain(b) || a.clipId - b.clipId),
    topics: topics.filter(({ came, went }) => came + went > 0),
    similar:
      store.neurons.get(parent.id) === null
        ? null
        : await similarErrors(workspace, project, versions, options),
  }
}

/**
 * Nearest neighbours of the corrected clips with one of their errors, and whether the version has mended it.
 */
async function similarErrors(
  workspace: Workspace,
  project: OpenProject,
  { parent, before, after, corrected }: Versions,
  options: CallOptions,
): Promise<NonNullable<BlastRadius['similar']>> {
  const said = (split: CaptionedSplit) =>
    new Map(split.captions.map(({ clipId, caption }) => [clipId, caption]))
  const [then, now] = [said(before), said(after)]
  const found = new Map<number, NonNullable<BlastRadius['similar']>['clips'][number]>()
  const own = new Set(corrected.map(({ clipId }) => clipId))
  for (const { clipId, before: wrong } of corrected) {
    const errors = topicsOfClip(project, parent, clipId).errors(wrong)
    const { clipIds } = await workspace.engine.call(
      'neurons.neighbours',
      { modelDir: modelFolder(project, parent), clipId, most: NEIGHBOURS },
      options,
    )
    for (const near of clipIds) {
      const [old, next] = [then.get(near), now.get(near)]
      if (old === undefined || next === undefined || own.has(near)) {
        continue
      }
      const of = topicsOfClip(project, parent, near)
      const same = ({ missing, unsupported }: typeof errors) => [
        ...missing.filter((topic) => errors.missing.includes(topic)),
        ...unsupported.filter((topic) => errors.unsupported.includes(topic)).map((topic) => -topic),
      ]
      const shared = same(of.errors(old))
      if (shared.length === 0) {
        continue
      }
      const left = same(of.errors(next))
      found.set(near, {
        clipId: near,
        clip: project.store.clips.get(near).name,
        before: old,
        after: next,
        mended: left.length < shared.length,
      })
    }
  }
  return { clips: [...found.values()] }
}
