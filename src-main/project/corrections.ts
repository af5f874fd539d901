/**
 * Repairing a false caption: a reviewer's word moves a topic's neurons (preview), the network learns to do so itself as
 * a new model version (learn), and the reviewer sees what else that changed before it becomes the current model (accept).
 */
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { decoding, intervention, toFailure, VitrineError } from '#contract'
import type { Correction, Decoding, Intervention, Preview, Split } from '#contract'
import type { CallOptions } from '../engine/client.ts'
import type { CaptionedClip, ClipIntervention } from '../engine/contract.ts'
import type { Model, OpenProject, StoredCorrection } from '../store/index.ts'
import { captionSplit, storeSplit } from './captions.ts'
import type { CaptionedSplit } from './captions.ts'
import { interpretNeurons } from './neurons.ts'
import { captionedClips, clipFeatures, count, forward, modelFolder, usableModel } from './workspace.ts'
import type { JobStarted, Workspace } from './workspace.ts'

/** How captions before and after a correction are decoded. */
const DECODING = decoding.parse({})
/** Training clips that keep the network steady while it learns. */
const REPLAYED = 512

export function createCorrections(workspace: Workspace) {
  /** The request with its model, and as the engine takes it: topics as columns. */
  const resolve = (project: OpenProject, input: Intervention) => {
    const request = intervention.parse(input)
    const model = usableModel(project, request.modelId)
    const columns = (topicIds: number[]) => topicIds.map((id) => {
      const column = model.topics.indexOf(id)
      if (column === -1) throw new VitrineError('BAD_INPUT', `Model ${model.id} was not trained on topic ${id}.`, 'Choose one of its own topics.')
      return column
    })
    const both = request.addTopics.find((id) => request.dropTopics.includes(id))
    if (both !== undefined) throw new VitrineError('BAD_INPUT', `Topic ${both} can't be both added and dropped.`)
    if (request.addTopics.length + request.dropTopics.length === 0) throw new VitrineError('BAD_INPUT', 'There is no topic to add or to drop.', 'Choose at least one.')
    const forEngine: ClipIntervention = {
      clip: clipFeatures(project, model.featureKey, request.clipId), addTopics: columns(request.addTopics), dropTopics: columns(request.dropTopics), strength: request.strength, caption: null,
    }
    return { request: { ...request, modelId: model.id }, model, forEngine }
  }

  const decode = (project: OpenProject, model: Model, forEngine: ClipIntervention, options: CallOptions = {}) =>
    workspace.engine.call('corrections.preview', { modelDir: modelFolder(project, model), intervention: forEngine, beam: DECODING.beam, device: 'cpu' }, options)

  const named = ({ store }: OpenProject, stored: StoredCorrection): Correction => {
    const topics = (ids: number[]) => ids.map((id) => ({ id, label: store.topics.get(id).label }))
    return { ...stored, clip: store.clips.get(stored.clipId).name, addTopics: topics(stored.addTopics), dropTopics: topics(stored.dropTopics) }
  }

  const proposed = ({ store }: OpenProject, correctionId: number): StoredCorrection => {
    const correction = store.corrections.get(correctionId)
    if (correction.state !== 'proposed') throw new VitrineError('CONFLICT', `Correction ${correctionId} is ${correction.state} already.`)
    return correction
  }

  return {
    /** Decodes a clip with topics' neurons moved. Nothing is learnt or stored. Throws NOT_READY without a neuron map. */
    async preview(input: Intervention, signal?: AbortSignal): Promise<Preview> {
      const project = workspace.project()
      const { model, forEngine } = resolve(project, input)
      const { before, after, neurons } = await decode(project, model, forEngine, signal && { signal })
      return {
        before: before.caption, after: after.caption, words: after.words, logProbability: after.logProbability,
        neurons: neurons.map(({ neuron, topic, from, to }) => ({ neuron, topicId: model.topics[topic] ?? -1, from, to })),
      }
    },

    /**
     * Learns an intervention as a new, proposed model version; captions and scores the clip's split (validation for a
     * training clip) with it, lists every caption that changed, and interprets its neurons as its parent's were.
     */
    learn(input: Intervention): JobStarted {
      const project = workspace.project()
      const { store } = project
      const { request, model: parent, forEngine } = resolve(project, input)
      const clip = store.clips.get(request.clipId)
      const split: Split = clip.split === 'train' ? 'val' : clip.split
      const jobId = workspace.jobs.start('correct', `Learn a correction of ${clip.name}`, request, async (context) => {
        const options = forward(context)
        const { before, after: intervened } = await decode(project, parent, forEngine, options)
        const model = store.models.add({
          parent: parent.id, jobId: context.jobId, kind: parent.kind, origin: 'corrected', settings: parent.settings, seed: parent.seed,
          topics: parent.topics, fingerprints: parent.fingerprints, featureKey: parent.featureKey, frames: parent.frames, note: `Correction of ${clip.name}.`,
        })
        workspace.changed('models')
        try {
          const learnt = await workspace.engine.call('corrections.learn', {
            parentDir: modelFolder(project, parent), modelDir: modelFolder(project, model), interventions: [forEngine],
            replay: sample(captionedClips(project, parent.featureKey, parent.topics, 'train'), REPLAYED), device: 'auto',
          }, options)
          if (!learnt.reached.every(Boolean)) context.notice(`After ${learnt.steps} steps the network does not yet say "${intervened.caption}" by itself.`)
          const parentSplit = await storedSplit(project, parent, split, options)
          const modelSplit = await captionSplit(workspace, project, model, split, DECODING, options)
          const after = modelSplit.captions.find(({ clipId }) => clipId === clip.id)?.caption ?? (await captionOf(project, model, forEngine, options))
          const map = store.neurons.get(parent.id)
          if (map !== null) await interpretNeurons(workspace, project, model, map.request, options)
          const changed = changedCaptions(project, parentSplit, modelSplit)
          store.transaction(() => {
            storeSplit(project, model.id, modelSplit)
            store.models.finish(model.id, { state: 'proposed', device: parent.device, steps: learnt.steps, seconds: learnt.seconds, neurons: parent.neurons })
            store.corrections.add({
              model: model.id, parent: parent.id, clipId: clip.id, addTopics: request.addTopics, dropTopics: request.dropTopics, strength: request.strength,
              before: before.caption, intervened: intervened.caption, after, changed,
              metrics: { before: parentSplit.evaluation.metrics, after: modelSplit.evaluation.metrics },
            })
          })
          const cider = (of: CaptionedSplit) => of.evaluation.metrics.CIDEr.toFixed(3)
          return { summary: `Model ${model.id} says "${after}"; ${count(changed.length, 'caption')} of the ${split} split changed, CIDEr ${cider(parentSplit)} before and ${cider(modelSplit)} after.` }
        } catch (error) {
          store.models.setNote(model.id, context.signal.aborted ? 'Cancelled.' : toFailure(error).message)
          store.models.setState(model.id, 'failed')
          await rm(modelFolder(project, model), { recursive: true, force: true })
          throw error
        } finally {
          workspace.changed('models', 'corrections', 'captions', 'neurons')
        }
      })
      return { jobId }
    },

    /** All corrections, newest first. */
    list(): Correction[] {
      const project = workspace.project()
      return project.store.corrections.list().map((stored) => named(project, stored))
    },

    /** Makes the new version the current model; undoable. Throws CONFLICT when it was decided already. */
    accept(correctionId: number): void {
      const project = workspace.project()
      const { store } = project
      const correction = proposed(project, correctionId)
      store.edits.make(`accept the correction of ${store.clips.get(correction.clipId).name}`, {
        kind: 'all',
        changes: [
          { kind: 'correction.state', correctionId, state: 'accepted' },
          { kind: 'model.state', modelId: correction.model, state: 'ready' },
          { kind: 'model.current', modelId: correction.model },
        ],
      })
      workspace.changed('corrections', 'models', 'topics', 'project', 'edits')
    },

    /** Puts the new version aside; undoable, so its files stay. Throws CONFLICT when it was decided already. */
    discard(correctionId: number): void {
      const project = workspace.project()
      const { store } = project
      const correction = proposed(project, correctionId)
      store.edits.make(`discard the correction of ${store.clips.get(correction.clipId).name}`, {
        kind: 'all',
        changes: [
          { kind: 'correction.state', correctionId, state: 'discarded' },
          { kind: 'model.state', modelId: correction.model, state: 'failed' },
          { kind: 'model.note', modelId: correction.model, note: 'Its correction was discarded.' },
        ],
      })
      workspace.changed('corrections', 'models', 'edits')
    },
  }

  /** What a model says of a split: as stored when all of it is, else captioned now and stored. */
  async function storedSplit(project: OpenProject, model: Model, split: Split, options: CallOptions): Promise<CaptionedSplit> {
    const { store } = project
    const captions = store.captions.all(model.id, split)
    const evaluation = store.models.evaluations(model.id).find((own) => own.split === split)
    const complete = captions.length === store.features.paths(model.featureKey, split).length && captions.every((caption) => decodedAlike(caption.decoding, DECODING))
    if (evaluation && complete) return { captions, evaluation, averagePrecision: store.models.averagePrecision(model.id, split) }
    const captioned = await captionSplit(workspace, project, model, split, DECODING, options)
    storeSplit(project, model.id, captioned)
    return captioned
  }

  async function captionOf(project: OpenProject, model: Model, { clip }: ClipIntervention, options: CallOptions): Promise<string> {
    const { captions } = await workspace.engine.call('captioner.caption', { modelDir: modelFolder(project, model), clips: [clip], decoding: DECODING, device: 'auto' }, options)
    return captions[0]?.caption ?? ''
  }
}

