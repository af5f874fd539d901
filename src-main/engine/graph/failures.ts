import { defineFailures } from '../../common/failures.ts'

const SEE_DEVICES = 'See docs/devices.md, or use the device cpu.'
const OTHER_DEVICE = 'Use another device: see docs/devices.md.'

export const failures = defineFailures('engine.graph', {
  deviceUnknown: {
    code: 'BAD_INPUT',
    message: 'There is no device called "{device}".',
    remedy: 'Choose one of auto, {devices}.',
  },

  // Devices of ONNX Runtime.
  notInRuntime: {
    code: 'TOOL_MISSING',
    message: "The device {device} can't be used here: the ONNX Runtime of this platform does not have it.",
    remedy: SEE_DEVICES,
  },
  noGpu: {
    code: 'TOOL_MISSING',
    message:
      "The device {device} can't be used here: no GPU with a driver for it was found (Vulkan on Linux, Direct3D 12 on Windows, Metal on macOS).",
    remedy: SEE_DEVICES,
  },
  librariesMissing: {
    code: 'TOOL_MISSING',
    message:
      "The device {device} can't be used here: its libraries are not installed (CUDA, cuDNN and the CUDA files of ONNX Runtime).",
    remedy: SEE_DEVICES,
  },
  deviceUnusable: {
    code: 'TOOL_MISSING',
    message: "The device {device} can't be used here: {reason}.",
    remedy: SEE_DEVICES,
  },
  operationMissing: {
    code: 'TOOL_MISSING',
    message: 'The device {device} lacks the operation {operations}.',
    remedy: OTHER_DEVICE,
  },
  operationsMissing: {
    code: 'TOOL_MISSING',
    message: 'The device {device} lacks the operations {operations}.',
    remedy: OTHER_DEVICE,
  },

  // Devices of TensorFlow.
  tensorflowUnusable: {
    code: 'TOOL_MISSING',
    message: "The device {device} can't be used here: {reason}.",
    remedy: 'Fetch it with "npm run setup -- --tensorflow" (about 500 MB).',
  },
  optionalPackageUnusable: {
    code: 'TOOL_MISSING',
    message: "The device {device} can't be used here: {reason}.",
    remedy: 'It is an optional package: "npm install" fetches it.',
  },
  kernelMissing: {
    code: 'TOOL_MISSING',
    message: 'The device {device} lacks the operation {kernel}, which {operation} needs.',
    remedy: 'Use another device.',
  },
})
