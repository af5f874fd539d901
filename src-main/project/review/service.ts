/** Review: splits captioned, their captions listed by doubt, looked at, and judged by people. */
import type { Review, Split, Verdict } from '#contract'
import { meanOfFrames } from '../../common/cells.ts'
import { count } from '../../common/text.ts'
import { isCaptioner, now } from '../../store/index.ts'
import type { Captioner, Model, OpenProject, SingleChange, StoredCaption, Table } from '../../store/index.ts'
import { reads } from '../service.ts'
import type { Input, Service } from '../service.ts'
import type { JobContext, JobOutcome } from '../../jobs/index.ts'
import { clipFeatures, engineOptions, modelFolder, usableModel, usableNeurons } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { agreementOf } from './agreement.ts'
import { listCaptions, listedClips, nextUnjudged, verdictsFor } from './caption-list.ts'
import { captionSplit, cidersOf, metricsOf, rescoreSplit, storeSplit } from './captioning.ts'
import type { SplitScores } from './captioning.ts'
import { CLIP_TOPIC_TABLES, clipTopics } from './clip-topics.ts'
import type { ClipTopics } from './clip-topics.ts'
import { CONDITION_TABLES } from './conditions.ts'
import { confusionsOf } from './confusions.ts'
import { failures } from './failures.ts'
import { progressOf } from './progress.ts'
import { RATED_TABLES, rateCaptions } from './risk.ts'
import type { RatedCaption } from './risk.ts'

/** Topics of a strip, those among them for f's sake alone, and neurons behind each. */
const [STRIP_TOPICS, STRIP_PREDICTED, STRIP_NEURONS] = [10, 5, 5]

/** The tables of a list of captions, filtered by whatever there is. */
const LISTED_TABLES = [...new Set([...RATED_TABLES, ...CONDITION_TABLES, 'clip_note' as const])]
/** The tables of what people made of a model's captions. */
const JUDGED_TABLES = ['caption_verdict', 'clip', 'generated_caption'] as const satisfies readonly Table[]

