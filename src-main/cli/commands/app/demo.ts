/**
 * The main job from end to end on the sample corpus: the same procedures as the commands, one after the
 * other, a table after each. Figures depend on the seed alone; times are on lines of their own. It leaves
 * demo.vitrine, which `npm start` opens.
 */
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { CaptionRow, CorrectionRequest, CaptionerKind, Review } from '#contract'
import type { Command, CommandContext } from '../../command.ts'
import { finish } from '../../jobs.ts'
import { fixed, table } from '../../table.ts'
import { accuracies } from '../actions/actions.ts'
import { repair, versionJson, versionText } from '../corrections/shared.ts'
import { topicTable } from '../neurons/shared.ts'
import { evaluationTable } from '../review/shared.ts'
import type { EvaluatedModel } from '../review/shared.ts'
import { firstWords } from '../topics/shared.ts'
import { trainModels } from '../training/shared.ts'
import { DEMO } from './demo-settings.ts'

/** What is shown of the models at the end, once, and what a person works on. */
const [SCORED, REVIEWED] = ['test', 'val'] as const

export const demo: Command = {
  summary:
    'The main job on a rendered sample: import, features, topics, training, neurons, a repair, actions, export.',
  operands: [],
  options: {
    dir: { value: 'DIR', help: 'where demo.vitrine and the sample are put (the current folder)' },
    videos: { value: 'N', help: `captioned clips of the sample (${DEMO.videos})` },
    epochs: {
      value: 'N',
      help: `at most this many passes over the training clips (${DEMO.training.epochs})`,
    },
    seed: { value: 'S', help: 'the same seed gives the same figures (1)' },
  },
  notes: '`npm run demo -- OPTIONS` passes options on.',
  json:
    '`{project, seed, corpus, topics, interpretive, baseline, evaluations, neurons, correction, actions}`; ' +
    '`correction` is missing when no caption could be repaired.',
  async run(context) {
    const { args, terminal } = context
    const dir = resolve(args.text('dir') ?? '.')
    const plan: DemoPlan = {
      context,
      seed: args.integer('seed') ?? 1,
      videos: args.integer('videos') ?? DEMO.videos,
      epochs: args.integer('epochs') ?? DEMO.training.epochs,
      project: join(dir, 'demo.vitrine'),
      sample: join(dir, 'demo-sample'),
      exported: join(dir, 'demo-export'),
    }
    const { project, seed } = plan
    const started = performance.now()
    const stage = createStages(context)

    await stage('Sample corpus', () => renderSample(plan))
    const corpus = await stage('Import', () => importSample(plan))
    await stage('Features', () => computeFeatures(plan))
    const topics = await stage('Topics', () => findTopics(plan))
    const interpretive = await stage('Train the interpretive captioner', () => train(plan, 'interpretive'))
    const baseline = await stage('Train the baseline captioner', () => train(plan, 'baseline'))
    const evaluations = await stage(`Caption and score the ${SCORED} split`, () =>
      evaluate(plan, { interpretive: interpretive.modelId, baseline: baseline.modelId }),
    )
    const neurons = await stage('Neurons of the interpretive captioner', () =>
      interpretNeurons(plan, interpretive.modelId),
    )
    const correction = await stage('Repair one false caption', () =>
      repairCaption(plan, interpretive.modelId),
    )
    const actions = await stage('Actions', () => recogniseActions(plan))
    await stage('Export the model', () => exportModel(plan))

    terminal.say(`The whole took ${secondsSince(started)}. ${project} is the project: npm start opens it.`)
    return {
      text: '',
      json: {
        project,
        seed,
        corpus: corpus.figures,
        topics: topics.figures,
        interpretive: interpretive.figures,
        baseline: baseline.figures,
        evaluations: evaluations.figures,
        neurons: neurons.figures,
        correction: correction.figures,
        actions: actions.figures,
      },
    }
  },
}

interface DemoPlan {
  context: CommandContext
  seed: number
  videos: number
  epochs: number
  /** Folders. */
  project: string
  sample: string
  exported: string
}

/** What a stage shows, and what the JSON says of it. */
interface StageResult {
  text: string
  figures?: unknown
}

type RunStage = <Outcome extends StageResult>(title: string, work: () => Promise<Outcome>) => Promise<Outcome>

