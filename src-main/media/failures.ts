import { defineFailures } from '../common/failures.ts'

const INSTALL =
  'Install ffmpeg (Debian: apt install ffmpeg), or set VITRINE_FFMPEG to the path of an ffmpeg program.'
const CUT = 'Cut it into shorter clips, or leave it out.'
const COPY_AGAIN = 'Copy or download it again.'
const OTHER_FOLDER = 'Name a new or empty folder.'

export const failures = defineFailures('media', {
  // The libraries, and the process that they run in.
  librariesMissing: {
    code: 'TOOL_MISSING',
    message: "FFmpeg's libraries do not load on this system: {reason}.",
    remedy: INSTALL,
  },
  endedBySignal: {
    code: 'BAD_INPUT',
    message: '{file} made the process that reads it end (signal {signal}).',
    remedy: 'Leave it out, or convert it.',
  },
  endedWithExitCode: {
    code: 'BAD_INPUT',
    message: '{file} made the process that reads it end (exit code {exitCode}).',
    remedy: 'Leave it out, or convert it.',
  },

  // The program.
  ffmpegMissing: {
    code: 'TOOL_MISSING',
    message: 'ffmpeg was not found, neither in ffmpeg-static nor on PATH.',
    remedy: INSTALL,
  },
  notAProgram: {
    code: 'TOOL_MISSING',
    message: 'VITRINE_FFMPEG names {path}, which is not a program.',
    remedy: INSTALL,
  },
  notFfmpeg: { code: 'TOOL_MISSING', message: '{path} does not run as ffmpeg.', remedy: INSTALL },
  notStarted: { code: 'TOOL_MISSING', message: '{path} could not be started.', remedy: INSTALL },
  encoderMissing: {
    code: 'TOOL_MISSING',
    message: 'This ffmpeg was built without the encoder {encoder}, which {file} needs.',
    remedy:
      "Use an ffmpeg that has {encoder}: install Debian's ffmpeg, or set VITRINE_FFMPEG to another one.",
  },

  // What ffmpeg says of a file.
  diskFull: {
    code: 'DISK_FULL',
    message: 'No space is left on the disk to write {file}.',
    remedy: 'Free some space and try again.',
  },
  fileMissing: { code: 'NOT_FOUND', message: '{file} does not exist.' },
  permissionDenied: {
    code: 'BAD_INPUT',
    message: '{file} may not be read or written: permission denied.',
    remedy: 'Change its permissions.',
  },
  noVideoStream: {
    code: 'BAD_INPUT',
    message: '{file} holds no video stream.',
    remedy: 'Leave it out, or replace it by a clip with a picture.',
  },
  notAVideo: {
    code: 'BAD_INPUT',
    message: '{file} is not a video that ffmpeg can read.',
    remedy: 'Leave it out, or replace it by a video file.',
  },
  cutOff: {
    code: 'BAD_INPUT',
    message: '{file} is cut off: it ends before its container says it does.',
    remedy: COPY_AGAIN,
  },
  containerRefused: {
    code: 'BAD_INPUT',
    message:
      '{file} is not a video of a kind that is opened (mp4, mov, mkv, webm, avi, mpeg, ts, wmv, flv, ogv, gif).',
    remedy: 'Leave it out, or convert it.',
  },
  damagedBeyondUse: {
    code: 'BAD_INPUT',
    message: '{file} is damaged: {decoded} of its {declared} seconds can be decoded.',
    remedy: COPY_AGAIN,
  },
  ffmpegFailed: { code: 'BAD_INPUT', message: 'ffmpeg failed on {file}: {reason}.' },
  ffmpegSilent: { code: 'BAD_INPUT', message: 'ffmpeg failed on {file}: it said nothing.' },

  animatedWebp: {
    code: 'BAD_INPUT',
    message: '{path} is an animated WebP, which is not opened.',
    remedy: 'Convert it to a GIF or a video.',
  },
  noPicturesInFolder: {
    code: 'BAD_INPUT',
    message: '{path} is a folder without pictures (jpg, png, webp).',
    remedy: 'Name a video, a picture, or a folder of frames.',
  },
  noFrameBetween: {
    code: 'BAD_INPUT',
    message: '{path} has no frame between the given start and end.',
    remedy: 'Give a start before the end of the video.',
  },

  // What a file takes.
  tookTooLong: {
    code: 'BAD_INPUT',
    message: '{file} was not decoded within {seconds:second|seconds}.',
    remedy: CUT,
  },
  noProgress: {
    code: 'BAD_INPUT',
    message: '{file} gave no frame for {seconds:second|seconds}.',
    remedy: CUT,
  },
  tooManyFrames: {
    code: 'BAD_INPUT',
    message: '{file} has more than {frames:frame|frames}, the most that a clip may have.',
    remedy: CUT,
  },
  tooManyPixels: {
    code: 'BAD_INPUT',
    message: '{file} has a picture of more than 8192 by 8192 pixels.',
    remedy: 'Scale it down, or leave it out.',
  },
  tooMuchMemory: {
    code: 'BAD_INPUT',
    message: '{file} needs more memory to be decoded than a clip may take.',
    remedy: 'Scale it down, or leave it out.',
  },

  // Videos.
  fileEmpty: { code: 'BAD_INPUT', message: '{path} is empty (0 bytes).', remedy: COPY_AGAIN },
  notDecodable: {
    code: 'BAD_INPUT',
    message: '{path} holds no video stream that ffmpeg can decode.',
  },
  noFrame: {
    code: 'BAD_INPUT',
    message: '{path} holds no frame that can be decoded.',
    remedy: 'Leave it out, or replace it.',
  },
  framesMissing: {
    code: 'BAD_INPUT',
    message: '{path} yields {decoded} of the {wanted} frames asked for.',
    remedy: 'The file has changed since it was imported, or is damaged: import it again.',
  },

  // The sample corpus.
  sampleInFile: {
    code: 'BAD_INPUT',
    message: '{folder} is a file, not a folder.',
    remedy: OTHER_FOLDER,
  },
  sampleFolderTaken: {
    code: 'BAD_INPUT',
    message: '{folder} is not empty and not just a sample corpus: it holds {name}.',
    remedy: OTHER_FOLDER,
  },
})
