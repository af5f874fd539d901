/**
 * Repairing false captions: corrections wait in a queue, the network learns them together as a new model
 * version, and the reviewer sees what else that changed (blast-radius.ts) before it becomes the current model
 * or is thrown away.
 */
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { ciderGain, correctionRequest, toFailure, VitrineError } from '#contract'
import type {
  CorrectedModel,
  Correction,
  CorrectionReport,
  CorrectionRequest,
  Decoding,
  Split,
} from '#contract'
import { count } from '../../common/text.ts'
import type { CallOptions } from '../../engine-host/client.ts'
import type { CaptionedClip, ClipFeatures } from '../../engine-host/contract/index.ts'
import type { JobContext } from '../../jobs/index.ts'
import type { Model, OpenProject, SingleChange, StoredCorrection } from '../../store/index.ts'
import { measureRadius } from './blast-radius.ts'
import { captionSplit, storeSplit } from '../review/service.ts'
import type { CaptionedSplit } from '../review/service.ts'
import { named } from './correction.ts'
import { DECODING, movesOf, unknownWords } from './interventions.ts'
import { interpretNeurons } from '../neurons/service.ts'
import { rerunCorrections } from './regressions.ts'
import { captionedClips, clipFeatures, forward, modelFolder, usableModel } from '../workspace.ts'
import type { JobStarted, Workspace } from '../workspace.ts'

/** Training clips that keep the network steady while it learns. */
const REPLAYED = 512