/** Runs a stage and prints its heading, its table, and on the terminal how long it took. */
function createStages({ args, terminal }: CommandContext): RunStage {
  const print = args.flag('json')
    ? terminal.say
    : (line: string) => {
        process.stdout.write(`${line}\n`)
      }
  return async (title, work) => {
    const started = performance.now()
    const outcome = await work()
    print(`\n${title}\n${'='.repeat(title.length)}\n${outcome.text}`)
    terminal.say(`(${title}: ${secondsSince(started)})`)
    return outcome
  }
}

const secondsSince = (started: number): string => `${((performance.now() - started) / 1000).toFixed(1)} s`

async function renderSample({ context, sample, videos, seed }: DemoPlan): Promise<StageResult> {
  const request = { directory: sample, videos, seed }
  const { summary } = await finish(context, context.client.corpus.renderSample(request))
  return { text: summary }
}

async function importSample({ context, project, sample }: DemoPlan): Promise<StageResult> {
  const { client } = context
  await setAside(project, context)
  await client.project.create({ path: project })
  const request = {
    videos: join(sample, 'clips'),
    captions: join(sample, 'captions.tsv'),
    split: join(sample, 'split.tsv'),
  }
  await finish(context, client.corpus.import(request))
  const summary = await client.project.summary()
  if (summary === null) {
    throw new Error('the project closed')
  }
  const { clips, captions, splits } = summary
  return {
    text: table(
      ['clips', 'captions', 'train', 'val', 'test'],
      [[clips, captions, splits.train, splits.val, splits.test]],
    ),
    figures: { clips, captions, splits },
  }
}

/** The demo of an earlier run makes way; someone may have worked in it, so one is kept. */
async function setAside(project: string, { terminal }: CommandContext): Promise<void> {
  if (!existsSync(project)) {
    return
  }
  const kept = project.replace(/\.vitrine$/, '-before.vitrine')
  await rm(kept, { recursive: true, force: true })
  await rename(project, kept)
  terminal.say(`The demo of an earlier run is kept as ${kept}.`)
}

async function computeFeatures({ context }: DemoPlan): Promise<StageResult> {
  const { summary } = await finish(context, context.client.corpus.computeFeatures(DEMO.features))
  return { text: summary }
}

async function findTopics({ context, seed }: DemoPlan): Promise<StageResult> {
  const { client } = context
  await finish(context, client.topics.extract({ ...DEMO.topics, seed }))
  const { run, topics } = await client.topics.list()
  return {
    text: table(
      ['id', 'topic', 'NPMI', 'clips'],
      topics.map(({ id, words, npmi, clips }) => [String(id), firstWords(words, 6), fixed(npmi), clips]),
    ),
    figures: { k: run?.k, npmi: run?.npmi, labels: topics.map(({ label }) => label) },
  }
}

async function train(
  { context, seed, epochs }: DemoPlan,
  kind: CaptionerKind,
): Promise<StageResult & { modelId: number }> {
  const { preset } = DEMO.training
  const [modelId = 0] = await trainModels(context, { kind, seed, preset, settings: { epochs } })
  const { steps, best } = await context.client.training.model({ modelId })
  return {
    modelId,
    text: table(
      ['model', 'kind', 'steps', 'best step', 'validation NLL', 'BLEU-4', 'CIDEr'],
      [
        [
          String(modelId),
          kind,
          steps,
          best?.step ?? null,
          fixed(best?.nll),
          fixed(best?.bleu4),
          fixed(best?.cider),
        ],
      ],
    ),
    figures: { steps, best },
  }
}

async function evaluate(
  { context }: DemoPlan,
  models: { interpretive: number; baseline: number },
): Promise<StageResult> {
  const evaluated = [
    await evaluateModel(context, 'interpretive', models.interpretive),
    await evaluateModel(context, 'baseline', models.baseline),
  ] as const
  return { text: evaluationTable(evaluated), figures: evaluated }
}

async function evaluateModel(
  context: CommandContext,
  name: string,
  modelId: number,
): Promise<EvaluatedModel> {
  const { client } = context
  await finish(context, client.review.generate({ modelId, split: SCORED }))
  const { evaluations } = await client.training.model({ modelId })
  const evaluation = evaluations.find(({ split }) => split === SCORED)
  if (evaluation === undefined) {
    throw new Error('captioning left no evaluation')
  }
  return { name, evaluation }
}

