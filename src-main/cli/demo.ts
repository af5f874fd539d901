/**
 * The main job from end to end on the sample corpus: the same use cases as the commands, one after the other,
 * a table after each. Figures depend on the seed alone; times are on lines of their own. It leaves
 * demo.vitrine, which `npm start` opens.
 */
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { PRESETS } from '#contract'
import type { ClipInterventionRequest, Review } from '#contract'
import type { Command, CommandContext } from './command.ts'
import { repair, versionJson, versionText } from './commands/corrections.ts'
import { evaluationTable } from './commands/learning.ts'
import { topicTable } from './commands/neurons.ts'
import { trained } from './commands/training.ts'
import { finish } from './jobs.ts'
import { fixed, table } from './table.ts'

/** Everything that decides how long the demo takes and how good its model gets. */
export const DEMO = {
  videos: 240,
  features: { frames: 28, grid: 2 },
  // A scene has five to eight concepts, and "background" stands in most of its captions.
  topics: {
    k: 28,
    iterations: 500,
    minDocumentFrequency: 5,
    maxDocumentShare: 0.8,
    topicsPerClip: 8,
    minShare: 0.04,
  },
  training: { preset: 'fast', epochs: PRESETS.fast.epochs },
  folds: 5,
  /** Interventions that are tried to find a caption to repair. */
  previews: 40,
} as const

const SPLIT = 'test'

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
  async run(context) {
    const { args, client } = context
    const dir = resolve(args.text('dir') ?? '.')
    const seed = args.integer('seed') ?? 1
    const videos = args.integer('videos') ?? DEMO.videos
    const epochs = args.integer('epochs') ?? DEMO.training.epochs
    const path = join(dir, 'demo.vitrine')
    const sample = join(dir, 'demo-sample')
    const figures: Record<string, unknown> = { seed }
    const started = performance.now()
    const stage = createStages(context)

    await stage('Sample corpus', async () => {
      const { summary } = await finish(
        context,
        client.corpus.renderSample({ directory: sample, videos, seed }),
      )
      return summary
    })

    await stage('Import', async () => {
      await setAside(path, context)
      await client.project.create({ path })
      await finish(
        context,
        client.corpus.import({
          videos: join(sample, 'clips'),
          captions: join(sample, 'captions.tsv'),
          split: join(sample, 'split.tsv'),
        }),
      )
      const summary = client.project.summary()
      if (summary === null) {
        throw new Error('the project closed')
      }
      const { clips, captions, splits } = summary
      figures['corpus'] = { clips, captions, splits }
      return table(
        ['clips', 'captions', 'train', 'val', 'test'],
        [[clips, captions, splits.train, splits.val, splits.test]],
      )
    })

    await stage('Features', async () => {
      const { summary } = await finish(
        context,
        client.corpus.computeFeatures({ frames: DEMO.features.frames, grid: DEMO.features.grid }),
      )
      return summary
    })

    await stage('Topics', async () => {
      await finish(context, client.topics.extract({ ...DEMO.topics, seed }))
      const { run, topics } = client.topics.list()
      figures['topics'] = { k: run?.k, npmi: run?.npmi, labels: topics.map(({ label }) => label) }
      return table(
        ['id', 'topic', 'NPMI', 'clips'],
        topics.map(({ id, words, npmi, clips }) => [
          String(id),
          words
            .slice(0, 6)
            .map(({ word }) => word)
            .join(' '),
          fixed(npmi),
          clips,
        ]),
      )
    })

    const models = { interpretive: 0, baseline: 0 }
    for (const kind of ['interpretive', 'baseline'] as const) {
      await stage(`Train the ${kind} captioner`, async () => {
        const [id = 0] = await trained(context, {
          kind,
          seed,
          preset: DEMO.training.preset,
          settings: { epochs },
        })
        models[kind] = id
        const best = client.training.best(id)
        const { steps } = client.training.detail(id)
        figures[kind] = { steps, best }
        return table(
          ['model', 'kind', 'steps', 'best step', 'validation NLL', 'BLEU-4', 'CIDEr'],
          [
            [
              String(id),
              kind,
              steps,
              best?.step ?? null,
              fixed(best?.nll),
              fixed(best?.bleu4),
              fixed(best?.cider),
            ],
          ],
        )
      })
    }

    await stage(`Caption and score the ${SPLIT} split`, async () => {
      const rows = []
      for (const kind of ['interpretive', 'baseline'] as const) {
        await finish(context, client.review.generate({ modelId: models[kind], split: SPLIT }))
        const evaluation = client.training.detail(models[kind]).evaluations.find((own) => own.split === SPLIT)
        if (evaluation) {
          rows.push({ name: kind, evaluation })
        }
      }
      figures['evaluations'] = rows
      return evaluationTable(rows)
    })

    await stage('Neurons of the interpretive captioner', async () => {
      await finish(context, client.neurons.interpret({ modelId: models.interpretive, seed }))
      const map = client.neurons.map(models.interpretive)
      if (map === null) {
        throw new Error('interpreting left no map')
      }
      figures['neurons'] = {
        count: map.neurons.length,
        meanDelta: map.meanDelta,
        shuffledBaseline: map.shuffledBaseline,
      }
      return topicTable(map)
    })

    await stage('Repair one false caption', async () => {
      const found = await findRepair(context, models.interpretive)
      if (found === null) {
        return 'No caption of the test split gets nearer to what people say by adding a topic that it misses.'
      }
      const version = await repair(context, found.request)
      figures['correction'] = versionJson(version)
      const [correction] = version.corrections
      if (!correction) {
        throw new Error('nothing was corrected')
      }
      const people = client.corpus.detail(correction.clipId).captions[0]?.text ?? ''
      return `People say "${people}"; the caption misses the topic ${found.label}.\n${versionText(version)}`
    })

    await stage('Actions', async () => {
      // A smaller sample has fewer clips of each action.
      const folds = Math.max(2, Math.min(DEMO.folds, Math.round(videos / 24)))
      await finish(context, client.actions.transfer({ clips: join(sample, 'actions'), folds, seed }))
      const [result] = client.actions.results()
      figures['actions'] = result?.accuracy
      return table(
        ['features', 'accuracy', 'clips', 'classes'],
        Object.entries(result?.accuracy ?? {}).map(([source, accuracy]) => [
          source,
          fixed(accuracy),
          result?.clips ?? 0,
          result?.classes.length ?? 0,
        ]),
      )
    })

    await stage('Export the model', async () => {
      const to = join(dir, 'demo-export')
      await finish(context, client.exports.run({ what: 'model', to }))
      return table(
        ['file', 'bytes'],
        (client.exports.last()?.files ?? []).map(({ name, bytes }) => [name, bytes]),
      )
    })

    context.terminal.say(`The whole took ${seconds(started)}. ${path} is the project: npm start opens it.`)
    return { text: '', json: { project: path, ...figures } }
  },
}

