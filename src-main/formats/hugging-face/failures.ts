import { defineFailures } from '../../common/failures.ts'

const AS_ONNX = 'Describe its ONNX file by hand (vitrine encoders add FILE).'

/** What is wrong with a model in the layout of the Hugging Face hub. */
export const failures = defineFailures('formats.huggingFace', {
  noConfig: {
    code: 'BAD_INPUT',
    message: '{folder} is not a model in the layout of the Hugging Face hub: it has no {file}.',
    remedy: 'Name the folder that holds config.json, preprocessor_config.json and onnx/.',
  },
  noNetwork: {
    code: 'BAD_INPUT',
    message:
      '{folder} holds no ONNX file of the precision {precision} (onnx/vision_model.onnx or onnx/model.onnx, for fp32).',
    remedy: 'Choose another precision, or export the model as ONNX (optimum-cli export onnx).',
  },
  notJson: { code: 'BAD_INPUT', message: '{path}:{line} is not JSON.' },
  notAsExpected: { code: 'BAD_INPUT', message: '{path}: {field} is not as expected ({reason}).' },
  unknownProcessor: {
    code: 'BAD_INPUT',
    message: '{path} prepares pictures by {type}, which is not known here.',
    remedy: AS_ONNX,
  },
  noOneSize: {
    code: 'BAD_INPUT',
    message: '{path} does not bring all pictures to one size.',
    remedy: AS_ONNX,
  },
  oddCrop: {
    code: 'BAD_INPUT',
    message: "{path} cuts {size} pixels out of pictures of {resized}, which can't be done here.",
    remedy: AS_ONNX,
  },
  unknownFilter: {
    code: 'BAD_INPUT',
    message:
      '{path} resizes pictures by filter {filter}; known are 1 (Lanczos), 2 (bilinear) and 3 (bicubic).',
    remedy: AS_ONNX,
  },
})
