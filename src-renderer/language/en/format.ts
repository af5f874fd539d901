export const format = {
  aWholePathIsNeeded: 'A whole path is needed, such as /home/me/clips or ~/clips.',
  seconds: '{seconds} s',
  minutes: '{minutes} min {seconds} s',
  hours: '{hours} h {minutes} min',
  wholeHours: '{hours} hours',
  partOfItsVideo: '{start}–{end} s of its video',
} as const
