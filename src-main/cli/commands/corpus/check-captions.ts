import { findingKind } from '#contract'
import type { Finding, FindingDecision } from '#contract'
import type { Arguments } from '../../arguments.ts'
import { UsageError } from '../../arguments.ts'
import type { Command } from '../../command.ts'
import { finish } from '../../jobs.ts'
import { fixed, table } from '../../table.ts'
import { openProject } from '../shared.ts'

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
  notes:
    'With `--accept`, `--fix` or `--drop` nothing is checked anew. What is looked for: ' +
    '[checking captions](checks.md).',
  json:
    '`{checkedAt, total, open: {contradiction, duplicate, typo, single, language}, ' +
    'findings: [{id, kind, video, caption, reason, suggestion, score, state}]}`.',
  async run(context) {
    const { args, client } = context
    const kind = args.oneOf('kind', findingKind.options) ?? null
    const limit = args.integer('limit') ?? 50
    const decisions = decisionsOf(args)
    if (limit < 1 || limit > 200) {
      throw new UsageError(`--limit is 1 to 200, not ${limit}`)
    }
    await openProject(context)
    for (const decision of decisions) {
      await client.corpus.decide(decision)
    }
    if (decisions.length === 0 && !args.flag('decided')) {
      await finish(context, client.corpus.checkCaptions())
    }
    const state = args.flag('decided') ? 'decided' : 'open'
    const { checkedAt, total, open, rows } = await client.corpus.findings({ kind, limit, state })
    return {
      text: table(
        ['id', 'kind', 'clip', 'caption', 'why', 'instead', 'score'],
        rows.map((finding) => [
          String(finding.id),
          finding.kind,
          finding.clip,
          finding.caption?.text ?? null,
          finding.reason,
          finding.suggestion,
          fixed(finding.score, 2),
        ]),
      ),
      json: { checkedAt, total, open, findings: rows.map(findingJson) },
    }
  },
}

const findingJson = ({ id, kind, clip, caption, reason, suggestion, score, state }: Finding) => ({
  id,
  kind,
  video: clip,
  caption: caption?.text ?? null,
  reason,
  suggestion,
  score,
  state,
})

/** What the options decide of findings: accepted first, dropped last. */
function decisionsOf(args: Arguments): FindingDecision[] {
  const accepted = findingIds(args, 'accept')
  const dropped = findingIds(args, 'drop')
  const fixes = args.list('fix').map(fixOf)
  return [
    ...(accepted.length > 0 ? [{ decision: 'accept' as const, findingIds: accepted }] : []),
    ...fixes,
    ...(dropped.length > 0 ? [{ decision: 'drop' as const, findingIds: dropped }] : []),
  ]
}

function findingIds(args: Arguments, option: string): number[] {
  const texts = args.list(option).flatMap((list) => list.split(','))
  return texts.map((text) => {
    const id = Number(text)
    if (text.trim() === '' || !Number.isInteger(id)) {
      throw new UsageError(`--${option} takes ids of findings, not "${text}"`)
    }
    return id
  })
}

/** `ID=TEXT`. */
function fixOf(assignment: string): FindingDecision {
  const equalsSign = assignment.indexOf('=')
  const findingId = Number(assignment.slice(0, equalsSign))
  const text = assignment.slice(equalsSign + 1)
  if (equalsSign < 1 || !Number.isInteger(findingId) || text.trim() === '') {
    throw new UsageError(`--fix takes ID=TEXT, not "${assignment}"`)
  }
  return { decision: 'fix', findingId, text }
}
