import { captionQuery, verdict } from '../../contract/index.ts'
import { UsageError } from '../command.ts'
import type { Command } from '../command.ts'
import { chosenModel, openProject } from '../jobs.ts'
import { fixed, table } from '../table.ts'

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
    verdict: { value: 'VERDICT', help: `only captions with it: ${captionQuery.shape.verdict.unwrap().options.join(', ')} (any)` },
    search: { value: 'TEXT', help: 'only captions and clips with this text' },
    limit: { value: 'N', help: 'captions shown (50)' },
  },
  async run(context) {
    const { args, services } = context
    const shape = captionQuery.shape
    const [split, order, judged] = [args.oneOf('split', shape.split.unwrap().options), args.oneOf('order', shape.order.unwrap().options), args.oneOf('verdict', shape.verdict.unwrap().options)]
    const [limit, otherModel] = [args.integer('limit') ?? 50, args.integer('other-model') ?? null]
    await openProject(context)
    const modelId = chosenModel(context)
    const model = { id: modelId, topics: services.training.topics(modelId) }
    const topic = args.text('topic')
    const rows = services.captions.list({
      modelId, split, order, verdict: judged, otherModel, onlyDifferent: args.flag('different'), search: args.text('search'),
      topicId: topic === undefined ? null : services.topics.find(model, topic),
    })
    const shown = rows.slice(0, limit)
    return {
      text: `${table(['clip', 'risk', 'likelihood', 'topics', 'people', 'verdict', 'caption', ...(otherModel === null ? [] : [`model ${otherModel}`])], shown.map((row) => [
        row.clip, fixed(row.risk, 2), fixed(row.parts.likelihood, 2), fixed(row.parts.topics, 2), fixed(row.parts.people, 2), row.verdict, row.caption, ...(otherModel === null ? [] : [row.other]),
      ]))}\n\n${shown.length} of ${rows.length} captions.`,
      json: { model: modelId, total: rows.length, captions: shown.map(({ clip, thumbnailUrl: _, clipId: __, ...row }) => ({ video: clip, ...row })) },
    }
  },
}

export const judge: Command = {
  summary: 'Says of a model\'s caption whether it is right; none takes the verdict back.',
  operands: ['PROJECT'],
  options: {
    video: { value: 'NAME', multiple: true, help: 'a clip, by name or id' },
    model: { value: 'ID', help: 'the model (the current one)' },
    verdict: { value: 'VERDICT', help: `${verdict.options.join(', ')}, none` },
  },
  async run(context) {
    const { args, services } = context
    const said = args.oneOf('verdict', [...verdict.options, 'none'])
    const videos = args.list('video')
    if (said === undefined) throw new UsageError('--verdict is missing')
    if (videos.length === 0) throw new UsageError('--video is missing')
    await openProject(context)
    const modelId = chosenModel(context)
    const clips = videos.map((video) => services.corpus.find(video))
    services.captions.judge(modelId, clips.map(({ id }) => id), said === 'none' ? null : said)
    return { text: '', json: { model: modelId, videos: clips.map(({ name }) => name), verdict: said === 'none' ? null : said } }
  },
}

export const note: Command = {
  summary: 'Puts a note on a clip; an empty one takes it away.',
  operands: ['PROJECT', 'TEXT'],
  options: { video: { value: 'NAME', help: 'the clip, by name or id' } },
  async run(context) {
    const { args, services } = context
    const video = args.required('video')
    await openProject(context)
    const clip = services.corpus.find(video)
    services.captions.note(clip.id, args.operand('TEXT').trim())
    return { text: '', json: { video: clip.name, note: args.operand('TEXT').trim() } }
  },
}

export const addCaption: Command = {
  summary: 'Adds a human caption to a clip.',
  operands: ['PROJECT', 'TEXT'],
  options: { video: { value: 'NAME', help: 'the clip, by name or id' } },
  async run(context) {
    const { args, services } = context
    const video = args.required('video')
    const text = args.operand('TEXT').trim()
    if (text === '') throw new UsageError('TEXT is empty')
    await openProject(context)
    const clip = services.corpus.find(video)
    services.captions.add(clip.id, text)
    return { text: '', json: { video: clip.name, captions: services.corpus.detail(clip.id).captions.map((own) => own.text) } }
  },
}
