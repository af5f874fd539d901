/** The engine's methods on frame encoders. */
import type { EncoderHandlers } from '../../engine-host/contract/encoders.ts'
import { encodeFrames } from './encode.ts'
import { lookAtFrames, measureEncoder } from './measure.ts'
import { addEncoder, inspectNetwork, listEncoders, prepareEncoder, removeEncoder } from './registry.ts'

export const encoderHandlers: EncoderHandlers = {
  'encoders.list': ({ directory }) => listEncoders(directory),
  'encoders.inspect': ({ directory, path, choices }) => inspectNetwork(directory, path, choices),
  'encoders.add': addEncoder,
  'encoders.remove': async ({ directory, id }) => {
    await removeEncoder(directory, id)
    return null
  },
  'encoders.prepare': ({ directory, id }) => prepareEncoder(directory, id),
  'encoders.encode': encodeFrames,
  'encoders.look': lookAtFrames,
  'encoders.measure': measureEncoder,
}
