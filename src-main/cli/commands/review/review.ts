import { captionQuery } from '#contract'
import type { CaptionRow } from '#contract'
import { UsageError } from '../../arguments.ts'
import type { Command } from '../../command.ts'
import { fixed, table } from '../../table.ts'
import { chosenModel, MODEL_OPTION, openProject } from '../shared.ts'

const SPLITS = captionQuery.shape.split.unwrap().options
const ORDERS = captionQuery.shape.order.unwrap().options
const VERDICTS = captionQuery.shape.verdict.unwrap().options

export const review: Command = {
  summary: 'Lists captions, those that are probably wrong first, with what makes them so.',
  operands: ['PROJECT'],
  options: {
    model: MODEL_OPTION,
    split: { value: 'SPLIT', help: 'train, val or test (val)' },
    order: { value: 'ORDER', help: `${ORDERS.join(', ')} (risk)` },
    'other-model': { value: 'ID', help: 'another model, whose captions are laid beside' },
    different: { help: 'only captions where the two models differ' },
    topic: { value: 'ID', help: 'only captions that miss this topic or wrongly name it, by id or label' },
    verdict: { value: 'VERDICT', help: `only captions with it: ${VERDICTS.join(', ')} (any)` },
    person: { value: 'NAME', help: 'whose verdicts count (yours)' },
    tag: { value: 'TAG', help: 'only captions of clips with this tag' },
    search: { value: 'TEXT', help: 'only captions and clips with this text' },
    limit: { value: 'N', help: 'captions shown (50)' },
  },
  json:
    '`{model, total, captions: [{video, split, caption, logProbability, score, cider, risk, parts, missing, unsupported, ' +
    'verdict, former, others: [{who, verdict}], noted, other}]}`.',
  async run(context) {
    const { args, client } = context
    const otherModel = args.integer('other-model') ?? null
    const query = {
      split: args.oneOf('split', SPLITS),
      order: args.oneOf('order', ORDERS),
      verdict: args.oneOf('verdict', VERDICTS),
      otherModel,
      onlyDifferent: args.flag('different'),
      search: args.text('search'),
      person: args.text('person') ?? null,
      where: { tag: args.text('tag') ?? null },
    }
    const limit = args.integer('limit') ?? 50
    if (limit < 1) {
      throw new UsageError(`--limit is at least 1, not ${limit}`)
    }
    if (query.onlyDifferent && otherModel === null) {
      throw new UsageError('--different goes with --other-model')
    }
    await openProject(context)
    const modelId = await chosenModel(context)
    const topic = args.text('topic')
    const topicId = topic === undefined ? null : (await client.training.findTopic({ modelId, topic })).topicId
    const { total, rows } = await client.review.list({ ...query, modelId, topicId, limit })
    return {
      text: `${captionTable(rows, otherModel)}\n\n${rows.length} of ${total} captions.`,
      json: { model: modelId, total, captions: rows.map(captionJson) },
    }
  },
}

/** Captions with the parts of their risk; of two models, side by side. */
function captionTable(rows: readonly CaptionRow[], otherModel: number | null): string {
  const parts = (['likelihood', 'topics', 'people', 'models'] as const).filter(
    (part) => part !== 'models' || otherModel !== null,
  )
  const header = ['clip', 'risk', ...parts, 'verdict', 'caption']
  return table(
    otherModel === null ? header : [...header, `model ${otherModel}`],
    rows.map((row) => [
      row.clip,
      fixed(row.risk, 2),
      ...parts.map((part) => fixed(row.parts[part], 2)),
      row.verdict,
      row.caption,
      ...(otherModel === null ? [] : [row.other]),
    ]),
  )
}

const captionJson = ({
  clip,
  thumbnailUrl: _thumbnailUrl,
  videoUrl: _videoUrl,
  start: _start,
  end: _end,
  clipId: _clipId,
  ...row
}: CaptionRow) => ({
  video: clip,
  ...row,
})