export function createCorrections(workspace: Workspace) {
  return {
    /**
     * Puts a correction in the queue: what the parent says now and what moving the neurons has it say are
     * kept with it. One edit. Throws BAD_INPUT when nothing would change, CONFLICT when the clip waits in the
     * queue already.
     */
    async enqueue(input: CorrectionRequest, signal?: AbortSignal): Promise<{ correctionId: number }> {
      const request = correctionRequest.parse(input)
      const project = workspace.project()
      const { store } = project
      const parent = usableModel(project, request.modelId)
      const { name } = store.clips.get(request.clipId)
      if (request.typed === null && request.topics.length + request.neurons.length === 0) {
        throw new VitrineError(
          'BAD_INPUT',
          'There is no topic to add or to drop.',
          'Choose at least one, or type the right caption.',
        )
      }
      if (
        store.corrections.list().some(({ state, clipId }) => state === 'queued' && clipId === request.clipId)
      ) {
        throw new VitrineError(
          'CONFLICT',
          `A correction of ${name} waits in the queue already.`,
          'Take it out first.',
        )
      }
      const unknown = request.typed === null ? [] : unknownWords(project, request.typed)
      if (unknown.length > 0) {
        throw new VitrineError(
          'BAD_INPUT',
          `No training caption has the ${unknown.length === 1 ? 'word' : 'words'} ${unknown.map((word) => `"${word}"`).join(', ')}: the model can't say ${unknown.length === 1 ? 'it' : 'them'}.`,
          'Say it in words of the training captions.',
        )
      }
      const moves = movesOf(parent, request)
      const clip = clipFeatures(project, parent.featureKey, request.clipId)
      const {
        captions: [now],
      } =
        request.typed === null
          ? await workspace.engine.call(
              'corrections.intervene',
              {
                modelDir: modelFolder(project, parent),
                interventions: [{ clip, ...moves }],
                beam: DECODING.beam,
                device: 'cpu',
              },
              signal && { signal },
            )
          : {
              captions: [
                {
                  before: await captionOf(project, parent, clip, signal && { signal }),
                  after: request.typed,
                },
              ],
            }
      if (now === undefined) {
        throw new Error('nothing was decoded')
      }
      if (now.before === now.after) {
        throw new VitrineError(
          'BAD_INPUT',
          `The caption of ${name} would stay as it is: "${now.before}".`,
          'Choose other topics, a larger strength, or type the caption.',
        )
      }
      const correctionId = store.transaction(() => {
        const { id } = store.corrections.add({
          parent: parent.id,
          clipId: request.clipId,
          topics: request.topics,
          neurons: request.neurons,
          typed: request.typed,
          before: now.before,
          wanted: now.after,
          note: request.note,
        })
        store.edits.make(`queue a correction of ${name}`, {
          kind: 'correction.state',
          correctionId: id,
          state: 'queued',
        })
        return id
      })
      workspace.changed('corrections', 'edits')
      return { correctionId }
    },

    /** Takes a correction out of the queue; one edit. Throws NOT_FOUND, CONFLICT for one that is learnt. */
    unqueue(correctionId: number): void {
      const { store } = workspace.project()
      const { state, clipId } = store.corrections.get(correctionId)
      if (state !== 'queued') {
        throw new VitrineError('CONFLICT', `Correction ${correctionId} is ${state}, not in the queue.`)
      }
      store.edits.make(`take the correction of ${store.clips.get(clipId).name} out of the queue`, {
        kind: 'correction.state',
        correctionId,
        state: 'withdrawn',
      })
      workspace.changed('corrections', 'edits')
    },

    /**
     * Learns queued corrections together (null: all) as a new, proposed version, and measures what else that
     * changes. They are learnt from the current model where that comes from the one they were made with.
     * Throws NOT_READY without any, CONFLICT where they are of models that do not come from each other.
     */
    learn(correctionIds: readonly number[] | null): JobStarted {
      const project = workspace.project()
      const queued = chosen(project, correctionIds)
      const title =
        queued.length === 1 && queued[0]
          ? `Learn a correction of ${project.store.clips.get(queued[0].clipId).name}`
          : `Learn ${count(queued.length, 'correction')}`
      const jobId = workspace.jobs.start(
        'correct',
        title,
        { corrections: queued.map(({ id }) => id) },
        async (context) => {
          // They may have been taken out of the queue while the job waited.
          const now = chosen(
            project,
            queued.map(({ id }) => id),
          )
          return { summary: await learnTogether(project, commonParent(project, now), now, context) }
        },
      )
      return { jobId }
    },

    /** All corrections, newest first. */
    list(): Correction[] {
      const project = workspace.project()
      return project.store.corrections.list().map((stored) => named(project, stored))
    },

    /** A version that learnt corrections, with its blast radius. Throws NOT_FOUND. */
    version(modelId: number): CorrectedModel {
      const project = workspace.project()
      return {
        modelId,
        corrections: learntBy(project, modelId).map((stored) => named(project, stored)),
        radius: project.store.corrections.radius(modelId),
      }
    },

    /**
     * Makes the proposed version the current model; one edit. Throws CONFLICT when it was decided already.
     */
    accept(modelId: number): void {
      const project = workspace.project()
      const { store } = project
      const corrections = proposed(project, modelId)
      const changes: SingleChange[] = [
        ...corrections.map(({ id }) => ({
          kind: 'correction.state' as const,
          correctionId: id,
          state: 'accepted' as const,
        })),
        { kind: 'model.state', modelId, state: 'ready' },
        { kind: 'model.current', modelId },
      ]
      store.edits.make(`accept ${ofClips(project, corrections)}`, { kind: 'all', changes })
      workspace.changed('corrections', 'models', 'topics', 'project', 'edits')
    },

    /**
     * Throws the proposed version away, with its files and its corrections: nothing of it is left. Can't be
     * undone. Throws CONFLICT.
     */
    async discard(modelId: number): Promise<void> {
      const project = workspace.project()
      const { store } = project
      proposed(project, modelId)
      const folder = modelFolder(project, store.models.get(modelId))
      store.transaction(() => {
        store.corrections.removeOfModel(modelId)
        store.models.remove(modelId)
      })
      await rm(folder, { recursive: true, force: true })
      workspace.changed('corrections', 'models', 'captions', 'neurons')
    },

    /**
     * Takes an accepted version back: its parent becomes current, which is one edit. With `replay`, the
     * corrections that were accepted on top of it are learnt again from that parent, as a proposed version.
     * Throws CONFLICT for a version that is not accepted.
     */
    undo(modelId: number, replay: boolean): JobStarted | null {
      const project = workspace.project()
      const { store } = project
      const version = store.models.get(modelId)
      const corrections = learntBy(project, modelId)
      if (version.parent === null || corrections.some(({ state }) => state !== 'accepted')) {
        throw new VitrineError('CONFLICT', `Model ${modelId} is no accepted correction.`)
      }
      const later = store.models
        .list()
        .filter((model) => model.id !== modelId && descends(project, model, modelId))
        .flatMap(({ id }) => store.corrections.ofModel(id))
        .filter(({ state }) => state === 'accepted')
      const undone = (of: readonly StoredCorrection[]) =>
        of.map(({ id }) => ({
          kind: 'correction.state' as const,
          correctionId: id,
          state: 'undone' as const,
        }))
      const parent = version.parent
      const again = store.transaction(() => {
        store.edits.make(`undo ${ofClips(project, corrections)}`, {
          kind: 'all',
          changes: [...undone(corrections), ...undone(later), { kind: 'model.current', modelId: parent }],
        })
        if (!replay || later.length === 0) {
          return []
        }
        const copies = [...later]
          .sort((a, b) => a.id - b.id)
          .map((own) => store.corrections.add({ ...own, parent }))
        store.edits.make(`queue ${ofClips(project, copies)} again`, {
          kind: 'all',
          changes: copies.map(({ id }) => ({ kind: 'correction.state', correctionId: id, state: 'queued' })),
        })
        return copies.map(({ id }) => id)
      })
      workspace.changed('corrections', 'models', 'topics', 'project', 'edits')
      return again.length === 0 ? null : this.learn(again)
    },

    /** What corrections that were learnt came to; null: all that were. Throws NOT_FOUND. */
    report(correctionIds: readonly number[] | null): CorrectionReport {
      const { store } = workspace.project()
      const learnt = (
        correctionIds === null
          ? store.corrections.list()
          : correctionIds.map((id) => store.corrections.get(id))
      ).filter(({ model }) => model !== null)
      const radii = [...new Set(learnt.flatMap(({ model }) => model ?? []))]
        .flatMap((model) => store.corrections.radius(model) ?? [])
        .filter(({ split }) => split !== null)
      const gains = radii.flatMap(({ changed }) => changed.map(ciderGain))
      const similar = radii.flatMap((radius) => radius.similar?.clips ?? [])
      return {
        corrections: learnt.length,
        held: learnt.filter(({ wanted, after }) => wanted === after).length,
        similar: similar.length,
        similarMended: similar.filter(({ mended }) => mended).length,
        elsewhere: radii.reduce((sum, { clips }) => sum + clips, 0),
        changed: gains.length,
        better: gains.filter((gain) => gain > 0).length,
        worse: gains.filter((gain) => gain < 0).length,
      }
    },
  }

  /**
   * Begins a version, learns into it, captions the split, measures; whatever ends it early leaves the
   * corrections queued and no version.
   */
  async function learnTogether(
    project: OpenProject,
    parent: Model,
    corrections: readonly StoredCorrection[],
    context: JobContext,
  ): Promise<string> {
    const { store } = project
    const options = forward(context)
    const splits = corrections.map(({ clipId }) => store.clips.get(clipId).split)
    const split: Split = splits.includes('test') ? 'test' : 'val'
    const wanted = corrections.map((own) => ({
      clip: clipFeatures(project, parent.featureKey, own.clipId),
      ...movesOf(parent, own),
      typed: own.typed,
    }))
    const model = store.models.add({
      parent: parent.id,
      jobId: context.jobId,
      kind: parent.kind,
      origin: 'corrected',
      settings: parent.settings,
      seed: parent.seed,
      topics: parent.topics,
      fingerprints: parent.fingerprints,
      featureKey: parent.featureKey,
      frames: parent.frames,
      note: `${sentence(ofClips(project, corrections))}.`,
    })
    workspace.changed('models')
    try {
      const learnt = await workspace.engine.call(
        'corrections.learn',
        {
          parentDir: modelFolder(project, parent),
          modelDir: modelFolder(project, model),
          wanted,
          replay: sample(captionedClips(project, parent.featureKey, parent.topics, 'train'), REPLAYED),
          device: 'auto',
        },
        options,
      )
      const missed = learnt.captions.filter(({ reached }) => !reached)
      if (missed.length > 0) {
        context.notice(
          `After ${learnt.steps} steps the network does not yet say ${missed.map((own) => `"${own.wanted}"`).join(', ')} by itself.`,
        )
      }
      const before = await storedSplit(project, parent, split, options)
      const after = await captionSplit(workspace, project, model, split, DECODING, options)
      const map = store.neurons.get(parent.id)
      if (map !== null) {
        await interpretNeurons(workspace, project, model, map.request, options)
      }
      const said = await Promise.all(
        corrections.map(async ({ clipId }, i) => ({
          before:
            before.captions.find((own) => own.clipId === clipId)?.caption ?? corrections[i]?.before ?? '',
          after:
            after.captions.find((own) => own.clipId === clipId)?.caption ??
            (await captionOf(project, model, clipFeatures(project, parent.featureKey, clipId), options)),
        })),
      )
      const corrected = corrections.map(({ clipId }, i) => ({ clipId, before: said[i]?.before ?? '' }))
      const radius = await measureRadius(
        workspace,
        project,
        { parent, version: model, split, before, after, corrected },
        options,
      )
      store.transaction(() => {
        storeSplit(project, model.id, after)
        store.models.finish(model.id, {
          state: 'proposed',
          device: parent.device,
          steps: learnt.steps,
          seconds: learnt.seconds,
          neurons: parent.neurons,
        })
        corrections.forEach(({ id }, i) => {
          store.corrections.propose(id, {
            model: model.id,
            parent: parent.id,
            before: said[i]?.before ?? '',
            wanted: learnt.captions[i]?.wanted ?? '',
            after: said[i]?.after ?? '',
          })
        })
        store.corrections.setRadius(model.id, radius)
      })
      const { cases, back } = await rerunCorrections(workspace, project, model, options)
      if (back > 0) {
        context.notice(
          `${count(back, 'accepted correction')} of ${cases} ${back === 1 ? 'is' : 'are'} false again with model ${model.id}.`,
        )
      }
      const worse = radius.changed.filter((change) => ciderGain(change) < 0).length
      return `Model ${model.id} says ${said.map((own) => `"${own.after}"`).join(', ')}; of ${count(radius.clips, 'other caption')} of the ${split} split ${radius.changed.length} changed, ${worse} of them for the worse.`
    } catch (error) {
      // The corrections stay queued, and nothing half-made stays.
      store.models.remove(model.id)
      await rm(modelFolder(project, model), { recursive: true, force: true })
      if (!context.signal.aborted) {
        context.notice(toFailure(error).message)
      }
      throw error
    } finally {
      workspace.changed('models', 'corrections', 'captions', 'neurons')
    }
  }

  /** What a model says of a split: as stored when all of it is, else captioned now and stored. */
  async function storedSplit(
    project: OpenProject,
    model: Model,
    split: Split,
    options: CallOptions,
  ): Promise<CaptionedSplit> {
    const { store } = project
    const captions = store.captions.all(model.id, split)
    const evaluation = store.models.evaluations(model.id).find((own) => own.split === split)
    const complete =
      captions.length === store.features.paths(model.featureKey, split).length &&
      captions.every((caption) => decodedAlike(caption.decoding, DECODING))
    if (evaluation && complete) {
      return { captions, evaluation, averagePrecision: store.models.averagePrecision(model.id, split) }
    }
    const captioned = await captionSplit(workspace, project, model, split, DECODING, options)
    storeSplit(project, model.id, captioned)
    return captioned
  }

  async function captionOf(
    project: OpenProject,
    model: Model,
    clip: ClipFeatures,
    options?: CallOptions,
  ): Promise<string> {
    const { captions } = await workspace.engine.call(
      'captioner.caption',
      { modelDir: modelFolder(project, model), clips: [clip], decoding: DECODING, device: 'auto' },
      options,
    )
    return captions[0]?.caption ?? ''
  }
}

