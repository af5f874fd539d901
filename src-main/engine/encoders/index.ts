/** The engine's methods on frame encoders. */
import { mkdir } from 'node:fs/promises'
import type { EncoderHandlers } from '../../engine-host/contract/encoders.ts'
import { encodeFrames } from './encode.ts'
import { prepareObjectron } from './objectron.ts'

export const encoderHandlers: EncoderHandlers = {
  'encoders.prepare': async ({ directory }) => {
    await mkdir(directory, { recursive: true })
    return prepareObjectron(directory)
  },
  'encoders.encode': encodeFrames,
}
