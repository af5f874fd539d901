/** Which runs a sweep has: all combinations of the values to try, with every seed, and a baseline beside them. */
import { someSettings } from '#contract'
import type { CaptionerSettings, PlannedRun, SettingName } from '#contract'
import { presetSettings, settingsOfKind } from '../../common/presets.ts'
import type { CorpusSize } from '../../common/presets.ts'
import type { OpenProject } from '../../store/index.ts'
import type { Input } from '../service.ts'
import { corpusSize } from '../training/inputs.ts'
import { currentFeatures } from '../workspace.ts'
import { failures } from './failures.ts'

export type SweepRequest = Input<'sweeps', 'plan'>
type Values = SweepRequest['values']
type Chosen = SweepRequest['settings']

/** Months of training on a processor are asked for by mistake. */
const MOST_RUNS = 500
/** What a baseline has no use for: it learns no topics. */
const OF_TOPICS: readonly SettingName[] = ['lambda', 'topicHead', 'topicLoss', 'topicHiddenSize']

/**
 * In the order of training: each seed has its baselines and then all combinations before the next one, so that a sweep
 * that is stopped has compared something. Throws BAD_INPUT for settings that don't go together.
 */
export function plannedRuns(project: OpenProject, request: SweepRequest): PlannedRun[] {
  requireOneWord(request)
  const alike = settingsOfRuns(request, corpusSize(project))
  requireHeads(project, alike.interpretive)
  const runs = Array.from({ length: request.seeds }, (_, i) => request.seed + i).flatMap((seed) => [
    ...alike.baseline.map((settings): PlannedRun => ({ kind: 'baseline', settings, seed })),
    ...alike.interpretive.map((settings): PlannedRun => ({ kind: 'interpretive', settings, seed })),
  ])
  if (runs.length > MOST_RUNS) {
    throw failures.tooManyRuns({ runs: runs.length, most: MOST_RUNS })
  }
  return runs
}

/** A setting has one value for all, or values to try. */
function requireOneWord({ settings, values }: SweepRequest): void {
  const twice = Object.keys(values).find((name) => name in settings)
  if (twice !== undefined) {
    throw failures.givenTwice({ setting: twice })
  }
}

/** The settings of all runs of a seed, by kind; none twice. */
function settingsOfRuns(
  { preset, settings, values }: SweepRequest,
  corpus: CorpusSize,
): Record<PlannedRun['kind'], CaptionerSettings[]> {
  const combinations = combinationsOf(values)
  const ofPreset = (combination: Chosen): CaptionerSettings =>
    presetSettings(preset, { ...settings, ...combination }, corpus)
  const interpretive = combinations.map(ofPreset).filter(({ lambda }) => lambda > 0)
  if (interpretive.length === 0) {
    throw failures.nothingToTry()
  }
  const baseline = combinations
    .map(withoutTopics)
    .map((combination) => settingsOfKind('baseline', ofPreset(combination), { ...settings, ...combination }))
  return { interpretive: distinct(interpretive), baseline: distinct(baseline) }
}

/** What of a combination a baseline is told from others by. */
const withoutTopics = (combination: Chosen): Chosen =>
  someSettings.parse(
    Object.fromEntries(
      Object.entries(combination).filter(([name]) => !OF_TOPICS.includes(name as SettingName)),
    ),
  )

/** One value of each setting, in every way; those of the last setting change first. */
function combinationsOf(values: Values): Chosen[] {
  return Object.entries(values)
    .reduce<Record<string, unknown>[]>(
      (combinations, [name, ofSetting]) =>
        combinations.flatMap((combination) => ofSetting.map((value) => ({ ...combination, [name]: value }))),
      [{}],
    )
    .map((combination) => someSettings.parse(combination))
}

const distinct = (all: readonly CaptionerSettings[]): CaptionerSettings[] => [
  ...new Map(all.map((settings) => [JSON.stringify(settings), settings])).values(),
]

/** A head that would be another one is refused: its runs would be drawn as what they are not. */
function requireHeads(project: OpenProject, runs: readonly CaptionerSettings[]): void {
  const heads = new Set(runs.filter(({ keepFeatures }) => !keepFeatures).map(({ topicHead }) => topicHead))
  if (heads.has('tied') && heads.has('tied-learnt')) {
    throw failures.headsAlike()
  }
  const { dimension } = currentFeatures(project)
  const topics = project.store.topics.count()
  for (const settings of runs) {
    const neurons = neuronsOfHead(settings, dimension)
    const { topicHead: head, topicHiddenSize: hidden } = settings
    if (head !== 'joint' && topics > Math.min(hidden, neurons)) {
      throw failures.headTooSmall({ head, topics, hidden, neurons })
    }
  }
}

/** Neurons that a tied head may give to topics. */
function neuronsOfHead(settings: CaptionerSettings, dimension: number): number {
  const { encoderSize, keepFeatures, topicHead, projection, deltas } = settings
  const kept = keepFeatures && topicHead === 'tied'
  const inputs = (projection > 0 ? Math.min(projection, dimension) : dimension) * (deltas ? 3 : 1)
  return 2 * encoderSize + (kept ? inputs : 0)
}
