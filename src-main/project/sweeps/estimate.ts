/** How long a sweep will take, before it begins: by the newest training of the project, which knows this machine. */
import type { CaptionerSettings, PlannedRun } from '#contract'
import { presetSettings } from '../../common/presets.ts'
import type { CorpusSize } from '../../common/presets.ts'
import type { OpenProject } from '../../store/index.ts'
import { corpusSize } from '../training/inputs.ts'
import { parameterCounts } from '../training/space.ts'

/**
 * Seconds on two cores without a GPU: of a minibatch of the preset `fast`, which counts where nothing was trained yet; of
 * a validation clip that is captioned and read by probes; of what each run begins and ends with.
 */
const SECONDS = { fast: 0.06, clip: 0.05, run: 5 }

/** Seconds of runs, about: with all their epochs, whether they will need them or not. */
export function secondsOfRuns(project: OpenProject, runs: readonly PlannedRun[]): number {
  const corpus = corpusSize(project)
  const validation = project.store.captions.size('val').clips
  const reference = measuredStep(project) ?? {
    seconds: SECONDS.fast,
    settings: presetSettings('fast'),
  }
  const [ofReference = 0, ...works] = worksOfStep(project, [
    reference.settings,
    ...runs.map(({ settings }) => settings),
  ])
  return runs.reduce((sum, { settings }, i) => {
    const ofStep = reference.seconds * ((works[i] ?? 0) / Math.max(1, ofReference))
    return sum + SECONDS.run + validation * SECONDS.clip + stepsOf(settings, corpus) * ofStep
  }, 0)
}

/** What a step of the newest training took, its validations included; null: nothing was trained to its end. */
function measuredStep({ store }: OpenProject): { seconds: number; settings: CaptionerSettings } | null {
  const model = store.models
    .list()
    .find(
      ({ origin, state, seconds, steps }) => origin === 'trained' && state === 'ready' && seconds && steps,
    )
  return model?.seconds && model.steps
    ? { seconds: model.seconds / model.steps, settings: model.settings }
    : null
}

/** What a step computes, by its parameters and captions: only ratios of it mean anything. */
const worksOfStep = (project: OpenProject, runs: readonly CaptionerSettings[]): number[] =>
  parameterCounts(project, runs).map((parameters, i) => {
    const { batchCaptions, batchClips, captionsPerClip } = runs[i]!
    return parameters * (batchCaptions > 0 ? batchCaptions : batchClips * captionsPerClip)
  })

/** Minibatches of a run, about. */
function stepsOf(settings: CaptionerSettings, { clips, captions }: CorpusSize): number {
  const { batchCaptions, batchClips, captionsPerClip, epochs } = settings
  if (batchCaptions > 0) {
    return epochs * Math.ceil(captions / batchCaptions)
  }
  const timesOfClip = Math.max(1, Math.ceil(captions / Math.max(1, clips) / captionsPerClip))
  return epochs * Math.ceil((clips / batchClips) * timesOfClip)
}
