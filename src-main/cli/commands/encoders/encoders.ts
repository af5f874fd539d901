import { encoderPreset, frameFilter, frameFit, precision } from '#contract'
import type {
  Encoder,
  EncoderChoices,
  EncoderDownload,
  EncoderDraft,
  EncoderInput,
  EncoderTest,
} from '#contract'
import { byteCount } from '../../../common/text.ts'
import type { Arguments } from '../../arguments.ts'
import { UsageError } from '../../arguments.ts'
import type { Command, CommandContext, Option, Result } from '../../command.ts'
import { finish } from '../../jobs.ts'
import { fixed, table } from '../../table.ts'
import { openProject } from '../shared.ts'
import { addFromHub, HUB_OPTIONS, isHubName } from './hub.ts'

const LAYOUTS = ['NCHW', 'NHWC', 'NTCHW', 'NCTHW', 'NTHWC'] as const

const ADD_OPTIONS: Readonly<Record<string, Option>> = {
  name: { value: 'ID', help: 'what it is called from then on (after the file)' },
  title: { value: 'TEXT', help: 'what people read of it (the name of the file)' },
  licence: {
    value: 'TEXT',
    help: 'the licence of the network, such as Apache-2.0; of a file, has to be given',
  },
  preset: {
    value: encoderPreset.options.join('|'),
    help: 'how frames are put into it (imagenet; of bytes, raw)',
  },
  outputs: { value: 'A,B', help: 'outputs that make the features, in this order (chosen by name and shape)' },
  pooling: {
    value: 'mean|max|first',
    help: 'of maps and sequences: mean, maximum, or the first token (by the preset)',
  },
  channels: { value: 'RGB|BGR', help: 'order of the colours (RGB)' },
  scale: { value: 'X', help: 'the network sees (byte * scale - mean) / deviation (by the preset)' },
  mean: { value: 'R,G,B', help: 'the same; in the order of the colours' },
  deviation: { value: 'R,G,B', help: 'the same' },
  fit: { value: frameFit.options.join('|'), help: 'what becomes of frames of another shape (by the preset)' },
  margin: {
    value: 'N',
    help: 'pixels more that frames are scaled to before their middle is taken (by the preset)',
  },
  filter: { value: frameFilter.options.join('|'), help: 'how frames are scaled (bicubic)' },
  size: { value: 'N|WxH', help: 'pixels, where the file leaves them open (224)' },
  layout: { value: LAYOUTS.join('|'), help: 'where the file leaves it open; T: the frames of a stack' },
  stack: { value: 'N', help: 'frames of a stack, of a clip encoder whose file leaves it open (16)' },
  stride: { value: 'N', help: 'from one frame of a stack to the next, frames of the clip (1)' },
  precision: { value: precision.options.join('|'), help: 'of a model: which of its networks (fp32)' },
  revision: { value: 'COMMIT', help: 'of a model of the hub: a branch, tag or commit (main)' },
  yes: { help: 'of a model of the hub: fetch it; without, what there is to fetch is said' },
  'dry-run': { help: 'say what was read of the file, and add nothing' },
}

type Action = (context: CommandContext) => Promise<Result>
const ACTIONS: Readonly<Record<string, Action>> = { list, add, test, remove, discard }

export const encoders: Command = {
  summary:
    'Frame encoders of all your projects: lists them, adds an ONNX file, a folder or a model of the Hugging Face hub, tries one, takes one away.',
  operands: ['[ACTION]', '[ENCODER]', '[PROJECT]'],
  options: ADD_OPTIONS,
  more: [
    'actions:',
    '  list                  (without an action)',
    '  add FILE              reads an ONNX file and copies it among your encoders; options say what is not in it',
    '  add FOLDER            the same of a folder as the Hugging Face hub has them: it says itself how it is fed',
    '  add OWNER/NAME        a model of the hub: says its licence and size; with --yes, fetches it',
    '  test NAME [PROJECT]   its speed on each device; on clips of a project, what it sees and takes for alike',
    '  remove NAME           features that it computed stay',
    '  discard NAME          what was fetched of a model in part (goes by itself when one is fetched a week later)',
  ],
  notes: 'What can be added, and what the presets mean: [frame encoders](encoders.md).',
  json:
    '`{encoders: [{name, title, source, licence, size, builtIn, input, grids, speed, framesPerSecond, problem}], ' +
    'downloads: [{name, model, precision, bytes, changedAt, isFetched}]}`, `size` in bytes; of `add` ' +
    '`{encoder}`, with `--dry-run` `{draft}`, of a model of the hub without `--yes` `{model}`; of `test` `{dimension, devices: [{device, frameMs, reason}], clips, ' +
    'neighbours: [{clip, nearest: [{clip, likeness}]}], picture}`.',
  async run(context) {
    const name = context.args.optionalOperand('ACTION') ?? 'list'
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
    if (action === undefined) {
      throw new UsageError(`there is no action "${name}"; there are ${Object.keys(ACTIONS).join(', ')}`)
    }
    const stranger = Object.keys(ADD_OPTIONS).find((option) => context.args.has(option) && name !== 'add')
    if (stranger !== undefined) {
      throw new UsageError(`--${stranger} does not go with ${name}`)
    }
    return action(context)
  },
}

