/** Models: how they were trained, and how well they caption. */
import type {
  CaptionMetrics,
  CaptionerSettings,
  Evaluation,
  ModelDetail,
  ModelRow,
  Presets,
  SeriesSummary,
  Split,
} from '#contract'
import { count } from '../../../common/text.ts'
import {
  figureBlock,
  heading,
  missing,
  paragraph,
  tableBlock,
  warning,
} from '../../../formats/report/document.ts'
import type { Block, ReportCell, ReportSection } from '../../../formats/report/document.ts'
import { lineFigure } from '../../../formats/report/figures/lines.ts'
import { pointFigure } from '../../../formats/report/figures/rows.ts'
import { chosenModel, command, CURRENT_NOTE, day, fixed, modelName, SPLIT_NAMES } from './source.ts'
import type { ReportSource } from './source.ts'

/** Models whose settings stand side by side, and whose curves are drawn. */
const COMPARED = 6
const CURVES = 3
/** Models that a figure has rows for. */
const DRAWN = 30

type Metric = keyof CaptionMetrics
const MAIN: readonly Metric[] = ['BLEU_4', 'ROUGE_L', 'METEOR', 'CIDEr']
const SHORT: readonly Metric[] = ['BLEU_1', 'BLEU_2', 'BLEU_3']
const metricName = (metric: string): string => metric.replace('_', '-')

export async function modelsSection(source: ReportSource): Promise<ReportSection> {
  const { models } = source
  if (models.length === 0) {
    return {
      id: 'models',
      title: 'Models',
      blocks: [missing('No model is trained yet.', command(source, 'train'))],
    }
  }
  return {
    id: 'models',
    title: 'Models',
    blocks: [
      ...(await modelTable(source)),
      ...evaluations(source, 'val'),
      ...evaluations(source, 'test'),
      ...evaluations(source, 'train'),
      ...(await series(source)),
      ...(models.length > 1
        ? [
            missing(
              'A paired test of two models on the same clips is not kept by the project.',
              command(source, `compare --models ${models[0]!.id},${models.at(-1)!.id}`),
            ),
          ]
        : []),
      ...(await curves(source)),
      ...(await settings(source)),
    ],
  }
}

async function modelTable({ models, queries, call, project }: ReportSource): Promise<Block[]> {
  const all = await queries.training.models(undefined, call)
  const unfinished = all.length - models.length
  const details = await detailsOf(models, { queries, call })
  const features = details.map(({ id }) => {
    const { featureKey } = project.store.models.get(id)
    return featureKey === null ? null : project.store.featureSets.get(featureKey).title
  })
  const differing = new Set(features).size > 1
  return [
    paragraph(
      `${count(models.length, 'model')}.` +
        (unfinished > 0 ? ` ${count(unfinished, 'run')} that ended early or goes on is left out.` : ''),
    ),
    tableBlock({
      name: 'models',
      title: 'Models',
      note:
        `Steps: of the optimizer. Neurons: components of each v of the encoder. Topics: those that its head was trained on. ` +
        `${differing || features[0] == null ? '' : `All see ${features[0]}. `}${CURRENT_NOTE}`,
      columns: [
        { name: 'model' },
        { name: 'made from' },
        { name: 'day' },
        { name: 'seed', plain: true },
        { name: 'device' },
        { name: 'steps' },
        { name: 'minutes', digits: 1 },
        { name: 'neurons' },
        { name: 'topics' },
        { name: 'features', wide: true, optional: true },
        { name: 'note', wide: true, optional: true },
      ],
      rows: details.map((model, i) => [
        modelName(model),
        model.parent === null ? 'the data' : `v${model.parent}`,
        day(model.createdAt),
        model.external === null ? model.seed : null,
        model.device,
        model.steps,
        model.seconds === null ? null : model.seconds / 60,
        model.neurons,
        model.topics.length,
        differing ? (features[i] ?? null) : null,
        model.note,
      ]),
    }),
    ...models.flatMap(remarks),
  ]
}

