import { captionQuery, captionRequest, VitrineError } from '#contract'
import type { CaptionMetrics, CaptionQuery, CaptionRequest, CaptionRow, Decoding, Device, Evaluation, Review, Split, TopicStrip, Verdict } from '#contract'
import type { CallOptions } from '../engine/client.ts'
import type { GeneratedCaption } from '../engine/contract.ts'
import type { Model, OpenProject, StoredCaption } from '../store/index.ts'
import { listCaptions } from './risk.ts'
import { topicSpotter } from './words.ts'
import { clipFeatures, clipsWithFeatures, count, forward, modelFolder, usableModel } from './workspace.ts'
import type { JobStarted, Workspace } from './workspace.ts'

/** A captioned split with its scores, not stored yet. */
export interface CaptionedSplit {
  captions: StoredCaption[]
  evaluation: Evaluation
  averagePrecision: (number | null)[] | null
}

/** Captions the clips of a split. Throws NOT_READY when none has features, or none of them human captions. */
export async function captionSplit(
  workspace: Workspace, project: OpenProject, model: Model, split: Split, decoding: Decoding, options: CallOptions, device: Device = 'auto',
): Promise<CaptionedSplit> {
  const clips = clipsWithFeatures(project, model.featureKey, split)
  if (clips.length === 0) throw new VitrineError('NOT_READY', `No clip of the ${split} split has features for model ${model.id}.`, 'Compute features with the settings that the model was trained on.')
  const { captions } = await workspace.engine.call('captioner.caption', { modelDir: modelFolder(project, model), clips, decoding, device }, options)
  return scoreSplit(workspace, project, model, split, decoding, captions, options)
}

async function scoreSplit(
  workspace: Workspace, project: OpenProject, model: Model, split: Split, decoding: Decoding, generated: GeneratedCaption[], options: CallOptions,
): Promise<CaptionedSplit> {
  const { store } = project
  const human = store.clips.captionsByClip(split)
  const scorable = generated.filter(({ id }) => human.has(id))
  if (scorable.length === 0) throw new VitrineError('NOT_READY', `No clip of the ${split} split has human captions to score against.`, 'Import captions for that split.')
  const vectors = store.topics.vectors(model.topics)
  const result = await workspace.engine.call('metrics.evaluate', {
    captions: scorable.map(({ id, caption, topics }) => ({ id, caption, topics })),
    references: scorable.map(({ id }) => ({ id, captions: human.get(id) ?? [] })),
    candidates: [...store.clips.captionsByClip('train').values()].flat(),
    // The baseline's topic head is never trained.
    topicTruth: model.kind === 'baseline' ? null : scorable.map(({ id }) => ({ id, topics: vectors.get(id) ?? [] })),
  }, options)
  const cider = new Map(scorable.map(({ id }, i) => [id, result.cider[i] ?? null]))
  return {
    captions: generated.map(({ id, caption, logProbability, words, alternatives, topics }) => ({
      clipId: id, decoding, caption, logProbability, words, topics, cider: cider.get(id) ?? null,
      alternatives: alternatives.map((other) => ({ caption: other.caption, logProbability: other.logProbability })),
    })),
    evaluation: {
      split, captions: scorable.length, metrics: result.metrics, fixedCaption: result.fixedCaption,
      topics: result.topics && { mAP: result.topics.mAP, chance: result.topics.chance },
      intervals: result.intervals,
    },
    averagePrecision: result.topics?.averagePrecision ?? null,
  }
}

/** Stores a captioned split, whole or not at all. */
export function storeSplit({ store }: OpenProject, modelId: number, { captions, evaluation, averagePrecision }: CaptionedSplit): void {
  store.transaction(() => {
    store.captions.put(modelId, captions)
    store.models.setEvaluation(modelId, evaluation, averagePrecision)
  })
}

/** Topics of a strip, and neurons behind each. */
const STRIP_TOPICS = 10
const STRIP_NEURONS = 5

/** Columns of the topics that are named, borne or predicted most. */
function topicsThatMatter(topics: Review['topics']): number[] {
  const weight = ({ expected, inCaption, score }: Review['topics'][number]): number => (expected ? 2 : 0) + (inCaption ? 2 : 0) + score
  return topics.map((topic, column) => ({ column, weight: weight(topic) })).sort((a, b) => b.weight - a.weight || a.column - b.column).slice(0, STRIP_TOPICS).map(({ column }) => column)
}

