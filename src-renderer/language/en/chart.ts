export const chart = {
  by: '{title}, by {over}',
  kept: 'kept',
  step: 'step',
  n: 'n = {n}',
} as const
