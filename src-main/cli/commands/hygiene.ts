import { findingKind } from '#contract'
import type { FindingDecision } from '#contract'
import { UsageError } from '../command.ts'
import type { Arguments, Command } from '../command.ts'
import { finish, openProject } from '../jobs.ts'
import { fixed, table } from '../table.ts'

export const checkCaptions: Command = {
  summary: 'Looks for captions that may be wrong, the likeliest first; or decides of what was found.',
  operands: ['PROJECT'],
  options: {
    kind: { value: 'KIND', help: `only show: ${findingKind.options.join(', ')}` },
    limit: { value: 'N', help: 'findings shown, at most 200 (50)' },
    accept: {
      value: 'ID,ID',
      multiple: true,
      help: 'the captions of these findings are fine: nothing is checked',
    },
    drop: { value: 'ID,ID', multiple: true, help: 'remove the captions of these findings' },
    fix: { value: 'ID=TEXT', multiple: true, help: "put another text in the caption's place" },
    decided: { help: 'show what was decided, in place of what is open' },
  },
  async run(context) {
    const { args, client } = context
    const [kind, limit, decisions] = [
      args.oneOf('kind', findingKind.options) ?? null,
      args.integer('limit') ?? 50,
      decisionsOf(args),
    ]
    if (limit < 1 || limit > 200) {
      throw new UsageError(`--limit is 1 to 200, not ${limit}`)
    }
    await openProject(context)
    for (const decision of decisions) {
      client.corpus.decide(decision)
    }
    if (decisions.length === 0 && !args.flag('decided')) {
      await finish(context, client.corpus.checkCaptions())
    }
    const page = client.corpus.findings({ kind, limit, state: args.flag('decided') ? 'decided' : 'open' })
    return {
      text: table(
        ['id', 'kind', 'clip', 'caption', 'why', 'instead', 'score'],
        page.rows.map(({ id, kind: own, clip, caption, reason, suggestion, score }) => [
          String(id),
          own,
          clip,
          caption?.text ?? null,
          reason,
          suggestion,
          fixed(score, 2),
        ]),
      ),
      json: {
        checkedAt: page.checkedAt,
        total: page.total,
        open: page.open,
        findings: page.rows.map(({ id, kind: own, clip, caption, reason, suggestion, score, state }) => ({
          id,
          kind: own,
          video: clip,
          caption: caption?.text ?? null,
          reason,
          suggestion,
          score,
          state,
        })),
      },
    }
  },
}

function decisionsOf(args: Arguments): FindingDecision[] {
  const ids = (option: string): number[] =>
    args
      .list(option)
      .flatMap((list) => list.split(','))
      .map((text) => {
        const id = Number(text)
        if (text.trim() === '' || !Number.isInteger(id)) {
          throw new UsageError(`--${option} takes ids of findings, not "${text}"`)
        }
        return id
      })
  const [accepted, dropped] = [ids('accept'), ids('drop')]
  const fixes = args.list('fix').map((text): FindingDecision => {
    const at = text.indexOf('=')
    const findingId = Number(text.slice(0, at))
    if (at < 1 || !Number.isInteger(findingId) || text.slice(at + 1).trim() === '') {
      throw new UsageError(`--fix takes ID=TEXT, not "${text}"`)
    }
    return { decision: 'fix', findingId, text: text.slice(at + 1) }
  })
  return [
    ...(accepted.length > 0 ? [{ decision: 'accept' as const, findingIds: accepted }] : []),
    ...fixes,
    ...(dropped.length > 0 ? [{ decision: 'drop' as const, findingIds: dropped }] : []),
  ]
}
