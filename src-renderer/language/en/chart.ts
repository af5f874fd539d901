export const chart = {
  by: '{title}, by {over}',
  kept: 'kept',
} as const
