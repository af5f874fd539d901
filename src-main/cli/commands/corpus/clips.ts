import { clipQuery } from '#contract'
import type { ClipRow } from '#contract'
import { UsageError } from '../../arguments.ts'
import type { Command } from '../../command.ts'
import { fixed, table } from '../../table.ts'
import { openProject } from '../shared.ts'

const SPLITS = clipQuery.shape.split.unwrap().unwrap().options
/** Clips that main gives at once. */
const PAGE = 500

export const clips: Command = {
  summary: 'Lists clips by name: what they are, and how many captions they have.',
  operands: ['PROJECT'],
  options: {
    split: { value: 'SPLIT', help: 'train, val or test (all)' },
    search: { value: 'TEXT', help: 'only clips with this text in their name or captions' },
    tag: { value: 'TAG', help: 'only clips with this tag' },
    removed: { help: 'those that were removed, in place of those that are there' },
    limit: { value: 'N', help: 'clips shown (50)' },
  },
  json:
    '`{total, clips: [{id, video, split, kind, duration, start, end, captions, hasFeatures, problem, tags}]}`: `kind` is video, picture ' +
    'or frames, and `start` and `end` are the seconds of a part in its video.',
  async run(context) {
    const { args, client } = context
    const limit = args.integer('limit') ?? 50
    if (limit < 1) {
      throw new UsageError(`--limit is at least 1, not ${limit}`)
    }
    const query = {
      split: args.oneOf('split', SPLITS) ?? null,
      search: args.text('search') ?? '',
      removed: args.flag('removed'),
      where: { tag: args.text('tag') ?? null },
    }
    await openProject(context)
    const rows: ClipRow[] = []
    let total = Infinity
    while (rows.length < Math.min(limit, total)) {
      const page = await client.corpus.clips({
        ...query,
        offset: rows.length,
        limit: Math.min(PAGE, limit - rows.length),
      })
      rows.push(...page.rows)
      total = page.rows.length === 0 ? rows.length : page.total
    }
    return {
      text: `${clipTable(rows)}\n\n${rows.length} of ${total} clips.`,
      json: { total, clips: rows.map(clipJson) },
    }
  },
}

const clipTable = (rows: readonly ClipRow[]): string =>
  table(
    ['id', 'clip', 'split', 'kind', 'seconds', 'captions', 'features', 'problem'],
    rows.map((row) => [
      String(row.id),
      row.name,
      row.split,
      kindOf(row),
      row.duration === null ? '' : fixed(row.duration, 2),
      String(row.captionCount),
      row.hasFeatures ? 'yes' : 'no',
      row.problem,
    ]),
  )

const kindOf = ({ kind, start, end }: ClipRow): string =>
  start === null || end === null ? kind : `${kind}, ${start.toFixed(2)}-${end.toFixed(2)} s`

const clipJson = ({
  id,
  name,
  split,
  kind,
  duration,
  start,
  end,
  captionCount,
  hasFeatures,
  problem,
  tags,
}: ClipRow) => ({
  id,
  video: name,
  split,
  kind,
  duration,
  start,
  end,
  captions: captionCount,
  hasFeatures,
  problem,
  tags,
})
