export const splits = {
  train: 'training',
  val: 'validation',
  test: 'test',
} as const