async function list({ client }: CommandContext): Promise<Result> {
  const all = await client.encoders.list()
  const downloads = await client.encoders.downloads()
  const lists = [
    table(
      ['encoder', 'title', 'licence', 'frames', 'values', 'on disk', 'ms a frame', ''],
      all.map((encoder) => [
        encoder.id,
        encoder.title,
        encoder.licence,
        encoder.input && `${encoder.input.width}x${encoder.input.height}`,
        valuesOf(encoder),
        encoder.bytes === 0 ? null : byteCount(encoder.bytes),
        encoder.speed && `${encoder.speed.frameMs.toFixed(1)} (${encoder.speed.device})`,
        encoder.problem ?? (encoder.builtIn ? 'comes with Vitrine' : encoder.source),
      ]),
    ),
    ...(downloads.length > 0 ? [listOf(downloads)] : []),
  ]
  return { text: lists.join('\n\n'), json: { encoders: all.map(named), downloads } }
}

const listOf = (downloads: readonly EncoderDownload[]): string =>
  table(
    ['fetched in part', 'model', 'precision', 'on disk', 'last came', ''],
    downloads.map(({ name, model, precision: stored, bytes, changedAt, isFetched }) => [
      name,
      model,
      stored,
      byteCount(bytes),
      changedAt.slice(0, 10),
      isFetched ? 'is being fetched' : '',
    ]),
  )

/** Scripts know an encoder by its name, and its size in bytes. */
const named = ({ id, bytes, ...encoder }: Encoder) => ({
  name: id,
  ...encoder,
  size: bytes,
  framesPerSecond: encoder.speed === null ? null : 1000 / encoder.speed.frameMs,
})

/** `320`; with a grid to choose from `320, grid 2: 1,600`. */
const valuesOf = ({ grids }: Pick<Encoder, 'grids'>): string =>
  grids
    .map(({ grid, dimension }) => (grid === 1 ? '' : `grid ${grid}: `) + dimension.toLocaleString('en'))
    .join(', ')

async function add(context: CommandContext): Promise<Result> {
  const { args, client } = context
  const path = args.optionalOperand('ENCODER')
  if (path === null) {
    throw new UsageError('add takes the FILE of a network, the FOLDER of a model, or OWNER/NAME of the hub')
  }
  if (isHubName(path)) {
    return fromHub(context, path)
  }
  const choices = choicesOf(args)
  const draft = await client.encoders.inspect({ path, choices })
  if (args.flag('dry-run')) {
    return { text: describeDraft(draft), json: { draft } }
  }
  const licence = args.text('licence') ?? draft.licence
  if (licence === null) {
    throw new UsageError(
      '--licence is missing: say under which licence the network is, or that it is not known',
    )
  }
  const encoder = await client.encoders.add({
    path,
    choices,
    licence,
    id: args.text('name') ?? draft.id,
    title: args.text('title'),
  })
  return {
    text: `${describeDraft(draft)}\n\nAdded as ${encoder.id}. Compute with it: vitrine features PROJECT --encoder ${encoder.id}`,
    json: { encoder: named(encoder) },
  }
}

async function fromHub(context: CommandContext, name: string): Promise<Result> {
  const other = Object.keys(ADD_OPTIONS).find(
    (option) => context.args.has(option) && !HUB_OPTIONS.has(option),
  )
  if (other !== undefined) {
    throw new UsageError(`--${other} does not go with a model of the hub, which says that itself`)
  }
  const { text, ...added } = await addFromHub(context, name)
  return { text, json: 'encoder' in added ? { encoder: named(added.encoder) } : added }
}

async function test(context: CommandContext): Promise<Result> {
  const { args, client } = context
  const id = encoderName(args, 'test')
  if (args.optionalOperand('PROJECT') !== null) {
    await openProject(context)
  }
  await finish(context, client.encoders.test({ id }))
  const tried = await client.encoders.lastTest({ id })
  if (tried === null) {
    throw new Error(`the test of ${id} left nothing behind`)
  }
  const { pictureUrl: _, ...result } = tried
  return { text: describeTest(result), json: result }
}

function describeTest({ dimension, devices, neighbours, picture }: EncoderTest): string {
  const speeds = table(
    ['device', 'ms a frame', ''],
    devices.map(({ device, frameMs, reason }) => [device, fixed(frameMs, 2), reason ?? '']),
  )
  const alike = table(
    ['clip', 'alike'],
    neighbours.map(({ clip, nearest }) => [
      clip,
      nearest.map((other) => `${other.clip} (${other.likeness.toFixed(2)})`).join(', '),
    ]),
  )
  return [
    `${dimension.toLocaleString('en')} values a frame`,
    speeds,
    ...(neighbours.length > 0 ? [alike] : []),
    ...(picture === null ? [] : [`Frames as the network gets them: ${picture}`]),
  ].join('\n\n')
}

