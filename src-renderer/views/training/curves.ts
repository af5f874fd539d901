/** The figures of training runs as lines over steps. */
import type { TrainingPoint } from '#contract'
import type { Line } from '../../components/chart/LineChart.vue'
import { count, score } from '../../composables/format.ts'
import { t } from '../../language/index.ts'

export interface Run {
  name: string
  points: readonly TrainingPoint[]
  /** The step whose parameters were kept; null: none yet. */
  kept: number | null
  /** Captions of a minibatch, and clips of the validation split; null: not known. */
  captionsAStep: number
  validationClips: number | null
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
    get title() {
      return t('training.lossACaption')
    },
    get note() {
      return t('training.everythingThatIsMinimisedWeighted')
    },
    get unit() {
      return t('training.nats')
    },
    loss: true,
    training: (point) => point.loss,
  },
  {
    get title() {
      return t('training.nllACaption')
    },
    get note() {
      return t('training.lnPOfTheWords')
    },
    get unit() {
      return t('training.nats')
    },
    loss: true,
    training: (point) => point.nll,
    validation: (check) => check.nll,
  },
  {
    get title() {
      return t('training.interpretiveLossAClip')
    },
    get note() {
      return t('training.howFarTheTopicHead')
    },
    get unit() {
      return t('training.sumOverTopics')
    },
    loss: true,
    format: (value) => score(value),
    training: (point) => point.topicLoss,
    validation: (check) => check.topicLoss,
  },
  {
    get title() {
      return t('training.cIDErValidation')
    },
    least: 0.1,
    get note() {
      return t('training.cIDErDOfTheCaptions')
    },
    get unit() {
      return t('training.cIDErDOf10')
    },
    format: (value) => score(value),
    validation: (check) => check.cider,
  },
  {
    get title() {
      return t('training.bleu4Validation')
    },
    least: 0.1,
    get note() {
      return t('training.bleu4OfTheCaptions')
    },
    get unit() {
      return t('training.bleu4Of1')
    },
    format: (value) => score(value),
    validation: (check) => check.bleu4,
  },
  {
    get title() {
      return t('training.topicMAPValidation')
    },
    least: 0.1,
    get note() {
      return t('training.meanAveragePrecisionOfThe')
    },
    get unit() {
      return t('training.mAPOf1')
    },
    format: (value) => score(value),
    validation: (check) => check.topicMap,
  },
  {
    get title() {
      return t('training.learningRate')
    },
    least: 0,
    get note() {
      return t('training.ofTheOptimizerAtEach')
    },
    get unit() {
      return t('training.factorOfAStep')
    },
    exact: true,
    format: (value) => String(Number(value.toPrecision(3))),
    training: (point) => point.learningRate,
  },
]

/** What the points of a figure are the means of, over all runs. */
function sampleOf({ training, validation, exact }: Figure, runs: readonly Run[]): string | null {
  const each = (sizes: readonly (number | null)[]): string =>
    [...new Set(sizes.filter((size) => size !== null))].map(count).join(' / ')
  const captions = each(runs.map(({ captionsAStep }) => captionsAStep))
  const clips = each(runs.map(({ validationClips }) => validationClips))
  const parts = [
    ...(training === undefined || exact === true ? [] : [t('training.captionsAStep', { captions })]),
    ...(validation === undefined || clips === '' ? [] : [t('training.validationClipsOf', { clips })]),
  ]
  return parts.length === 0 ? null : parts.join('; ')
}

export interface Chart extends Pick<
  Figure,
  'title' | 'note' | 'unit' | 'loss' | 'least' | 'exact' | 'format'
> {
  lines: Line[]
  n: string | null
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
            : [{ label: label(t('training.trainingSplit')), colour: colourOf(i), values: values(training) }]),
          ...(validation === undefined
            ? []
            : [
                {
                  label: label(t('training.validation')),
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
    return lines.length === 0 ? [] : [{ ...figure, lines, n: sampleOf(figure, runs) }]
  })
}
