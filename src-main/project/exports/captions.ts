import type { Split } from '#contract'
import { csv } from '../../formats/text/csv.ts'
import type { OpenProject } from '../../store/index.ts'
import { usableModel } from '../workspace.ts'
import { failures } from './failures.ts'
import { json } from './files.ts'
import type { OutFile } from './files.ts'

const SPLITS: readonly Split[] = ['train', 'val', 'test']

/** captions.csv and captions.json: what the model says of each clip that it captioned, beside its scores. */
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
          captions,
        }),
      ],
    },
  ]
}

function captionsOf(store: OpenProject['store'], modelId: number) {
  const human = store.captions.textsByClip()
  return SPLITS.flatMap((split) => {
    const names = new Map(store.clips.all(split).map(({ id, name }) => [id, name]))
    return store.generated
      .all(modelId, split)
      .map(({ clipId, caption, logProbability, score, cider, alternatives, decoding }) => ({
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
