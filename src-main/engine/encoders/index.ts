/** The engine's methods on frame encoders. */
import { makeFolder } from '../../formats/files.ts'
import type { EncoderHandlers } from '../../engine-host/contract/encoders.ts'
import { encodeFrames } from './encode.ts'
import { prepareObjectron } from './objectron.ts'

export const encoderHandlers: EncoderHandlers = {
  'encoders.prepare': async ({ directory }) => {
    await makeFolder(directory)
    return prepareObjectron(directory)
  },
  'encoders.encode': encodeFrames,
}
