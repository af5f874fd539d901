import { defineFailures } from '../../common/failures.ts'

const INSTALL_AGAIN = 'Install {name} {version} again.'

export const failures = defineFailures('engine.encoders', {
  // The description of a frame encoder.
  descriptorUnreadable: {
    code: 'NOT_FOUND',
    message: "The frame encoder {path} can't be read.",
    remedy: 'Add it again; one that comes with the program is built again by itself.',
  },
  notJson: { code: 'BAD_INPUT', message: '{path} is not JSON.' },
  notADescriptor: { code: 'BAD_INPUT', message: '{path} is not a frame encoder: {field} {reason}.' },

  // Encoding.
  noCells: {
    code: 'BAD_INPUT',
    message:
      'The frame encoder {encoder} gives no map of a frame, so that it has no cells; take it with 1 cell, or another encoder.',
  },
  gridUnknown: { code: 'BAD_INPUT', message: 'The frame encoder {encoder} has no grid {grid}.' },
  notFrames: {
    code: 'BAD_INPUT',
    message: '{bytes} bytes are not {frames} RGB frames of {width}x{height}.',
  },
  notStacks: {
    code: 'BAD_INPUT',
    message: 'The frame encoder {encoder} takes stacks of {length} frames, and got others.',
  },
  outputType: {
    code: 'BAD_INPUT',
    message:
      'The output {output} of the frame encoder {encoder} is of the type {type}: it gives no features.',
  },
  notFinite: {
    code: 'BAD_INPUT',
    message: 'The frame encoder {encoder} gives values that are not finite.',
    remedy: 'Try it with "vitrine encoders test", on another device, or with another preset.',
  },
  networkUnreadable: { code: 'NOT_FOUND', message: "The frame encoder's network {path} can't be read." },
  networkDamaged: {
    code: 'BAD_INPUT',
    message: "The frame encoder's network {path} is damaged (its SHA-256 differs).",
    remedy: 'Add the encoder again; one that is built in is built again when its folder is deleted.',
  },
  encoderUnknown: {
    code: 'NOT_FOUND',
    message: 'There is no frame encoder called {encoder}.',
    remedy: '"vitrine encoders list" lists them.',
  },

  // An ONNX file that is to become an encoder.
  notOnnx: {
    code: 'BAD_INPUT',
    message: '{path} is no ONNX file.',
    remedy: 'Export the network to ONNX: PyTorch does by torch.onnx.export, TensorFlow by tf2onnx.',
  },
  networkTooLarge: {
    code: 'BAD_INPUT',
    message: '{path} is larger than 2 GB, which an ONNX file can not be.',
    remedy: 'Save it with its weights in files beside it (external data).',
  },
  weightsElsewhere: {
    code: 'BAD_INPUT',
    message: '{path} takes weights from "{file}", which does not lie beside it.',
    remedy: 'Save the network with its weights in one file, or in files of the same folder.',
  },
  weightsMissing: {
    code: 'NOT_FOUND',
    message: '{path} takes weights from {file}, which is not beside it.',
    remedy: 'Put the file into the same folder.',
  },
  operatorUnknown: {
    code: 'BAD_INPUT',
    message: '{path} needs the operator {operator}, which ONNX Runtime does not have.',
    remedy: 'Export it with the operators of ONNX alone.',
  },
  networkTooNew: {
    code: 'BAD_INPUT',
    message: '{path} was written by a newer ONNX than ONNX Runtime knows here.',
    remedy: 'Export it with an older operator set, such as 17.',
  },
  networkRefused: { code: 'BAD_INPUT', message: "ONNX Runtime can't open {path}: {reason}." },
  severalInputs: {
    code: 'BAD_INPUT',
    message: '{path} takes the inputs {inputs}: an encoder takes frames and nothing else.',
    remedy: 'Export the part of the network that sees, such as the vision model of CLIP.',
  },
  inputType: {
    code: 'BAD_INPUT',
    message: 'The input {input} of {path} is of the type {type}, not float32, float16 or uint8.',
  },
  inputRank: {
    code: 'BAD_INPUT',
    message:
      'The input {input} of {path} has the shape {shape}: frames are [N, 3, height, width] or [N, height, width, 3], stacks of them have a place more.',
  },
  notThreeColours: {
    code: 'BAD_INPUT',
    message: 'The input {input} of {path} has the shape {shape}, in which no place is for three colours.',
  },
  layoutUnknown: {
    code: 'BAD_INPUT',
    message: 'The input {input} of {path} has the shape {shape}, which does not say where the colours are.',
    remedy:
      'Choose the layout ({layouts}): C stands where the colours are, T where the frames of a stack are.',
  },
  otherSize: {
    code: 'BAD_INPUT',
    message: '{path} takes frames of {fixed} pixels a side, not {chosen}.',
    remedy: 'Leave the size out.',
  },
  framesTooLarge: {
    code: 'BAD_INPUT',
    message: '{path} takes frames of {fixed} pixels a side; {most} are the most.',
  },
  doesNotRun: {
    code: 'BAD_INPUT',
    message: '{path} fails on a frame of {width}x{height}: {reason}.',
    remedy: 'Where it takes any size, choose the one that it was trained on.',
  },
  deviationZero: {
    code: 'BAD_INPUT',
    message: 'A deviation of {path} is zero: nothing can be divided by it.',
  },
  bytesAsTheyAre: {
    code: 'BAD_INPUT',
    message: '{path} takes bytes (uint8) as they are.',
    remedy: 'Choose the preset raw, and no scale, mean or deviation.',
  },
  outputUnknown: { code: 'BAD_INPUT', message: '{path} has no output {output}: it has {outputs}.' },
  outputUnusable: {
    code: 'BAD_INPUT',
    message: 'The output {output} of {path} is no vector, map or sequence of numbers for each frame.',
  },
  noFeatureOutput: {
    code: 'BAD_INPUT',
    message: 'No output of {path} is a vector, map or sequence of numbers for each frame.',
  },
  idTaken: {
    code: 'CONFLICT',
    message: 'There is an encoder called {encoder} already.',
    remedy: 'Choose another name, or remove that one first.',
  },
  builtInStays: {
    code: 'BAD_INPUT',
    message: 'The encoder {encoder} comes with the program and stays.',
  },

  // The npm package that the built-in encoder is made from.
  packageMissing: {
    code: 'NOT_FOUND',
    message: 'The npm package {name} is not installed.',
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
