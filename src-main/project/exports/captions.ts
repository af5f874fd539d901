import type { Split } from '#contract'
import { cocoPieces, jsonList } from '../../formats/captions/writers/index.ts'
import type { WrittenClip } from '../../formats/captions/writers/index.ts'
import { csv } from '../../formats/text/csv.ts'
import { NO_ORIGIN } from '../../store/index.ts'
import type { OpenProject } from '../../store/index.ts'
import { usableModel } from '../workspace.ts'
import { failures } from './failures.ts'
import { json } from './files.ts'
import type { OutFile } from './files.ts'

const SPLITS: readonly Split[] = ['train', 'val', 'test']

/**
 * captions.csv and captions.json: what the model says of each clip that it captioned, beside its scores; and the same as COCO's
 * results, with the references that they are scored against.
 */
export function captionFiles(project: OpenProject, modelId: number | null): OutFile[] {
  const { store } = project
  const model = usableModel(project, modelId)
  const captions = captionsOf(store, model.id)
  if (captions.length === 0) {
    throw failures.nothingCaptioned({ modelId: model.id })
  }
  return [
    {
      name: 'captions.csv',
      pieces: csv(
        ['video', 'split', 'caption', 'logProbability', 'CIDEr', 'score'],
        captions.map(({ video, split, caption, logProbability, CIDEr, score }) => [
          video,
          split,
          caption,
          logProbability,
          CIDEr,
          score,
        ]),
      ),
    },
    {
      name: 'captions.json',
      pieces: [
        json({
          model: model.id,
          kind: model.kind,
          external: model.external,
          evaluations: store.models.evaluations(model.id),
          captions: captions.map(({ clipId: _, ...caption }) => caption),
        }),
      ],
    },
    {
      name: 'coco-results.json',
      pieces: jsonList(
        '[',
        captions.map(({ clipId, caption }) => ({ image_id: clipId, caption })),
        ']\n',
      ),
    },
    { name: 'coco-references.json', pieces: cocoPieces(() => references(store, captions)) },
  ]
}

/** The clips of some captions with what people said of them, in the language that the project works in. */
function references(
  store: OpenProject['store'],
  captions: readonly { clipId: number; video: string; split: Split }[],
): WrittenClip[] {
  const human = store.captions.byClip(captions.map(({ clipId }) => clipId))
  return captions.map(({ clipId, video, split }) => ({
    id: clipId,
    name: video,
    file: video,
    split,
    part: null,
    duration: null,
    captions: (human.get(clipId) ?? []).map(({ id, text }) => ({ id, text, ...NO_ORIGIN, at: null })),
  }))
}

function captionsOf(store: OpenProject['store'], modelId: number) {
  const human = store.captions.textsByClip()
  return SPLITS.flatMap((split) => {
    const names = new Map(store.clips.all(split).map(({ id, name }) => [id, name]))
    return store.generated
      .all(modelId, split)
      .map(({ clipId, caption, logProbability, score, cider, alternatives, decoding }) => ({
        clipId,
        video: names.get(clipId) ?? '',
        split,
        caption,
        logProbability,
        score,
        CIDEr: cider,
        references: human.get(clipId) ?? [],
        alternatives,
        decoding,
      }))
  })
}
