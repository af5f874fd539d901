export const machine = {
  works: 'works, {stepTime}',
  unknown: 'unknown',
  notHere: 'not here: {reason}',
  ms: '{ms} ms',
  aStep: '{ms} a step',
} as const
