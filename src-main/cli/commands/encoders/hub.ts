/** `encoders add OWNER/NAME`: a model of the Hugging Face hub, looked up first and fetched on a person's word. */
import { existsSync } from 'node:fs'
import { MODEL_NAME, precision } from '#contract'
import type { Encoder, HubModel, Precision } from '#contract'
import { resolvePath } from '../../../common/files/paths.ts'
import { byteCount } from '../../../common/text.ts'
import { UsageError } from '../../arguments.ts'
import type { CommandContext } from '../../command.ts'
import { finish, resultOf } from '../../jobs.ts'
import { table } from '../../table.ts'

/** What goes with a model that is fetched; all else it says itself. */
export const HUB_OPTIONS: ReadonlySet<string> = new Set(['name', 'precision', 'revision', 'yes', 'dry-run'])

/**
 * Whether a text means a model of the hub: what lies on the disk under that name comes first, and the path of
 * an ONNX file that is not there is a slip, of which no other machine hears.
 */
export const isHubName = (text: string): boolean =>
  text.includes('/') && MODEL_NAME.test(text) && !/[.]onnx$/i.test(text) && !existsSync(resolvePath(text))

export type HubAddition = { model: HubModel; text: string } | { encoder: Encoder; text: string }

/** With `--yes` the encoder that was added; else what there is to fetch. Throws what the hub answers. */
export async function addFromHub(context: CommandContext, name: string): Promise<HubAddition> {
  const { args, client } = context
  const model = await client.encoders.findModel({ name, revision: args.text('revision') ?? null })
  const chosen = choosePrecision(model, args.oneOf('precision', precision.options))
  if (args.flag('dry-run') || !args.flag('yes')) {
    return { model, text: `${describeModel(model)}\n\nNothing was fetched yet. --yes fetches it.` }
  }
  const request = { id: model.id, revision: model.revision, precision: chosen, encoder: args.text('name') }
  const { encoder: id } = resultOf(await finish(context, client.encoders.fetchModel(request)), 'encoder')
  const encoder = (await client.encoders.list()).find((known) => known.id === id)
  if (encoder === undefined) {
    throw new Error(`the encoder ${id} was added and is not there`)
  }
  return { encoder, text: `Compute with it: vitrine features PROJECT --encoder ${id}` }
}

/** The one that was asked for, else the first on offer: as trained, where that is there. */
function choosePrecision({ id, precisions }: HubModel, wanted: Precision | undefined): Precision {
  const offered = precisions.map(({ precision: name }) => name)
  const [first] = offered
  if (first === undefined || (wanted !== undefined && !offered.includes(wanted))) {
    throw new UsageError(`--precision: ${id} has ${offered.join(', ')}`)
  }
  return wanted ?? first
}

function describeModel({ name, id, host, revision, licence, precisions }: HubModel): string {
  const conversion = id === name ? '' : ` (it has no ONNX files itself; this is a conversion of it)`
  return [
    `${id}${conversion}, at ${host}`,
    `licence: ${licence ?? 'its page says none'}`,
    `revision: ${revision}`,
    '',
    table(
      ['precision', 'to fetch'],
      precisions.map(({ precision: stored, bytes }) => [stored, byteCount(bytes)]),
    ),
  ].join('\n')
}