export function createReview(workspace: Workspace) {
  /**
   * What was rated last: a list is asked for again after every verdict, and rating takes a second for 10,000
   * captions.
   */
  let rated: { stamp: string; captions: RatedCaption[] } | null = null

  function ratedFor({ modelId, split, otherModel }: Input<'review', 'list'>): RatedCaption[] {
    const project = workspace.project()
    const stamp = [modelId, split, otherModel, project.store.stamp(RATED_TABLES)].join('\n')
    if (rated?.stamp !== stamp) {
      rated = { stamp, captions: rateCaptions(project, modelId, split, otherModel) }
    }
    return rated.captions
  }

  return {
    /**
     * Captions a split with a model and scores the captions against the human ones; what another system says is
     * scored as it came in.
     */
    generate(request) {
      const project = workspace.project()
      const model = usableModel(project, request.modelId)
      const { split } = request
      const jobId = workspace.jobs.start(
        'caption',
        isCaptioner(model)
          ? `Caption the ${split} split with model ${model.id}`
          : `Score what model ${model.id} says of the ${split} split`,
        { procedure: 'review.generate', input: { ...request, modelId: model.id } },
        (context) =>
          isCaptioner(model)
            ? captionAndScore(workspace, project, { model, request, context })
            : scoreAgain(workspace, project, { model, split, context }),
      )
      return { jobId }
    },

    /** The captions of a split, those that are probably wrong first. */
    list: reads(LISTED_TABLES, (query, { who }) =>
      listCaptions(workspace.project().store, ratedFor(query), { ...query, who: query.person ?? who }),
    ),

    clipIds: reads(LISTED_TABLES, (query, { who }) =>
      listedClips(workspace.project().store, ratedFor(query), { ...query, who: query.person ?? who }),
    ),

    /** The next of them, in the same order, that the person has not judged. */
    nextUnjudged: reads(LISTED_TABLES, (query, { who }) => ({
      clipId: nextUnjudged(workspace.project().store, ratedFor(query), {
        ...query,
        who: query.person ?? who,
      }),
    })),

    /** Throws NOT_FOUND. */
    confusions: reads(
      ['caption', 'clip', 'generated_caption', 'model', 'working_language'],
      ({ modelId, split, limit }) => {
        const { store } = workspace.project()
        const human = store.captions.textsByClip(split)
        const clips = store.generated
          .figures(store.models.get(modelId).id, split)
          .flatMap(({ clipId, caption }) => {
            const captions = human.get(clipId)
            return captions === undefined ? [] : [{ clipId, caption, human: captions }]
          })
        return { captions: clips.length, confusions: confusionsOf(clips).slice(0, limit) }
      },
    ),

    progress: reads([...JUDGED_TABLES, 'setting'], ({ person, ...query }, { who }) =>
      progressOf(workspace.project().store, { ...query, who: person ?? who }),
    ),

    agreement: reads(JUDGED_TABLES, (query) => agreementOf(workspace.project().store, query)),

    /** The other captions of every clip's n-best list, likeliest first. */
    alternatives: reads(['clip', 'generated_caption'], ({ modelId, split }) =>
      workspace
        .project()
        .store.generated.all(modelId, split)
        .map(({ clipId, alternatives }) => ({ clipId, alternatives })),
    ),

    ciders: reads(
      ['caption', 'clip', 'feature', 'feature_set', 'generated_caption', 'model'],
      ({ modelId, split, hypotheses }, { signal }) =>
        cidersOf({ workspace, modelId, split, hypotheses, options: { signal } }),
    ),

    /**
     * The model's caption of a clip beside what people say of it. Throws NOT_FOUND, NOT_READY before the clip
     * is captioned.
     */
    clip: reads(
      ['caption', 'caption_verdict', 'clip_note', 'generated_caption', 'model', ...CLIP_TOPIC_TABLES],
      ({ modelId, clipId }, { who }) => {
        const project = workspace.project()
        const { store } = project
        const model = store.models.get(modelId)
        const generated = generatedCaption(project, modelId, clipId)
        const { caption, words, logProbability, score, alternatives } = generated
        const topics = clipTopics(project, model, clipId)
        const topicVerdicts = topics.verdicts(caption)
        const notes = store.verdicts.notesOn(clipId)
        return {
          clipId,
          modelId,
          modelKind: model.kind,
          topicScale: model.settings.topicLoss === 'squared' ? 'target' : 'log-odds',
          caption,
          words,
          logProbability,
          score,
          alternatives,
          ...verdictsFor(
            who,
            store.verdicts.ofModel(modelId, clipId).get(clipId),
            store.verdicts.former(modelId, who, clipId).get(clipId),
          ),
          note: notes.find((note) => note.who === who)?.note ?? '',
          otherNotes: notes
            .filter((note) => note.who !== who)
            .map(({ who: other, note }) => ({ who: other, note })),
          topics: evidenceOf(topics, generated).map((evidence, column) => ({
            ...evidence,
            verdict: topicVerdicts[column] ?? 'absent',
          })),
        }
      },
    ),

    /** Throws NOT_FOUND, NOT_READY before the clip is captioned. */
    metrics: reads(['caption', 'generated_caption'], ({ modelId, clipId }) =>
      metricsOf(workspace, generatedCaption(workspace.project(), modelId, clipId)),
    ),

    /**
     * What happens over the time of a clip, for the topics that matter in it. Throws NOT_FOUND, NOT_READY.
     */
    strip: reads(
      ['clip', 'feature', 'feature_set', 'generated_caption', 'model', ...CLIP_TOPIC_TABLES],
      async ({ modelId, clipId }, { signal }) => {
        const project = workspace.project()
        const model = usableNeurons(project, modelId)
        const generated = generatedCaption(project, modelId, clipId)
        const columns = columnsThatMatter(evidenceOf(clipTopics(project, model, clipId), generated))
        const { topics } = await workspace.engine.call(
          'neurons.strip',
          {
            modelDir: modelFolder(project, model),
            clip: clipFeatures(project, model.featureKey, clipId),
            topics: columns,
            limit: STRIP_NEURONS,
            device: 'cpu',
          },
          { signal },
        )
        const { frameTimes = [], cells = 1 } = project.store.features.forClip(model.featureKey, clipId) ?? {}
        return {
          times: frameTimes,
          topics: topics.map(({ topic, values, neurons }) => ({
            topicId: model.topics[topic] ?? -1,
            values: meanOfFrames(values, cells),
            neurons: neurons.map(({ activation, ...neuron }) => ({
              ...neuron,
              activation: meanOfFrames(activation, cells),
            })),
          })),
        }
      },
    ),

    /**
     * A verdict on what a model says of clips now; null takes it back. One edit of what changes. Throws
     * NOT_READY for a clip that it has not captioned, CONFLICT where it says something else than what was judged.
     */
    judge({ modelId, clipIds, verdict, caption: judged }, { who }) {
      const project = workspace.project()
      workspace.edit(who, (store, make) => {
        const clips = [...new Set(clipIds)].flatMap((clipId) => {
          const { name } = store.clips.seen(clipId)
          const { caption } = generatedCaption(project, modelId, clipId)
          if (judged !== null && judged !== caption) {
            throw failures.saidOtherwise({ modelId, clip: name })
          }
          const changes = verdictChanges(store, { modelId, clipId, caption, who }, verdict)
          return changes.length === 0 ? [] : [{ name, changes }]
        })
        const captions =
          clips.length === 1 && clips[0] ? `the caption of ${clips[0].name}` : count(clips.length, 'caption')
        make(
          verdict === null ? `take back the verdict on ${captions}` : `judge ${captions} ${verdict}`,
          clips.flatMap(({ changes }) => changes),
        )
      })
    },

    /** A note on a clip; empty takes it away. Throws NOT_FOUND. */
    note({ clipId, note }, { who }) {
      workspace.edit(who, (store, make) => {
        const { name } = store.clips.seen(clipId)
        const known = store.verdicts.notesOn(clipId).find((one) => one.who === who)?.note ?? ''
        if (note !== known) {
          make(note === '' ? `remove the note on ${name}` : `note on ${name}`, [
            { kind: 'clip.note', clipId, who, value: note === '' ? null : { note, at: now() } },
          ])
        }
      })
    },
  } satisfies Service<'review'>
}