/** Whether two beam searches find the same best caption, however many others they keep. */
const decodedAlike = (a: Decoding, b: Decoding): boolean => a.method === b.method && a.beam === b.beam && a.lengthNormalisation === b.lengthNormalisation

/** The captions that differ, those that lost most CIDEr first. */
function changedCaptions({ store }: OpenProject, before: CaptionedSplit, after: CaptionedSplit): Correction['changed'] {
  const old = new Map(before.captions.map((caption) => [caption.clipId, caption]))
  const changed = after.captions.flatMap(({ clipId, caption, cider }) => {
    const other = old.get(clipId)
    if (other === undefined || other.caption === caption) return []
    return [{ clipId, clip: store.clips.get(clipId).name, before: other.caption, after: caption, ciderBefore: other.cider ?? 0, ciderAfter: cider ?? 0 }]
  })
  return changed.sort((a, b) => a.ciderAfter - a.ciderBefore - (b.ciderAfter - b.ciderBefore) || a.clipId - b.clipId)
}

/** At most `most` clips, the same ones every time: those whose ids hash lowest. */
function sample(clips: CaptionedClip[], most: number): CaptionedClip[] {
  if (clips.length <= most) return clips
  const keyed = clips.map((clip) => ({ clip, key: createHash('sha256').update(String(clip.id)).digest('hex') }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, most).map(({ clip }) => clip)
}
