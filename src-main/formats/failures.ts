import { defineFailures } from '../common/failures.ts'

const SAVE_AS_FLOAT = 'Save the array with numpy.save as float32.'

export const failures = defineFailures('formats', {
  // Files of tensors.
  notSafetensors: {
    code: 'BAD_INPUT',
    message: '{path} is not a whole safetensors file of float32.',
    remedy: 'Restore it from a copy, or train again.',
  },

  // Files of arrays.
  notNpy: { code: 'BAD_INPUT', message: '{file} is not a .npy file.', remedy: SAVE_AS_FLOAT },
  npyVersion: {
    code: 'BAD_INPUT',
    message: '{file} has .npy version {version}; versions 1 and 2 can be read.',
    remedy: SAVE_AS_FLOAT,
  },
  npyHeaderCut: { code: 'BAD_INPUT', message: '{file} ends inside its header.', remedy: SAVE_AS_FLOAT },
  npyHeader: {
    code: 'BAD_INPUT',
    message: '{file} has a header that is not an array description.',
    remedy: SAVE_AS_FLOAT,
  },
  notFloats: {
    code: 'BAD_INPUT',
    message: '{file} holds elements of type {type}; needed is float16, float32 or float64.',
    remedy: SAVE_AS_FLOAT,
  },
  notNumbers: {
    code: 'BAD_INPUT',
    message: '{file} holds elements of type {type}; needed are numbers or booleans.',
    remedy: SAVE_AS_FLOAT,
  },
  npySize: {
    code: 'BAD_INPUT',
    message: '{file} holds {bytes} bytes of data where shape ({shape}) needs {needed}.',
    remedy: SAVE_AS_FLOAT,
  },
})
