/** The steps, in their order: what each would do, whether it is done, and how it is asked for. */
import {
  captionRequest,
  extractRequest,
  featureRequest,
  importRequest,
  neuronsRequest,
  sampleRequest,
  trainRequest,
} from '#contract'
import type { PlannedStep, Split, StepKind } from '#contract'
import { fittedTopics, fittedTraining } from '../../common/fitted-settings.ts'
import { SAMPLE } from '../../common/sample-settings.ts'
import { count } from '../../common/text.ts'
import type { Model, OpenProject } from '../../store/index.ts'
import { createCorpus } from '../corpus/service.ts'
import { estimateFeatures, featureRequestOf } from '../corpus/feature-settings.ts'
import { createNeurons } from '../neurons/service.ts'
import { createReview } from '../review/service.ts'
import type { CallContext } from '../service.ts'
import { createTopics } from '../topics/service.ts'
import { changedInputs, trainingInputs } from '../training/inputs.ts'
import { salvageable } from '../training/run.ts'
import { createTraining } from '../training/service.ts'
import type { Workspace } from '../workspace.ts'
import {
  clipsWithoutFeatures,
  interpretiveModel,
  isRendered,
  sampleParts,
  splitsToCaption,
} from './outlook.ts'
import type { Outlook } from './outlook.ts'
import type { RunPart } from './parts.ts'

type Planned = Omit<PlannedStep, 'kind'>

export interface Step {
  kind: StepKind
  /** What it is called while it goes on. */
  name: string
  plan(outlook: Outlook, workspace: Workspace): Planned | Promise<Planned>
  /** Asks for the work, as parts of the job. */
  run(outlook: Outlook, part: RunPart, caller: CallContext): Promise<void>
}

/**
 * Seconds on two cores without a GPU: of a clip that is rendered, imported, or has its features computed by the
 * built-in encoder; of a minibatch of each preset; of a caption; of starting the engine for a step. They make
 * guesses, which the work itself replaces by what it measures.
 */
const SECONDS = {
  rendered: 0.12,
  imported: 0.02,
  features: 0.5,
  fast: 0.06,
  default: 0.4,
  caption: 0.02,
  interpreted: 0.02,
  start: 2,
}
/** Words of a caption that topics read, and those that a sweep takes in a second. */
const TOPIC_WORDS = { ofCaption: 5, perSecond: 5e6 }
const SWEEPS = 500

const sample: Step = {
  kind: 'sample',
  name: 'sample',
  plan: ({ project, request }) => ({
    title: `Render ${count(request.videos, 'clip')}`,
    detail: `drawn scenes with captions, into ${request.sample ?? ''}`,
    done: project.store.clips.count() > 0 || isRendered(request.sample ?? ''),
    seconds: request.videos * SECONDS.rendered,
  }),
  run: ({ request: { sample, videos, seed } }, part, caller) =>
    part((workspace) =>
      createCorpus(workspace).renderSample(sampleRequest.parse({ directory: sample, videos, seed }), caller),
    ),
}

const importing: Step = {
  kind: 'import',
  name: 'import',
  plan: ({ project, clips }) => ({
    title: 'Import clips and captions',
    detail: `${count(clips, 'clip')}, which stay where they are`,
    done: project.store.clips.count() > 0,
    seconds: clips * SECONDS.imported,
  }),
  run({ request }, part, caller) {
    const { videos, captions, split } = sampleParts(request.sample ?? '')
    return part((workspace) =>
      createCorpus(workspace).import(importRequest.parse({ videos, captions, split }), caller),
    )
  },
}

const features: Step = {
  kind: 'features',
  name: 'features',
  async plan({ project, clips }, workspace) {
    const settings = await featureRequestOf(workspace, project, {})
    const isEmpty = project.store.clips.count() === 0
    const missing = isEmpty ? clips : clipsWithoutFeatures(project)
    const measured = (await estimateFeatures(workspace, project, settings)).seconds
    return {
      title: 'Compute features',
      detail: `of ${count(missing, 'clip')}, up to ${settings.frames} frames each, by ${settings.encoder}`,
      done: !isEmpty && project.store.settings.get('featureSet') !== null && missing === 0,
      seconds: SECONDS.start + (isEmpty || measured === null ? missing * SECONDS.features : measured),
    }
  },
  run: (_, part, caller) =>
    part((workspace) => createCorpus(workspace).computeFeatures(featureRequest.parse({}), caller)),
}

/** A smaller sample than the usual one holds fewer topics. */
function topicSettings({ sampled, training }: Outlook) {
  const fitted = fittedTopics(training.clips)
  return sampled ? { ...SAMPLE.topics, k: Math.min(SAMPLE.topics.k, fitted.k) } : fitted
}