/** Corrections that wait in the queue; null: all that do. */
function chosen({ store }: OpenProject, correctionIds: readonly number[] | null): StoredCorrection[] {
  const queued = store.corrections
    .list()
    .filter(({ state }) => state === 'queued')
    .reverse()
  const own =
    correctionIds === null
      ? queued
      : correctionIds.map((id) => {
          const correction = store.corrections.get(id)
          if (correction.state !== 'queued') {
            throw new VitrineError('CONFLICT', `Correction ${id} is ${correction.state}, not in the queue.`)
          }
          return correction
        })
  if (own.length === 0) {
    throw new VitrineError('NOT_READY', 'No correction waits in the queue.', 'Put one in from Review.')
  }
  return own
}

/** Whether a model comes from another one, or is it. */
function descends({ store }: OpenProject, model: Model, from: number): boolean {
  for (
    let own: Model | null = model;
    own !== null;
    own = own.parent === null ? null : store.models.get(own.parent)
  ) {
    if (own.id === from) {
      return true
    }
  }
  return false
}

/**
 * The model that corrections are learnt from: the current one where it comes from all of theirs, else the one
 * that all are of.
 */
function commonParent(project: OpenProject, corrections: readonly StoredCorrection[]): Model {
  const parents = [...new Set(corrections.map(({ parent }) => parent))]
  const currentId = project.store.settings.get('currentModel')
  const current = currentId === null ? null : project.store.models.get(currentId)
  if (current !== null && parents.every((parent) => descends(project, current, parent))) {
    return usableModel(project, current.id)
  }
  if (parents.length > 1) {
    throw new VitrineError(
      'CONFLICT',
      `These corrections are of models ${parents.join(' and ')}, which do not come from each other.`,
      'Learn those of each model by themselves.',
    )
  }
  return usableModel(project, parents[0] ?? null)
}

