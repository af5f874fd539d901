/** Models in one table: the settings that are not the same in all, and what became of each. */
import type { ModelRow, ModelRun, SettingName } from '#contract'
import { UsageError } from '../../arguments.ts'
import type { CommandContext, Result } from '../../command.ts'
import { fixed, idCell, intervalCell, table } from '../../table.ts'
import type { Cell } from '../../table.ts'
import { failures } from '../../failures.ts'

interface Compared extends ModelRun {
  model: ModelRow
}

/** `ids`: the models; null: all that were trained here. Throws NOT_FOUND. */
export async function describeDifferences(
  { client }: CommandContext,
  ids: readonly number[] | null,
): Promise<Result> {
  const models = new Map((await client.training.models()).map((model) => [model.id, model]))
  const runs = (await client.training.runs()).flatMap((run): Compared[] => {
    const model = models.get(run.modelId)
    return model === undefined ? [] : [{ ...run, model }]
  })
  const missing = ids?.find((id) => !runs.some(({ modelId }) => modelId === id))
  if (missing !== undefined) {
    throw failures.notTrainedHere({ modelId: missing })
  }
  const compared = runs.filter(({ modelId }) => ids?.includes(modelId) ?? true)
  const settings = differingSettings(compared)
  return {
    text: table(
      [
        'model',
        'kind',
        ...settings,
        'seed',
        'val CIDEr',
        '95%',
        'val BLEU-4',
        '95%',
        'AP',
        '95%',
        'seconds',
        'from',
        'begun',
      ],
      compared.map((run) => cellsOf(run, settings)),
    ),
    json: {
      settings,
      models: compared.map(({ model, settings: of, alignment }) => ({
        id: model.id,
        kind: model.kind,
        seed: model.seed,
        parent: model.parent,
        seconds: model.seconds,
        createdAt: model.createdAt,
        settings: Object.fromEntries(settings.map((name) => [name, of[name]])),
        validation: validationOf(model) ?? null,
        alignment,
      })),
    },
  }
}

/** The ids of a list such as `4,7,9`. Throws UsageError. */
export function idsOf(text: string): number[] {
  const ids = text.split(',').map(Number)
  if (!ids.every((id) => Number.isInteger(id) && id > 0)) {
    throw new UsageError(`--models takes ids such as 4,7,9, not "${text}"`)
  }
  return ids
}

function differingSettings(runs: readonly ModelRun[]): SettingName[] {
  const names = Object.keys(runs[0]?.settings ?? {}) as SettingName[]
  return names.filter((name) => new Set(runs.map(({ settings }) => settings[name])).size > 1)
}

function validationOf({ evaluations }: ModelRow) {
  const evaluation = evaluations.find(({ split }) => split === 'val')
  return evaluation && { metrics: evaluation.metrics, intervals: evaluation.intervals }
}

function cellsOf({ model, settings, alignment }: Compared, names: readonly SettingName[]): Cell[] {
  const validation = validationOf(model)
  return [
    String(model.id),
    model.kind,
    ...names.map((name): Cell => {
      const value = settings[name]
      return typeof value === 'number' ? { figure: String(value) } : String(value)
    }),
    model.seed,
    fixed(validation?.metrics.CIDEr),
    intervalCell(validation?.intervals?.['CIDEr']),
    fixed(validation?.metrics.BLEU_4),
    intervalCell(validation?.intervals?.['BLEU_4']),
    fixed(alignment?.precision),
    intervalCell(alignment),
    fixed(model.seconds, 1),
    idCell(model.parent),
    model.createdAt,
  ]
}
