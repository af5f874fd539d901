/** What commands of every noun begin or end with. */
import type { ProjectSummary } from '#contract'
import { byteCount } from '../../common/text.ts'
import type { CommandContext, Option } from '../command.ts'
import { failures } from '../failures.ts'

/** The option that `chosenModel` reads. */
export const MODEL_OPTION: Option = { value: 'ID', help: 'the model (the current one)' }

export const NOTHING_CHANGED = 'Nothing changed.'

/** Opens the project that the operand PROJECT names. */
export function openProject({ client, args }: CommandContext): Promise<ProjectSummary> {
  return client.project.open({ path: args.operand('PROJECT') })
}

/** The model that `--model` names, else the current one. Throws NOT_READY when there is none. */
export async function chosenModel({ client, args }: CommandContext): Promise<number> {
  const model = args.integer('model') ?? (await client.project.summary())?.currentModel ?? null
  if (model === null) {
    throw failures.noModel()
  }
  return model
}

/** Says what a stage will need on the disk, before it begins. */
export async function sayNeed(
  { client, terminal }: CommandContext,
  planned: Parameters<CommandContext['client']['storage']['need']>[0],
): Promise<void> {
  const { needed, free } = await client.storage.need(planned)
  terminal.say(
    `This may take up to ${byteCount(needed)} of the ${byteCount(free)} that are free on the disk.`,
  )
}

/** Does what may be an edit: what it came to, and the edit in the words of the history, null without one. */
export async function recordedEdit<Outcome>(
  { client }: CommandContext,
  work: () => Promise<Outcome>,
): Promise<{ edit: string | null; outcome: Outcome }> {
  const latestEdit = async () => (await client.project.history({ offset: 0, limit: 1 })).edits[0]
  const before = await latestEdit()
  const outcome = await work()
  const after = await latestEdit()
  return { edit: after !== undefined && after.id !== before?.id ? after.label : null, outcome }
}
