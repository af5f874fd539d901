import { defineFailures } from '../../common/failures.ts'

const GET_ANEW = 'Get the file anew, or write it again.'

export const failures = defineFailures('arrays', {
  notArrays: {
    code: 'BAD_INPUT',
    message: '{file} is no file of arrays.',
    remedy: 'Arrays are read from .npy, .npz, .safetensors and HDF5 (.h5, .hdf5).',
  },
  broken: { code: 'BAD_INPUT', message: "{file} can't be read: {reason}.", remedy: GET_ANEW },
  cut: { code: 'BAD_INPUT', message: '{file} ends inside the array {key}.', remedy: GET_ANEW },
  altered: {
    code: 'BAD_INPUT',
    message: '{file} is damaged: {key} in it is not what was packed.',
    remedy: GET_ANEW,
  },
  notFloats: {
    code: 'BAD_INPUT',
    message: '{file} holds {key} as {type}; needed is float16, float32 or float64.',
    remedy: 'Save the array as float32.',
  },
  tooLarge: {
    code: 'BAD_INPUT',
    message: '{file} holds {key} of {megabytes} MB, which had to be in memory as a whole.',
    remedy: 'Save it in C order (numpy.ascontiguousarray), or as one array a clip.',
  },
  noHdf5: {
    code: 'NOT_READY',
    message: '{file} is HDF5, which needs the optional package h5wasm.',
    remedy: 'Install it with "npm install" in the folder of Vitrine, or save the arrays as .npz.',
  },
})
