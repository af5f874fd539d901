/** What corrections carry to beside their own clips: asked before anything is learnt, and told to the engine. */
import { createHash } from 'node:crypto'
import type { Split } from '#contract'
import { ciderGain, withGain } from '../../common/cider-gain.ts'
import type { Carry, ClipFeatures } from '../../engine-host/contract/index.ts'
import type { Captioner, OpenProject, SingleChange, StoredCorrection } from '../../store/index.ts'
import { cidersOf } from '../review/captioning.ts'
import { CLIP_TOPIC_TABLES, clipTopics } from '../review/clip-topics.ts'
import { ownWords } from '../review/topic-verdicts.ts'
import { reads } from '../service.ts'
import type { Service } from '../service.ts'
import { captionedClips, clipsWithFeatures, modelFolder, usableCaptioner } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { failures } from './failures.ts'
import { movesOf } from './moves.ts'

/** Clips of a split at most: that learning keeps steady, that probes are made and judged on, and looked at. */
const SAMPLED = 512

/** Where a correction may carry to before it is learnt: test clips are not looked at. */
const LOOKED_AT: readonly Split[] = ['val', 'train']

/** What a correction is to a clip, whether it waits in the queue or not yet. */
type Correcting = Pick<StoredCorrection, 'clipId' | 'topics' | 'typed'>

export function createCarrying(workspace: Workspace) {
  return {
    /** See the contract. Throws NOT_READY without a neuron map, or where there is no clip to look at. */
    carried: reads(
      [
        'caption',
        'clip',
        'correction',
        'feature',
        'feature_set',
        'generated_caption',
        'model',
        ...CLIP_TOPIC_TABLES,
      ],
      async ({ modelId, corrections }, { signal }) => {
        const project = workspace.project()
        const { store } = project
        const model = usableCaptioner(project, modelId)
        const columns = carriedColumns(project, model, corrections)
        const clips = clipsLookedAt(project, model, corrections)
        const { topics, touched } =
          columns.length === 0 || clips.length === 0
            ? { topics: [], touched: [] }
            : await workspace.engine.call(
                'corrections.carry',
                {
                  modelDir: modelFolder(project, model),
                  carry: carryOf(project, model, columns),
                  clips,
                  exempt: clipsOf(project, model, [...keptClips(project)]),
                  device: 'auto',
                },
                { signal },
              )
        const ciders = await cidersOf({
          workspace,
          modelId: model.id,
          split: null,
          hypotheses: touched.flatMap(({ id: clipId, before, after }) => [
            { clipId, caption: before },
            { clipId, caption: after },
          ]),
          options: { signal },
        })
        const labels = store.topics.labels()
        const topicOf = (column: number): number => model.topics[column] ?? 0
        return {
          clips: clips.length,
          topics: topics.map(({ topic, area, threshold }) => ({
            topicId: topicOf(topic),
            label: labels.get(topicOf(topic)) ?? `topic ${topicOf(topic)}`,
            area,
            carries: threshold !== null,
          })),
          touched: touched
            .map(({ id: clipId, topics: named, before, after }, i) => {
              const { name: clip, split } = store.clips.get(clipId)
              const change = { clipId, clip, before, after }
              const cider = { ciderBefore: ciders[2 * i] ?? null, ciderAfter: ciders[2 * i + 1] ?? null }
              return { ...withGain({ ...change, ...cider }), split, topics: named.map(topicOf) }
            })
            .sort((a, b) => ciderGain(b) - ciderGain(a) || a.clipId - b.clipId),
        }
      },
    ),

    /** Throws NOT_FOUND, CONFLICT for a correction that does not wait in the queue. */
    leaveOut({ correctionIds, clipId, out }, { who }) {
      workspace.edit(who, (store, make) => {
        const { name } = store.clips.get(clipId)
        const changes = correctionIds.flatMap((correctionId): SingleChange[] => {
          const { state, leftOut } = store.corrections.get(correctionId)
          if (state !== 'queued') {
            throw failures.notQueued({ correctionId, state })
          }
          const others = leftOut.filter((id) => id !== clipId)
          return leftOut.includes(clipId) === out
            ? []
            : [{ kind: 'correction.leftOut', correctionId, clipIds: out ? [...others, clipId] : others }]
        })
        make(out ? `leave ${name} out of what is learnt` : `take ${name} in again`, changes)
      })
    },
  } satisfies Partial<Service<'corrections'>>
}