async function captionAndScore(
  workspace: Workspace,
  project: OpenProject,
  {
    model,
    request,
    context,
  }: { model: Captioner; request: Input<'review', 'generate'>; context: JobContext },
): Promise<JobOutcome> {
  const { modelId: _, split, device, ...decoding } = request
  const options = engineOptions(context)
  const captioned = await captionSplit({ workspace, project, model, split, decoding, options, device })
  storeSplit(project, model.id, captioned)
  return scoredOutcome(model, captioned.captions.length, captioned)
}

/** Another system's captions, against what people say, and the topics that there are, now. */
async function scoreAgain(
  workspace: Workspace,
  project: OpenProject,
  { model, split, context }: { model: Model; split: Split; context: JobContext },
): Promise<JobOutcome> {
  const followed = followTopics(project, model)
  const options = engineOptions(context)
  const { captions, ...scores } = await rescoreSplit({ workspace, project, model: followed, split, options })
  return scoredOutcome(model, captions, scores)
}

/** A model that came without activations rests on no topics: it is read with those that there are now. */
function followTopics({ store }: OpenProject, model: Model): Model {
  if (model.featureKey === null) {
    const topics = store.topics.current().map(({ id }) => id)
    const fingerprints = store.topics.fingerprints(topics)
    store.models.setTopics(model.id, { topics, fingerprints, corpusState: model.corpusState })
  }
  return store.models.get(model.id)
}

function scoredOutcome(
  { id: modelId }: Model,
  captions: number,
  { evaluation, notices }: Pick<SplitScores, 'evaluation' | 'notices'>,
): JobOutcome {
  const { BLEU_4, ROUGE_L, CIDEr } = evaluation.metrics
  const scores = `BLEU-4 ${BLEU_4.toFixed(3)}, ROUGE-L ${ROUGE_L.toFixed(3)}, CIDEr ${CIDEr.toFixed(3)}`
  return {
    result: { kind: 'caption', modelId, captions },
    summary: `${count(captions, 'caption')}: ${scores}.`,
    notices,
  }
}

/** What a model says of a clip. Throws NOT_FOUND, NOT_READY before it has captioned it. */
function generatedCaption({ store }: OpenProject, modelId: number, clipId: number): StoredCaption {
  const caption = store.generated.get(modelId, clipId)
  if (caption === null) {
    const { name, split } = store.clips.get(clipId)
    throw failures.notCaptioned({ modelId: store.models.get(modelId).id, clip: name, split })
  }
  return caption
}

/**
 * What makes a verdict a person's on a model's caption: it is given to the model, and in place of their others on the same
 * words, which would hold as well. Nothing, where it holds already.
 */
function verdictChanges(
  store: OpenProject['store'],
  { modelId, clipId, caption, who }: { modelId: number; clipId: number; caption: string; who: string },
  verdict: Verdict | null,
): SingleChange[] {
  const held = store.verdicts
    .ofModel(modelId, clipId)
    .get(clipId)
    ?.find((one) => one.who === who)
  if ((held?.verdict ?? null) === verdict) {
    return []
  }
  const judged = store.verdicts.on(clipId, caption, who)
  const others = judged.filter((other) => other.modelId !== modelId && other.verdict !== verdict)
  const value = verdict === null ? null : { caption, verdict, at: now() }
  const models = verdict === null ? judged : [{ modelId }, ...others]
  return models.map((model) => ({ kind: 'caption.verdict', modelId: model.modelId, clipId, who, value }))
}

/** What people, the model's caption and f say of a topic in a clip. */
type TopicEvidence = Omit<Review['topics'][number], 'verdict'>

function evidenceOf(
  { topics, borne, topicsIn }: ClipTopics,
  { caption, topics: scores }: StoredCaption,
): TopicEvidence[] {
  const named = topicsIn(caption)
  return topics.map(({ id, label }, column) => ({
    id,
    label,
    score: scores[column] ?? 0,
    expected: borne.has(column),
    inCaption: named[column] ?? false,
  }))
}

/**
 * Columns of the topics that a clip bears, its caption names or f predicts first; those that f predicts first
 * where they are too many.
 */
function columnsThatMatter(topics: readonly TopicEvidence[]): number[] {
  const byScore = topics.map((topic, column) => ({ ...topic, column })).sort((a, b) => b.score - a.score)
  return byScore
    .filter(({ expected, inCaption }, rank) => expected || inCaption || rank < STRIP_PREDICTED)
    .sort((a, b) => Number(b.expected || b.inCaption) - Number(a.expected || a.inCaption))
    .slice(0, STRIP_TOPICS)
    .map(({ column }) => column)
}
