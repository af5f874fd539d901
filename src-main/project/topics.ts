import { topicsRequest, topicSweepRequest, VitrineError } from '#contract'
import type { TopicList, TopicsRequest, TopicSweep, TopicSweepRequest } from '#contract'
import type { Model, OpenProject } from '../store/index.ts'
import { count, forward, thumbnailUrl } from './workspace.ts'
import type { JobStarted, Workspace } from './workspace.ts'

/** Clips that stand for a topic in the list. */
const CLEAREST = 4

const documents = (store: OpenProject['store']) => [...store.clips.captionsByClip()].map(([id, captions]) => ({ id, captions }))

/** The k whose figure is the largest; null when none is defined. */
function bestBy({ points }: TopicSweep, figure: (point: TopicSweep['points'][number]) => number | null): number | null {
  const defined = points.map((point) => ({ k: point.k, value: figure(point) ?? -Infinity })).filter(({ value }) => value > -Infinity)
  return defined.sort((a, b) => b.value - a.value)[0]?.k ?? null
}

export function createTopics(workspace: Workspace) {
  return {
    /** Finds topics in the captions of all clips, in place of the current ones, which models trained on them keep. */
    extract(input: TopicsRequest): JobStarted {
      const request = topicsRequest.parse(input)
      const { store } = workspace.project()
      const jobId = workspace.jobs.start('topics', `Find ${request.k} topics`, request, async (context) => {
        const fitted = await workspace.engine.call('topics.fit', { ...request, documents: documents(store) }, forward(context))
        const { topics, assignments, model: _model, ...run } = fitted
        store.topics.replace({ run: { request, ...run }, topics, assignments: assignments.map(({ id, shares, active }) => ({ clipId: id, shares, active })) })
        workspace.changed('topics', 'corpus', 'project')
        const coherence = run.npmi === null ? '' : `, mean coherence ${run.npmi.toFixed(3)}`
        return { summary: `${count(topics.length, 'topic')} of ${count(run.documents, 'clip')} and ${count(run.tokens, 'word')}${coherence}.` }
      })
      return { jobId }
    },

    /** Measures the topics that several k lead to; the project's topics stay as they are. */
    sweep(input: TopicSweepRequest): JobStarted {
      const request = topicSweepRequest.parse(input)
      const { store } = workspace.project()
      const jobId = workspace.jobs.start('topics', `Try ${count(request.ks.length, 'number')} of topics`, request, async (context) => {
        const sweep = await workspace.engine.call('topics.sweep', { ...request, documents: documents(store) }, forward(context))
        store.settings.set('lastTopicSweep', sweep)
        workspace.changed('topics')
        const best = bestBy(sweep, ({ npmi }) => npmi)
        const heldOut = bestBy(sweep, (point) => point.heldOut)
        return { summary: `${count(sweep.points.length, 'number')} of topics tried on ${count(sweep.documents, 'clip')}${best === null ? '' : `: most coherent with ${best}`}${heldOut === null ? '' : `, held-out clips predicted best with ${heldOut}`}.` }
      })
      return { jobId }
    },

    lastSweep(): TopicSweep | null {
      return workspace.project().store.settings.get('lastTopicSweep')
    },

    list(): TopicList {
      const { store } = workspace.project()
      const run = store.topics.run()
      const currentModel = store.settings.get('currentModel')
      const model = currentModel === null ? null : store.models.get(currentModel)
      const precision = model === null ? null : store.models.averagePrecision(model.id, 'test')
      const clips = store.topics.clipCounts()
      return {
        run: run && {
          k: run.request.k, documents: run.documents, tokens: run.tokens, sweeps: run.sweeps, seconds: run.seconds,
          tokensPerSecond: run.tokensPerSecond, npmi: run.npmi, seed: run.request.seed,
        },
        topics: store.topics.current().map(({ id, label, words, npmi }) => ({
          id, label, words, npmi, clips: clips.get(id) ?? 0,
          clearest: store.topics.clearest(id, CLEAREST).map(({ clipId }) => {
            const clip = store.clips.get(clipId)
            return { id: clipId, name: clip.name, thumbnailUrl: thumbnailUrl(clip) }
          }),
          averagePrecision: precision?.[model?.topics.indexOf(id) ?? -1] ?? null,
        })),
      }
    },

    /** Undoable. Throws NOT_FOUND. */
    rename(topicId: number, label: string): void {
      const { store } = workspace.project()
      const { label: before } = store.topics.get(topicId)
      store.edits.make(`rename topic "${before}" to "${label}"`, { kind: 'topic.label', topicId, label })
      workspace.changed('topics', 'corpus', 'neurons', 'edits')
    },

    /** The id of a model's topic by label or id, as the command line takes either. Throws NOT_FOUND. */
    find(model: Pick<Model, 'id' | 'topics'>, nameOrId: string): number {
      const { store } = workspace.project()
      const topic = model.topics.map((id) => store.topics.get(id)).find(({ id, label }) => String(id) === nameOrId || label === nameOrId)
      if (topic === undefined) throw new VitrineError('NOT_FOUND', `Model ${model.id} has no topic ${nameOrId}.`, 'Use an id or a label from "vitrine topics".')
      return topic.id
    },
  }
}
