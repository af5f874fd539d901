export const chart = {
  confusionMatrix: 'Confusion matrix',
  truePredicted: 'true \\ predicted',
  takenForOfTheRow: '{classes} taken for {classes2}: {n} ({n2} of the row)',
  by: '{title}, by {over}',
  kept: 'kept',
} as const
