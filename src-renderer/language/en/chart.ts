export const chart = {
  by: '{title}, by {over}',
  kept: 'kept',
  step: 'step',
} as const
