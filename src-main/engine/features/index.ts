/** The engine's methods on features of other programs. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { findFeatures } from '../../formats/features/find.ts'
import { readFeatureArrays } from '../../formats/features/read.ts'
import { halfWhereItFits } from '../../formats/half.ts'
import { encodeNpy } from '../../formats/npy.ts'
import type { FeatureHandlers, WrittenFeatures } from '../../engine-host/contract/features.ts'
import type { EngineContext, EngineParams } from '../../engine-host/contract/index.ts'
import { throwIfCancelled } from '../cancellation.ts'
import { createPacer } from '../pacer.ts'

export const featureHandlers: FeatureHandlers = {
  'features.find': async ({ path, array }, { signal, progress }) => ({
    features: await findFeatures(path, {
      array,
      onFile(done, total) {
        throwIfCancelled(signal)
        progress({ phase: 'looking for features', done, total, unit: 'files' })
      },
    }),
  }),
  'features.take': take,
}

async function take(
  { wanted, folder, frames, half }: EngineParams<'features.take'>,
  { signal, progress }: EngineContext,
): Promise<{ written: WrittenFeatures[] }> {
  const pause = createPacer(signal)
  const written: WrittenFeatures[] = []
  let done = 0
  const arrays = wanted.map(({ features }) => features)
  for await (const { index, frames: rows, data, times } of readFeatureArrays(arrays, { frames })) {
    throwIfCancelled(signal)
    if (pause.due()) {
      await pause()
    }
    const dimension = data.length / rows
    const bytes = encodeNpy([rows, dimension], half ? halfWhereItFits(data) : data)
    await writeFileAtomic(join(folder, `${wanted[index]!.name}.npy`), bytes)
    written[index] = {
      frames: rows,
      dimension,
      times,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    }
    progress({ phase: 'taking over features', done: ++done, total: wanted.length, unit: 'clips' })
  }
  return { written }
}
