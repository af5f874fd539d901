/** The engine's methods on frame encoders. */
import { mkdir } from 'node:fs/promises'
import type { EngineHandlers } from '../../engine-host/contract.ts'
import { encodeFrames } from './encode.ts'
import { prepareObjectron } from './objectron.ts'

export const encoderHandlers: Pick<EngineHandlers, 'encoders.prepare' | 'encoders.encode'> = {
  'encoders.prepare': async ({ directory }) => {
    await mkdir(directory, { recursive: true })
    return prepareObjectron(directory)
  },
  'encoders.encode': (params, { signal }) => encodeFrames(params, signal),
}
