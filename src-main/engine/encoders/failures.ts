import { defineFailures } from '../../common/failures.ts'

const INSTALL_AGAIN = 'Install @mediapipe/objectron {version} again.'

export const failures = defineFailures('engine.encoders', {
  // The description of a frame encoder.
  descriptorUnreadable: {
    code: 'NOT_FOUND',
    message: "The frame encoder {path} can't be read.",
    remedy: 'Compute the features again to rebuild it.',
  },
  notJson: { code: 'BAD_INPUT', message: '{path} is not JSON.' },
  notADescriptor: { code: 'BAD_INPUT', message: '{path} is not a frame encoder: {field} {reason}.' },

  // Encoding.
  gridUnknown: { code: 'BAD_INPUT', message: 'The frame encoder {encoder} has no grid {grid}.' },
  notFrames: {
    code: 'BAD_INPUT',
    message: '{bytes} bytes are not {frames} RGB frames of {size}x{size}.',
  },
  outputShape: {
    code: 'BAD_INPUT',
    message: 'The output {output} of {file} is not float32 [N, {dimension}].',
  },
  networkUnreadable: { code: 'NOT_FOUND', message: "The frame encoder's network {path} can't be read." },
  networkDamaged: {
    code: 'BAD_INPUT',
    message: "The frame encoder's network {path} is damaged (its SHA-256 differs).",
    remedy: 'Delete it, and it will be built again.',
  },

  // The npm package that the built-in encoder is made from.
  packageMissing: {
    code: 'NOT_FOUND',
    message: 'The npm package @mediapipe/objectron is not installed.',
    remedy: 'Run npm ci.',
  },
  packageUnreadable: {
    code: 'NOT_FOUND',
    message: "The built-in frame encoder's file {path} can't be read.",
    remedy: INSTALL_AGAIN,
  },
  packageChanged: {
    code: 'BAD_INPUT',
    message: '{path} does not hold the expected network (its SHA-256 differs).',
    remedy: INSTALL_AGAIN,
  },
})