/** What flatters the figures of a model, or has changed since. */
function remarks(model: ModelRow): Block[] {
  const { tainted, topicsFromAllClips, stale } = model
  const sentences = [
    ...(tainted > 0
      ? [`it has learnt from ${count(tainted, 'clip')} of the test split, whose figures flatter it`]
      : []),
    ...(topicsFromAllClips > 0
      ? [
          `${topicsFromAllClips} of its topics were found in the captions of all clips: topic scores of validation and test flatter it`,
        ]
      : []),
  ]
  return [
    ...(sentences.length === 0 ? [] : [warning(`${modelName(model)}: ${sentences.join('; ')}.`)]),
    ...(stale.length === 0 ? [] : [warning(`${modelName(model)}: ${stale.join(' ')}`)]),
  ]
}

interface Scored {
  model: ModelRow
  evaluation: Evaluation
}

function evaluations(source: ReportSource, split: Split): Block[] {
  const scored = source.models.flatMap((model): Scored[] => {
    const evaluation = model.evaluations.find((one) => one.split === split)
    return evaluation === undefined ? [] : [{ model, evaluation }]
  })
  const name = SPLIT_NAMES[split]
  if (scored.length === 0) {
    return split === 'train'
      ? []
      : [
          heading(`Captions of the ${name} split`),
          missing(
            split === 'test' ? 'Not measured yet: the test split was not looked at.' : 'Not measured yet.',
            command(source, `caption --split ${split}`),
          ),
        ]
  }
  return [
    heading(`Captions of the ${name} split`),
    ...(split === 'test'
      ? [
          paragraph(
            'The test split is looked at once, when all that was to be chosen has been chosen on validation.',
          ),
        ]
      : []),
    ...(split === 'train' ? [paragraph('Models have learnt from these clips.')] : []),
    metricTable(scored, split),
    shortTable(scored, split),
    figureBlock(
      pointFigure({
        title: `CIDEr on the ${name} split`,
        note: `With 95% bootstrap intervals over clips; rings: the best single caption of the training captions, given to every clip.${scored.length > DRAWN ? ` The ${DRAWN} newest of ${scored.length} models.` : ''}`,
        over: 'CIDEr-D',
        rows: scored.slice(-DRAWN).map(({ model, evaluation }) => ({
          label: modelName(model),
          value: evaluation.metrics.CIDEr,
          low: evaluation.intervals?.['CIDEr']?.low ?? null,
          high: evaluation.intervals?.['CIDEr']?.high ?? null,
          reference: evaluation.fixedCaption.metrics.CIDEr,
        })),
        format: fixed,
        legend: [{ label: 'one caption for all clips', colour: 'var(--series-2)', mark: 'ring' }],
      }),
    ),
  ]
}

const INTERVALS =
  'Intervals are 95% percentile bootstrap intervals over clips (1,000 resamples); where there are none, none were computed.'

function metricTable(scored: readonly Scored[], split: Split): Block {
  const fixedCaption = scored.at(-1)!.evaluation.fixedCaption
  return tableBlock({
    name: `metrics-${split}`,
    title: `Captions of the ${SPLIT_NAMES[split]} split against those of people`,
    note:
      `${INTERVALS} Clips: those that the model captioned and people did, too. mAP: mean average precision of the topic head over topics, beside that of a random ranking. ` +
      `The last row gives every clip one caption, the best of the training captions: "${fixedCaption.caption}". ${CURRENT_NOTE}`,
    columns: [
      { name: 'model' },
      { name: 'clips' },
      ...MAIN.map((metric) => ({ name: metricName(metric), digits: 3, interval: true as const })),
      { name: 'mAP', digits: 3 },
      { name: 'by chance', digits: 3 },
    ],
    rows: [
      ...scored.map(({ model, evaluation }): ReportCell[] => [
        modelName(model),
        evaluation.captions,
        ...MAIN.map((metric) => scoreOf(evaluation, metric)),
        evaluation.topics?.mAP ?? null,
        evaluation.topics?.chance ?? null,
      ]),
      [
        'one caption',
        scored.at(-1)!.evaluation.captions,
        ...MAIN.map((metric) => fixedCaption.metrics[metric]),
        null,
        null,
      ],
    ],
  })
}

