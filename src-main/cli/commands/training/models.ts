import type { CaptionerSettings, ModelDetail, ModelFigure, Presets } from '#contract'
import { UsageError } from '../../arguments.ts'
import type { Command } from '../../command.ts'
import { idCell, table } from '../../table.ts'
import type { Cell } from '../../table.ts'
import { openProject } from '../shared.ts'
import { describeDifferences, idsOf } from './differences.ts'
import { figureCell, figuresBySplit } from './shared.ts'

const HEADER = [
  'model',
  'kind',
  'state',
  'from',
  'series',
  'seed',
  'settings',
  'steps',
  'best CIDEr',
  'val BLEU-4',
  'val CIDEr',
  'topic mAP',
  'note',
]

export const models: Command = {
  summary: 'Lists the models: what each was trained with, how it ended, and its figures.',
  operands: ['PROJECT'],
  options: {
    differences: {
      help: 'one table of the settings that are not the same in all, with scores of validation',
    },
    models: { value: 'A,B,...', help: 'of --differences: these models by id (all that were trained here)' },
  },
  notes:
    '`settings` names the nearest preset and how many settings differ from it: `fast + 2`. A state says what can be ' +
    'done with a run that ended early: `stopped (--resume, keep)`; `ready (stale)`: ' +
    '[splits or topics were edited](training.md#stale-models) since. `best CIDEr` is that of the check whose parameters were ' +
    'kept, of greedy captions; the three beside it are of the validation split as it was captioned last. What the test split ' +
    'gave is in `--json` alone.',
  json:
    '`{models: [{id, parent, kind, origin, state, resumable, keepable, series, jobId, createdAt, device, steps, ' +
    'captionsPerSecond, seconds, neurons, seed, current, note, external, stale, staleSplits, tainted, topicsFromAllClips, settings, best, ' +
    'figures}]}`, newest first; `stale` says why in sentences, the first `staleSplits` of them of splits; `tainted` counts test ' +
    'clips that it learnt from, `topicsFromAllClips` its topics that were found in all clips; `external` is of another system’s model: ' +
    '`{name, file, activations}`. With `--differences`: `{settings, models: [{id, kind, seed, parent, seconds, createdAt, settings, ' +
    'validation: {metrics, intervals}, alignment: {precision, low, high, chance, topics}}]}`.',
  async run(context) {
    const { args, client } = context
    const chosen = args.text('models')
    if (chosen !== undefined && !args.flag('differences')) {
      throw new UsageError('--models goes with --differences')
    }
    const ids = chosen === undefined ? null : idsOf(chosen)
    await openProject(context)
    if (args.flag('differences')) {
      return describeDifferences(context, ids)
    }
    const presets = await client.training.presets({})
    const rows = await Promise.all(
      (await client.training.models()).map(async ({ id: modelId }) => ({
        model: await client.training.model({ modelId }),
        figures: await client.training.figures({ modelId }),
      })),
    )
    return {
      text: table(
        HEADER,
        rows.map(({ model, figures }) => cellsOf(model, figures, presets)),
      ),
      json: { models: rows.map(({ model, figures }) => modelJson(model, figures)) },
    }
  },
}

const cellsOf = (model: ModelDetail, figures: readonly ModelFigure[], presets: Presets): Cell[] => [
  `${model.id}${model.current ? ' (current)' : ''}`,
  model.external === null ? model.kind : `external (${model.external.name})`,
  stateOf(model),
  idCell(model.parent),
  idCell(model.series),
  model.external === null ? model.seed : null,
  model.external === null ? describeSettings(model.settings, presets) : '',
  model.steps,
  figureCell(figures, 'val', 'cider'),
  figureCell(figures, 'val', 'BLEU_4'),
  figureCell(figures, 'val', 'CIDEr'),
  figureCell(figures, 'val', 'mAP'),
  model.note,
]

function modelJson(model: ModelDetail, figures: readonly ModelFigure[]) {
  const { evaluations: _evaluations, topics: _topics, best, ...rest } = model
  return { ...rest, best, figures: figuresBySplit(figures) }
}

/** The state of a model, with what can be done with it: `stopped (--resume, keep)`. */
function stateOf({ state, resumable, keepable, stale }: ModelDetail): string {
  const remarks = [
    ...(stale.length > 0 ? ['stale'] : []),
    ...(resumable ? ['--resume'] : []),
    ...(keepable ? ['keep'] : []),
  ]
  return remarks.length === 0 ? state : `${state} (${remarks.join(', ')})`
}

/**
 * The preset that settings are nearest to, as it is for the corpus now: `fast`, or `fast + 2` with two settings
 * of their own. A baseline has no lambda.
 */
function describeSettings(settings: CaptionerSettings, presets: Presets): string {
  const [nearest] = Object.entries(presets)
    .map(([name, ofPreset]) => ({ name, changes: countChanges(ofPreset, settings) }))
    .sort((a, b) => a.changes - b.changes)
  if (nearest === undefined) {
    return ''
  }
  return nearest.changes === 0 ? nearest.name : `${nearest.name} + ${nearest.changes}`
}

function countChanges(ofPreset: CaptionerSettings, settings: CaptionerSettings): number {
  const names = Object.keys(ofPreset) as (keyof CaptionerSettings)[]
  return names.filter(
    (name) => ofPreset[name] !== settings[name] && !(name === 'lambda' && settings.lambda === 0),
  ).length
}