function learntBy({ store }: OpenProject, modelId: number): StoredCorrection[] {
  store.models.get(modelId)
  const corrections = store.corrections.ofModel(modelId).filter(({ state }) => state !== 'discarded')
  if (corrections.length === 0) {
    throw new VitrineError('NOT_FOUND', `Model ${modelId} learnt no correction.`)
  }
  return corrections
}

function proposed(project: OpenProject, modelId: number): StoredCorrection[] {
  const corrections = learntBy(project, modelId)
  const decided = corrections.find(({ state }) => state !== 'proposed')
  if (decided) {
    throw new VitrineError('CONFLICT', `The corrections of model ${modelId} are ${decided.state} already.`)
  }
  return corrections
}

const ofClips = ({ store }: OpenProject, corrections: readonly StoredCorrection[]): string =>
  corrections.length === 1 && corrections[0]
    ? `the correction of ${store.clips.get(corrections[0].clipId).name}`
    : count(corrections.length, 'correction')
const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Whether two beam searches find the same best caption, however many others they keep. */
const decodedAlike = (a: Decoding, b: Decoding): boolean =>
  a.method === b.method && a.beam === b.beam && a.lengthNormalisation === b.lengthNormalisation

/** At most `most` clips, the same ones every time: those whose ids hash lowest. */
function sample(clips: CaptionedClip[], most: number): CaptionedClip[] {
  if (clips.length <= most) {
    return clips
  }
  const keyed = clips.map((clip) => ({
    clip,
    key: createHash('sha256').update(String(clip.id)).digest('hex'),
  }))
  return keyed
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, most)
    .map(({ clip }) => clip)
}
