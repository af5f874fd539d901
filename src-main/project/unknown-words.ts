import { decoding } from '#contract'
import type { CallOptions } from '../engine-host/client.ts'
import type { Captioner, OpenProject } from '../store/index.ts'
import { modelFolder } from './workspace.ts'
import type { Workspace } from './workspace.ts'

/** Words of a caption that a model does not know, so that it can't say them. */
export async function unknownWords({
  workspace,
  project,
  model,
  caption,
  options,
}: {
  workspace: Workspace
  project: OpenProject
  model: Captioner
  caption: string
  options: CallOptions
}): Promise<string[]> {
  const { words } = await workspace.engine.call(
    'captioner.unknownWords',
    { modelDir: modelFolder(project, model), text: caption, decoding: decoding.parse({}), device: 'auto' },
    options,
  )
  return words
}
