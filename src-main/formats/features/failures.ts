import { defineFailures } from '../../common/failures.ts'

const NAME_ARRAYS = 'Name the arrays by their clips, or write a text file of one name a line beside it.'

export const failures = defineFailures('features', {
  // What is found.
  noArrays: {
    code: 'BAD_INPUT',
    message: '{path} holds no arrays.',
    remedy: 'Features are read from .npy, .npz, .safetensors and HDF5 (.h5, .hdf5), or folders of such.',
  },
  noSuchArray: {
    code: 'BAD_INPUT',
    message: '{path} holds no array called {array}.',
    remedy: 'It holds {found}.',
  },
  namesMissing: {
    code: 'BAD_INPUT',
    message: '{file} holds {count} clips in one array of shape ({shape}), and no names for them.',
    remedy: 'Write their names into a text file beside it, one a line, called {example}.',
  },
  namesOther: {
    code: 'BAD_INPUT',
    message: '{names} names {clips:clip|clips}, and {file} holds an array of shape ({shape}).',
    remedy: NAME_ARRAYS,
  },
  nameListBroken: {
    code: 'BAD_INPUT',
    message: '{names} is no list of names in JSON.',
    remedy: 'Write a list of texts, or a name a line into a .txt file.',
  },

  // What is wrong with an array.
  notFloats: {
    code: 'BAD_INPUT',
    message: '{file}: {key} holds {type}; needed is float16, float32 or float64.',
    remedy: 'Save the array as float32.',
  },
  wrongRank: {
    code: 'BAD_INPUT',
    message: '{file}: {key} has the shape ({shape}); needed is [frames, features], or [features].',
    remedy: 'Pool over what is more than frames and features, or take it out of the folder.',
  },
  empty: {
    code: 'BAD_INPUT',
    message: '{file}: {key} is empty, its shape is ({shape}).',
    remedy: 'Compute it again, or take it out.',
  },
  notFinite: {
    code: 'BAD_INPUT',
    message: '{file}: {key} holds {value} in frame {frame}.',
    remedy: 'Compute it again, or take it out.',
  },
  sizesDiffer: {
    code: 'BAD_INPUT',
    message: '{file}: {key} has {size} features a frame where {otherFile} has {other}.',
    remedy: 'Bring features of one kind at a time; several sets can be concatenated.',
  },
  tooManyFrames: {
    code: 'BAD_INPUT',
    message: '{file}: {key} has {frames} frames; a clip may have {most}.',
    remedy: 'Choose how many frames of each clip are taken, evenly spread (--frames 28).',
  },
  timesDiffer: {
    code: 'BAD_INPUT',
    message: '{file}: {times:time|times} stand beside {frames:frame|frames} of {key}.',
    remedy: 'Give each frame its time, in seconds from the start of the clip.',
  },
  notTimes: {
    code: 'BAD_INPUT',
    message: '{file}: the times of {key} are not seconds that rise from 0 on.',
    remedy: 'Give each frame its time, in seconds from the start of the clip.',
  },
  lengthsOther: {
    code: 'BAD_INPUT',
    message: '{file}: {key} says that clip {place} has {length} frames, of {frames}.',
    remedy: 'Give each clip the number of its frames.',
  },
  gone: {
    code: 'CONFLICT',
    message: '{file}: {key} is not there any more.',
    remedy: 'The files changed while they were read: import them again.',
  },
})
