export const chart = {
  by: '{title}, by {over}',
  kept: 'kept',
  step: 'step',
  n: 'n = {n}',
  pointsOf: '{title}: points',
  noPoint: 'no point',
  pointAtAMark: 'Point at a mark, or go from one to the next with the arrow keys; Enter opens its model.',
} as const
