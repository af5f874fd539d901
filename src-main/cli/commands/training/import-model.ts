import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelImportReport, ModelImportRequest } from '#contract'
import { resolvePath } from '../../../common/files/paths.ts'
import { someOf } from '../../../common/text.ts'
import { CAPTION_FORMAT_NAMES } from '../../../formats/captions/index.ts'
import type { Command, CommandContext } from '../../command.ts'
import { finish, resultOf } from '../../jobs.ts'
import { evaluationTable } from '../review/shared.ts'
import { openProject } from '../shared.ts'

export const importModel: Command = {
  summary: 'Takes in a model: one that another project exported, or what another system says of the clips.',
  operands: ['PROJECT', 'FILE'],
  options: {
    name: {
      value: 'NAME',
      help: 'what the model is called, such as that of the system (the name of the file)',
    },
    format: { value: 'FORMAT', help: `${CAPTION_FORMAT_NAMES.join(', ')} (told by what the file holds)` },
    columns: {
      value: 'COLUMNS',
      help: 'columns or keys by name or number, where they have other names: clip=video,caption=text,score=p',
    },
    names: {
      value: 'FILE',
      help: 'two names of each clip a line, such as ids of COCO and the clips of the project',
    },
    activations: {
      value: 'PATH',
      help: 'what its neurons do in each clip, [frames, neurons] or [neurons]: a folder of .npy files, or one .safetensors, .npz or HDF5',
    },
    array: { value: 'NAME', help: 'of several arrays of each clip, the one that is meant' },
    'replace-topics': {
      help: 'of an exported model: its topics may take the place of those of the project, where they are others',
    },
    'dry-run': { help: 'say what the import would do, and write nothing' },
  },
  notes:
    'FILE is the folder of an [exported model](export.md#taking-a-model-in), which takes no other options, or has one caption a clip: results of COCO (`[{image_id, caption}]`), CSV or TSV with a header, JSON lines, or another form ' +
    'of [Caption files](captions.md); a column `score` says how sure the system is. The model can’t be run: ' +
    '[Models of other systems](other-models.md) has what can be done with it.',
  json:
    '`{model, sentence, name, captionFormat, captions, splits: {train, val, test}, scored, unmatched, without, activations, notices, ' +
    'details, evaluations, dryRun}`: captions that are of no clip, clips without a caption, and in `details` the lines and names ' +
    'behind the counts; `model` is null with `--dry-run`. Of an exported model `{model, kind, topics, notices}`.',
  async run(context) {
    const { args, client } = context
    const file = args.operand('FILE')
    if (existsSync(join(resolvePath(file), 'config.json'))) {
      return importExported(context, file)
    }
    const request: ModelImportRequest = {
      path: file,
      name: args.text('name') ?? nameOf(file),
      format: args.oneOf('format', CAPTION_FORMAT_NAMES) ?? null,
      columns: args.text('columns') ?? null,
      names: args.text('names') ?? null,
      activations: args.text('activations') ?? null,
      array: args.text('array') ?? null,
    }
    await openProject(context)
    if (args.flag('dry-run')) {
      const job = await finish(context, client.training.previewModelImport(request))
      const { report } = resultOf(job, 'modelPreview')
      return { text: previewText(report), json: { model: null, ...report, evaluations: [], dryRun: true } }
    }
    const { modelId, report } = resultOf(
      await finish(context, client.training.importModel(request)),
      'modelImport',
    )
    return imported(context, modelId, report)
  },
}

/** A model that another project exported. */
async function importExported(context: CommandContext, folder: string) {
  const { args, client } = context
  await openProject(context)
  const replaceTopics = args.flag('replace-topics')
  const job = await finish(context, client.training.importExportedModel({ folder, replaceTopics }))
  const [modelId] = resultOf(job, 'train').modelIds
  const { kind, topics } = await client.training.model({ modelId: modelId! })
  return { text: '', json: { model: modelId, kind, topics: topics.length, notices: job.notices } }
}

/** The file's name without its folder and extension. */
const nameOf = (file: string): string =>
  file
    .replace(/[/\\]+$/, '')
    .replace(/^.*[/\\]/, '')
    .replace(/\.[^.]+$/, '')

async function imported({ client }: CommandContext, modelId: number, report: ModelImportReport) {
  const { evaluations } = await client.training.model({ modelId })
  const name = `model ${modelId} (${report.name})`
  return {
    text: evaluations.map((evaluation) => evaluationTable([{ name, evaluation }])).join('\n\n'),
    json: { model: modelId, ...report, evaluations, dryRun: false },
  }
}

function previewText({ captionFormat, notices, details }: ModelImportReport): string {
  const lists = details.map(({ title, total, lines }) => `${title} (${total}): ${someOf(lines, 10, total)}`)
  return [`The captions were read as ${captionFormat}.`, ...notices, ...lists, 'Nothing was written.'].join(
    '\n',
  )
}