const shortTable = (scored: readonly Scored[], split: Split): Block =>
  tableBlock({
    name: `bleu-${split}`,
    title: `BLEU of fewer words, ${SPLIT_NAMES[split]} split`,
    note: `${INTERVALS} ${CURRENT_NOTE}`,
    columns: [
      { name: 'model' },
      { name: 'clips' },
      ...SHORT.map((metric) => ({ name: metricName(metric), digits: 3, interval: true as const })),
    ],
    rows: scored.map(({ model, evaluation }) => [
      modelName(model),
      evaluation.captions,
      ...SHORT.map((metric) => scoreOf(evaluation, metric)),
    ]),
  })

function scoreOf({ metrics, intervals }: Evaluation, metric: Metric): ReportCell {
  const value = metrics[metric]
  const interval = intervals?.[metric]
  return value === null || interval === undefined ? value : { value, ...interval }
}

async function series({ models, queries, call }: ReportSource): Promise<Block[]> {
  const ids = [...new Set(models.flatMap(({ series: first }) => first ?? []))]
  const summaries = await Promise.all(ids.map((id) => queries.training.series({ series: id }, call)))
  const rows = summaries.flatMap(seriesRows)
  return rows.length === 0
    ? []
    : [
        heading('Several seeds'),
        tableBlock({
          name: 'series',
          title: 'Models that differ in their seeds alone',
          note: 'Mean and sample deviation (divisor n - 1) over the finished models of a series. NLL, bleu4 and cider are those of the best check of a training, of greedy captions.',
          columns: [
            { name: 'series' },
            { name: 'seeds' },
            { name: 'split' },
            { name: 'figure' },
            { name: 'models' },
            { name: 'mean', digits: 3 },
            { name: 'deviation', digits: 3 },
          ],
          rows,
        }),
      ]
}

const seriesRows = ({ series: first, models, figures }: SeriesSummary): ReportCell[][] =>
  figures
    .filter(({ count: counted }) => counted > 1)
    .map(({ split, metric, mean, deviation, count: counted }) => [
      `v${first} and on`,
      models.map(({ seed }) => seed).join(', '),
      SPLIT_NAMES[split],
      metricName(metric),
      counted,
      mean,
      deviation,
    ])

/** The curves of the models that were trained: those of the current one, and of the newest. */
async function curves(source: ReportSource): Promise<Block[]> {
  const { models, queries, call } = source
  const trained = models.filter(({ origin, external }) => origin === 'trained' && external === null)
  const current = chosenModel(trained)
  const shown = [...new Set([current, ...trained.toReversed()])]
    .flatMap((model) => model ?? [])
    .slice(0, CURVES)
  const points = await Promise.all(shown.map(({ id }) => queries.training.curve({ modelId: id }, call)))
  const runs = shown.map((model, i) => ({ model, points: points[i]! })).filter((run) => run.points.length > 0)
  if (runs.length === 0) {
    return []
  }
  const x = [...new Set(runs.flatMap((run) => run.points.map(({ step }) => step)))].sort((a, b) => a - b)
  type Point = (typeof runs)[number]['points'][number]
  const valuesOf = (of: readonly Point[], pick: (point: Point) => number | null): (number | null)[] => {
    const byStep = new Map(of.map((point) => [point.step, pick(point)]))
    return x.map((step) => byStep.get(step) ?? null)
  }
  const validation = (title: string, counted: string, pick: (point: Point) => number | null): Block[] => {
    const lines = runs.map(({ model, points: of }, place) => ({
      label: modelName(model),
      values: valuesOf(of, pick),
      series: place,
    }))
    return lines.every(({ values }) => values.every((value) => value === null))
      ? []
      : [
          figureBlock(
            lineFigure({
              title,
              note: `Of the captions of a greedy search at the checks of a training, on the validation split.`,
              x,
              lines,
              over: 'step',
              counted,
              least: 0.1,
            }),
          ),
        ]
  }
  const named = (part: string, model: ModelRow): string =>
    runs.length === 1 ? part : `${modelName(model)}, ${part}`
  return [
    heading('Training'),
    ...(trained.length > runs.length
      ? [
          paragraph(
            `Curves of ${runs.length} of ${count(trained.length, 'trained model')}: the current one, and the newest.`,
          ),
        ]
      : []),
    figureBlock(
      lineFigure({
        title: 'Negative log-likelihood of a caption',
        note: 'Summed over its words; of training it is the mean since the last point, with dropout.',
        x,
        lines: runs.flatMap(({ model, points: of }, place) => [
          {
            label: named('training', model),
            values: valuesOf(of, ({ nll }) => nll),
            series: place,
            dashed: false,
          },
          {
            label: named('validation', model),
            values: valuesOf(of, (point) => point.validation?.nll ?? null),
            series: runs.length === 1 ? 1 : place,
            dashed: true,
          },
        ]),
        over: 'step',
        counted: 'nats a caption',
      }),
    ),
    ...validation('CIDEr while training', 'CIDEr-D', (point) => point.validation?.cider ?? null),
    ...validation('BLEU-4 while training', 'BLEU-4', (point) => point.validation?.bleu4 ?? null),
    ...validation('Topics while training', 'mAP', (point) => point.validation?.topicMap ?? null),
  ]
}

