import type { Job } from '#contract'
import { UsageError } from '../../arguments.ts'
import type { Command } from '../../command.ts'
import { table } from '../../table.ts'
import { openProject } from '../shared.ts'

const SHOWN = 20

export const jobs: Command = {
  summary:
    'Lists the jobs of the project, the latest first: what runs, in this or another program, and how others ended.',
  operands: ['PROJECT'],
  options: { limit: { value: 'N', help: `jobs shown, at most 100 (${SHOWN})` } },
  notes:
    '`interrupted`: the program ended while the job ran. Where `restart` is said, `vitrine restart` starts it again ' +
    'with its own settings: [jobs that ended early](projects.md#jobs-that-ended-early).',
  json:
    '`{jobs: [{id, kind, title, state, ...}]}`; by state also `startedAt`, `endedAt`, `summary`, `result`, `notices`, ' +
    '`failure`, `elsewhere` (another program works on it) and `restartable`.',
  async run(context) {
    const { args, client } = context
    const limit = args.integer('limit') ?? SHOWN
    if (limit < 1 || limit > 100) {
      throw new UsageError(`--limit is 1 to 100, not ${limit}`)
    }
    await openProject(context)
    const listed = (await client.jobs.list()).slice(0, limit)
    return {
      text: table(
        ['job', 'kind', 'state', 'title', 'ended', ''],
        listed.map((job) => [
          String(job.id),
          job.kind,
          job.state,
          job.title,
          'endedAt' in job ? job.endedAt : '',
          remark(job),
        ]),
      ),
      json: { jobs: listed },
    }
  },
}

/** What there is to know of a job beside its state. */
function remark(job: Job): string {
  switch (job.state) {
    case 'queued':
    case 'running':
      return 'in another program'
    case 'done':
      return job.summary
    case 'failed':
      return job.restartable ? `restart; ${job.failure.message}` : job.failure.message
    case 'cancelled':
    case 'interrupted':
      return job.restartable ? 'restart' : ''
  }
}
