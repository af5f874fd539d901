import { basename } from 'node:path'
import type { ActionsResult, ModelKind } from '#contract'
import { actionTitle } from '../../common/action-titles.ts'
import { resolvePath } from '../../common/files/paths.ts'
import { count } from '../../common/text.ts'
import type { EngineResult } from '../../engine-host/contract/index.ts'
import type { JobContext, JobOutcome } from '../../jobs/index.ts'
import type { Model, OpenProject } from '../../store/index.ts'
import { isCaptioner } from '../../store/index.ts'
import { reads } from '../service.ts'
import type { Input, Service } from '../service.ts'
import { currentFeatures, engineOptions, modelFolder, newestModel, usableNeurons } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { groupsSentence } from './class-folders.ts'
import { readyClips } from './clip-features.ts'
import type { ReadyClip } from './clip-features.ts'
import { classesOf, readActionCorpus } from './corpus.ts'
import { failures } from './failures.ts'
import { activeReasons } from './reasons.ts'
import { listedClips, relabel, relabelled } from './labels.ts'
import { leaningOf, standingOf, topicsOf } from './leaning.ts'
import type { Source } from './leaning.ts'
import { groupsOnBothSides, planRounds } from './rounds.ts'
import type { Division } from './rounds.ts'
import { joinSameContent, noticeLeaks } from './same-content.ts'

type Request = Input<'actions', 'transfer'>

export function createActions(workspace: Workspace) {
  return {
    /**
     * Classifies actions by the frozen neurons of some models, by topic scores, an untrained encoder and frame features
     * alone, over the same rounds. What can't be divided is said before anything is computed. The clips' features are kept
     * in the project by content, so a second run is quick.
     */
    transfer(request) {
      const project = workspace.project()
      const paths = {
        clips: resolvePath(request.clips),
        splits: request.splits === null ? null : resolvePath(request.splits),
      }
      const jobId = workspace.jobs.start(
        'actions',
        `Recognise actions of ${basename(paths.clips)}`,
        { procedure: 'actions.transfer', input: { ...request, ...paths } },
        (context) => recogniseActions({ workspace, project, request, context }),
      )
      return { jobId }
    },

    /** Newest first. */
    results: reads(['action_result'], () => workspace.project().store.actions.list()),

    clips: reads(['action_label', 'action_result'], ({ id }) => listedClips(workspace.project().store, id)),

    reasons: reads(
      ['action_result', 'clip', 'feature', 'feature_set', 'model', 'neuron', 'neuron_map'],
      (input, { signal }) => activeReasons(workspace, input, signal),
    ),

    relabel({ id, name, class: className }, { who }) {
      workspace.edit(who, (store, make) => {
        relabel(store, make, { id, name, className, who })
      })
    },
  } satisfies Service<'actions'>
}

interface Recognition {
  workspace: Workspace
  project: OpenProject
  request: Request
  context: JobContext
}

