/** What people said, and what models say, read by the programs that the formats are of. Each needs its Python packages. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CaptionExportFormat } from '#contract'
import { PYTHON, pythonWith } from '../../python.ts'
import { createWorkbench } from '../workbench.ts'
import type { Workbench } from '../workbench.ts'

let bench: Workbench
let folder: string
/** By the names of the clips. */
let captionsByClip: Record<string, string[]>
beforeAll(async () => {
  bench = await createWorkbench()
  await bench.openPrepared('trained')
  folder = await mkdtemp(join(bench.folder, 'out-'))
  const { store } = bench.app.project()
  const texts = store.captions.textsByClip()
  captionsByClip = Object.fromEntries(store.clips.all().map(({ id, name }) => [name, texts.get(id) ?? []]))
})
afterAll(() => bench.close())

async function exported(format: CaptionExportFormat): Promise<string> {
  const to = join(folder, format)
  await bench.finished(await bench.client.exports.run({ what: 'human-captions', format, to }))
  return to
}

/** What a program prints as JSON in its last line. Nothing is asked of other machines. */
async function python(program: readonly string[], ...paths: string[]): Promise<unknown> {
  const env = {
    ...process.env,
    HF_HUB_OFFLINE: '1',
    HF_DATASETS_OFFLINE: '1',
    HF_HOME: join(folder, 'hub'),
    HF_HUB_DISABLE_TELEMETRY: '1',
  }
  const { stdout } = await promisify(execFile)(PYTHON, ['-c', program.join('\n'), ...paths], { env })
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as unknown
}

const sorted = (of: Record<string, string[]>): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(of).map(([name, texts]) => [name.replace(/\.mp4$/, ''), texts.toSorted()]),
  )

test('pycocotools loads captions by their images, and results against their references', async (context) => {
  const reason = await pythonWith('pycocotools.coco')
  context.skip(reason !== null, reason ?? '')
  const captions = (await python(
    [
      'import json, sys',
      'from pycocotools.coco import COCO',
      'coco = COCO(sys.argv[1])',
      'names = {image["id"]: image["file_name"] for image in coco.loadImgs(coco.getImgIds())}',
      'print(json.dumps({name: [a["caption"] for a in coco.imgToAnns[i]] for i, name in names.items()}))',
    ],
    join(await exported('coco'), 'human-captions.json'),
  )) as Record<string, string[]>
  expect(sorted(captions)).toEqual(sorted(captionsByClip))

  const to = join(folder, 'predictions')
  await bench.finished(await bench.client.exports.run({ what: 'captions', to }))
  const results = (await python(
    [
      'import json, sys',
      'from pycocotools.coco import COCO',
      'references = COCO(sys.argv[1])',
      'results = references.loadRes(sys.argv[2])',
      'print(json.dumps([[references.imgs[a["image_id"]]["file_name"], a["caption"]] for a in results.anns.values()]))',
    ],
    join(to, 'coco-references.json'),
    join(to, 'coco-results.json'),
  )) as [string, string][]
  const { captions: ours } = JSON.parse(await readFile(join(to, 'captions.json'), 'utf8')) as {
    captions: { video: string; caption: string }[]
  }
  expect(results).toEqual(ours.map(({ video, caption }) => [video, caption]))
})

test('Hugging Face datasets loads a folder of videos with their captions, by split', async (context) => {
  const reason = await pythonWith('datasets')
  context.skip(reason !== null, reason ?? '')
  const loaded = (await python(
    [
      'import json, sys',
      'from datasets import load_dataset, Video',
      'splits = load_dataset("videofolder", data_dir=sys.argv[1])',
      'rows = {}',
      'for split in splits:',
      '    data = splits[split].cast_column("video", Video(decode=False))',
      '    rows[split] = [[row["video"]["path"], row["text"], row["captions"]] for row in data]',
      'print(json.dumps(rows))',
    ],
    await exported('huggingface'),
  )) as Record<string, [string, string, string[]][]>
  const { splits } = (await bench.client.project.summary())!
  expect(Object.fromEntries(Object.entries(loaded).map(([split, rows]) => [split, rows.length]))).toEqual({
    train: splits.train,
    validation: splits.val,
    test: splits.test,
  })
  const rows = Object.values(loaded).flat()
  expect(rows.every(([, text, captions]) => text === captions[0])).toBe(true)
  expect(
    sorted(Object.fromEntries(rows.map(([path, , captions]) => [path.split('/').at(-1)!, captions]))),
  ).toEqual(sorted(captionsByClip))
})

test("fiftyone's importer reads the samples with their videos, tags and captions", async (context) => {
  const reason = await pythonWith('fiftyone')
  context.skip(reason !== null, reason ?? '')
  // Its datasets want a MongoDB; its importer and its samples do not.
  const samples = (await python(
    [
      'import json, os, sys',
      'os.environ["FIFTYONE_DO_NOT_TRACK"] = "true"',
      'from fiftyone.utils.data.importers import FiftyOneDatasetImporter, _handle_legacy_formats',
      'rows = []',
      'with _handle_legacy_formats(FiftyOneDatasetImporter(dataset_dir=sys.argv[1])) as importer:',
      '    for sample in importer:',
      '        assert sample.media_type == "video" and os.path.isfile(sample.filepath), sample.filepath',
      '        rows.append([sample.clip_name, sample.tags, [c.label for c in sample.captions.classifications]])',
      'print(json.dumps(rows))',
    ],
    await exported('fiftyone'),
  )) as [string, string[], string[]][]
  expect(sorted(Object.fromEntries(samples.map(([name, , captions]) => [name, captions])))).toEqual(
    sorted(captionsByClip),
  )
  const { splits } = (await bench.client.project.summary())!
  expect(samples.filter(([, [tag]]) => tag === 'validation')).toHaveLength(splits.val)
})

test('label-studio-sdk finds the tasks and annotations fit for the labelling interface', async (context) => {
  const reason = await pythonWith('label_studio_sdk')
  context.skip(reason !== null, reason ?? '')
  const to = await exported('label-studio')
  const checked = (await python(
    [
      'import json, sys',
      'from label_studio_sdk.label_interface import LabelInterface',
      'interface = LabelInterface(open(sys.argv[2]).read())',
      'interface.validate()',
      'tasks = json.load(open(sys.argv[1]))',
      'texts = {}',
      'for task in tasks:',
      // With annotations its own call of validate_annotation lacks an argument (label-studio-sdk 2).
      '    annotations = task.pop("annotations")',
      '    assert interface.validate_task(task), task',
      '    for annotation in annotations:',
      '        assert interface.validate_annotation(annotation), annotation',
      '        texts.setdefault(task["data"]["clip_name"], []).extend(t for r in annotation["result"] for t in r["value"]["text"])',
      'print(json.dumps(texts))',
    ],
    join(to, 'tasks.json'),
    join(to, 'labeling-interface.xml'),
  )) as Record<string, string[]>
  expect(sorted(checked)).toEqual(sorted(captionsByClip))
})