async function settings({ models, queries, call }: ReportSource): Promise<Block[]> {
  const trainedHere = models.filter(({ external, kind }) => external === null && kind !== 'external')
  const model = chosenModel(trainedHere)
  if (model === null || model.kind === 'external') {
    return []
  }
  const [detail] = await detailsOf([model], { queries, call })
  const presets = (await queries.training.presets({ kind: model.kind }, call)) as Presets
  const names = Object.keys(presets.default) as (keyof CaptionerSettings)[]
  return [
    heading('Settings'),
    tableBlock({
      name: 'settings',
      title: `Settings of ${modelName(model)}`,
      note: 'Beside those of the presets as they follow from the corpus of today; = is the same. What each setting does is in the documentation of training.',
      columns: [
        { name: 'setting' },
        { name: 'value' },
        { name: 'default' },
        { name: 'paper' },
        { name: 'fast' },
      ],
      rows: names.map((name) => {
        const value = detail!.settings[name]
        const beside = (['default', 'paper', 'fast'] as const).map((preset) =>
          presets[preset][name] === value ? '=' : settingText(presets[preset][name]),
        )
        return [name, settingText(value), ...beside]
      }),
    }),
    ...(await differingSettings(trainedHere, { queries, call })),
  ]
}

async function differingSettings(
  trainedHere: readonly ModelRow[],
  { queries, call }: Pick<ReportSource, 'queries' | 'call'>,
): Promise<Block[]> {
  const trained = trainedHere.filter(({ origin }) => origin === 'trained').slice(-COMPARED)
  const details = await detailsOf(trained, { queries, call })
  const [first] = details
  if (first === undefined || details.length < 2) {
    return []
  }
  const names = (Object.keys(first.settings) as (keyof CaptionerSettings)[]).filter(
    (name) => new Set(details.map(({ settings: of }) => of[name])).size > 1,
  )
  return names.length === 0
    ? [paragraph(`The ${details.length} newest trained models have the same settings.`)]
    : [
        tableBlock({
          name: 'settings-compared',
          title: 'Settings in which models differ',
          note: `The ${details.length} newest models that were trained. ${CURRENT_NOTE}`,
          columns: [{ name: 'setting' }, ...details.map((model) => ({ name: modelName(model) }))],
          rows: names.map((name) => [name, ...details.map(({ settings: of }) => settingText(of[name]))]),
        }),
      ]
}

function settingText(value: string | number | boolean): string {
  if (typeof value === 'boolean') {
    return value ? 'yes' : 'no'
  }
  return String(value)
}

const detailsOf = async (
  models: readonly ModelRow[],
  { queries, call }: Pick<ReportSource, 'queries' | 'call'>,
): Promise<ModelDetail[]> =>
  (await Promise.all(models.map(({ id }) => queries.training.model({ modelId: id }, call)))) as ModelDetail[]
