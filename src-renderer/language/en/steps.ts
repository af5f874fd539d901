export const steps = {
  importClips: 'Import clips',
  done: 'done',
  goingOn: 'going on',
  toDo: 'to do',
  about: 'about {seconds}',
} as const
