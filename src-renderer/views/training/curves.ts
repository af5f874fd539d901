/** The figures of training runs as lines over steps. */
import type { TrainingPoint } from '#contract'
import type { Line } from '../../components/chart/LineChart.vue'
import { score } from '../../composables/format.ts'

export interface Run {
  name: string
  points: readonly TrainingPoint[]
}

interface Figure {
  title: string
  note: string
  /**
   * Losses may stand on a logarithmic axis; the axes of other figures start at zero and reach at least to
   * `least`.
   */
  loss?: true
  least?: number
  format?: (value: number) => string
  training?: (point: TrainingPoint) => number | null
  validation?: (check: NonNullable<TrainingPoint['validation']>) => number | null
}

const FIGURES: readonly Figure[] = [
  {
    title: 'Loss a caption, nats',
    note: 'Everything that is minimised, weighted',
    loss: true,
    training: (point) => point.loss,
  },
  {
    title: 'NLL a caption, nats',
    note: '−ln p of the words that people said, summed over a caption',
    loss: true,
    training: (point) => point.nll,
    validation: (check) => check.nll,
  },
  {
    title: 'Interpretive loss a clip',
    note: 'How far the topic head is from the clip’s topics, summed over topics',
    loss: true,
    format: (value) => score(value),
    training: (point) => point.topicLoss,
    validation: (check) => check.topicLoss,
  },
  {
    title: 'CIDEr, validation',
    least: 0.1,
    note: 'CIDEr-D of the captions of the validation clips',
    format: (value) => score(value),
    validation: (check) => check.cider,
  },
  {
    title: 'BLEU-4, validation',
    least: 0.1,
    note: 'BLEU-4 of the captions of the validation clips',
    format: (value) => score(value),
    validation: (check) => check.bleu4,
  },
  {
    title: 'Topic mAP, validation',
    least: 0.1,
    note: 'Mean average precision of the topic head on the validation clips',
    format: (value) => score(value),
    validation: (check) => check.topicMap,
  },
  {
    title: 'Learning rate',
    least: 0,
    note: 'Of the optimizer, at each step',
    format: (value) => String(Number(value.toPrecision(3))),
    training: (point) => point.learningRate,
  },
]

export interface Chart extends Pick<Figure, 'title' | 'note' | 'loss' | 'least' | 'format'> {
  lines: Line[]
}

/** All steps of all runs, ascending. */
export const stepsOf = (runs: readonly Run[]): number[] =>
  [...new Set(runs.flatMap(({ points }) => points.map(({ step }) => step)))].sort((a, b) => a - b)

/**
 * The charts that have anything to show; every line holds one value a step of `stepsOf(runs)`, null where its
 * run has none. Where a chart has both, validation is dashed. One run: it has a colour of its own, too;
 * several: the colour is the run's, from accent to warn. More than two runs name their validation lines in no
 * legend.
 */
export function chartsOf(runs: readonly Run[]): Chart[] {
  const steps = stepsOf(runs)
  const colourOf = (run: number): string =>
    `color-mix(in oklab, var(--warn) ${Math.round((100 * run) / Math.max(runs.length - 1, 1))}%, var(--accent))`
  return FIGURES.flatMap((figure): Chart[] => {
    const both = figure.training !== undefined && figure.validation !== undefined
    const lines = runs
      .flatMap(({ name, points }, i): Line[] => {
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
