import type { Job } from '#contract'
import { UsageError } from '../../arguments.ts'
import type { Command, CommandContext } from '../../command.ts'
import { failures } from '../../failures.ts'
import { finish } from '../../jobs.ts'
import { openProject } from '../shared.ts'

export const restart: Command = {
  summary: 'Starts a job again that was interrupted, was cancelled or failed, with its own settings.',
  operands: ['PROJECT', '[JOB]'],
  options: {},
  notes:
    'JOB is its number in `vitrine jobs`; without it the latest that was interrupted, else the latest that ended ' +
    'early in another way. A training goes on from its last checkpoint.',
  json: '`{job, kind, title, summary, result}`; `result` as in `vitrine jobs`.',
  async run(context) {
    const { client } = context
    const chosen = jobOperand(context)
    await openProject(context)
    const jobId = chosen ?? latest(await client.jobs.list())
    const { id, kind, title, summary, result } = await finish(context, client.jobs.restart({ jobId }))
    return { text: '', json: { job: id, kind, title, summary, result } }
  },
}

function jobOperand({ args }: CommandContext): number | null {
  const text = args.optionalOperand('JOB')
  if (text === null) {
    return null
  }
  if (!/^\d+$/.test(text)) {
    throw new UsageError(`JOB is a number, not "${text}"`)
  }
  return Number(text)
}

function latest(jobs: readonly Job[]): number {
  const restartable = jobs.filter((job) => 'restartable' in job && job.restartable)
  const job = restartable.find(({ state }) => state === 'interrupted') ?? restartable[0]
  if (job === undefined) {
    throw failures.nothingToRestart()
  }
  return job.id
}