/** Runs a stage and prints its heading, its table, and on the terminal how long it took. */
function createStages({
  args,
  terminal,
}: CommandContext): (title: string, work: () => Promise<string>) => Promise<void> {
  const print = args.flag('json')
    ? terminal.say
    : (line: string) => {
        process.stdout.write(`${line}\n`)
      }
  return async (title, work) => {
    const started = performance.now()
    const text = await work()
    print(`\n${title}\n${'='.repeat(title.length)}\n${text}`)
    terminal.say(`(${title}: ${seconds(started)})`)
  }
}

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`

/** The demo of an earlier run makes way; someone may have worked in it, so one is kept. */
async function setAside(path: string, { terminal }: CommandContext): Promise<void> {
  if (!existsSync(path)) {
    return
  }
  const kept = path.replace(/\.vitrine$/, '-before.vitrine')
  await rm(kept, { recursive: true, force: true })
  await rename(path, kept)
  terminal.say(`The demo of an earlier run is kept as ${kept}.`)
}

/**
 * The intervention that a reviewer would choose: among the likely wrong captions of the split, the missing
 * topic whose neurons, moved, bring the caption nearest to what people say (the largest gain of CIDEr). Null
 * when none gains.
 */
async function findRepair(
  { client, terminal, signal }: CommandContext,
  modelId: number,
): Promise<{ request: ClipInterventionRequest; label: string } | null> {
  let best: { request: ClipInterventionRequest; label: string; gain: number } | null = null
  let left: number = DEMO.previews
  for (const row of client.review.list({ modelId, split: SPLIT, order: 'risk' })) {
    const review: Review = await client.review.clip(modelId, row.clipId)
    for (const topic of review.topics.filter(({ verdict }) => verdict === 'missing')) {
      if (left-- === 0) {
        return best
      }
      const request = { modelId, clipId: row.clipId, topics: [{ topicId: topic.id, strength: 1 }] }
      const { after } = await client.corrections.preview(request, signal)
      if (after === row.caption) {
        continue
      }
      const [cider] = await client.review.ciders(modelId, SPLIT, [{ clipId: row.clipId, caption: after }])
      const gain = (cider ?? 0) - (row.cider ?? 0)
      if (gain > (best?.gain ?? 0)) {
        best = { request, label: topic.label, gain }
        terminal.say(
          `${row.clip}: "${row.caption}" becomes "${after}" with the topic ${topic.label} (CIDEr ${gain >= 0 ? '+' : ''}${gain.toFixed(2)})`,
        )
      }
    }
  }
  return best
}