/**
 * The columns of the topics that corrections add: those whose neurons are moved in; of a typed caption those
 * that the clip bears and the caption names, and the model's does not.
 */
export function carriedColumns(
  project: OpenProject,
  model: Captioner,
  corrections: readonly Correcting[],
): number[] {
  const columns = corrections.flatMap(({ clipId, topics, typed }) => {
    if (typed === null) {
      return movesOf(model, { topics, neurons: [] })
        .topics.filter(({ strength }) => strength > 0)
        .map(({ topic }) => topic)
    }
    const { borne, topicsIn } = clipTopics(project, model, clipId)
    const named = topicsIn(project.store.generated.get(model.id, clipId)?.caption ?? '')
    return [...topicsIn(typed).keys()].filter(
      (column) => topicsIn(typed)[column] && !named[column] && borne.has(column),
    )
  })
  return [...new Set(columns)]
}

/** What topics carry with, by column. */
export function carryOf(project: OpenProject, model: Captioner, columns: readonly number[]): Carry {
  const words = ownWords(project.store.topics.getAll(model.topics))
  const clipsOfSplit = (split: Split) =>
    sample(captionedClips(project, model.featureKey, model.topics, split))
  return {
    topics: columns.flatMap((topic) => {
      const naming = words[topic] ?? []
      return naming.length === 0 ? [] : [{ topic, words: naming }]
    }),
    train: clipsOfSplit('train'),
    validation: clipsOfSplit('val'),
  }
}

/** The clips that are shown where corrections touch them. */
export function clipsLookedAt(
  project: OpenProject,
  model: Captioner,
  corrections: readonly Pick<StoredCorrection, 'clipId'>[],
): ClipFeatures[] {
  const isCorrected = new Set(corrections.map(({ clipId }) => clipId))
  return LOOKED_AT.flatMap((split) => sample(clipsWithFeatures(project, model.featureKey, split))).filter(
    ({ id }) => !isCorrected.has(id),
  )
}

/** The clips that people left out of what these corrections carry to, or of what was kept earlier. */
export function leftOutClips(
  project: OpenProject,
  model: Captioner,
  corrections: readonly Pick<StoredCorrection, 'leftOut'>[],
): ClipFeatures[] {
  const leftOut = [...corrections, ...accepted(project)].flatMap((correction) => correction.leftOut)
  return clipsOf(project, model, leftOut)
}

const accepted = ({ store }: OpenProject): StoredCorrection[] =>
  store.corrections.list().filter(({ state }) => state === 'accepted')

/** The clips that gates leave alone already: those that were corrected, and those that were left out. */
const keptClips = (project: OpenProject): number[] =>
  accepted(project).flatMap(({ clipId, leftOut }) => [clipId, ...leftOut])

function clipsOf(project: OpenProject, model: Captioner, clipIds: readonly number[]): ClipFeatures[] {
  const wanted = new Set(clipIds)
  return wanted.size === 0
    ? []
    : clipsWithFeatures(project, model.featureKey, null).filter(({ id }) => wanted.has(id))
}

/** At most `SAMPLED` clips, the same ones every time: those whose ids hash lowest. */
export function sample<Clip extends { id: number }>(clips: Clip[]): Clip[] {
  if (clips.length <= SAMPLED) {
    return clips
  }
  const keyed = clips.map((clip) => ({
    clip,
    key: createHash('sha256').update(String(clip.id)).digest('hex'),
  }))
  return keyed
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, SAMPLED)
    .map(({ clip }) => clip)
}
