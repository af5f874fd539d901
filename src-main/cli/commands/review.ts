import type * as z from 'zod'
import { captionQuery, captionText, noteText, verdict } from '#contract'
import { UsageError } from '../command.ts'
import type { Arguments, Command } from '../command.ts'
import { chosenModel, edited, openProject } from '../jobs.ts'
import { fixed, table } from '../table.ts'

/** The operand TEXT as a person's words are to be. */
function textOf(args: Arguments, schema: z.ZodType<string>): string {
  const { success, data, error } = schema.safeParse(args.operand('TEXT'))
  if (success) {
    return data
  }
  throw new UsageError(`TEXT: ${error.issues[0]?.message ?? ''}`)
}

const NOTHING = 'Nothing changed.'

export const review: Command = {
  summary: 'Lists captions, those that are probably wrong first, with what makes them so.',
  operands: ['PROJECT'],
  options: {
    model: { value: 'ID', help: 'the model (the current one)' },
    split: { value: 'SPLIT', help: 'train, val or test (test)' },
    order: { value: 'ORDER', help: `${captionQuery.shape.order.unwrap().options.join(', ')} (risk)` },
    'other-model': { value: 'ID', help: 'another model, whose captions are laid beside' },
    different: { help: 'only captions where the two models differ' },
    topic: { value: 'ID', help: 'only captions that miss this topic or wrongly name it, by id or label' },
    verdict: {
      value: 'VERDICT',
      help: `only captions with it: ${captionQuery.shape.verdict.unwrap().options.join(', ')} (any)`,
    },
    search: { value: 'TEXT', help: 'only captions and clips with this text' },
    limit: { value: 'N', help: 'captions shown (50)' },
  },
  async run(context) {
    const { args, client } = context
    const shape = captionQuery.shape
    const [split, order, judged] = [
      args.oneOf('split', shape.split.unwrap().options),
      args.oneOf('order', shape.order.unwrap().options),
      args.oneOf('verdict', shape.verdict.unwrap().options),
    ]
    const [limit, otherModel] = [args.integer('limit') ?? 50, args.integer('other-model') ?? null]
    if (limit < 1) {
      throw new UsageError(`--limit is at least 1, not ${limit}`)
    }
    if (args.flag('different') && otherModel === null) {
      throw new UsageError('--different goes with --other-model')
    }
    await openProject(context)
    const modelId = chosenModel(context)
    const model = { id: modelId, topics: client.training.topics(modelId) }
    const topic = args.text('topic')
    const rows = client.review.list({
      modelId,
      split,
      order,
      verdict: judged,
      otherModel,
      onlyDifferent: args.flag('different'),
      search: args.text('search'),
      topicId: topic === undefined ? null : client.topics.find(model, topic),
    })
    const shown = rows.slice(0, limit)
    const parts = (['likelihood', 'topics', 'people', 'models'] as const).filter(
      (part) => part !== 'models' || otherModel !== null,
    )
    return {
      text: `${table(
        [
          'clip',
          'risk',
          ...parts,
          'verdict',
          'caption',
          ...(otherModel === null ? [] : [`model ${otherModel}`]),
        ],
        shown.map((row) => [
          row.clip,
          fixed(row.risk, 2),
          ...parts.map((part) => fixed(row.parts[part], 2)),
          row.verdict,
          row.caption,
          ...(otherModel === null ? [] : [row.other]),
        ]),
      )}\n\n${shown.length} of ${rows.length} captions.`,
      json: {
        model: modelId,
        total: rows.length,
        captions: shown.map(({ clip, thumbnailUrl: _, clipId: __, ...row }) => ({ video: clip, ...row })),
      },
    }
  },
}

export const judge: Command = {
  summary: "Says of a model's caption whether it is right; none takes the verdict back.",
  operands: ['PROJECT'],
  options: {
    video: { value: 'NAME', multiple: true, help: 'a clip, by name or id' },
    model: { value: 'ID', help: 'the model (the current one)' },
    verdict: { value: 'VERDICT', help: `${verdict.options.join(', ')}, none` },
  },
  async run(context) {
    const { args, client } = context
    const said = args.oneOf('verdict', [...verdict.options, 'none'])
    const videos = args.list('video')
    if (said === undefined) {
      throw new UsageError('--verdict is missing')
    }
    if (videos.length === 0) {
      throw new UsageError('--video is missing')
    }
    await openProject(context)
    const modelId = chosenModel(context)
    const clips = videos.map((video) => client.corpus.find(video))
    const text = await edited(context, () => {
      client.review.judge(
        modelId,
        clips.map(({ id }) => id),
        said === 'none' ? null : said,
      )
    })
    return {
      text: text ?? NOTHING,
      json: { model: modelId, videos: clips.map(({ name }) => name), verdict: said === 'none' ? null : said },
    }
  },
}

export const note: Command = {
  summary: 'Puts a note on a clip; an empty one takes it away.',
  operands: ['PROJECT', 'TEXT'],
  options: { video: { value: 'NAME', help: 'the clip, by name or id' } },
  async run(context) {
    const { args, client } = context
    const [video, said] = [args.required('video'), textOf(args, noteText)]
    await openProject(context)
    const clip = client.corpus.find(video)
    const text = await edited(context, () => {
      client.review.note(clip.id, said)
    })
    return { text: text ?? NOTHING, json: { video: clip.name, note: said } }
  },
}

export const addCaption: Command = {
  summary: 'Adds a human caption to a clip.',
  operands: ['PROJECT', 'TEXT'],
  options: { video: { value: 'NAME', help: 'the clip, by name or id' } },
  async run(context) {
    const { args, client } = context
    const [video, said] = [args.required('video'), textOf(args, captionText)]
    await openProject(context)
    const clip = client.corpus.find(video)
    const text = await edited(context, () => {
      client.corpus.addCaption(clip.id, said)
    })
    return {
      text: text ?? NOTHING,
      json: { video: clip.name, captions: client.corpus.detail(clip.id).captions.map((own) => own.text) },
    }
  },
}