async function interpretNeurons({ context, sample, seed }: DemoPlan, modelId: number): Promise<StageResult> {
  const { client } = context
  const truth = join(sample, 'truth.tsv')
  await finish(context, client.neurons.interpret({ modelId, seed, truth }))
  const map = await client.neurons.map({ modelId })
  if (map === null) {
    throw new Error('interpreting left no map')
  }
  const { neurons, meanDelta, shuffledBaseline } = map
  return { text: topicTable(map), figures: { count: neurons.length, meanDelta, shuffledBaseline } }
}

async function repairCaption({ context }: DemoPlan, modelId: number): Promise<StageResult> {
  const { client } = context
  await finish(context, client.review.generate({ modelId, split: REVIEWED }))
  const best = await findRepair(context, modelId)
  if (best === null) {
    return {
      text: 'No caption of the validation split gets nearer to what people say by adding a topic that it misses.',
    }
  }
  const version = await repair(context, best.request)
  const { clipId } = best.request
  const [human] = (await client.corpus.clip({ clipId })).captions
  return {
    text: `People say "${human?.text ?? ''}"; the caption misses the topic ${best.label}.\n${versionText(version)}`,
    figures: versionJson(version),
  }
}

interface Repair {
  request: CorrectionRequest
  /** Of the topic that the caption misses. */
  label: string
  /** Of CIDEr. */
  gain: number
}

/**
 * The intervention that a reviewer would choose: among the likely wrong captions of validation, the missing
 * topic whose neurons, moved, bring the caption nearest to what people say (the largest gain of CIDEr). Null
 * when none gains.
 */
async function findRepair(context: CommandContext, modelId: number): Promise<Repair | null> {
  const { client } = context
  let best: Repair | null = null
  let previews = 0
  const { rows } = await client.review.list({ modelId, split: REVIEWED, order: 'risk', limit: DEMO.videos })
  for (const row of rows) {
    const { topics } = await client.review.clip({ modelId, clipId: row.clipId })
    for (const topic of topics.filter(({ verdict }) => verdict === 'missing')) {
      if (previews === DEMO.previews) {
        return best
      }
      previews += 1
      const tried = await tryTopic(context, { modelId, row, topic, gainToBeat: best?.gain ?? 0 })
      best = tried ?? best
    }
  }
  return best
}

interface Trial {
  modelId: number
  row: CaptionRow
  topic: Review['topics'][number]
  gainToBeat: number
}

/** The repair of a caption by one topic; null when it gains no more than `gainToBeat`. */
async function tryTopic(
  { client, terminal }: CommandContext,
  { modelId, row, topic, gainToBeat }: Trial,
): Promise<Repair | null> {
  const { clipId, clip, caption } = row
  const request = { modelId, clipId, topics: [{ topicId: topic.id, strength: 1 }] }
  const { after } = await client.corrections.preview(request)
  if (after === caption) {
    return null
  }
  const hypotheses = [{ clipId, caption: after }]
  const [cider] = await client.review.ciders({ modelId, split: REVIEWED, hypotheses })
  const gain = (cider ?? 0) - (row.cider ?? 0)
  if (gain <= gainToBeat) {
    return null
  }
  terminal.say(
    `${clip}: "${caption}" becomes "${after}" with the topic ${topic.label} (CIDEr +${gain.toFixed(2)})`,
  )
  return { request, label: topic.label, gain }
}

async function recogniseActions({ context, sample, videos, seed }: DemoPlan): Promise<StageResult> {
  const { client } = context
  // A smaller sample has fewer clips of each action.
  const folds = Math.max(2, Math.min(DEMO.folds, Math.round(videos / 24)))
  await finish(context, client.actions.transfer({ clips: join(sample, 'actions'), folds, seed }))
  const [result] = await client.actions.results()
  if (result === undefined) {
    throw new Error('the transfer left no result')
  }
  const { clips, classes } = result
  const accuracy = accuracies(result)
  return {
    text: table(
      ['features', 'accuracy', 'clips', 'classes'],
      Object.entries(accuracy).map(([source, share]) => [source, fixed(share), clips, classes.length]),
    ),
    figures: accuracy,
  }
}

async function exportModel({ context, exported }: DemoPlan): Promise<StageResult> {
  const { client } = context
  await finish(context, client.exports.run({ what: 'model', to: exported, overwrite: true }))
  const files = (await client.exports.last())?.files ?? []
  return {
    text: table(
      ['file', 'bytes'],
      files.map(({ name, bytes }) => [name, bytes]),
    ),
  }
}
