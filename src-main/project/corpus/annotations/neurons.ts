/** Models by the hash of their parameters: what was said of a neuron holds wherever its model is the same. */
import { join } from 'node:path'
import { grouped } from '../../../common/grouped.ts'
import type { AnnotationLine } from '../../../formats/annotations.ts'
import { isThere } from '../../../formats/files.ts'
import { hashFile } from '../../../formats/hash.ts'
import type { OpenProject } from '../../../store/index.ts'
import { modelFolder } from '../../workspace.ts'

/** Where a model keeps its parameters, beside its description. */
export const PARAMETERS_FILE = 'parameters.safetensors'

/** The SHA-256 of the parameters of models, by their ids; models without any are left out. */
export async function parameterHashes(
  project: OpenProject,
  modelIds: readonly number[],
): Promise<Map<number, string>> {
  const hashes = new Map<number, string>()
  for (const id of modelIds) {
    const path = join(modelFolder(project, project.store.models.get(id)), PARAMETERS_FILE)
    if (await isThere(path)) {
      hashes.set(id, await hashFile(path))
    }
  }
  return hashes
}

/** The models here with the parameters that lines on neurons name. */
export async function modelsByHash(
  project: OpenProject,
  lines: readonly AnnotationLine[],
): Promise<ReadonlyMap<string, number[]>> {
  if (!lines.some(({ kind }) => kind === 'neuron')) {
    return new Map()
  }
  const modelIds = project.store.models.list().map(({ id }) => id)
  return grouped(
    await parameterHashes(project, modelIds),
    ([, hash]) => hash,
    ([id]) => id,
  )
}

/** The models of which people have judged neurons. */
export const judgedModels = ({ models, neurons }: OpenProject['store']): number[] =>
  models.list().flatMap(({ id }) => (neurons.judgements(id).size > 0 ? [id] : []))