const topics: Step = {
  kind: 'topics',
  name: 'topics',
  plan(outlook) {
    const { project, training } = outlook
    const { k, minDocumentFrequency } = topicSettings(outlook)
    const rarest = minDocumentFrequency === 1 ? '' : `, of words in at least ${minDocumentFrequency} of them`
    return {
      title: `Find ${k} topics`,
      detail: `in ${count(training.captions, 'caption')} of ${count(training.clips, 'training clip')}${rarest}`,
      done: project.store.topics.count() > 0,
      seconds: SECONDS.start + (training.captions * TOPIC_WORDS.ofCaption * SWEEPS) / TOPIC_WORDS.perSecond,
    }
  },
  run: (outlook, part, caller) =>
    part((workspace) =>
      createTopics(workspace).extract(
        extractRequest.parse({ ...topicSettings(outlook), seed: outlook.request.seed }),
        caller,
      ),
    ),
}

const train: Step = {
  kind: 'train',
  name: 'training',
  plan({ project, training, validation }) {
    const { preset, epochs, steps } = fittedTraining(training, validation)
    return {
      title: 'Train a captioner',
      detail: `on ${count(training.captions, 'caption')}, at most ${count(epochs, 'epoch')} of the preset ${preset}`,
      done: interpretiveModel(project) !== null,
      seconds: SECONDS.start + steps * SECONDS[preset],
    }
  },
  run({ project, request: { seed }, training: corpus, validation }, part, caller) {
    const run = resumableRun(project)
    const { preset, settings } = fittedTraining(corpus, validation)
    return part((workspace) => {
      const training = createTraining(workspace)
      return run === null
        ? training.train(trainRequest.parse({ preset, settings, seed }), caller)
        : training.resume({ modelId: run.id, seeds: 1, split: 'val' }, caller)
    })
  },
}

/** The newest interpretive run, where it ended early and may go on: what it learns from is as it was. */
function resumableRun(project: OpenProject): Model | null {
  const { models, settings } = project.store
  const key = settings.get('featureSet')
  const run = models.list().find(({ kind }) => kind === 'interpretive')
  if (
    run === undefined ||
    run.series !== null ||
    key === null ||
    run.featureKey !== key ||
    !salvageable(project, run).resumable
  ) {
    return null
  }
  const { digests } = trainingInputs(project, key, run.topics)
  return changedInputs(run.inputs, digests).length === 0 ? run : null
}

const SPLIT_NAMES: Record<Split, string> = { train: 'training', val: 'validation', test: 'test' }

const caption: Step = {
  kind: 'caption',
  name: 'captions',
  plan(outlook) {
    const { project, training, validation } = outlook
    const splits = splitsToCaption(outlook)
    const clips = { train: training.clips, val: validation, test: 0 }
    return {
      title: `Caption the ${splits.map((split) => SPLIT_NAMES[split]).join(' and ')} clips`,
      detail: splits.map((split) => `${clips[split]} of ${SPLIT_NAMES[split]}`).join(', '),
      done: uncaptioned(outlook, interpretiveModel(project)).length === 0,
      seconds: SECONDS.start + splits.reduce((sum, split) => sum + clips[split] * SECONDS.caption, 0),
    }
  },
  async run(outlook, part) {
    const model = interpretiveModel(outlook.project)
    for (const split of uncaptioned(outlook, model)) {
      const request = captionRequest.parse({ modelId: model?.id, split, nBest: 5 })
      await part((workspace) => createReview(workspace).generate(request))
    }
  },
}

/** The splits that the model has yet to caption. */
function uncaptioned(outlook: Outlook, model: Model | null): Split[] {
  const captioned =
    model === null ? [] : outlook.project.store.models.evaluations(model.id).map(({ split }) => split)
  return splitsToCaption(outlook).filter((split) => !captioned.includes(split))
}

const neurons: Step = {
  kind: 'neurons',
  name: 'neurons',
  plan({ project, clips }) {
    const model = interpretiveModel(project)
    return {
      title: 'Interpret the neurons',
      detail: 'which topic each one stands for, and whether it does on clips that were held out',
      done: model !== null && project.store.neurons.get(model.id) !== null,
      seconds: SECONDS.start + clips * SECONDS.interpreted,
    }
  },
  run: ({ project, request: { seed } }, part) =>
    part((workspace) =>
      createNeurons(workspace).interpret(
        neuronsRequest.parse({ modelId: interpretiveModel(project)?.id, seed }),
      ),
    ),
}

/** Those that bring a sample's clips in, and those of every project. */
export const SAMPLE_STEPS: readonly Step[] = [sample, importing]
export const STEPS: readonly Step[] = [features, topics, train, caption, neurons]