async function recogniseActions({ workspace, project, request, context }: Recognition): Promise<JobOutcome> {
  const set = currentFeatures(project)
  const sources = chooseSources(project, request, set.key)
  const { corpus, division } = await readActionCorpus(project, request, context.notice)
  planRounds(corpus.clips, classesOf(corpus), division)
  context.notice(groupsSentence(corpus))

  const ready = await readyClips({ workspace, project, set, context }, corpus.clips)
  const clips = joinSameContent(relabelled(project.store, ready, context.notice), context.notice)
  const classes = classesOf({ clips })
  if (classes.length < 2) {
    throw failures.noClips({ folder: request.clips })
  }
  const rounds = planRounds(clips, classes, division)
  noticeLeaks(project, clips, groupsOnBothSides(clips, rounds), context.notice)

  const groups = [...new Set(clips.map(({ group }) => group))]
  const pairs = corpus.pairs.filter((pair) => pair.every((name) => classes.includes(name)))
  const topicIds = topicsOf(sources)
  const standing = sources.map((source) => standingOf(project, source, topicIds))
  const result = await workspace.engine.call(
    'actions.transfer',
    {
      sources: sources.map(({ of, model }, i) => ({
        of,
        modelDir: model && modelFolder(project, model),
        topicOf: standing[i]!.topicOf,
      })),
      topics: topicIds.length,
      clips: clips.map(({ features, className, group }, place) => ({
        ...features,
        id: place,
        class: classes.indexOf(className),
        group: groups.indexOf(group),
      })),
      classes: classes.length,
      rounds,
      pairs: pairs.map(([a, b]) => [classes.indexOf(a), classes.indexOf(b)]),
      seed: request.seed,
      device: 'auto',
    },
    engineOptions(context),
  )
  const kept: Omit<ActionsResult, 'id'> = {
    source: resolvePath(request.clips),
    clips: clips.length,
    groups: groups.length,
    classes,
    division: division.kind,
    folds: rounds.length / repeatsOf(division),
    repeats: repeatsOf(division),
    pairs,
    sources: sources.map(({ of, model }, i) => ({
      of,
      modelId: model?.id ?? null,
      kind: model?.kind ?? null,
      ...result.figures[i]!,
      leaning: leaningOf(result, i, { classes: classes.length, topicIds, ...standing[i]! }),
    })),
    comparisons: result.comparisons,
    createdAt: new Date().toISOString(),
  }
  project.store.actions.add(kept, answeredClips(clips, classes, result.answers), result.heads)
  return {
    result: { kind: 'actions', clips: clips.length },
    summary: `${count(clips.length, 'clip')} of ${classes.length} classes: ${describe(kept)}.`,
  }
}

const repeatsOf = (division: Division): number => (division.kind === 'folds' ? division.seeds.length : 1)

/** Every clip with what each source answered the first time that it was asked. */
function answeredClips(
  clips: readonly ReadyClip[],
  classes: readonly string[],
  answers: EngineResult<'actions.transfer'>['answers'],
) {
  const firstAnswers = answers.map(
    (given) => new Map(given.toReversed().map((answer) => [answer.clip, answer])),
  )
  return clips.map(({ name, className, group, clipId, content, corpusClass }, place) => ({
    name,
    class: classes.indexOf(className),
    group,
    clipId,
    content,
    corpusClass,
    answers: firstAnswers.map((ofSource) => {
      const answer = ofSource.get(place)
      if (answer === undefined) {
        return null
      }
      const { predicted, confidence, ofTruth, because } = answer
      return { predicted, confidence, ofTruth, because }
    }),
  }))
}

/** The neurons of models, topic scores of those that have topics, an encoder before its training, and frame features. */
function chooseSources(project: OpenProject, { modelIds }: Request, featureKey: string): Source[] {
  const models =
    modelIds.length > 0
      ? modelIds.map((id) => modelOfFeatures(project, id, featureKey))
      : usualModels(project, featureKey)
  const withTopics = models.filter(({ kind }) => kind === 'interpretive' || kind === 'external')
  const untrained = models.find(isCaptioner)
  return [
    ...models.map((model): Source => ({ of: 'neurons', model })),
    ...withTopics.map((model): Source => ({ of: 'topics', model })),
    ...(untrained === undefined ? [] : [{ of: 'untrained' as const, model: untrained }]),
    { of: 'frames', model: null },
  ]
}

function modelOfFeatures(project: OpenProject, modelId: number, featureKey: string): Model {
  const model = usableNeurons(project, modelId)
  if (model.featureKey !== featureKey) {
    throw failures.otherFeatures({ modelId })
  }
  return model
}

const USUAL_KINDS: readonly ModelKind[] = ['interpretive', 'baseline', 'random-topics']

/** Of each kind the current model where it is one, else the newest that sees the same features. */
function usualModels(project: OpenProject, featureKey: string): Model[] {
  const { models, settings } = project.store
  const currentId = settings.get('currentModel')
  const current = currentId === null ? null : models.get(currentId)
  return USUAL_KINDS.flatMap((kind) => {
    const model =
      current?.kind === kind && current.featureKey === featureKey
        ? current
        : newestModel(project, kind, featureKey)
    return model === null ? [] : [model]
  })
}

const describe = ({ sources }: Pick<ActionsResult, 'sources'>): string =>
  sources.map((source) => `${actionTitle(source)} ${(100 * source.accuracy.value).toFixed(1)}%`).join(', ')
