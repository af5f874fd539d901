/** The figures of training runs as lines over steps. */
import type { TrainingPoint } from '#contract'
import type { Line } from '../../components/chart/LineChart.vue'
import { score } from '../../composables/format.ts'

export interface Run {
  name: string
  points: readonly TrainingPoint[]
  /** The step whose parameters were kept; null: none yet. */
  kept: number | null
}

interface Figure {
  title: string
  note: string
  /** What its axis counts. */
  unit: string
  /**
   * Losses may stand on a logarithmic axis; the axes of other figures start at zero and reach at least to
   * `least`.
   */
  loss?: true
  least?: number
  /** Never smoothed: it is set, not measured. */
  exact?: true
  format?: (value: number) => string
  training?: (point: TrainingPoint) => number | null
  validation?: (check: NonNullable<TrainingPoint['validation']>) => number | null
}

const FIGURES: readonly Figure[] = [
  {
    title: 'Loss a caption',
    note: 'Everything that is minimised, weighted',
    unit: 'nats',
    loss: true,
    training: (point) => point.loss,
  },
  {
    title: 'NLL a caption',
    note: '−ln p of the words that people said, summed over a caption',
    unit: 'nats',
    loss: true,
    training: (point) => point.nll,
    validation: (check) => check.nll,
  },
  {
    title: 'Interpretive loss a clip',
    note: 'How far the topic head is from the clip’s topics, summed over topics',
    unit: 'sum over topics',
    loss: true,
    format: (value) => score(value),
    training: (point) => point.topicLoss,
    validation: (check) => check.topicLoss,
  },
  {
    title: 'CIDEr, validation',
    least: 0.1,
    note: 'CIDEr-D of the captions of the validation clips',
    unit: 'CIDEr-D, of 10',
    format: (value) => score(value),
    validation: (check) => check.cider,
  },
  {
    title: 'BLEU-4, validation',
    least: 0.1,
    note: 'BLEU-4 of the captions of the validation clips',
    unit: 'BLEU-4, of 1',
    format: (value) => score(value),
    validation: (check) => check.bleu4,
  },
  {
    title: 'Topic mAP, validation',
    least: 0.1,
    note: 'Mean average precision of the topic head on the validation clips',
    unit: 'mAP, of 1',
    format: (value) => score(value),
    validation: (check) => check.topicMap,
  },
  {
    title: 'Learning rate',
    least: 0,
    note: 'Of the optimizer, at each step',
    unit: 'factor of a step',
    exact: true,
    format: (value) => String(Number(value.toPrecision(3))),
    training: (point) => point.learningRate,
  },
]

export interface Chart extends Pick<
  Figure,
  'title' | 'note' | 'unit' | 'loss' | 'least' | 'exact' | 'format'
> {
  lines: Line[]
}

/** The colour of a run among so many: from accent to warn. */
export const runColour = (run: number, runs: number): string =>
  `color-mix(in oklab, var(--warn) ${Math.round((100 * run) / Math.max(runs - 1, 1))}%, var(--accent))`

/** All steps of all runs, ascending. */
export const stepsOf = (runs: readonly Run[]): number[] =>
  [...new Set(runs.flatMap(({ points }) => points.map(({ step }) => step)))].sort((a, b) => a - b)

/**
 * The charts that have anything to show; every line holds one value a step of `stepsOf(runs)`, null where its
 * run has none. Where a chart has both, validation is dashed. One run: it has a colour of its own, too;
 * several: the colour is the run's. More than two runs name their validation lines in no legend. What was measured on
 * validation knows which of its checks was kept.
 */
export function chartsOf(runs: readonly Run[]): Chart[] {
  const steps = stepsOf(runs)
  const colourOf = (run: number): string => runColour(run, runs.length)
  return FIGURES.flatMap((figure): Chart[] => {
    const both = figure.training !== undefined && figure.validation !== undefined
    const lines = runs
      .flatMap(({ name, points, kept }, i): Line[] => {
        const byStep = new Map(points.map((point) => [point.step, point]))
        const values = (pick: (point: TrainingPoint) => number | null): (number | null)[] =>
          steps.map((step) => {
            const point = byStep.get(step)
            return point === undefined ? null : pick(point)
          })
        const label = (part: string): string => {
          if (runs.length === 1) {
            return part
          }
          return both ? `${name} ${part}` : name
        }
        const { training, validation } = figure
        return [
          ...(training === undefined
            ? []
            : [{ label: label('training'), colour: colourOf(i), values: values(training) }]),
          ...(validation === undefined
            ? []
            : [
                {
                  label: label('validation'),
                  colour: runs.length === 1 && both ? 'var(--warn)' : colourOf(i),
                  ...(both && { dash: [4, 3], unnamed: runs.length > 2 }),
                  kept,
                  values: values((point) =>
                    point.validation === null ? null : validation(point.validation),
                  ),
                },
              ]),
        ]
      })
      .filter(({ values }) => values.some((value) => value !== null && value !== 0))
    return lines.length === 0 ? [] : [{ ...figure, lines }]
  })
}
