export const list = {
  next: 'Next {noun}',
  previous: 'Previous {noun}',
  markOnTheWayDown: 'Mark on the way down',
  markOnTheWayUp: 'Mark on the way up',
  markAllThatAreListed: 'Mark all that are listed',
  markThe: 'Mark the {noun}',
  chooseAFirst: 'Choose a {noun} first',
  markNone: 'Mark none',
  noneIsMarked: 'None is marked',
} as const
