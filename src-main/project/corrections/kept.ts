/** Corrections that were kept: they go on being said by every version that learns, and by one whose weights were refined. */
import { count } from '../../common/text.ts'
import type { CallOptions } from '../../engine-host/client.ts'
import type { EngineParams } from '../../engine-host/contract/index.ts'
import type { JobContext } from '../../jobs/index.ts'
import type { Captioner, OpenProject } from '../../store/index.ts'
import { clipsWithFeatures, modelFolder } from '../workspace.ts'
import type { Workspace } from '../workspace.ts'
import { leftOutClips, sample } from './carrying.ts'

/** What was corrected and kept, whatever model learnt it, as far as it was learnt: the last of each clip. */
export function keptCorrections(
  project: OpenProject,
  model: Captioner,
): EngineParams<'corrections.learn'>['kept'] {
  const { store } = project
  const learnt = store.corrections
    .list()
    .filter(({ state, wanted, after, clipId }) => {
      const isLearnt = state === 'accepted' && after === wanted
      return isLearnt && store.clips.isThere(clipId)
    })
    .reverse()
  const captionOfClip = new Map(learnt.map(({ clipId, wanted }) => [clipId, wanted]))
  return clipsWithFeatures(project, model.featureKey, null).flatMap((clip) => {
    const caption = captionOfClip.get(clip.id)
    return caption === undefined ? [] : [{ clip, caption }]
  })
}

/** Has a model whose weights have changed say what was corrected and kept; says so where it can't. */
export async function holdCorrections({
  workspace,
  project,
  model,
  context,
  options,
}: {
  workspace: Workspace
  project: OpenProject
  model: Captioner
  context: JobContext
  options: CallOptions
}): Promise<void> {
  const kept = keptCorrections(project, model)
  const leftOut = leftOutClips(project, model, [])
  if (kept.length === 0 && leftOut.length === 0) {
    return
  }
  const { kept: counted } = await workspace.engine.call(
    'corrections.hold',
    {
      modelDir: modelFolder(project, model),
      cells: project.store.featureSets.cellsOf(model.featureKey),
      kept,
      leftOut,
      others: sample(clipsWithFeatures(project, model.featureKey, 'train')),
      device: 'auto',
    },
    options,
  )
  noticeLost(counted, context)
}

/** Says so where earlier corrections are lost. */
export function noticeLost(
  { held, of }: { held: number; of: number },
  { notice }: Pick<JobContext, 'notice'>,
): void {
  if (held < of) {
    notice(`Of ${count(of, 'earlier correction')} ${of - held} could not be kept.`)
  }
}
