/** A sweep as people see it: its runs as they stand, and what the seeds of each combination come to. */
import type { Accuracy, SettingName, Sweep, SweepCombination, SweepFigures, SweepRun } from '#contract'
import type { OpenProject, StoredSweep, StoredSweepRun } from '../../store/index.ts'
import { meanAndDeviation } from '../training/series.ts'
import { isLeft } from './run.ts'

export function describeSweep({ store }: OpenProject, sweep: StoredSweep): Sweep {
  const stored = store.sweeps.runs(sweep.id)
  const runs = stored.map((run): SweepRun => {
    const model = run.modelId === null ? null : store.models.get(run.modelId)
    return {
      ...run,
      state: stateOf(run),
      deleted: model !== null && model.trash !== null,
      seconds: model?.seconds ?? null,
    }
  })
  return {
    id: sweep.id,
    createdAt: sweep.createdAt,
    device: sweep.device,
    jobId: sweep.jobId,
    ended: !stored.some(isLeft),
    varied: variedSettings(stored),
    runs,
    combinations: combinationsOf(stored),
  }
}

function stateOf({ figures, failure, modelId }: StoredSweepRun): SweepRun['state'] {
  switch (true) {
    case figures !== null:
      return 'done'
    case failure !== null:
      return 'failed'
    default:
      return modelId === null ? 'waiting' : 'begun'
  }
}

/** Settings that are not the same in all interpretive runs; a baseline has no lambda and no head. */
function variedSettings(runs: readonly StoredSweepRun[]): SettingName[] {
  const interpretive = runs.filter(({ kind }) => kind === 'interpretive').map(({ settings }) => settings)
  const names = Object.keys(interpretive[0] ?? {}) as SettingName[]
  return names.filter((name) => new Set(interpretive.map((settings) => settings[name])).size > 1)
}

/** A run that is done. */
type Measured = StoredSweepRun & { figures: SweepFigures }

function combinationsOf(runs: readonly StoredSweepRun[]): SweepCombination[] {
  const done = runs.filter((run): run is Measured => run.figures !== null)
  const groups = Map.groupBy(done, ({ kind, settings }) => JSON.stringify([kind, settings]))
  const combinations = [...groups.values()].map((group) => {
    const alignments = group.flatMap(({ figures }) => figures.alignment?.precision ?? [])
    return {
      runs: group.map(({ place }) => place),
      CIDEr: meanAndDeviation(group.map(({ figures }) => figures.CIDEr.value)),
      BLEU_4: meanAndDeviation(group.map(({ figures }) => figures.BLEU_4.value)),
      alignment: alignments.length === 0 ? null : meanAndDeviation(alignments),
    }
  })
  const isUndominated = (one: Means, by: Accuracy): boolean =>
    one.alignment !== null && !combinations.some((other) => dominates(other, one, by))
  return combinations.map((combination) => ({
    ...combination,
    undominated: {
      CIDEr: isUndominated(combination, 'CIDEr'),
      BLEU_4: isUndominated(combination, 'BLEU_4'),
    },
  }))
}

type Means = Pick<SweepCombination, Accuracy | 'alignment'>

/** Whether one is at least as good as another in both, and better in one. */
function dominates(one: Means, other: Means, by: Accuracy): boolean {
  if (one.alignment === null || other.alignment === null) {
    return false
  }
  const gains = [one[by].mean - other[by].mean, one.alignment.mean - other.alignment.mean]
  return gains.every((gain) => gain >= 0) && gains.some((gain) => gain > 0)
}