function encoderName(args: Arguments, action: string): string {
  const id = args.optionalOperand('ENCODER')
  if (id === null) {
    throw new UsageError(`${action} takes the NAME of an encoder`)
  }
  return id
}

async function discard({ args, client }: CommandContext): Promise<Result> {
  const name = args.optionalOperand('ENCODER')
  if (name === null) {
    throw new UsageError('discard takes the NAME of what was fetched in part, as the list has it')
  }
  await client.encoders.removeDownload({ name })
  return { text: `Discarded ${name}.`, json: { discarded: name } }
}

async function remove({ args, client }: CommandContext): Promise<Result> {
  const id = encoderName(args, 'remove')
  await client.encoders.remove({ id })
  return { text: `Removed ${id}. Features that it computed stay.`, json: { removed: id } }
}

function describeDraft({ files, input, outputs, preset, grids }: EncoderDraft): string {
  const [main, ...weights] = files
  const more = weights.length === 0 ? '' : ` with ${weights.map(({ file }) => file).join(', ')}`
  const inputText = `${input.name}: ${input.type}, ${layoutOf(input)}, ${input.width}x${input.height}`
  const stack =
    input.stack === undefined ? '' : `, stacks of ${input.stack.length} frames, ${input.stack.stride} apart`
  const batch = input.batch === null ? '' : `, always ${input.batch} at a time`
  const rows = outputs.map(({ name, type, shape, form, chosen }) => [
    name,
    `${type} [${shape.join(', ')}]`,
    form ?? 'of no use',
    chosen ? 'yes' : '',
  ])
  return [
    `${main?.file ?? ''}, ${byteCount(main?.bytes ?? 0)}${more}`,
    `input ${inputText}${stack}${batch}`,
    `${preset === null ? 'as the model says' : `preset ${preset}`}: ${input.channels}, (byte - mean) / deviation, ${input.fit}, margin ${input.margin}, ${input.filter ?? 'bicubic'}`,
    '',
    table(
      ['', ...(input.channels === 'RGB' ? ['red', 'green', 'blue'] : ['blue', 'green', 'red'])],
      [
        ['mean', ...input.mean.map((value) => fixed(value, 2))],
        ['deviation', ...input.deviation.map((value) => fixed(value, 2))],
      ],
    ),
    '',
    table(['output', 'shape', 'form', 'features'], rows),
    '',
    `Values a frame: ${valuesOf({ grids })}`,
  ].join('\n')
}

function layoutOf({ layout, stack }: EncoderInput): (typeof LAYOUTS)[number] {
  if (stack === undefined) {
    return layout
  }
  const framesFirst = layout === 'NCHW' ? 'NTCHW' : 'NTHWC'
  return stack.channelsFirst ? 'NCTHW' : framesFirst
}

function choicesOf(args: Arguments): EncoderChoices {
  return {
    preset: args.oneOf('preset', encoderPreset.options),
    channels: args.oneOf('channels', ['RGB', 'BGR']),
    scale: args.number('scale'),
    mean: threeNumbers(args, 'mean'),
    deviation: threeNumbers(args, 'deviation'),
    fit: args.oneOf('fit', frameFit.options),
    margin: args.integer('margin'),
    ...sizeOf(args),
    filter: args.oneOf('filter', frameFilter.options),
    layout: args.oneOf('layout', LAYOUTS),
    stack: args.integer('stack'),
    stride: args.integer('stride'),
    precision: args.oneOf('precision', precision.options),
    outputs: args
      .text('outputs')
      ?.split(',')
      .map((name) => name.trim()),
    pooling: args.oneOf('pooling', ['mean', 'max', 'first']),
  }
}

function threeNumbers(args: Arguments, option: string): [number, number, number] | undefined {
  const text = args.text(option)
  if (text === undefined) {
    return undefined
  }
  const [red, green, blue, ...more] = text.split(',').map(Number)
  if (
    red === undefined ||
    green === undefined ||
    blue === undefined ||
    more.length > 0 ||
    isNaN(red + green + blue)
  ) {
    throw new UsageError(`--${option} takes three numbers, such as 0.5,0.5,0.5, not "${text}"`)
  }
  return [red, green, blue]
}

/** `224`, or `398x224`. */
function sizeOf(args: Arguments): Pick<EncoderChoices, 'width' | 'height'> {
  const text = args.text('size')
  if (text === undefined) {
    return {}
  }
  const [, width, height = width] = /^(\d+)(?:x(\d+))?$/.exec(text) ?? []
  if (width === undefined) {
    throw new UsageError(`--size takes pixels, such as 224 or 398x224, not "${text}"`)
  }
  return { width: Number(width), height: Number(height) }
}