export function createCaptions(workspace: Workspace) {
  /** The scores of the split that was reviewed last; its captions are their identity. */
  let scored: { identity: string; scores: Promise<Map<number, CaptionMetrics>> } | null = null

  /** Every metric of each caption of a split: a caption's own CIDEr needs the document frequencies of all. */
  const splitScores = (project: OpenProject, modelId: number, split: Split): Promise<Map<number, CaptionMetrics>> => {
    const human = project.store.clips.captionsByClip(split)
    const captions = project.store.captions.all(modelId, split).filter(({ clipId }) => human.has(clipId))
    const identity = JSON.stringify([project.folder, modelId, captions.map(({ clipId, caption }) => [clipId, caption])])
    if (scored?.identity !== identity) {
      const scores = workspace.engine.call('metrics.score', {
        hypotheses: captions.map(({ clipId, caption }) => ({ id: String(clipId), caption })),
        references: captions.map(({ clipId }) => ({ id: String(clipId), captions: human.get(clipId) ?? [] })),
        tokenizer: 'words', bootstrap: null,
      }).then((result) => new Map(result.captions.map(({ id, metrics }) => [Number(id), metrics])))
      scored = { identity, scores }
      scores.catch(() => { scored = null })
    }
    return scored.scores
  }

  return {
    /** Captions a split with a model and scores the captions against the human ones. */
    generate(input: CaptionRequest): JobStarted {
      const request = captionRequest.parse(input)
      const { modelId, split, device, ...decoding } = request
      const project = workspace.project()
      const model = usableModel(project, modelId)
      const jobId = workspace.jobs.start('caption', `Caption the ${split} split with model ${model.id}`, { ...request, modelId: model.id }, async (context) => {
        const result = await captionSplit(workspace, project, model, split, decoding, forward(context), device)
        storeSplit(project, model.id, result)
        workspace.changed('captions', 'models', 'topics')
        const { metrics } = result.evaluation
        return { summary: `${count(result.captions.length, 'caption')}: BLEU-4 ${metrics.BLEU_4.toFixed(3)}, ROUGE-L ${metrics.ROUGE_L.toFixed(3)}, CIDEr ${metrics.CIDEr.toFixed(3)}.` }
      })
      return { jobId }
    },

    /** The captions of a split, those that are probably wrong first. */
    list(input: CaptionQuery): CaptionRow[] {
      return listCaptions(workspace.project(), captionQuery.parse(input))
    },

    /** What happens over the time of a clip, for the topics that matter in it. Throws NOT_FOUND, NOT_READY. */
    async strip(modelId: number, clipId: number, signal?: AbortSignal): Promise<TopicStrip> {
      const project = workspace.project()
      const model = usableModel(project, modelId)
      const columns = await this.review(modelId, clipId).then(({ topics }) => topicsThatMatter(topics))
      const { topics } = await workspace.engine.call('neurons.strip', {
        modelDir: modelFolder(project, model), clip: clipFeatures(project, model.featureKey, clipId), topics: columns, most: STRIP_NEURONS, device: 'cpu',
      }, signal && { signal })
      return {
        times: project.store.features.forClip(model.featureKey, clipId)?.frameTimes ?? [],
        topics: topics.map(({ topic, ...own }) => ({ topicId: model.topics[topic] ?? -1, ...own })),
      }
    },

    /** A verdict on what a model says of clips now; null takes it back. One edit. Throws NOT_READY for a clip that it has not captioned. */
    judge(modelId: number, clipIds: readonly number[], verdict: Verdict | null): void {
      const { store } = workspace.project()
      const changes = [...new Set(clipIds)].map((clipId) => {
        const said = store.captions.get(modelId, clipId)
        if (said === null) throw new VitrineError('NOT_READY', `Model ${modelId} has not captioned ${store.clips.get(clipId).name} yet.`, 'Caption its split first.')
        return { kind: 'caption.verdict' as const, modelId, clipId, value: verdict === null ? null : { caption: said.caption, verdict } }
      })
      const of = changes.length === 1 && changes[0] ? `the caption of ${store.clips.get(changes[0].clipId).name}` : count(changes.length, 'caption')
      store.edits.make(verdict === null ? `take back the verdict on ${of}` : `judge ${of} ${verdict}`, { kind: 'all', changes })
      workspace.changed('captions', 'edits')
    },

    /** A note on a clip; empty takes it away. One edit. Throws NOT_FOUND. */
    note(clipId: number, note: string): void {
      const { store } = workspace.project()
      store.edits.make(note === '' ? `remove the note on ${store.clips.get(clipId).name}` : `note on ${store.clips.get(clipId).name}`, { kind: 'clip.note', clipId, note })
      workspace.changed('captions', 'edits')
    },

    /** A new human caption of a clip, after the others. One edit. Throws NOT_FOUND, CONFLICT for one that it has already. */
    add(clipId: number, text: string): void {
      const { store } = workspace.project()
      const { name } = store.clips.get(clipId)
      if (store.clips.captions(clipId).some((own) => own.text === text)) throw new VitrineError('CONFLICT', `${name} has this caption already.`)
      store.transaction(() => {
        // The edit puts it in under the id that it got, so that undo and redo always mean this one.
        const captionId = store.clips.addCaption(clipId, text, 'reviewer')
        const value = store.clips.caption(captionId)
        store.clips.setCaption(captionId, null)
        store.edits.make(`add a caption of ${name}`, { kind: 'caption', captionId, value })
      })
      workspace.changed('corpus', 'captions', 'project', 'edits')
    },

    /** The other captions of each clip's n-best list, in the order of their rank, by clip id. */
    alternatives({ modelId, split }: { modelId: number; split: Split }): Map<number, Review['alternatives']> {
      return new Map(workspace.project().store.captions.all(modelId, split).map(({ clipId, alternatives }) => [clipId, alternatives]))
    },

    /** The CIDEr that another caption of a clip would have, document frequencies from the split that the model captioned. */
    async cider(modelId: number, clipId: number, caption: string): Promise<number> {
      const { store } = workspace.project()
      const { split, name } = store.clips.get(clipId)
      const human = store.clips.captionsByClip(split)
      if (!human.has(clipId)) throw new VitrineError('NOT_READY', `The clip ${name} has no human captions to score against.`)
      const others = store.captions.all(modelId, split).filter((other) => other.clipId !== clipId && human.has(other.clipId))
      const hypotheses = [{ clipId, caption }, ...others]
      const { captions } = await workspace.engine.call('metrics.score', {
        hypotheses: hypotheses.map((own) => ({ id: String(own.clipId), caption: own.caption })),
        references: hypotheses.map((own) => ({ id: String(own.clipId), captions: human.get(own.clipId) ?? [] })),
        tokenizer: 'words', bootstrap: null,
      })
      return captions[0]?.metrics.CIDEr ?? 0
    },

    /** The model's caption of a clip beside what people say of it. Throws NOT_FOUND, NOT_READY before the clip is captioned. */
    async review(modelId: number, clipId: number): Promise<Review> {
      const project = workspace.project()
      const { store } = project
      const model = store.models.get(modelId)
      const clip = store.clips.get(clipId)
      const caption = store.captions.get(modelId, clipId)
      if (caption === null) throw new VitrineError('NOT_READY', `Model ${modelId} has not captioned ${clip.name} yet.`, `Caption the ${clip.split} split first.`)
      const metrics = caption.cider === null ? null : (await splitScores(project, modelId, clip.split)).get(clipId) ?? null
      const topics = model.topics.map((id) => store.topics.get(id))
      const expected = new Set(store.topics.vectors(model.topics).get(clipId))
      const spot = topicSpotter(topics)
      const inCaption = spot(caption.caption)
      const byPeople = spot(store.clips.captions(clipId).map(({ text }) => text).join('\n'))
      return {
        clipId, modelId, modelKind: model.kind, caption: caption.caption, words: caption.words, logProbability: caption.logProbability, metrics, alternatives: caption.alternatives,
        verdict: store.captions.verdicts(modelId).get(clipId) ?? null, note: store.clips.note(clipId),
        topics: topics.map(({ id, label }, column) => {
          const own = { expected: expected.has(column), inCaption: inCaption[column] ?? false }
          const named = own.expected || (byPeople[column] ?? false)
          const verdict = own.inCaption ? (named ? 'agrees' : 'unsupported') : own.expected ? 'missing' : 'absent'
          return { id, label, score: caption.topics[column] ?? 0, ...own, verdict }
        }),
      }
    },
  }
}
